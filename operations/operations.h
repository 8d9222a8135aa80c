#pragma once
// Acts that are done once, in steps. If doing it again tomorrow should restore the same state it is an object; if it
// would be a new act, it is an operation. Each step is idempotent or compare-and-commit and leaves evidence; any
// replica goes on with an operation whose claim ran out.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/core/error.h"
#include "platform/core/name.h"
#include "platform/core/time.h"
#include "platform/core/value.h"

namespace eda::operations {

enum class State {
  waiting,  ///< for somebody's answer, until a date
  running,  ///< a worker takes its step when it is due
  done,
  failed,   ///< may be resumed
  unknown,  ///< a step's outcome could not be learnt; may be resumed, which re-reads first
  aborted,
};
std::string_view state_name(State state);
State parse_state(std::string_view name);
/// done and aborted; the others may still move.
bool is_over(State state);

struct Step {
  std::string name;
  enum class State { open, done, failed } state = State::open;
  Instant at{};  ///< of its last run
  Value evidence;
};

struct Operation {
  std::string id;    ///< "op-…"
  std::string kind;  ///< "stream.deletion"
  Ref target;
  std::string team;  ///< that it concerns
  Value parameters;
  State state = State::running;
  std::string step;         ///< where it stands; empty once it is done
  std::vector<Step> steps;  ///< all of its kind's, in order
  std::string waiting_for;  ///< "admins", "user/ada"
  std::optional<Instant> waiting_until;
  std::string trouble;  ///< what it came upon last: a sentence
  std::string next;     ///< and what to do about it
  std::string actor;    ///< who began it
  std::string reason;
  std::string plan_id;
  Instant created_at{};
  Instant updated_at{};
  Instant answered_at{};  ///< when a person last began, answered or resumed it
  std::int64_t version = 0;
};

/// Nothing happened, and trying again later may help.
bool may_pass(const Error& error);

/// What one run of a step came to.
struct Outcome {
  enum class How {
    done,     ///< on to the next step
    again,    ///< not yet: run it once more after `after`
    wait,     ///< for the answer of `waiting_for` until `until`
    failed,   ///< `trouble` says why; a person resumes or aborts
    unknown,  ///< sent, and no answer
  } how = How::done;
  Value evidence;  ///< replaces the step's; null leaves it as it is
  Duration after{0};
  std::string waiting_for;
  Instant until{};
  std::string trouble;
  std::string next;
};

/// The operation after a run of its step. Pure; an unknown step is failed. One whose last step is done is done.
void advance(Operation& operation, const Outcome& outcome, Instant now);
/// When its step is run next after that outcome. `again` is never sooner than 100 ms.
Duration pause_after(const Outcome& outcome);

/// A yes to one that waits: the step at which it waits is done, with `answeredBy` in its evidence, and the next one is
/// run. Or another try of the step at which it failed or is unknown. conflict OPERATION_OVER (also: the date is past),
/// OPERATION_RUNNING.
Result<> resume(Operation& operation, const std::string& actor, Instant now);
/// A no, or an end before its time; it keeps the step at which it stood. conflict OPERATION_OVER. Whether that step
/// still lets it is the runner's to say.
Result<> call_off(Operation& operation, const std::string& actor, const std::string& reason);
/// One that has waited up to its date is aborted; false: it has not.
bool expire(Operation& operation, Instant now);

/// A new operation at the first of its steps.
struct NewOperation {
  std::string kind;
  Ref target;
  std::string team;
  Value parameters;
  std::vector<std::string> steps;
  std::string actor;
  std::string reason;
  std::string plan_id;
};

/// As it stands once it was begun; the store gives it its times.
Operation begun(const NewOperation& wish, std::string id);

namespace errors {
Error operation_unknown(const std::string& id);
Error operation_over(const Operation& operation);
Error operation_running(const Operation& operation);
Error state_unknown(const std::string& name);
/// For Runner::may.
Error past_return(const Operation& operation);
}  // namespace errors

}  // namespace eda::operations
