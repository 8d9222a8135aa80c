#include "plans/rpc.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <thread>

#include "plans/rpc_values.h"
#include "platform/rpc/call.h"
#include "platform/rpc/convert.h"

namespace eda::plans {

using identity::Actor;
using identity::MethodPermission;
using identity::Permission;

namespace {

#define PLAN_SERVICE "eda.plans.v1.PlanService/"

constexpr MethodPermission methods[] = {
    {PLAN_SERVICE "Stage", Permission::read},         {PLAN_SERVICE "Plan", Permission::read},
    {PLAN_SERVICE "ListChanges", Permission::read},   {PLAN_SERVICE "GetPlan", Permission::read},
    {PLAN_SERVICE "Apply", Permission::write},        {PLAN_SERVICE "GetProgress", Permission::read},
    {PLAN_SERVICE "ListPlans", Permission::read},     {PLAN_SERVICE "ResumePlan", Permission::write},
    {PLAN_SERVICE "ListRevisions", Permission::read}, {PLAN_SERVICE "PlanRollback", Permission::read},
};

// Counts until something came to rest, the wait is over or the caller has gone; the objects themselves are read once.
Result<Engine::ProgressReport> await_progress(Engine& engine, const grpc::ServerContext& context,
                                              const v1::GetProgressRequest& request) {
  auto which = request.unfinished_only() ? store::Which::unfinished : store::Which::all;
  auto deadline = Deadline::in(std::chrono::milliseconds(std::min(request.wait_ms(), 10'000u)));
  constexpr std::chrono::milliseconds poll{50};
  for (; !deadline.passed() && !context.IsCancelled(); std::this_thread::sleep_for(std::min(poll, deadline.left()))) {
    EDA_ASSIGN(auto count, engine.count_progress(request.plan_id()));
    if (count.at_rest > static_cast<int>(request.seen_at_rest()) || count.at_rest == count.total) break;
  }
  return engine.progress(request.plan_id(), which, rpc::page_of(request));
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
      EDA_ASSIGN(auto input, from_proto(*request, std::move(staged)));
      EDA_ASSIGN(auto output, engine_.plan(actor, std::move(input)));
      to_proto(output, response);
      return {};
    });
  }

  grpc::Status ListChanges(grpc::ServerContext* context, const v1::ListChangesRequest* request,
                           v1::ListChangesResponse* response) override {
    return rpc::serve(*context, gate_, PLAN_SERVICE "ListChanges", [&](const Actor& actor) -> Result<> {
      EDA_ASSIGN(auto page, engine_.list(actor, request->plan_id(), rpc::page_of(*request)));
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
                       body_hash(*request),
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

  grpc::Status ListPlans(grpc::ServerContext* context, const v1::ListPlansRequest* request,
                         v1::ListPlansResponse* response) override {
    return rpc::serve(*context, gate_, PLAN_SERVICE "ListPlans", [&](const Actor&) -> Result<> {
      EDA_ASSIGN(auto page, engine_.plans(request->state(), request->actor(), rpc::page_of(*request)));
      for (auto& summary : page.rows) to_proto(summary, response->add_plans());
      response->set_next_page_token(page.next_token);
      return {};
    });
  }

  grpc::Status ResumePlan(grpc::ServerContext* context, const v1::ResumePlanRequest* request,
                          v1::ResumePlanResponse* response) override {
    return rpc::serve(*context, gate_, PLAN_SERVICE "ResumePlan", [&](const Actor& actor) -> Result<> {
      ApplyInput input{request->request_id(), body_hash(*request), request->plan_id(), request->reason(), {}};
      EDA_ASSIGN(auto output, engine_.resume(actor, input));
      to_proto(output.summary, response->mutable_plan());
      response->set_pending(static_cast<std::uint32_t>(output.pending));
      return {};
    });
  }

  grpc::Status ListRevisions(grpc::ServerContext* context, const v1::ListRevisionsRequest* request,
                             v1::ListRevisionsResponse* response) override {
    return rpc::serve(*context, gate_, PLAN_SERVICE "ListRevisions", [&](const Actor& actor) -> Result<> {
      auto ref = rpc::from_proto(request->object());
      EDA_ASSIGN(auto page, engine_.history(actor, ref, rpc::page_of(*request)));
      auto* rules = engine_.kinds().find(ref.kind);
      for (auto& revision : page.rows) to_proto(rules, revision, response->add_revisions());
      response->set_next_page_token(page.next_token);
      return {};
    });
  }

  grpc::Status PlanRollback(grpc::ServerContext* context, const v1::PlanRollbackRequest* request,
                            v1::PlanRollbackResponse* response) override {
    return rpc::serve(*context, gate_, PLAN_SERVICE "PlanRollback", [&](const Actor& actor) -> Result<> {
      PlanInput input;
      input.request_id = request->request_id();
      input.body_hash = body_hash(*request);
      input.reason = request->reason();
      auto ref = rpc::from_proto(request->object());
      EDA_ASSIGN(auto output, engine_.plan_rollback(actor, std::move(input), ref, request->generation()));
      to_proto(output, response->mutable_plan());
      return {};
    });
  }

 private:
  Engine& engine_;
  identity::Gate& gate_;
};

}  // namespace

std::span<const MethodPermission> plan_methods() {
  return methods;
}

std::unique_ptr<grpc::Service> make_plan_face(Engine& engine, identity::Gate& gate) {
  return std::make_unique<PlanFace>(engine, gate);
}

}  // namespace eda::plans
