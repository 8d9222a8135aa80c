#pragma once
// Streams: what is wished of a topic. A stream is ours, a topic is the broker's.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plans/plan.h"

namespace eda::streams {

/// The Stream kind: the topic's shape and configs, who may see it.
const plans::KindRules& stream_rules();

/// The topic that a stream stands for: spec.topic, else the stream's name.
std::string topic_of(const std::string& stream, const plans::Wish& wish);

/// The name that a topic has in Kafka's metrics, where `.` and `_` are the same.
std::string metric_name(std::string topic);

/// Kafka config key -> the value that is wished, or nothing: back to the broker's default. Typed fields and spec.config
/// together; a key that is absent is not managed.
using WishedConfig = std::map<std::string, std::optional<std::string>>;
WishedConfig wished_config(const plans::Wish& wish);

/// The field that says a Kafka key: `spec.retention` for retention.ms, else spec.config["…"].
std::string field_of_key(const std::string& key);
/// The other way: the key that a field says; nullopt for fields that are no config.
std::optional<std::string> key_of_field(std::string_view path);
/// A config value of the broker as the field holds it: "604800000" of retention.ms is the integer 604800000. The second
/// is where it fits; a value that no typed field can hold goes to spec.config.
struct FieldValue {
  std::string path;
  Value value;
};
FieldValue field_value(const std::string& key, const std::string& value);

/// Whether brokers mean the same by two texts: "0.10" and "0.1", "delete,compact" and "compact,delete", "TRUE" and
/// "true".
bool same_config(std::string_view a, std::string_view b);

/// Whether the change of a field has to be told to the broker.
bool concerns_broker(std::string_view path);

/// Kafka's topic configs as of 4.x, for "did you mean" where no broker can be asked.
const std::vector<std::string>& usual_config_keys();

/// What a topic has that says nothing itself. Nothing: not known.
struct BrokerDefaults {
  std::optional<std::int64_t> retention_ms;
  std::optional<std::int64_t> retention_bytes;
  std::optional<std::string> cleanup;
};
/// Kafka's own, of brokers that were not configured otherwise.
const BrokerDefaults& usual_defaults();
/// Those of a broker, from its configs by Kafka's names.
BrokerDefaults defaults_in(const std::map<std::string, std::string>& broker_config);

/// What a change of retention or cleanup lets go, judged with what the topic has now. Nothing when it keeps all. A
/// default that is not known may keep less.
std::optional<std::string> data_at_stake(const std::string& key, const std::optional<std::string>& from,
                                         const std::optional<std::string>& to,
                                         const BrokerDefaults& defaults = usual_defaults());

namespace errors {
Error shrink(const Ref& stream, int now, int wished);
Error replication_changes(const Ref& stream, int now, int wished);
Error replication_exceeds(const Ref& stream, int wished, int brokers);
Error collision(const Ref& stream, const std::string& topic, const std::string& other);
Error topic_exists(const Ref& stream, const std::string& topic);
Error topic_managed(const Ref& stream, const std::string& topic, const std::string& by);
Error topic_recreated(const Ref& stream, const std::string& topic);
Error topic_unknown(const std::string& cluster, const std::string& topic, const std::string& near);
Error topic_internal(const std::string& topic);
}  // namespace errors

}  // namespace eda::streams
