#include "cli/commands/operations.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/errors.h"
#include "cli/kinds.h"
#include "cli/listing.h"
#include "cli/operation_view.h"
#include "cli/plan_view.h"
#include "cli/progress.h"
#include "cli/session.h"
#include "cli/when.h"
#include "eda/operations/v1/operations.grpc.pb.h"
#include "eda/plans/v1/plans.grpc.pb.h"
#include "platform/process/request_id.h"
#include "platform/rpc/convert.h"
#include "platform/text/unicode.h"

namespace eda::cli {

namespace v1 = eda::operations::v1;
namespace plans_v1 = eda::plans::v1;
using plans_v1::PlanService;
using v1::OperationService;

namespace {

struct OperationOptions {
  std::string id, state, kind, object, plan;
  bool all = false;
  bool wait = false;
};

bool is_plan(const std::string& id) {
  return id.starts_with("pl-");
}

// --- list

Result<v1::ListOperationsRequest> list_request(Session& session, const OperationOptions& options) {
  EDA_ASSIGN(const auto* settings, session.settings());
  v1::ListOperationsRequest request;
  request.set_page_size(500);
  request.set_state(options.state);
  request.set_kind(options.kind);
  request.set_plan_id(options.plan);
  // Only --team on the command line selects: the team of a context is for what is made.
  request.set_team(session.globals().context.team);
  request.set_unfinished_only(!options.all && options.state.empty());
  if (!options.object.empty()) {
    EDA_ASSIGN(auto ref, parse_ref(options.object));
    const auto* rules = kinds().find(ref.kind);
    if (rules != nullptr && rules->scope == plans::Scope::cluster && ref.cluster.empty()) {
      ref.cluster = settings->cluster.value;
    }
    rpc::to_proto(ref, request.mutable_target());
  }
  return request;
}

Cell state_of(const v1::Operation& operation) {
  auto& state = operation.state();
  if (state == "done") return {state, Style::good};
  return {state, state == "running" || state == "waiting" ? Style::warning : Style::bad};
}

Result<Exit> list(Session& session, const OperationOptions& options) {
  EDA_ASSIGN(const auto* settings, session.settings());
  EDA_ASSIGN(auto request, list_request(session, options));
  auto& terminal = session.terminal();
  auto column = [](const char* header, Column::Wrap wrap = Column::Wrap::normal,
                   Column::Show show = Column::Show::always) {
    return Column{header, show, Column::Align::left, wrap};
  };
  Listing listing(terminal, session.format(), "operations",
                  {column("ID", Column::Wrap::never), column("KIND"), column("TARGET", Column::Wrap::never),
                   column("TEAM"), column("STATE"), column("STEP"), column("WAITS-FOR"), column("BEGUN"),
                   column("BY", Column::Wrap::normal, Column::Show::wide),
                   column("PLAN", Column::Wrap::normal, Column::Show::wide), column("MESSAGE", Column::Wrap::first)});
  EDA_TRY(pages(session, &OperationService::Stub::ListOperations, std::move(request),
                [&](v1::ListOperationsResponse& page) -> Result<> {
                  for (auto& one : page.operations()) {
                    listing.add(one,
                                {one.id(), one.kind(), ref_text(one.target(), settings->cluster.value), one.team(),
                                 state_of(one), one.step(), one.waiting_for(), when(terminal, one.created_at()),
                                 one.actor(), one.plan_id(), one.message()},
                                one.id());
                  }
                  return {};
                }));
  listing.finish(options.all || !options.state.empty() ? "no operations"
                                                       : "no operation is under way; --all shows those that ended");
  return Exit::ok;
}

// --- plans that were applied

Result<plans_v1::Plan> applied_plan(Session& session, const std::string& id) {
  plans_v1::GetPlanRequest request;
  request.set_plan_id(id);
  EDA_ASSIGN(auto found, session.call(&PlanService::Stub::GetPlan, request));
  if (found.plan().state() == "applied") return std::move(*found.mutable_plan());
  return fail(Code::conflict, "PLAN_NOT_APPLIED",
              fmt::format("plan {} is {}: nothing of it is under way", text::printable(id), found.plan().state()),
              "edactl describe plan " + id);
}

Result<Exit> show_plan_progress(Session& session, const OperationOptions& options) {
  EDA_ASSIGN(auto plan, applied_plan(session, options.id));
  if (options.wait) return follow(session, plan, Waiting::yes);
  EDA_ASSIGN(const auto* settings, session.settings());
  plans_v1::GetProgressRequest request;
  request.set_plan_id(options.id);
  request.set_page_size(1000);
  Listing listing(session.terminal(), session.format(), "objects",
                  {{"OBJECT", Column::Show::always, Column::Align::left, Column::Wrap::never},
                   {"STATE", Column::Show::always, Column::Align::left, Column::Wrap::normal},
                   {"MESSAGE", Column::Show::always, Column::Align::left, Column::Wrap::first},
                   {"NEXT", Column::Show::wide, Column::Align::left, Column::Wrap::normal}});
  EDA_TRY(pages(session, &PlanService::Stub::GetProgress, std::move(request),
                [&](plans_v1::GetProgressResponse& page) -> Result<> {
                  for (auto& object : page.objects()) {
                    auto name = ref_text(object.object(), settings->cluster.value);
                    bool good = object.state() == "applied" || object.state() == "gone";
                    listing.add(
                        object,
                        {name, {object.state(), good ? Style::good : Style::warning}, object.message(), object.next()},
                        name);
                  }
                  return {};
                }));
  listing.finish("the plan changed no object");
  return Exit::ok;
}

Result<Exit> resume_plan(Session& session, const OperationOptions& options) {
  plans_v1::ResumePlanRequest request;
  request.set_request_id(process::draw_request_id());
  request.set_reason(session.globals().reason);
  request.set_plan_id(options.id);
  interrupt::note("whether it was resumed, edactl operation show " + options.id + " shows");
  EDA_ASSIGN(auto resumed, session.call(&PlanService::Stub::ResumePlan, request));
  return follow(session, resumed.plan(), options.wait ? Waiting::yes : Waiting::no);
}

// --- one operation

Result<Exit> show(Session& session, const OperationOptions& options) {
  if (is_plan(options.id)) return show_plan_progress(session, options);
  v1::GetOperationRequest request;
  request.set_id(options.id);
  EDA_ASSIGN(auto found, session.call(&OperationService::Stub::GetOperation, request));
  auto& operation = *found.mutable_operation();
  if (options.wait) EDA_TRY(follow_operation(session, operation));
  EDA_TRY(show_operation(session, operation));
  return options.wait ? conclude_operation(session, operation) : Exit::ok;
}

// What an answer came to: data for programs, words for people.
Result<> answered(Session& session, const v1::Operation& operation, std::string_view what) {
  EDA_ASSIGN(const auto* settings, session.settings());
  auto& terminal = session.terminal();
  if (session.format() == Format::tsv) return show_operation(session, operation);
  if (!show_message(terminal, session.format(), operation, operation.id())) {
    terminal.say(fmt::format("{} ({}) {}", text::printable(operation.id()),
                             operation_title(operation, settings->cluster.value), what));
  }
  return {};
}

Result<Exit> resume(Session& session, const OperationOptions& options) {
  if (is_plan(options.id)) return resume_plan(session, options);
  auto request = operation_request<v1::ResumeOperationRequest>(session, options.id);
  EDA_ASSIGN(auto resumed, session.call(&OperationService::Stub::ResumeOperation, request));
  auto& operation = *resumed.mutable_operation();
  if (!options.wait) {
    EDA_TRY(answered(session, operation, "goes on"));
    return Exit::ok;
  }
  EDA_TRY(follow_operation(session, operation));
  bool read_by_people = session.format() == Format::table || session.format() == Format::wide;
  if (!read_by_people) EDA_TRY(show_operation(session, operation));
  return conclude_operation(session, operation);
}

Result<Exit> abort(Session& session, const OperationOptions& options) {
  if (is_plan(options.id)) {
    return fail(usage_error("an applied plan is not aborted: its wishes are written",
                            "edactl rollback KIND NAME --to GENERATION plans the way back"));
  }
  auto request = operation_request<v1::AbortOperationRequest>(session, options.id);
  EDA_ASSIGN(auto aborted, session.call(&OperationService::Stub::AbortOperation, request));
  EDA_TRY(answered(session, aborted.operation(), "is aborted"));
  return Exit::ok;
}

using Act = Result<Exit> (*)(Session&, const OperationOptions&);

Command command(const char* name, const char* summary, const char* examples,
                void (*declare)(CLI::App&, OperationOptions&), Act act) {
  return {name,
          summary,
          examples,
          [declare, act](CLI::App& app) -> Run {
            auto options = std::make_shared<OperationOptions>();
            declare(app, *options);
            return [options, act](Session& session) { return act(session, *options); };
          },
          {}};
}

void declare_id(CLI::App& app, OperationOptions& options) {
  app.add_option("id", options.id, "op-…, or pl-… for a plan that was applied")->type_name("ID")->required();
}

void declare_list(CLI::App& app, OperationOptions& options) {
  app.add_option("--state", options.state, "waiting, running, failed, unknown, done or aborted")->type_name("STATE");
  app.add_option("--kind", options.kind, "stream.deletion, stream.adoption, …")->type_name("KIND");
  app.add_option("--object", options.object, "what it is about, like stream/orders.placed")->type_name("REF");
  app.add_option("--plan", options.plan, "those that a plan began")->type_name("ID");
  app.add_flag("--all", options.all, "also those that are done or aborted (kept 30 days)");
}

}  // namespace

Command operation_command() {
  Command out{"operation",
              "acts that are done once, in steps: who waits for whom, what failed, go on, end",
              "edactl operation list\n"
              "edactl operation show op-4f2a9c1d5e6b7a80 --wait\n"
              "edactl operation resume op-4f2a9c1d5e6b7a80 --reason \"reviewed\"",
              {},
              {},
              "Change"};
  out.commands = {
      command("list", "operations that have not come to an end; the newest first",
              "edactl operation list\n"
              "edactl operation list --state waiting --team checkout\n"
              "edactl operation list --all --object stream/orders.placed -o json\n"
              "# plans that were applied: edactl get plans",
              declare_list, list),
      command(
          "show", "one operation with what each step saw and did; or how far an applied plan is",
          "edactl operation show op-4f2a9c1d5e6b7a80\n"
          "# follow it; exit 1 when it fails, 8 when it waits for somebody, 11 when its outcome is unknown\n"
          "edactl operation show op-4f2a9c1d5e6b7a80 --wait --timeout 10m\n"
          "edactl operation show pl-4f2a9c1d5e6b7a80",
          [](CLI::App& app, OperationOptions& options) {
            declare_id(app, options);
            app.add_flag("--wait", options.wait, "until it has ended, failed or waits for somebody");
          },
          show),
      command(
          "resume", "go on with one that failed or is unknown, say yes to one that waits for you",
          "edactl operation resume op-4f2a9c1d5e6b7a80 --reason \"reviewed\"\n"
          "# what the brokers refused of a plan, once more\n"
          "edactl operation resume pl-4f2a9c1d5e6b7a80",
          [](CLI::App& app, OperationOptions& options) {
            declare_id(app, options);
            options.wait = true;
            app.add_flag("--wait,!--no-wait", options.wait, "return at once (default: wait until it has ended)");
          },
          resume),
      command("abort", "end one before its point of no return, say no to one that waits for you",
              "edactl operation abort op-4f2a9c1d5e6b7a80 --reason \"another team's\"", declare_id, abort),
  };
  return out;
}

}  // namespace eda::cli
