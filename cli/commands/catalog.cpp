#include "cli/commands/catalog.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/columns.h"
#include "cli/commands/domains.h"
#include "cli/commands/ownership.h"
#include "cli/commands/plan_list.h"
#include "cli/commands/users.h"
#include "cli/errors.h"
#include "cli/export.h"
#include "cli/json.h"
#include "cli/kinds.h"
#include "cli/listing.h"
#include "cli/object_schema.h"
#include "cli/selection.h"
#include "cli/session.h"
#include "cli/view.h"
#include "cli/watch.h"
#include "eda/catalog/v1/catalog.grpc.pb.h"
#include "platform/rpc/convert.h"
#include "platform/text/unicode.h"

namespace eda::cli {

namespace v1 = eda::catalog::v1;
using v1::CatalogService;

namespace {

/// What get and export select.
struct Selection {
  std::string kinds = "all";
  std::vector<std::string> names;
  SelectionFlags flags;
  std::string state, actor;  ///< of plans
  bool all = false;          ///< plans that change nothing too
  std::string at;            ///< who owned it then
  bool unowned = false;
  bool watch = false;
};

const Others& others() {
  static const Others all{"users", "plans", "domains"};
  return all;
}

bool is_other(const std::string& kinds) {
  return is_users(kinds) || is_plans(kinds) || is_domains(kinds);
}

Result<std::vector<const plans::KindRules*>> kinds_of(const Selection& selection, const Others& others = {}) {
  if (selection.kinds == "all") return kinds().all();
  return parse_kinds(selection.kinds, others);
}

Result<Exit> get_selected_plans(Session& session, const Selection& selection) {
  return get_plans(session, {selection.names, selection.state, selection.actor,
                             selection.all ? PlanSelection::Which::all : PlanSelection::Which::changing});
}

Result<v1::Object> fetch(Session& session, const Ref& ref) {
  v1::GetObjectRequest request;
  rpc::to_proto(ref, request.mutable_object());
  EDA_ASSIGN(auto response, session.call(&CatalogService::Stub::GetObject, request));
  auto& object = *response.mutable_object();
  if (auto& name = object.metadata().name(); name != ref.name) {
    session.terminal().say(
        fmt::format("{}/{} is called {}/{} now", ref.kind, text::printable(ref.name), ref.kind, name));
  }
  return std::move(object);
}

// Hands over what is selected, one object at a time, in the order of the kinds. Only --team on the command line
// selects: the team of a context is for what is made, not for what is seen.
template <class Each>
Result<> each_object(Session& session, const Selection& selection, Each each) {
  EDA_ASSIGN(auto wanted, kinds_of(selection));
  EDA_ASSIGN(const auto* settings, session.settings());
  if (!selection.names.empty()) {
    if (wanted.size() != 1) return fail(usage_error("names go with one kind", "edactl get KIND NAME…"));
    if (selection.flags.narrows())
      return fail(usage_error("--tag, -l and --domain select among all; names are a selection already",
                              "leave one of the two out"));
    for (auto& name : selection.names) {
      EDA_ASSIGN(auto object, fetch(session, ref_of(*wanted.front(), settings->cluster.value, name)));
      each(object);
    }
    return {};
  }
  for (auto* rules : wanted) {
    v1::ListObjectsRequest request;
    request.set_kind(rules->singular());
    if (rules->scope == plans::Scope::cluster) request.set_cluster(settings->cluster.value);
    request.set_team(session.globals().context.team);
    to_proto(selection.flags, request.mutable_selection());
    request.set_page_size(500);
    request.set_brief(session.format() == Format::name && !selection.watch);
    EDA_TRY(pages(session, &CatalogService::Stub::ListObjects, std::move(request),
                  [&](v1::ListObjectsResponse& page) -> Result<> {
                    for (auto& object : page.objects()) each(object);
                    return {};
                  }));
  }
  return {};
}

// Those named that are there, for whoever names an object may see it go; everything that is selected without names.
Result<> look_at(Session& session, const Selection& selection, const std::function<void(const v1::Object&)>& each) {
  if (selection.names.empty()) return each_object(session, selection, each);
  for (auto& name : selection.names) {
    auto one = selection;
    one.names = {name};
    auto found = each_object(session, one, each);
    if (!found && found.error().code != Code::not_found) return found;
  }
  return {};
}

Result<Exit> watch(Session& session, const Selection& selection, const ObjectColumns& columns) {
  // A name that there is not, or several kinds with names, ends here.
  if (!selection.names.empty()) EDA_TRY(each_object(session, selection, [](const v1::Object&) {}));
  return watch_objects(session, columns, [&](auto& each) { return look_at(session, selection, each); });
}

Result<Exit> show_schema(Session& session, const Selection& selection) {
  auto amount = selection.names.size() == 1 ? Amount::one : Amount::list;
  auto& terminal = session.terminal();
  if (is_users(selection.kinds)) {
    terminal.out(json_text(user_schema(amount)));
  } else if (is_plans(selection.kinds)) {
    terminal.out(json_text(listed_plan_schema(Amount::list)));
  } else if (is_domains(selection.kinds)) {
    terminal.out(json_text(domain_list_schema()));
  } else {
    EDA_ASSIGN(auto wanted, kinds_of(selection, others()));
    terminal.out(json_text(object_schema(wanted, amount)));
  }
  return Exit::ok;
}

Result<Exit> get(Session& session, const Selection& selection) {
  if (selection.flags.narrows() && is_other(selection.kinds))
    return fail(usage_error(fmt::format("{} have no tags, labels and domains", selection.kinds),
                            "edactl get streams --tag pii"));
  bool owners = !selection.at.empty() || selection.unowned;
  if (owners && (selection.watch || session.format() == Format::schema)) {
    return fail(
        usage_error("--at and --unowned show another list, without --watch and -o schema", "leave one of them out"));
  }
  if (session.format() == Format::schema) return show_schema(session, selection);
  if (selection.watch && is_other(selection.kinds)) {
    return fail(usage_error(fmt::format("{} cannot be watched", selection.kinds), "edactl audit --follow shows acts"));
  }
  if (is_users(selection.kinds)) return get_users(session, selection.names);
  if (is_plans(selection.kinds)) return get_selected_plans(session, selection);
  if (is_domains(selection.kinds)) {
    if (selection.names.empty()) return get_domains(session);
    return fail(usage_error("get domains lists them all", "edactl get all --domain " + selection.names.front()));
  }
  if (!selection.state.empty() || !selection.actor.empty() || selection.all) {
    return fail(usage_error("--state, --actor and --all go with plans", "edactl get plans --state open"));
  }
  EDA_ASSIGN(auto wanted, kinds_of(selection, others()));
  if (!selection.names.empty() && (!selection.at.empty() || selection.unowned)) {
    return fail(usage_error("--at and --unowned go without names", "edactl get streams --at 2026-11-01"));
  }
  if (!selection.at.empty()) return get_owners_at(session, wanted, selection.at);
  if (selection.unowned) return get_unowned(session);
  EDA_ASSIGN(const auto* settings, session.settings());
  auto& terminal = session.terminal();
  bool whole = session.format() == Format::json || session.format() == Format::yaml;
  ObjectColumns columns(wanted.size() == 1 ? wanted.front() : nullptr);
  if (selection.watch) return watch(session, selection, columns);
  Listing listing(terminal, session.format(), "objects", columns.columns());
  bool single = whole && selection.names.size() == 1;
  EDA_TRY(each_object(session, selection, [&](const v1::Object& object) {
    auto name = object_name(object, settings->cluster.value);
    if (single) {
      show_message(terminal, session.format(), object, name);
    } else {
      listing.add(object, whole ? std::vector<Cell>() : columns.cells(terminal, object), name);
    }
  }));
  auto what = wanted.size() == 1 ? std::string(wanted.front()->plural) : "objects";
  if (!single) listing.finish(fmt::format("no {}", what));
  return Exit::ok;
}

struct DescribeOptions {
  std::string kind, name;
};

Result<Exit> describe_schema(Session& session, const DescribeOptions& options) {
  if (is_plans(options.kind)) {
    session.terminal().out(json_text(listed_plan_schema(Amount::one)));
    return Exit::ok;
  }
  Selection selection;
  selection.kinds = options.kind;
  selection.names = {options.name};
  return show_schema(session, selection);
}

Result<Exit> describe(Session& session, const DescribeOptions& options) {
  if (session.format() == Format::schema) return describe_schema(session, options);
  if (is_plans(options.kind)) return describe_plan(session, options.name);
  if (is_domains(options.kind))
    return fail(usage_error("a domain is a name that objects share", "edactl get all --domain " + options.name));
  // Plans have more formats than what else is described.
  EDA_TRY(check_format(session.format(), Shows::document, "edactl describe " + options.kind));
  if (is_users(options.kind)) return describe_user(session, options.name);
  EDA_ASSIGN(const auto* rules, parse_kind(options.kind, others()));
  EDA_ASSIGN(const auto* settings, session.settings());
  EDA_ASSIGN(auto object, fetch(session, ref_of(*rules, settings->cluster.value, options.name)));
  auto& terminal = session.terminal();
  if (show_message(terminal, session.format(), object, object_name(object, settings->cluster.value))) return Exit::ok;
  terminal.out(describe_object(terminal, *rules, object));
  return Exit::ok;
}

Result<Exit> export_objects(Session& session, const Selection& selection) {
  std::size_t count = 0, hidden = 0;
  auto& terminal = session.terminal();
  EDA_TRY(each_object(session, selection, [&](const v1::Object& object) {
    if (!object.has_spec()) {
      ++hidden;
      return;
    }
    if (count++ > 0) terminal.out("---\n");
    terminal.out(manifest_text(*kinds().find(object.kind()), object));
  }));
  if (hidden > 0) terminal.say(fmt::format("{} left out: only their names may be read", hidden));
  if (count == 0) terminal.say("nothing to export");
  return Exit::ok;
}

}  // namespace

std::vector<Command> catalog_commands() {
  std::vector<Command> out;
  out.push_back(
      {"get",
       "list objects: of a kind, of several, or all; or those named",
       "edactl get teams\n"
       "edactl get streams --team checkout -o wide\n"
       "edactl get stream orders.placed -o yaml\n"
       "edactl get all --domain sales\n"
       "edactl get streams --tag pii -l tier=1 --team '!checkout'\n"
       "edactl get all --unowned           # topics that no stream manages\n"
       "edactl get all --at 2026-11-01 --team checkout   # who owned what then\n"
       "edactl get streams --columns name,retention --sort-by retention:desc\n"
       "edactl get streams --watch\n"
       "edactl get domains\n"
       "edactl get users\n"
       "edactl get plans --state open   # those that change nothing: --all",
       [](CLI::App& app) -> Run {
         auto selection = std::make_shared<Selection>();
         app.add_option("kinds", selection->kinds, "kinds between commas, or all")->type_name("KINDS")->required();
         app.add_option("names", selection->names, "only these")->type_name("NAME");
         declare_selection(app, selection->flags);
         app.add_option("--state", selection->state, "plans: open, applied, stale or expired")
             ->type_name("STATE")
             ->check(CLI::IsMember({"open", "applied", "stale", "expired"}).description(""));
         app.add_option("--actor", selection->actor, "plans: user/ada (or ada), ci/checkout/build")
             ->type_name("SUBJECT");
         app.add_option("--at", selection->at, "who owned what then: 7d (ago), a day or a time")->type_name("TIME");
         app.add_flag("--unowned", selection->unowned, "what nobody owns: topics that no stream manages");
         app.add_flag("--all", selection->all, "plans: those that change nothing too");
         app.add_flag("-w,--watch", selection->watch, "then show each change as it comes, until Ctrl-C");
         return [selection](Session& session) { return get(session, *selection); };
       },
       {},
       "Objects"});
  out.push_back({"describe",
                 "show one object: what is wished, what is seen, who owns it",
                 "edactl describe stream orders.placed\n"
                 "edactl describe team checkout\n"
                 "edactl describe plan pl-4f2a9c1",
                 [](CLI::App& app) -> Run {
                   auto options = std::make_shared<DescribeOptions>();
                   app.add_option("kind", options->kind, "a kind")->type_name("KIND")->required();
                   app.add_option("name", options->name, "its name")->type_name("NAME")->required();
                   return [options](Session& session) { return describe(session, *options); };
                 },
                 {},
                 "Objects",
                 Shows::plans});
  out.push_back({"export",
                 "write manifests of what exists; plan finds them unchanged",
                 "edactl export > everything.yaml\n"
                 "edactl export streams --team checkout\n"
                 "edactl export streams --domain sales --tag '!deprecated'\n"
                 "edactl export stream orders.placed",
                 [](CLI::App& app) -> Run {
                   auto selection = std::make_shared<Selection>();
                   app.add_option("kinds", selection->kinds, "kinds between commas (default: all)")->type_name("KINDS");
                   app.add_option("names", selection->names, "only these")->type_name("NAME");
                   declare_selection(app, selection->flags);
                   return [selection](Session& session) { return export_objects(session, *selection); };
                 },
                 {},
                 "Objects",
                 Shows::manifests});
  return out;
}

}  // namespace eda::cli
