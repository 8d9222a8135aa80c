#pragma once
// Wish against fact, as pure functions: what a worker has to do to a topic, and how a topic is shown and compared.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "plans/plan.h"
#include "streams/streams.h"

namespace eda::streams {

struct LiveConfig {
  std::string value;
  enum class Source { topic, elsewhere } source = Source::elsewhere;  ///< topic: an override
};

/// A topic as it was seen.
struct LiveTopic {
  std::string name;
  std::string id;
  int partitions = 0;
  int replication = 0;
  enum class Kind { ordinary, internal } kind = Kind::ordinary;
  std::map<std::string, LiveConfig> config;  ///< all that the broker told; empty when it was not asked
};

/// Overrides only.
std::map<std::string, std::string> overrides(const LiveTopic& topic);

/// Facts as `observed` of the object shows them: topicId, partitions, replication, config.
Value observed_value(const LiveTopic& topic);
/// The other way; nothing when there were none.
std::optional<LiveTopic> observed_topic(const std::string& name, const Value& observed);
/// Two equal texts mean the same topic in the same shape. `absent_fingerprint` where there is none.
std::string fingerprint(const LiveTopic& topic);
inline constexpr const char* absent_fingerprint = "absent";
/// The facts behind a fingerprint; null for none.
Value observed_in(const std::string& fingerprint);

struct ConfigDelta {
  std::map<std::string, std::string> set;
  std::set<std::string> reset;
  bool empty() const { return set.empty() && reset.empty(); }
};
/// What has to be told to the broker: wished values that are no equal override, resets of overrides.
ConfigDelta config_delta(const WishedConfig& wished, const LiveTopic& live);

/// What edad remembers of a stream's topic.
struct Memory {
  std::string topic;
  std::string topic_id;                                              ///< empty: never seen to exist under this stream
  enum class Creation { unsent, sent } creation = Creation::unsent;  ///< sent: a topic that is there may be ours
  enum class Removal { unsent, sent } removal = Removal::unsent;     ///< sent: its deletion may be on its way
};

/// Whether the topic is the stream's own: the one that was seen under it, or that we asked for.
bool is_own(const Memory& memory, const LiveTopic& live);

/// What to do about one stream.
enum class Act {
  nothing,  ///< the world equals the wish
  create,
  change,     ///< grow, alter or both
  remove,     ///< delete the topic
  forget,     ///< the stream is deleted and has no topic (any more) that is its own
  refuse,     ///< the topic is somebody else's; `error` says so
  vanished,   ///< it was there and is gone
  recreated,  ///< another topic has its name
};

struct Decision {
  Act act = Act::nothing;
  std::optional<int> grow_to;
  ConfigDelta delta;
  std::optional<Error> error;
  /// Wishes that no act makes true (fewer partitions, other replication), by field.
  std::map<std::string, Error> beyond;
};

/// `live` is what the cluster has under the stream's topic name. What the overlay says is wished.
Decision reconcile(const plans::Object& stream, const Memory& memory, const std::optional<LiveTopic>& live);

}  // namespace eda::streams
