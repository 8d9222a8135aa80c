#include "cli/commands/kinds.h"

#include <fmt/format.h>
#include <google/protobuf/struct.pb.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/field_values.h"
#include "cli/kinds.h"
#include "cli/listing.h"
#include "cli/session.h"

namespace eda::cli {

namespace {

using plans::Field;
using plans::FieldType;

std::string_view type_word(FieldType type) {
  switch (type) {
    case FieldType::text:
      return "text";
    case FieldType::name:
      return "name";
    case FieldType::integer:
      return "integer";
    case FieldType::boolean:
      return "true or false";
    case FieldType::duration:
      return "duration";
    case FieldType::size:
      return "size";
    case FieldType::choice:
      return "choice";
    case FieldType::text_list:
      return "list of texts";
    case FieldType::text_map:
      return "map of texts";
    case FieldType::choice_map:
      return "map of choices";
    case FieldType::record_list:
      return "list of records";
  }
  return "";
}

// What one field takes, in words: "integer from 1 to 1000", "private, protected or public".
std::string takes(const Field& field) {
  std::string out(type_word(field.type));
  if (!field.choices.empty()) out += fmt::format(": {}", fmt::join(field.choices, ", "));
  auto edge = [&](std::int64_t value) { return plans::value_text(field, Value(value)); };
  if (field.least) out += " from " + edge(*field.least);
  if (field.most) out += " to " + edge(*field.most);
  if (!field.refers.empty()) out += fmt::format(" of a {}", field.refers);
  return out;
}

google::protobuf::Struct as_message(const std::vector<std::pair<std::string, std::string>>& entries) {
  google::protobuf::Struct out;
  for (auto& [key, text] : entries) {
    if (!text.empty()) (*out.mutable_fields())[key].set_string_value(text);
  }
  return out;
}

void list_fields(Session& session, const std::vector<const Field*>& fields) {
  Listing listing(session.terminal(), session.format(), "fields",
                  {{"FIELD", Column::Show::always, Column::Align::left, Column::Wrap::never},
                   {"TYPE", Column::Show::always, Column::Align::left, Column::Wrap::normal},
                   {"DEFAULT", Column::Show::always, Column::Align::left, Column::Wrap::normal},
                   {"MEANING", Column::Show::always, Column::Align::left, Column::Wrap::first}});
  for (const auto* field : fields) {
    std::string fallback(field->required ? "(required)" : field->fallback);
    listing.add(as_message({{"path", std::string(field->path)},
                            {"type", takes(*field)},
                            {"default", fallback},
                            {"doc", std::string(field->doc)}}),
                {std::string(field->path), takes(*field), fallback, std::string(field->doc)}, std::string(field->path));
  }
  listing.finish("no such field");
}

Result<Exit> explain_kind(Session& session, const plans::KindRules& rules) {
  if (session.format() == Format::table || session.format() == Format::wide) {
    session.terminal().out(fmt::format("{} ({}): {}\n\n", rules.kind,
                                       rules.scope == plans::Scope::global ? "global" : "of a cluster", rules.doc));
  }
  std::vector<const Field*> fields;
  for (auto& field : plans::metadata_fields()) fields.push_back(&field);
  for (auto& field : rules.fields) fields.push_back(&field);
  list_fields(session, fields);
  return Exit::ok;
}

Result<Exit> explain(Session& session, const std::string& what) {
  auto dot = what.find('.');
  EDA_ASSIGN(const auto* rules, parse_kind(what.substr(0, dot)));
  if (dot == std::string::npos) return explain_kind(session, *rules);
  EDA_ASSIGN(const auto* field, find_field(*rules, what.substr(dot + 1)));
  if (session.format() != Format::table && session.format() != Format::wide) {
    list_fields(session, {field});
    return Exit::ok;
  }
  auto& terminal = session.terminal();
  terminal.out(fmt::format("{} {}: {}\n{}\n", rules->kind, field->path, takes(*field), field->doc));
  if (field->required) terminal.out("required\n");
  if (!field->fallback.empty()) terminal.out(fmt::format("default: {}\n", field->fallback));
  if (field->immutable) terminal.out("cannot be changed once it is set\n");
  if (field->confidential) terminal.out("shown only to the owning team, auditors, operators and admins\n");
  if (!field->example.empty()) terminal.out(fmt::format("example: {}\n", field->example));
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
  out.push_back(
      {"explain",
       "what a kind or one of its fields means",
       "edactl explain stream\n"
       "edactl explain stream.retention",
       [](CLI::App& app) -> Run {
         auto what = std::make_shared<std::string>();
         app.add_option("what", *what, "a kind, or a kind and a field")->type_name("KIND[.FIELD]")->required();
         return [what](Session& session) { return explain(session, *what); };
       },
       {},
       "Help"});
  out.push_back({"api-resources",
                 "the kinds that there are",
                 "edactl api-resources",
                 [](CLI::App&) -> Run { return list_kinds; },
                 {},
                 "Help"});
  return out;
}

}  // namespace eda::cli
