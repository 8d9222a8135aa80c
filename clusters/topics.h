#pragma once
// Topics that are no stream: Kafka's own, edad's and those of well-known tools. Recognised by name, for brokers flag
// only some of Kafka's own.

#include <string_view>

namespace eda::clusters {

/// Where a managed cluster remembers our database (clusters/actions_witness.h).
inline constexpr std::string_view witness_topic = "__edad";

/// What the broker says of a topic.
enum class BrokersWord { ordinary, internal };

struct TopicOrigin {
  enum class Kind {
    data,      ///< whose it is, is for people to say
    noted,     ///< data, but made and resized by the program that `what` names
    internal,  ///< left out of imports and drift, and never adopted
  } kind = Kind::data;
  std::string_view what;  ///< what it is, after "it is": "Kafka's own"; empty for data
};

/// A stranger's `__foo` is data: two underscores alone reserve nothing.
TopicOrigin origin_of(std::string_view topic, BrokersWord word);

}  // namespace eda::clusters
