#include "cli/change.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iterator>

#include "cli/apply_plan.h"
#include "cli/confirm.h"
#include "cli/errors.h"
#include "cli/manifests.h"
#include "cli/progress.h"
#include "eda/plans/v1/plans.grpc.pb.h"
#include "platform/core/limits.h"
#include "platform/process/request_id.h"
#include "platform/rpc/convert.h"
#include "platform/text/unicode.h"
#include "platform/text/units.h"

namespace eda::cli {

namespace v1 = eda::plans::v1;
using v1::PlanService;

namespace {

// Below limits::staged_documents and limits::message_bytes, with room for what surrounds them.
constexpr int documents_per_message = 900;
constexpr std::size_t bytes_per_message = 3u << 20;

// Groups of documents that fit into a message each.
Result<std::vector<v1::StageRequest>> messages_of(const std::vector<plans::Document>& documents) {
  std::vector<v1::StageRequest> out(1);
  std::size_t bytes = 0;
  for (auto& document : documents) {
    v1::Document one;
    to_proto(document, &one);
    auto size = one.ByteSizeLong() + 8;
    if (size > bytes_per_message) {
      return fail(Code::invalid, "DOCUMENT_TOO_LARGE",
                  fmt::format("{}: the document has {} bytes, more than fit into a call", document.at.text(), size),
                  "shorten it");
    }
    if (out.back().documents_size() >= documents_per_message || bytes + size > bytes_per_message) {
      out.emplace_back();
      bytes = 0;
    }
    bytes += size;
    *out.back().add_documents() = std::move(one);
  }
  return out;
}

void take(google::protobuf::RepeatedPtrField<v1::Change>& changes, WholePlan& out) {
  for (auto& change : changes) {
    // What no file says, as a pruned object, has no position: not even an empty one in the plan's JSON.
    if (change.at().ByteSizeLong() == 0) change.clear_at();
  }
  out.changes.insert(out.changes.end(), std::make_move_iterator(changes.begin()),
                     std::make_move_iterator(changes.end()));
}

// Those from a page on.
Result<> add_changes(Session& session, WholePlan& out, const std::string& page_token) {
  v1::ListChangesRequest request;
  request.set_plan_id(out.plan.id());
  request.set_page_size(1000);
  request.set_page_token(page_token);
  return pages(session, &PlanService::Stub::ListChanges, std::move(request),
               [&](v1::ListChangesResponse& page) -> Result<> {
                 take(*page.mutable_changes(), out);
                 return {};
               });
}

Result<WholePlan> planned(Session& session, const v1::PlanRequest& request) {
  EDA_ASSIGN(auto response, while_planning(session, session.call(&PlanService::Stub::Plan, request)));
  return whole_plan(session, std::move(response));
}

Error planning_took_all(Session& session) {
  return Error(Code::timeout, "PLANNING_TOOK_ALL",
               fmt::format("the plan took all of the {} that --timeout gives; nothing was changed",
                           text::duration_text(session.timeout().count())),
               "give more time with --timeout; edactl cluster health shows whether the brokers answer");
}

}  // namespace

void declare_change(CLI::App& app, ChangeOptions& options) {
  app.add_flag("--dry-run", options.dry_run, "show the plan and change nothing");
  app.add_flag("-y,--yes", options.yes, "agree to MODERATE and HIGH risks; never enough for a deletion");
  app.add_option("--confirm", options.confirm, "agree to a CRITICAL change by the object's name; repeat per name")
      ->type_name("NAME")
      ->allow_extra_args(false);
  app.add_flag("!--wait,--no-wait", options.no_wait,
               "return once the wish is written (default: wait until it is true)");
}

Error unplanned(Session& session, Error error) {
  if (error.code != Code::timeout) return error;
  auto span = text::duration_text(session.timeout().count());
  error.message = fmt::format("edad did not answer with a plan within {}; nothing was changed", span);
  error.next = "edactl cluster health shows whether the brokers answer; --timeout gives more time";
  return error;
}

Result<WholePlan> whole_plan(Session& session, v1::PlanResponse response) {
  WholePlan out;
  out.plan = std::move(*response.mutable_plan());
  take(*response.mutable_changes(), out);
  if (!response.next_page_token().empty()) EDA_TRY(add_changes(session, out, response.next_page_token()));
  return out;
}

Result<WholePlan> fetch_plan(Session& session, const std::string& id) {
  v1::GetPlanRequest request;
  request.set_plan_id(id);
  EDA_ASSIGN(auto response, session.call(&PlanService::Stub::GetPlan, request));
  WholePlan out;
  out.plan = std::move(*response.mutable_plan());
  EDA_TRY(add_changes(session, out, {}));
  return out;
}

Result<v1::PlanRequest> plan_request(Session& session, Purpose purpose) {
  EDA_ASSIGN(const auto* settings, session.settings());
  v1::PlanRequest request;
  request.set_request_id(process::draw_request_id());
  request.set_cluster(settings->cluster.value);
  request.set_to_apply(purpose == Purpose::apply);
  request.set_reason(session.globals().reason);
  return request;
}

Result<WholePlan> plan_documents(Session& session, const std::vector<plans::Document>& documents,
                                 v1::PlanRequest request) {
  EDA_ASSIGN(auto messages, messages_of(documents));
  if (messages.size() == 1) {
    request.mutable_documents()->Swap(messages.front().mutable_documents());
    return planned(session, request);
  }
  std::size_t sent = 0;
  for (auto& message : messages) {
    message.set_stage_id(request.stage_id());
    EDA_ASSIGN(auto stage, while_planning(session, session.call(&PlanService::Stub::Stage, message)));
    request.set_stage_id(stage.stage_id());
    session.terminal().progress(fmt::format("{} of {} documents sent", stage.documents(), documents.size()));
    sent = stage.documents();
  }
  session.terminal().detail(fmt::format("{} documents staged", sent));
  return planned(session, request);
}

Result<WholePlan> plan_deletions(Session& session, const std::vector<Ref>& deletions, Purpose purpose) {
  EDA_ASSIGN(auto request, plan_request(session, purpose));
  for (auto& ref : deletions) rpc::to_proto(ref, request.add_deletions());
  return planned(session, request);
}

Result<> show_plan(Session& session, const WholePlan& plan) {
  EDA_ASSIGN(const auto* settings, session.settings());
  auto& terminal = session.terminal();
  Viewpoint from{settings->server.value, settings->cluster.value, terminal.width()};
  terminal.out(plan_text(plan, session.format(), from, terminal.out_palette()));
  return {};
}

namespace {

// The preview of an apply is words: stdout is for what came of it.
Result<> preview(Session& session, const WholePlan& plan) {
  EDA_ASSIGN(const auto* settings, session.settings());
  auto& terminal = session.terminal();
  auto detail = session.format() == Format::wide ? Format::wide : Format::table;
  Viewpoint from{settings->server.value, settings->cluster.value, terminal.err_width()};
  auto text = plan_text(plan, detail, from, terminal.err_palette());
  text.pop_back();
  terminal.say(text);
  return {};
}

Error declined() {
  return usage_error("not agreed; nothing was changed");
}

// The names that were agreed to, or why there are not enough.
Result<std::vector<std::string>> agree(Session& session, const WholePlan& plan, const ChangeOptions& options) {
  auto& terminal = session.terminal();
  Consent consent;
  consent.yes = options.yes ? Consent::Yes::given : Consent::Yes::no;
  consent.names = options.confirm;
  consent.asking = terminal.interactive() ? Consent::Asking::possible : Consent::Asking::impossible;
  EDA_ASSIGN(const auto* settings, session.settings());
  auto& cluster = settings->cluster.value;
  EDA_ASSIGN(auto questions, what_to_ask(critical_changes(plan, cluster), risky_changes(plan, cluster), consent));
  auto names = options.confirm;
  for (auto& name : questions.names) {
    auto typed = session.ask(fmt::format("to agree, type the name {}: ", text::printable(name)));
    if (typed != name) return fail(declined());
    names.push_back(name);
  }
  if (questions.yes_or_no) {
    auto answer = session.ask("apply this plan? [y/N] ");
    if (answer != "y" && answer != "Y" && answer != "yes") return fail(declined());
  }
  return names;
}

// A job that runs again finds its plan applied: it looks how that goes, and sends nothing.
Result<Exit> applied_already(Session& session, const v1::Plan& plan, const ChangeOptions& options) {
  auto at = plan.has_applied_at() ? ", " + to_rfc3339(rpc::from_proto(plan.applied_at())) : std::string();
  session.terminal().say(fmt::format("plan {} was applied already{}; nothing is sent again", plan.id(), at));
  return follow(session, plan, options.no_wait ? Waiting::no : Waiting::yes);
}

}  // namespace

Result<> agree_to(Session& session, const WholePlan& plan, const ChangeOptions& options) {
  EDA_TRY(preview(session, plan));
  EDA_TRY(agree(session, plan, options));
  return {};
}

Result<Exit> carry_out(Session& session, const WholePlan& plan, const ChangeOptions& options) {
  if (options.dry_run) {
    EDA_TRY(show_plan(session, plan));
    return Exit::ok;
  }
  if (plan.plan.state() == "applied") return applied_already(session, plan.plan, options);
  EDA_TRY(preview(session, plan));
  if (!plan.changes_anything()) {
    // Nothing changes but who manages some fields: nothing to agree to, and prune must know of it.
    if (plan.plan.hand_overs() > 0) EDA_TRY(apply_plan(session, plan.plan, {}));
    EDA_TRY(report_nothing(session, plan.plan));
    return Exit::ok;
  }
  EDA_ASSIGN(auto confirmed, agree(session, plan, options));
  if (session.deadline().passed()) return fail(planning_took_all(session));
  // An apply whose time is over before it is answered has an unknown outcome: what the plan has used is not taken from
  // it.
  session.begin();
  EDA_ASSIGN(auto applied, apply_plan(session, plan.plan, confirmed));
  return follow(session, applied, options.no_wait ? Waiting::no : Waiting::yes);
}

}  // namespace eda::cli
