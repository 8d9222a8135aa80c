#pragma once
// Where topics are not as their streams wish, how a stream stands by that, and what is done about it. Pure.

#include <optional>
#include <string>
#include <vector>

#include "plans/plan.h"
#include "streams/reconcile.h"

namespace eda::streams {

/// Which topic a stream has, as a field: of a drift (vanished, recreated) and of a plan.
inline constexpr const char* topic_id_path = "status.topicId";

/// Every field of the effective wish that the topic does not fulfil. `since` is kept from the stream's earlier finding
/// that said the same. A config that is not set on the topic is no fact: nothing stands there. Nothing is found of a
/// stream without a topic yet.
std::vector<plans::Drift> findings(const plans::Object& stream, const Memory& memory,
                                   const std::optional<LiveTopic>& live, Instant now);
/// Whether two sets of findings say the same, whatever their times.
bool same_findings(const std::vector<plans::Drift>& a, const std::vector<plans::Drift>& b);

/// report: drift is told. repair: edad sets back what it can.
enum class Handling { report, repair };
Handling handling_of(const plans::Object& stream);
std::string_view handling_name(Handling handling);
/// Configs and missing partitions; the rest takes a person.
bool repairable(const plans::Drift& drift);

/// As people write it; "default" for what is not set.
std::string drift_text(const plans::Drift& drift, const std::optional<Value>& value);
/// For an event.
Value drift_value(const std::vector<plans::Drift>& drift);

/// How an object stands after a look that was followed by no act, or whose acts were seen to be done.
struct Standing {
  plans::State state = plans::State::applied;
  plans::Condition condition;
};
Standing standing_of(const Decision& decision, const plans::Object& stream, const std::vector<plans::Drift>& drift);

/// The condition with the time since when it has said the same.
plans::Condition kept_since(plans::Condition condition, const std::vector<plans::Condition>& before, Instant now);

/// What a wish becomes when the facts are accepted: its managers stay. The id of a topic that was made anew is said
/// under topic_id_path. Errors: refused TOPIC_VANISHED, conflict FIELD_OVERLAID.
struct Accepted {
  plans::Wish after;
  std::vector<std::string> notes;
};
Result<Accepted> accept(const plans::Object& stream, const Memory& memory, const std::optional<LiveTopic>& live);

namespace errors {
Error topic_vanished(const Ref& stream);
}

}  // namespace eda::streams
