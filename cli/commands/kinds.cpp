#include "cli/commands/kinds.h"

#include <fmt/format.h>
#include <google/protobuf/struct.pb.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/errors.h"
#include "cli/field_values.h"
#include "cli/field_words.h"
#include "cli/json.h"
#include "cli/kinds.h"
#include "cli/listing.h"
#include "cli/manifest_schema.h"
#include "cli/manifest_template.h"
#include "cli/session.h"
#include "cli/view.h"
#include "platform/text/unicode.h"

namespace eda::cli {

namespace {

using plans::Field;

google::protobuf::Struct as_message(const std::vector<std::pair<std::string, std::string>>& entries) {
  google::protobuf::Struct out;
  for (auto& [key, text] : entries) {
    if (!text.empty()) (*out.mutable_fields())[key].set_string_value(text);
  }
  return out;
}

// A table's row as data.
google::protobuf::Struct as_message(const Field& field) {
  auto out = as_message({{"path", std::string(field.path)},
                         {"type", takes(field)},
                         {"unit", std::string(type_note(field.type))},
                         {"default", std::string(field.fallback)},
                         {"doc", std::string(field.doc)},
                         {"example", std::string(field.example)},
                         {"since", std::string(field.since)}});
  auto& entries = *out.mutable_fields();
  for (auto choice : field.choices) {
    entries["choices"].mutable_list_value()->add_values()->set_string_value(std::string(choice));
  }
  for (auto [key, holds] : {std::pair("required", field.required), std::pair("immutable", field.immutable),
                            std::pair("confidential", field.confidential)}) {
    if (holds) entries[key].set_bool_value(true);
  }
  return out;
}

void list_fields(Session& session, const std::vector<const Field*>& fields) {
  constexpr auto always = Column::Show::always, wide = Column::Show::wide;
  constexpr auto left = Column::Align::left;
  Listing listing(session.terminal(), session.format(), "fields",
                  {{"FIELD", always, left, Column::Wrap::never},
                   {"TYPE", always, left, Column::Wrap::normal},
                   {"DEFAULT", always, left, Column::Wrap::normal},
                   {"EXAMPLE", wide, left, Column::Wrap::normal},
                   {"SINCE", wide, left, Column::Wrap::normal},
                   {"MEANING", always, left, Column::Wrap::first}});
  for (const auto* field : fields) {
    std::string path(field->path), fallback(field->required ? "(required)" : field->fallback);
    listing.add(as_message(*field),
                {path, takes(*field), fallback, std::string(field->example), std::string(field->since),
                 std::string(field->doc)},
                path);
  }
  listing.finish("no such field");
}

bool for_people(Format format) {
  return format == Format::table || format == Format::wide;
}

// Everything about a kind, or about the fields below a common name ("spec.contacts").
Result<Exit> explain_fields(Session& session, const plans::KindRules& rules, const std::string& below) {
  if (session.format() == Format::schema) {
    session.terminal().out(json_text(manifest_schema(rules)));
    return Exit::ok;
  }
  std::vector<const Field*> fields;
  for (auto table : {plans::metadata_fields(), rules.fields}) {
    for (auto& field : table) {
      if (field.path.starts_with(below)) fields.push_back(&field);
    }
  }
  if (below.empty() && for_people(session.format())) {
    session.terminal().out(fmt::format("{} ({}): {}\n\n", rules.kind,
                                       rules.scope == plans::Scope::global ? "global" : "of a cluster", rules.doc));
  }
  list_fields(session, fields);
  if (below.empty()) {
    session.terminal().say(
        fmt::format("\nedactl explain {0}.FIELD says more; edactl new {0} writes a manifest", rules.singular()));
  }
  return Exit::ok;
}

void explain_field(Session& session, const plans::KindRules& rules, const Field& field) {
  Sheet sheet(session.terminal());
  sheet.heading(fmt::format("{} {}", rules.kind, field.path));
  sheet.line("meaning", field.doc);
  sheet.line("type", takes(field));
  sheet.line("written", type_note(field.type));
  sheet.line("default", field.required ? "none; it is required" : field.fallback);
  if (field.immutable) sheet.line("change", "cannot be changed once it is set");
  if (field.confidential) sheet.line("shown to", "the owning team, auditors, operators and admins");
  if (!field.example.empty()) {
    sheet.line("example", fmt::format("{}: {}", field.path.substr(field.path.rfind('.') + 1), field.example));
  }
  sheet.line("since", field.since);
  if (!field.members.empty()) sheet.heading("Of each record");
  for (auto& member : field.members) {
    sheet.line(member.path, fmt::format("{} [{}{}]", member.doc, takes(member), member.required ? "; required" : ""));
  }
  session.terminal().out(sheet.text());
}

// "spec.contacts." of "contacts": what stands in front of the fields below a common name; empty when nothing does.
std::string group_of(const plans::KindRules& rules, const std::string& word) {
  for (std::string prefix : {"", "spec.", "metadata."}) {
    auto group = prefix + word + ".";
    for (auto table : {plans::metadata_fields(), rules.fields}) {
      for (auto& field : table) {
        if (field.path.starts_with(group)) return group;
      }
    }
  }
  return {};
}

Result<Exit> explain(Session& session, const std::string& what) {
  if (what.empty() && session.format() == Format::schema) {
    session.terminal().out(json_text(manifest_schema(kinds())));
    return Exit::ok;
  }
  if (what.empty()) {
    return fail(usage_error("edactl explain needs KIND[.FIELD]: a kind, or a kind and a field",
                            "edactl api-resources lists the kinds; for example: edactl explain stream.retention"));
  }
  auto dot = what.find('.');
  EDA_ASSIGN(const auto* rules, parse_kind(what.substr(0, dot)));
  if (dot == std::string::npos) return explain_fields(session, *rules, {});
  auto word = what.substr(dot + 1);
  if (auto group = group_of(*rules, word); !word.empty() && !group.empty()) {
    return explain_fields(session, *rules, group);
  }
  EDA_ASSIGN(const auto* field, find_field(*rules, word));
  if (session.format() == Format::schema) {
    return fail(
        usage_error("a field alone has no schema", fmt::format("edactl explain {} -o schema", rules->singular())));
  }
  if (for_people(session.format())) {
    explain_field(session, *rules, *field);
  } else {
    list_fields(session, {field});
  }
  return Exit::ok;
}

struct NewOptions {
  std::string kind, name;
};

Result<Exit> write_new(Session& session, const NewOptions& options) {
  EDA_ASSIGN(const auto* rules, parse_kind(options.kind));
  EDA_ASSIGN(const auto* settings, session.settings());
  TemplateNames names{options.name.empty() ? "my-" + rules->singular() : options.name, settings->team.value,
                      session.globals().context.cluster};
  auto fault = rules->name_fault != nullptr ? rules->name_fault(names.name) : std::nullopt;
  if (fault) {
    return fail(usage_error(
        fmt::format("a {} cannot be called \"{}\": {}", rules->singular(), text::printable(names.name), *fault),
        "choose another name"));
  }
  auto& terminal = session.terminal();
  terminal.out(manifest_template(*rules, names));
  if (terminal.out_is_terminal()) {
    terminal.say(
        fmt::format("\nedactl new {} NAME > FILE keeps it; then edactl validate -f FILE, and edactl plan -f FILE",
                    rules->singular()));
  }
  return Exit::ok;
}

Result<Exit> list_kinds(Session& session) {
  Listing listing(session.terminal(), session.format(), "kinds",
                  {{"NAME", Column::Show::always, Column::Align::left, Column::Wrap::never},
                   {"KIND", Column::Show::always, Column::Align::left, Column::Wrap::never},
                   {"SCOPE", Column::Show::always, Column::Align::left, Column::Wrap::normal},
                   {"OWNED", Column::Show::always, Column::Align::left, Column::Wrap::normal},
                   {"MEANING", Column::Show::always, Column::Align::left, Column::Wrap::first}});
  for (const auto* rules : kinds().all()) {
    std::string scope = rules->scope == plans::Scope::global ? "global" : "cluster";
    std::string owned = rules->owned ? "by a team" : "";
    std::string name(rules->plural), kind(rules->kind), doc(rules->doc);
    listing.add(as_message({{"name", name}, {"kind", kind}, {"scope", scope}, {"owned", owned}, {"doc", doc}}),
                {name, kind, scope, owned, doc}, name);
  }
  listing.finish("no kinds");
  return Exit::ok;
}

}  // namespace

std::vector<Command> kind_commands() {
  std::vector<Command> out;
  out.push_back({"explain",
                 "what a kind or one of its fields means; -o schema: JSON Schema of manifests",
                 "edactl explain stream\n"
                 "edactl explain stream.retention\n"
                 "edactl explain team.contacts\n"
                 "edactl explain -o schema > eda.schema.json   # of every kind, for an editor to complete by",
                 [](CLI::App& app) -> Run {
                   auto what = std::make_shared<std::string>();
                   app.add_option("what", *what, "a kind, or a kind and a field")->type_name("KIND[.FIELD]");
                   return [what](Session& session) { return explain(session, *what); };
                 },
                 {},
                 "Help"});
  out.push_back({"new",
                 "write a manifest to begin with, every field explained",
                 "edactl new stream orders.placed --team checkout > orders.placed.yaml\n"
                 "edactl new team checkout",
                 [](CLI::App& app) -> Run {
                   auto options = std::make_shared<NewOptions>();
                   app.add_option("kind", options->kind, "a kind")->type_name("KIND")->required();
                   app.add_option("name", options->name, "the object's name")->type_name("NEW-NAME");
                   return [options](Session& session) { return write_new(session, *options); };
                 },
                 {},
                 "Objects",
                 Shows::manifests});
  out.push_back({"api-resources",
                 "the kinds that there are",
                 "edactl api-resources",
                 [](CLI::App&) -> Run { return list_kinds; },
                 {},
                 "Help"});
  return out;
}

}  // namespace eda::cli
