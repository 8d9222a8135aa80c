#include "operations/operations.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "platform/text/distance.h"
#include "platform/text/unicode.h"

namespace eda::operations {

namespace {

constexpr std::array state_names{"waiting", "running", "done", "failed", "unknown", "aborted"};
constexpr Duration least_pause = std::chrono::milliseconds(100);

std::string show(const Operation& operation) {
  return fmt::format("edactl operation show {}", operation.id);
}

void clear_wait(Operation& operation) {
  operation.waiting_for.clear();
  operation.waiting_until.reset();
}

void clear_trouble(Operation& operation) {
  operation.trouble.clear();
  operation.next.clear();
}

std::vector<Step>::iterator current(Operation& operation) {
  return std::find_if(operation.steps.begin(), operation.steps.end(),
                      [&](const Step& step) { return step.name == operation.step; });
}

// The step is done; on to the one after it, or to the end.
void pass(Operation& operation, std::vector<Step>::iterator step) {
  step->state = Step::State::done;
  auto next = std::next(step);
  operation.state = next == operation.steps.end() ? State::done : State::running;
  operation.step = next == operation.steps.end() ? "" : next->name;
}

}  // namespace

std::string_view state_name(State state) {
  return state_names[static_cast<std::size_t>(state)];
}

State parse_state(std::string_view name) {
  auto found = std::find(state_names.begin(), state_names.end(), name);
  return found == state_names.end() ? State::unknown : static_cast<State>(found - state_names.begin());
}

bool is_over(State state) {
  return state == State::done || state == State::aborted;
}

bool may_pass(const Error& error) {
  return error.code == Code::unavailable || error.code == Code::timeout || error.code == Code::exhausted ||
         error.code == Code::unauthenticated;
}

void advance(Operation& operation, const Outcome& outcome, Instant now) {
  clear_wait(operation);
  operation.trouble = outcome.trouble;
  operation.next = outcome.next;
  auto step = current(operation);
  if (step == operation.steps.end()) {
    operation.state = State::failed;
    operation.trouble = fmt::format("there is no step \"{}\" in {}", operation.step, operation.kind);
    operation.next = "this is a defect of edad; abort the operation and ask for it anew";
    return;
  }
  step->at = now;
  if (!outcome.evidence.is_null()) step->evidence = outcome.evidence;
  step->state = Step::State::open;
  operation.state = State::running;
  switch (outcome.how) {
    case Outcome::How::done:
      return pass(operation, step);
    case Outcome::How::again:
      return;
    case Outcome::How::wait:
      operation.state = State::waiting;
      operation.waiting_for = outcome.waiting_for;
      operation.waiting_until = outcome.until;
      return;
    case Outcome::How::failed:
      operation.state = State::failed;
      step->state = Step::State::failed;
      return;
    case Outcome::How::unknown:
      operation.state = State::unknown;
      return;
  }
}

Duration pause_after(const Outcome& outcome) {
  return outcome.how == Outcome::How::again ? std::max(outcome.after, least_pause) : Duration(0);
}

Result<> resume(Operation& operation, const std::string& actor, Instant now) {
  bool late = operation.state == State::waiting && operation.waiting_until && *operation.waiting_until <= now;
  if (is_over(operation.state) || late) return fail(errors::operation_over(operation));
  if (operation.state == State::running) return fail(errors::operation_running(operation));
  auto step = current(operation);
  if (step != operation.steps.end() && operation.state == State::waiting) {
    step->at = now;
    if (step->evidence.is_null()) step->evidence = Value::Map();
    if (auto* evidence = step->evidence.mutable_map()) evidence->insert_or_assign("answeredBy", actor);
    pass(operation, step);
  } else {
    if (step != operation.steps.end()) step->state = Step::State::open;
    operation.state = State::running;
  }
  clear_wait(operation);
  clear_trouble(operation);
  return {};
}

Result<> call_off(Operation& operation, const std::string& actor, const std::string& reason) {
  if (is_over(operation.state)) return fail(errors::operation_over(operation));
  operation.state = State::aborted;
  clear_wait(operation);
  clear_trouble(operation);
  operation.trouble = fmt::format("ended by {}{}", actor, reason.empty() ? "" : ": " + reason);
  return {};
}

bool expire(Operation& operation, Instant now) {
  if (operation.state != State::waiting || !operation.waiting_until || *operation.waiting_until > now) return false;
  auto trouble =
      fmt::format("no answer of {} came until {}", operation.waiting_for, to_rfc3339(*operation.waiting_until));
  operation.state = State::aborted;
  clear_wait(operation);
  operation.trouble = std::move(trouble);
  operation.next = "ask anew, and tell whom you ask";
  return true;
}

Operation begun(const NewOperation& wish, std::string id) {
  Operation operation;
  operation.id = std::move(id);
  operation.kind = wish.kind;
  operation.target = wish.target;
  operation.team = wish.team;
  operation.parameters = wish.parameters;
  for (auto& name : wish.steps) operation.steps.push_back(Step{name, Step::State::open, {}, {}});
  if (!wish.steps.empty()) operation.step = wish.steps.front();
  operation.actor = wish.actor;
  operation.reason = wish.reason;
  operation.plan_id = wish.plan_id;
  operation.version = 1;
  return operation;
}

namespace errors {

namespace {

std::string named(const Operation& operation) {
  return fmt::format("{} ({} of {})", operation.id, operation.kind, operation.target.text());
}

}  // namespace

Error operation_unknown(const std::string& id) {
  return Error(Code::not_found, "OPERATION_UNKNOWN",
               fmt::format("there is no operation \"{}\"", text::printable(text::cut(id, 120))),
               "edactl operation list --all shows them; what ended is forgotten after 30 days");
}

Error operation_over(const Operation& operation) {
  auto how = fmt::format("{} {}", operation.state == State::aborted ? "was" : "is", state_name(operation.state));
  if (operation.state == State::waiting) {
    how = fmt::format("waited for {} until {}, and that is past", operation.waiting_for,
                      to_rfc3339(operation.waiting_until.value_or(Instant())));
  }
  return Error(Code::conflict, "OPERATION_OVER", fmt::format("{} {}", named(operation), how), show(operation));
}

Error operation_running(const Operation& operation) {
  return Error(Code::conflict, "OPERATION_RUNNING",
               fmt::format("{} is running, at its step \"{}\"", named(operation), operation.step),
               show(operation) + " --wait follows it");
}

Error state_unknown(const std::string& name) {
  std::vector<std::string> names(state_names.begin(), state_names.end());
  auto near = text::did_you_mean(name, names);
  return Error(Code::invalid, "STATE_UNKNOWN",
               fmt::format("operations have no state \"{}\"", text::printable(text::cut(name, 120))),
               near.empty() ? fmt::format("take one of {}", fmt::join(names, ", ")) : near);
}

Error past_return(const Operation& operation) {
  return Error(Code::conflict, "PAST_RETURN",
               fmt::format("{} stands at its step \"{}\", and what is begun there cannot be undone", named(operation),
                           operation.step),
               fmt::format("let it come to its end: edactl operation {} {}",
                           operation.state == State::running ? "show --wait" : "resume", operation.id));
}

}  // namespace errors

}  // namespace eda::operations
