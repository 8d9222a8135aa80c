#include "operations/actions.h"

#include <fmt/format.h>

#include "events/store.h"
#include "identity/token.h"
#include "operations/trail.h"
#include "platform/core/limits.h"
#include "platform/text/unicode.h"

namespace eda::operations {

namespace {

using identity::Role;
using identity::SubjectKind;

void veil(const identity::Actor& actor, const std::set<std::string>& teams, Operation& operation) {
  bool sees = actor.has(Role::operator_) || actor.has(Role::auditor) || operation.actor == actor.subject ||
              operation.waiting_for == actor.subject || teams.contains(operation.team);
  if (sees) return;
  operation.parameters = Value();
  for (auto& step : operation.steps) step.evidence = Value();
}

Result<> check(const identity::Request& request) {
  if (!request.id.empty()) EDA_TRY(events::check_request_id(request.id));
  if (request.reason.size() <= limits::text_bytes && !text::control_character(request.reason)) return {};
  return fail(Code::invalid, "REASON_INVALID", "the reason is plain text of at most 4,096 bytes", "shorten it");
}

}  // namespace

Actions::Actions(pg::Pool& pool, const Clock& clock, identity::Teams& teams, std::vector<Runner*> runners)
    : pool_(pool), clock_(clock), teams_(teams) {
  for (auto* runner : runners) runners_.emplace(runner->kind(), runner);
}

std::set<std::string> Actions::teams_of(pg::Tx& tx, const identity::Actor& actor) {
  std::set<std::string> names;
  if (actor.kind == SubjectKind::ci) names.insert(actor.team);
  if (actor.kind == SubjectKind::service) names.insert(teams_.owner_of_service(tx, actor.name));
  if (actor.kind == SubjectKind::user) {
    for (auto& membership : teams_.of(tx, actor.name)) names.insert(membership.team);
  }
  names.erase("");
  return names;
}

Result<Operation> Actions::find(const identity::Actor& actor, const std::string& id) {
  return pool_.transact([&](pg::Tx& tx) -> Result<Operation> {
    auto operation = store::find(tx, id);
    if (!operation) return fail(errors::operation_unknown(id));
    veil(actor, teams_of(tx, actor), *operation);
    return *operation;
  });
}

Result<Page<Operation>> Actions::list(const identity::Actor& actor, const store::Filter& filter,
                                      const PageRequest& page) {
  if (!filter.state.empty() && state_name(parse_state(filter.state)) != filter.state) {
    return fail(errors::state_unknown(filter.state));
  }
  return pool_.transact([&](pg::Tx& tx) -> Result<Page<Operation>> {
    EDA_ASSIGN(auto found, store::list(tx, filter, page));
    auto teams = teams_of(tx, actor);
    for (auto& operation : found.rows) veil(actor, teams, operation);
    return found;
  });
}

Result<Operation> Actions::resume(const identity::Actor& actor, const identity::Request& request,
                                  const std::string& id) {
  return act(actor, request, id, Runner::Act::resume);
}

Result<Operation> Actions::abort(const identity::Actor& actor, const identity::Request& request,
                                 const std::string& id) {
  return act(actor, request, id, Runner::Act::abort);
}

Result<Operation> Actions::act(const identity::Actor& actor, const identity::Request& request, const std::string& id,
                               Runner::Act what) {
  EDA_TRY(check(request));
  auto verb = what == Runner::Act::resume ? "operation.resume" : "operation.abort";
  auto body = identity::digest_of({verb, id, request.reason});
  EDA_ASSIGN(auto after, pool_.transact([&](pg::Tx& tx) -> Result<Operation> {
    std::optional<events::Outcome> done;
    if (!request.id.empty()) {
      EDA_ASSIGN(done, events::recall(tx, actor.subject, request.id, body));
    }
    auto operation = store::find(tx, id, done ? store::Lock::none : store::Lock::update);
    if (!operation) return fail(errors::operation_unknown(id));
    if (!done) {
      EDA_ASSIGN(operation, change(tx, actor, request, std::move(*operation), what));
      if (!request.id.empty()) events::keep_outcome(tx, {request.id, actor.subject, body, id});
    }
    veil(actor, teams_of(tx, actor), *operation);
    return *operation;
  }));
  pool_.notify("wishes");
  return after;
}

Result<Operation> Actions::change(pg::Tx& tx, const identity::Actor& actor, const identity::Request& request,
                                  Operation before, Runner::Act what) {
  bool resumes = what == Runner::Act::resume;
  Operation after = before;
  EDA_TRY(resumes ? operations::resume(after, actor.subject, clock_.now())
                  : call_off(after, actor.subject, request.reason));
  auto runner = runners_.find(before.kind);
  if (runner == runners_.end()) {
    return fail(Code::unavailable, "OPERATION_KIND",
                fmt::format("this edad does not know operations of the kind {}", before.kind),
                "ask one of the release that began it");
  }
  EDA_TRY(runner->second->may(tx, actor, before, what));
  store::write(tx, after);
  ++after.version;
  EDA_TRY(runner->second->acted(tx, actor.subject, after, what));
  auto event = changed_event(before, after);
  event.actor = actor.subject;
  event.reason = request.reason;
  event.request_id = request.id.empty() ? actor.request_id : request.id;
  if (resumes) event.verb = "operation.resumed";
  events::append(tx, {std::move(event)});
  return after;
}

}  // namespace eda::operations
