#include "cli/commands/plan_list.h"

#include <fmt/format.h>

#include "cli/change.h"
#include "cli/listing.h"
#include "cli/plan_view.h"
#include "cli/view.h"
#include "cli/when.h"
#include "eda/plans/v1/plans.grpc.pb.h"

namespace eda::cli {

namespace v1 = eda::plans::v1;
using v1::PlanService;

namespace {

Cell plan_state(const std::string& state) {
  if (state == "applied") return {state, Style::good};
  return {state, state == "open" ? Style::warning : Style::dim};
}

std::vector<Cell> cells(const Terminal& terminal, const v1::Plan& plan) {
  return {plan.id(),
          plan_state(plan.state()),
          plan.actor(),
          when(terminal, plan.created_at()),
          std::string(plan.risk() == v1::RISK_UNSPECIFIED ? "" : risk_word(plan.risk())),
          set_text(plan),
          plan.cluster(),
          plan.source(),
          plan_summary(plan),
          plan.reason()};
}

const std::vector<Column>& columns() {
  constexpr auto always = Column::Show::always;
  constexpr auto wide = Column::Show::wide;
  constexpr auto left = Column::Align::left;
  static const std::vector<Column> all{{"PLAN", always, left, Column::Wrap::never},
                                       {"STATE"},
                                       {"WHO"},
                                       {"WHEN"},
                                       {"RISK"},
                                       {"SET"},
                                       {"CLUSTER", wide},
                                       {"FROM", wide},
                                       {"CHANGES"},
                                       {"WHY", always, left, Column::Wrap::first}};
  return all;
}

bool changes_something(const v1::Plan& plan) {
  return plan.creates() + plan.changes() + plan.adopts() + plan.deletes() + plan.hand_overs() > 0;
}

std::string actor_of(const std::string& word) {
  return word.empty() || word.find('/') != std::string::npos ? word : "user/" + word;
}

std::string facts(const Terminal& terminal, const v1::Plan& plan) {
  Sheet sheet(terminal);
  sheet.heading("Plan " + plan.id());
  auto state = plan_state(plan.state());
  sheet.line("state", state.text, state.style);
  sheet.line("by", plan.actor());
  sheet.line("made", when(terminal, plan.created_at()));
  if (plan.state() == "open") sheet.line("good until", when(terminal, plan.expires_at()));
  sheet.line("applied", when(terminal, plan.applied_at()));
  sheet.line("why", plan.reason());
  sheet.line("set", set_text(plan));
  sheet.line("cluster", plan.cluster());
  sheet.line("from", plan.source());
  sheet.line("hash", plan.hash());
  std::string names;
  for (auto& name : plan.confirm()) names += (names.empty() ? "" : ", ") + name;
  sheet.line("to be confirmed", names);
  return sheet.text();
}

}  // namespace

bool is_plans(const std::string& kinds) {
  return kinds == "plans" || kinds == "plan";
}

Result<Exit> get_plans(Session& session, const PlanSelection& selection) {
  auto& terminal = session.terminal();
  Listing listing(terminal, session.format(), "plans", columns());
  std::size_t left_out = 0;
  auto add = [&](const v1::Plan& plan) { listing.add(plan, cells(terminal, plan), plan.id()); };
  for (auto& id : selection.ids) {
    v1::GetPlanRequest request;
    request.set_plan_id(id);
    EDA_ASSIGN(auto response, session.call(&PlanService::Stub::GetPlan, request));
    add(response.plan());
  }
  if (selection.ids.empty()) {
    v1::ListPlansRequest request;
    request.set_state(selection.state);
    request.set_actor(actor_of(selection.actor));
    request.set_page_size(1000);
    EDA_TRY(pages(session, &PlanService::Stub::ListPlans, std::move(request), [&](v1::ListPlansResponse& page) {
      for (auto& plan : page.plans()) {
        if (selection.which == PlanSelection::Which::all || changes_something(plan)) {
          add(plan);
        } else {
          ++left_out;
        }
      }
      return Result<>();
    }));
  }
  listing.finish(left_out == 0 ? "no plans" : "no plans that change something; --all shows the others");
  return Exit::ok;
}

Result<Exit> describe_plan(Session& session, const std::string& id) {
  EDA_ASSIGN(auto plan, fetch_plan(session, id));
  auto& terminal = session.terminal();
  if (session.format() == Format::table || session.format() == Format::wide) {
    terminal.out(facts(terminal, plan.plan));
  }
  EDA_TRY(show_plan(session, plan));
  return Exit::ok;
}

}  // namespace eda::cli
