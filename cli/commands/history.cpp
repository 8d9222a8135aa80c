#include "cli/commands/history.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/change.h"
#include "cli/errors.h"
#include "cli/kinds.h"
#include "cli/listing.h"
#include "cli/when.h"
#include "eda/plans/v1/plans.grpc.pb.h"
#include "platform/process/request_id.h"
#include "platform/rpc/convert.h"

namespace eda::cli {

namespace v1 = eda::plans::v1;
using v1::PlanService;

namespace {

struct Target {
  std::string kind, name;
};

void declare_target(CLI::App& app, Target& target) {
  app.add_option("kind", target.kind, "a kind")->type_name("KIND")->required();
  app.add_option("name", target.name, "its name")->type_name("NAME")->required();
}

Result<Ref> target_ref(Session& session, const Target& target) {
  EDA_ASSIGN(const auto* rules, parse_kind(target.kind));
  EDA_ASSIGN(const auto* settings, session.settings());
  return ref_of(*rules, settings->cluster.value, target.name);
}

// "partitions 6 → 12; retention (default) → 7d"
std::string changed(const v1::Revision& revision) {
  std::string out;
  for (auto& field : revision.fields()) {
    std::string_view path = field.path();
    if (path.starts_with("spec.")) path.remove_prefix(5);
    auto from = field.has_from() ? from_text(field) + " → " : std::string();
    out += fmt::format("{}{} {}{}", out.empty() ? "" : "; ", path, from, to_text(field));
  }
  return out;
}

Result<Exit> history(Session& session, const Target& target) {
  EDA_ASSIGN(auto ref, target_ref(session, target));
  auto& terminal = session.terminal();
  constexpr auto always = Column::Show::always;
  constexpr auto left = Column::Align::left;
  Listing listing(terminal, session.format(), "revisions",
                  {{"GENERATION", always, Column::Align::right, Column::Wrap::never},
                   {"WHEN"},
                   {"WHO"},
                   {"WHY", always, left, Column::Wrap::first},
                   {"FROM"},
                   {"FILE", Column::Show::wide},
                   {"PLAN", Column::Show::wide},
                   {"CHANGED", always, left, Column::Wrap::first}});
  v1::ListRevisionsRequest request;
  rpc::to_proto(ref, request.mutable_object());
  request.set_page_size(500);
  EDA_TRY(pages(session, &PlanService::Stub::ListRevisions, std::move(request), [&](v1::ListRevisionsResponse& page) {
    for (auto& revision : page.revisions()) {
      auto generation = std::to_string(revision.generation());
      listing.add(revision,
                  {generation, when(terminal, revision.at()), revision.actor(), revision.reason(), revision.source(),
                   revision.file(), revision.plan_id(), changed(revision)},
                  generation);
    }
    return Result<>();
  }));
  listing.finish("no generations");
  return Exit::ok;
}

struct RollbackOptions {
  Target target;
  std::int64_t to = 0;
  ChangeOptions change;
};

Result<Exit> rollback(Session& session, const RollbackOptions& options) {
  if (options.to < 1) {
    return fail(usage_error("back to which generation?", fmt::format("--to GENERATION; edactl history {} {} lists them",
                                                                     options.target.kind, options.target.name)));
  }
  EDA_ASSIGN(auto ref, target_ref(session, options.target));
  v1::PlanRollbackRequest request;
  request.set_request_id(process::draw_request_id());
  request.set_reason(session.globals().reason);
  rpc::to_proto(ref, request.mutable_object());
  request.set_generation(options.to);
  EDA_ASSIGN(auto response, while_planning(session, session.call(&PlanService::Stub::PlanRollback, request)));
  EDA_ASSIGN(auto plan, whole_plan(session, std::move(*response.mutable_plan())));
  return carry_out(session, plan, options.change);
}

}  // namespace

std::vector<Command> history_commands() {
  std::vector<Command> out;
  out.push_back({"history",
                 "the generations of an object: who changed what, when, why and from where",
                 "edactl history stream orders.placed\n"
                 "edactl history team checkout -o wide",
                 [](CLI::App& app) -> Run {
                   auto target = std::make_shared<Target>();
                   declare_target(app, *target);
                   return [target](Session& session) { return history(session, *target); };
                 },
                 {},
                 "Objects"});
  out.push_back({"rollback",
                 "plan the way back to an earlier generation, and apply it; what cannot come back is said",
                 "edactl history stream orders.placed\n"
                 "edactl rollback stream orders.placed --to 3 --dry-run\n"
                 "edactl rollback stream orders.placed --to 3 --reason \"too short\"",
                 [](CLI::App& app) -> Run {
                   auto options = std::make_shared<RollbackOptions>();
                   declare_target(app, options->target);
                   app.add_option("--to", options->to, "the generation to go back to")->type_name("GENERATION");
                   declare_change(app, options->change);
                   return [options](Session& session) { return rollback(session, *options); };
                 },
                 {},
                 "Objects",
                 Shows::plans});
  return out;
}

}  // namespace eda::cli
