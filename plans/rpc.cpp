#include "plans/rpc.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <thread>

#include "platform/rpc/call.h"
#include "platform/rpc/convert.h"

namespace eda::plans {

using identity::Actor;
using identity::MethodPermission;
using identity::Permission;

namespace {

#define PLAN_SERVICE "eda.plans.v1.PlanService/"

constexpr MethodPermission methods[] = {
    {PLAN_SERVICE "Stage", Permission::read},       {PLAN_SERVICE "Plan", Permission::read},
    {PLAN_SERVICE "ListChanges", Permission::read}, {PLAN_SERVICE "GetPlan", Permission::read},
    {PLAN_SERVICE "Apply", Permission::write},      {PLAN_SERVICE "GetProgress", Permission::read},
};

Document from_proto(const v1::Document& document) {
  Document out;
  out.kind = document.kind();
  out.cluster = document.cluster();
  out.name = document.name();
  out.at = rpc::from_proto(document.at());
  for (auto& field : document.fields()) {
    Said said;
    if (field.said_case() == v1::SaidField::kValue) said.value = rpc::from_proto(field.value());
    said.at = rpc::from_proto(field.at());
    out.fields.insert_or_assign(field.path(), std::move(said));
  }
  return out;
}

Result<PlanInput> from_proto(const v1::PlanRequest& request, const std::vector<std::string>& staged) {
  PlanInput input;
  input.request_id = request.request_id();
  input.cluster = request.cluster();
  input.set = ApplySet{request.set(), request.set_team()};
  input.intent = request.to_apply() ? PlanInput::Intent::apply : PlanInput::Intent::look;
  for (auto& document : request.documents()) input.documents.push_back(from_proto(document));
  for (auto& blob : staged) {
    v1::StageRequest part;
    if (!part.ParseFromString(blob))
      return fail(Code::internal, "STAGE_DAMAGED", "the stage cannot be read", "stage anew");
    for (auto& document : part.documents()) input.documents.push_back(from_proto(document));
  }
  for (auto& ref : request.deletions()) input.deletions.push_back(rpc::from_proto(ref));
  return input;
}

v1::Action to_proto(Action action) {
  switch (action) {
    case Action::create:
      return v1::ACTION_CREATE;
    case Action::change:
      return v1::ACTION_CHANGE;
    case Action::adopt:
      return v1::ACTION_ADOPT;
    case Action::remove:
      return v1::ACTION_DELETE;
    case Action::unchanged:
      return v1::ACTION_UNCHANGED;
  }
  return v1::ACTION_UNSPECIFIED;
}

v1::Risk to_proto(Risk risk) {
  return static_cast<v1::Risk>(static_cast<int>(risk) + 1);
}

void to_proto(const store::Progress& progress, v1::Progress* out) {
  rpc::to_proto(progress.object, out->mutable_object());
  out->set_state(progress.state);
  out->set_generation(progress.generation);
  out->set_observed_generation(progress.observed_generation);
  out->set_message(progress.message);
  out->set_next(progress.next);
}

// Asks again until something came to rest, the wait is over or the caller has gone.
Result<Engine::ProgressReport> await_progress(Engine& engine, const grpc::ServerContext& context,
                                              const v1::GetProgressRequest& request) {
  auto which = request.unfinished_only() ? store::Which::unfinished : store::Which::all;
  auto deadline = Deadline::in(std::chrono::milliseconds(std::min(request.wait_ms(), 10'000u)));
  constexpr std::chrono::milliseconds poll{50};
  for (;;) {
    auto report = engine.progress(request.plan_id(), which, rpc::page_of(request));
    if (!report) return report;
    bool news = report->count.at_rest > static_cast<int>(request.seen_at_rest());
    if (news || report->count.at_rest == report->count.total || deadline.passed() || context.IsCancelled())
      return report;
    std::this_thread::sleep_for(std::min(poll, deadline.left()));
  }
}

class PlanFace final : public v1::PlanService::Service {
 public:
  PlanFace(Engine& engine, identity::Gate& gate) : engine_(engine), gate_(gate) {}

  grpc::Status Stage(grpc::ServerContext* context, const v1::StageRequest* request,
                     v1::StageResponse* response) override {
    return rpc::serve(*context, gate_, PLAN_SERVICE "Stage", [&](const Actor& actor) -> Result<> {
      EDA_ASSIGN(auto stage,
                 engine_.stage(actor, request->stage_id(), request->SerializeAsString(), request->documents_size()));
      response->set_stage_id(stage.id);
      response->set_documents(static_cast<std::uint32_t>(stage.documents));
      return {};
    });
  }

  grpc::Status Plan(grpc::ServerContext* context, const v1::PlanRequest* request, v1::PlanResponse* response) override {
    return rpc::serve(*context, gate_, PLAN_SERVICE "Plan", [&](const Actor& actor) -> Result<> {
      std::vector<std::string> staged;
      if (!request->stage_id().empty()) {
        EDA_ASSIGN(staged, engine_.staged(actor, request->stage_id()));
      }
      EDA_ASSIGN(auto input, from_proto(*request, staged));
      EDA_ASSIGN(auto output, engine_.plan(actor, std::move(input)));
      to_proto(output, response);
      return {};
    });
  }

  grpc::Status ListChanges(grpc::ServerContext* context, const v1::ListChangesRequest* request,
                           v1::ListChangesResponse* response) override {
    return rpc::serve(*context, gate_, PLAN_SERVICE "ListChanges", [&](const Actor&) -> Result<> {
      EDA_ASSIGN(auto page, engine_.list(request->plan_id(), rpc::page_of(*request)));
      for (auto& draft : page.rows) to_proto(draft, response->add_changes());
      response->set_next_page_token(page.next_token);
      return {};
    });
  }

  grpc::Status GetPlan(grpc::ServerContext* context, const v1::GetPlanRequest* request,
                       v1::GetPlanResponse* response) override {
    return rpc::serve(*context, gate_, PLAN_SERVICE "GetPlan", [&](const Actor&) -> Result<> {
      EDA_ASSIGN(auto summary, engine_.find(request->plan_id()));
      to_proto(summary, response->mutable_plan());
      return {};
    });
  }

  grpc::Status Apply(grpc::ServerContext* context, const v1::ApplyRequest* request,
                     v1::ApplyResponse* response) override {
    return rpc::serve(*context, gate_, PLAN_SERVICE "Apply", [&](const Actor& actor) -> Result<> {
      ApplyInput input{request->request_id(),
                       "",
                       request->plan_id(),
                       request->reason(),
                       {request->confirm().begin(), request->confirm().end()}};
      EDA_ASSIGN(auto output, engine_.apply(actor, input));
      to_proto(output.summary, response->mutable_plan());
      response->set_pending(static_cast<std::uint32_t>(output.pending));
      return {};
    });
  }

  grpc::Status GetProgress(grpc::ServerContext* context, const v1::GetProgressRequest* request,
                           v1::GetProgressResponse* response) override {
    return rpc::serve(*context, gate_, PLAN_SERVICE "GetProgress", [&](const Actor&) -> Result<> {
      EDA_ASSIGN(auto report, await_progress(engine_, *context, *request));
      for (auto& row : report.page.rows) to_proto(row, response->add_objects());
      response->set_next_page_token(report.page.next_token);
      response->set_total(static_cast<std::uint32_t>(report.count.total));
      response->set_at_rest(static_cast<std::uint32_t>(report.count.at_rest));
      response->set_refused(static_cast<std::uint32_t>(report.count.refused));
      return {};
    });
  }

 private:
  Engine& engine_;
  identity::Gate& gate_;
};

}  // namespace

void to_proto(const Summary& summary, v1::Plan* out) {
  out->set_id(summary.id);
  out->set_state(summary.state);
  out->set_hash(summary.hash);
  out->set_actor(summary.actor);
  rpc::to_proto(summary.created_at, out->mutable_created_at());
  rpc::to_proto(summary.expires_at, out->mutable_expires_at());
  out->set_risk(to_proto(summary.risk));
  out->set_creates(static_cast<std::uint32_t>(summary.creates));
  out->set_changes(static_cast<std::uint32_t>(summary.changes));
  out->set_adopts(static_cast<std::uint32_t>(summary.adopts));
  out->set_deletes(static_cast<std::uint32_t>(summary.deletes));
  out->set_unchanged(static_cast<std::uint32_t>(summary.unchanged));
  out->mutable_confirm()->Add(summary.confirm.begin(), summary.confirm.end());
}

void to_proto(const Draft& draft, v1::Change* out) {
  rpc::to_proto(draft.ref, out->mutable_object());
  out->set_action(to_proto(draft.action));
  out->set_risk(to_proto(draft.risk));
  out->mutable_risk_reasons()->Add(draft.risk_reasons.begin(), draft.risk_reasons.end());
  for (auto& change : draft.fields) {
    auto* field = out->add_fields();
    auto* row = draft.rules ? draft.rules->field(change.path) : nullptr;
    field->set_path(change.path);
    if (change.from) {
      rpc::to_proto(*change.from, field->mutable_from());
      if (row) field->set_from_text(value_text(*row, *change.from));
    }
    if (change.to) {
      rpc::to_proto(*change.to, field->mutable_to());
      if (row) field->set_to_text(value_text(*row, *change.to));
    }
  }
  out->set_owner(draft.owner);
  out->mutable_affected()->Add(draft.affected.begin(), draft.affected.end());
  out->mutable_notes()->Add(draft.notes.begin(), draft.notes.end());
  rpc::to_proto(draft.at, out->mutable_at());
}

void to_proto(const PlanOutput& output, v1::PlanResponse* out) {
  to_proto(output.summary, out->mutable_plan());
  for (auto& draft : output.drafts) to_proto(draft, out->add_changes());
  out->set_next_page_token(output.next_token);
}

std::span<const MethodPermission> plan_methods() {
  return methods;
}

std::unique_ptr<grpc::Service> make_plan_face(Engine& engine, identity::Gate& gate) {
  return std::make_unique<PlanFace>(engine, gate);
}

}  // namespace eda::plans
