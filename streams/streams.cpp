#include "streams/streams.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "clusters/topics.h"
#include "platform/text/units.h"
#include "streams/deprecation.h"

namespace eda::streams {

using plans::Field;
using plans::FieldType;
using plans::Risk;

namespace {

const Field stream_fields[] = {
    {.path = "spec.topic",
     .type = FieldType::text,
     .doc = "The topic on the broker. Without it the stream's own name; another one only for topics that were adopted.",
     .example = "legacy_orders",
     .immutable = true},
    {.path = "spec.description",
     .type = FieldType::text,
     .doc = "What the events mean.",
     .example = "An order was placed."},
    {.path = "spec.producer",
     .type = FieldType::name,
     .doc = "The service that writes it: the single writer, which owns the stream. Without one the stream is a team's.",
     .example = "order-service",
     .refers = "service",
     .gives_owner = true},
    {.path = "spec.visibility",
     .type = FieldType::choice,
     .fallback = "protected",
     .doc = "Who may read: private - the owning team; protected - whom the owner grants it; public - everybody.",
     .example = "protected",
     .choices = {"private", "protected", "public"}},
    {.path = "spec.tags", .type = FieldType::text_list, .doc = "What kind of data it holds.", .example = "[pii]"},
    {.path = "spec.successor",
     .type = FieldType::text,
     .doc = "Of a deprecated stream: the one to read instead, on the same cluster.",
     .example = "orders.placed.v2",
     .refers = "stream"},
    {.path = "spec.sunset",
     .type = FieldType::text,
     .doc = "Of a deprecated stream: the day from which nobody should need it.",
     .example = "2027-06-30"},
    {.path = "spec.partitions",
     .type = FieldType::integer,
     .doc =
         "How many partitions. They can grow, never shrink. Without it a new topic gets the broker's num.partitions.",
     .example = "12",
     .least = 1,
     .most = 9'999},
    {.path = "spec.replication",
     .type = FieldType::integer,
     .doc = "On how many brokers each partition lies. Without it a new topic gets the broker's default.",
     .example = "3",
     .least = 1,
     .most = 32'767},
    {.path = "spec.retention",
     .type = FieldType::duration,
     .doc = "How long records are kept (retention.ms); unlimited keeps them for ever.",
     .example = "7d",
     .least = -1},
    {.path = "spec.retentionSize",
     .type = FieldType::size,
     .doc = "How much of each partition is kept at most (retention.bytes).",
     .example = "10GiB",
     .least = -1},
    {.path = "spec.cleanup",
     .type = FieldType::choice,
     .doc = "What happens to old records (cleanup.policy): deleted, compacted to the newest of each key, or both.",
     .example = "compact",
     .choices = {"delete", "compact", "compact,delete"}},
    {.path = "spec.config",
     .type = FieldType::text_map,
     .doc = "Any other topic config by Kafka's own name. Keys that are not listed are left as they are.",
     .example = "{min.insync.replicas: \"2\"}"},
    {.path = "spec.drift",
     .type = FieldType::choice,
     .fallback = "report",
     .doc = "What happens when the topic was changed behind edad's back: report tells it; repair sets configs back and "
            "adds missing partitions. A topic that vanished or was made anew is told in any case.",
     .example = "repair",
     .choices = {"report", "repair"}},
};

struct Typed {
  std::string_view path;
  std::string_view key;
};
constexpr std::array<Typed, 3> typed_configs{{{"spec.retention", "retention.ms"},
                                              {"spec.retentionSize", "retention.bytes"},
                                              {"spec.cleanup", "cleanup.policy"}}};

std::string text_of(const Value& value) {
  if (auto* number = value.as_int()) return std::to_string(*number);
  return value.as_text() ? *value.as_text() : std::string();
}

std::optional<std::string> text_of(const std::optional<Value>& value) {
  return value ? std::optional(text_of(*value)) : std::nullopt;
}

std::optional<std::int64_t> whole(std::string_view text) {
  std::int64_t number = 0;
  auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  return fault == std::errc() && end == text.data() + text.size() && !text.empty() ? std::optional(number)
                                                                                   : std::nullopt;
}

std::vector<Violation> judge_stream(const std::string& name, const plans::Wish& wish) {
  auto found = judge_deprecation(name, wish);
  if (auto topic = plans::wished_text(wish, "spec.topic"); !topic.empty()) {
    if (auto fault = topic_name_fault(topic)) found.push_back({"spec.topic", *fault, {}, "", {}});
  }
  for (auto& [path, key] : typed_configs) {
    auto keyed = plans::keyed_path("spec.config", key);
    if (wish.contains(std::string(path)) && wish.contains(keyed)) {
      found.push_back({keyed, fmt::format("{} says {} already", path, key), {}, "leave one of the two out", {}});
    }
  }
  return found;
}

Risk stream_risk(const plans::FieldChange& change) {
  if (change.path == "spec.partitions" || change.path == "spec.replication") return Risk::high;
  if (change.path == "spec.visibility" && change.to == Value("public")) return Risk::high;
  auto key = key_of_field(change.path);
  bool cut = key && change.from && data_at_stake(*key, text_of(change.from), text_of(change.to));
  return cut ? Risk::critical : Risk::moderate;
}

plans::WayBack stream_way_back(const plans::FieldChange& change) {
  auto from = change.from && change.from->as_int() ? change.from->as_int() : nullptr;
  auto to = change.to && change.to->as_int() ? change.to->as_int() : nullptr;
  if (change.path == "spec.partitions" && from && to && *to < *from) {
    return {false, fmt::format("stays {}: partitions cannot shrink", *from)};
  }
  if (change.path == "spec.replication" && from && to) {
    return {false, fmt::format("stays {}: this version does not move replicas", *from)};
  }
  auto key = key_of_field(change.path);
  // The way back keeps more than what is now: what the narrower setting has let go is gone.
  if (key && data_at_stake(*key, text_of(change.to), text_of(change.from))) {
    return {true, fmt::format("records that {} has let go meanwhile do not come back", change.path)};
  }
  return {};
}

std::set<std::string> items(std::string_view list) {
  std::set<std::string> found;
  while (!list.empty()) {
    auto comma = std::min(list.find(','), list.size());
    auto item = list.substr(0, comma);
    while (item.starts_with(' ')) item.remove_prefix(1);
    while (item.ends_with(' ')) item.remove_suffix(1);
    if (!item.empty()) found.emplace(item);
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return found;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

}  // namespace

const plans::KindRules& stream_rules() {
  static const plans::KindRules rules{.kind = "Stream",
                                      .plural = "streams",
                                      .scope = plans::Scope::cluster,
                                      .rank = 30,
                                      .doc = "A stream of events: a topic with an owner.",
                                      .deletion_protection = true,
                                      .owned = true,
                                      .live = true,
                                      .fields = stream_fields,
                                      .name_fault = topic_name_fault,
                                      .judge = judge_stream,
                                      .risk = stream_risk,
                                      .way_back = stream_way_back,
                                      .version = 4};
  return rules;
}

std::string topic_of(const std::string& stream, const plans::Wish& wish) {
  return plans::wished_text(wish, "spec.topic", stream);
}

std::string metric_name(std::string topic) {
  std::replace(topic.begin(), topic.end(), '.', '_');
  return topic;
}

WishedConfig wished_config(const plans::Wish& wish) {
  WishedConfig config;
  for (auto& [path, field] : wish) {
    if (auto key = key_of_field(path)) config.insert_or_assign(*key, text_of(field.value));
  }
  return config;
}

std::string field_of_key(const std::string& key) {
  for (auto& typed : typed_configs) {
    if (typed.key == key) return std::string(typed.path);
  }
  return plans::keyed_path("spec.config", key);
}

std::optional<std::string> key_of_field(std::string_view path) {
  for (auto& typed : typed_configs) {
    if (typed.path == path) return std::string(typed.key);
  }
  auto split = plans::split_path(path);
  return split.field == "spec.config" && !split.key.empty() ? std::optional(split.key) : std::nullopt;
}

FieldValue field_value(const std::string& key, const std::string& value) {
  auto path = field_of_key(key);
  auto* field = stream_rules().field(path);
  if (field->type == FieldType::choice) {
    for (auto choice : field->choices) {
      if (same_config(choice, value)) return {path, Value(std::string(choice))};
    }
  } else if (field->type == FieldType::text_map) {
    return {path, Value(value)};
  } else if (auto number = whole(value); number && *number >= -1) {
    return {path, Value(*number)};
  }
  return {plans::keyed_path("spec.config", key), Value(value)};
}

bool same_config(std::string_view a, std::string_view b) {
  if (a == b || items(a) == items(b)) return true;
  auto number = [](std::string_view text) -> std::optional<double> {
    double value = 0;
    auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    return fault == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
  };
  // Whole numbers exactly: doubles would make two large ones equal.
  if (whole(a) && whole(b)) return whole(a) == whole(b);
  auto x = number(a), y = number(b);
  if (x && y) return *x == *y;
  auto truth = [](const std::string& text) { return text == "true" || text == "false"; };
  return truth(lower(a)) && lower(a) == lower(b);
}

bool concerns_broker(std::string_view path) {
  return path == "spec.topic" || path == "spec.partitions" || path == "spec.replication" ||
         key_of_field(path).has_value();
}

const std::vector<std::string>& usual_config_keys() {
  static const std::vector<std::string> keys{"cleanup.policy",
                                             "compression.type",
                                             "delete.retention.ms",
                                             "file.delete.delay.ms",
                                             "flush.messages",
                                             "flush.ms",
                                             "follower.replication.throttled.replicas",
                                             "index.interval.bytes",
                                             "leader.replication.throttled.replicas",
                                             "local.retention.bytes",
                                             "local.retention.ms",
                                             "max.compaction.lag.ms",
                                             "max.message.bytes",
                                             "message.timestamp.after.max.ms",
                                             "message.timestamp.before.max.ms",
                                             "message.timestamp.type",
                                             "min.cleanable.dirty.ratio",
                                             "min.compaction.lag.ms",
                                             "min.insync.replicas",
                                             "preallocate",
                                             "remote.storage.enable",
                                             "retention.bytes",
                                             "retention.ms",
                                             "segment.bytes",
                                             "segment.index.bytes",
                                             "segment.jitter.ms",
                                             "segment.ms",
                                             "unclean.leader.election.enable"};
  return keys;
}

namespace {

std::optional<std::string> less_kept(const std::optional<std::string>& from, const std::optional<std::string>& to,
                                     std::string (*shown)(std::int64_t), const std::optional<std::int64_t>& fallback) {
  auto before = from ? whole(*from) : std::nullopt;
  auto after = to ? whole(*to) : fallback;
  if (before && !to && !fallback) {
    return fmt::format("the broker's default could not be learnt and may keep less than {}", shown(*before));
  }
  if (!before || !after || *after < 0) return std::nullopt;
  if (*before >= 0 && *before <= *after) return std::nullopt;
  return fmt::format("what is kept falls from {} to {}{}", shown(*before), to ? "" : "the broker's default, ",
                     shown(*after));
}

std::optional<std::string> less_cleaned(const std::optional<std::string>& from, const std::optional<std::string>& to,
                                        const std::optional<std::string>& fallback) {
  auto before = items(from ? *from : fallback.value_or("delete"));
  auto after = items(to ? *to : fallback.value_or("delete"));
  if (after.contains("delete") && !before.contains("delete")) return "records older than the retention will be deleted";
  if (after.contains("compact") && !before.contains("compact")) return "only the newest record of each key will stay";
  return std::nullopt;
}

}  // namespace

const BrokerDefaults& usual_defaults() {
  static const BrokerDefaults usual{7LL * 24 * 3600 * 1000, -1, "delete"};
  return usual;
}

BrokerDefaults defaults_in(const std::map<std::string, std::string>& config) {
  auto number = [&](const char* key) {
    auto found = config.find(key);
    return found == config.end() ? std::nullopt : whole(found->second);
  };
  BrokerDefaults defaults;
  // The finer unit wins, as brokers have it; -1 of any is for ever.
  constexpr std::pair<const char*, std::int64_t> units[] = {
      {"log.retention.ms", 1}, {"log.retention.minutes", 60'000}, {"log.retention.hours", 3'600'000}};
  for (auto& [key, factor] : units) {
    auto said = number(key);
    if (!said) continue;
    defaults.retention_ms = *said < 0 ? -1 : *said * factor;
    break;
  }
  defaults.retention_bytes = number("log.retention.bytes");
  if (auto found = config.find("log.cleanup.policy"); found != config.end()) defaults.cleanup = found->second;
  return defaults;
}

std::optional<std::string> data_at_stake(const std::string& key, const std::optional<std::string>& from,
                                         const std::optional<std::string>& to, const BrokerDefaults& defaults) {
  if (key == "retention.ms") return less_kept(from, to, text::duration_text, defaults.retention_ms);
  if (key == "retention.bytes") return less_kept(from, to, text::size_text, defaults.retention_bytes);
  if (key == "cleanup.policy") return less_cleaned(from, to, defaults.cleanup);
  return std::nullopt;
}

namespace errors {

Error shrink(const Ref& stream, int now, int wished) {
  return Error(Code::impossible, "STREAM_SHRINK",
               fmt::format("{} has {} partitions and cannot shrink to {}: Kafka would lose the records of the others",
                           stream.text(), now, wished),
               fmt::format("keep {}, or create a new stream and move its readers", now))
      .with("partitions", std::to_string(now));
}

Error replication_changes(const Ref& stream, int now, int wished) {
  return Error(Code::impossible, "STREAM_REPLICATION",
               fmt::format("{} has {} replicas; to make them {} its partitions must be moved between brokers, which "
                           "this version does not do yet",
                           stream.text(), now, wished),
               fmt::format("keep {}, or leave spec.replication out", now))
      .with("replication", std::to_string(now));
}

Error replication_exceeds(const Ref& stream, int wished, int brokers) {
  return Error(Code::impossible, "STREAM_REPLICATION",
               fmt::format("{} wants {} replicas, but the cluster has {} {}", stream.text(), wished, brokers,
                           brokers == 1 ? "broker" : "brokers"),
               fmt::format("set spec.replication to {} or less", brokers));
}

Error collision(const Ref& stream, const std::string& topic, const std::string& other) {
  return Error(Code::impossible, "STREAM_COLLISION",
               fmt::format("{}: the topic {} and the topic {} would have one name in Kafka's metrics, where \".\" and "
                           "\"_\" are the same",
                           stream.text(), topic, other),
               "choose a name that differs in more than \".\" and \"_\"");
}

Error topic_exists(const Ref& stream, const std::string& topic) {
  return Error(Code::conflict, "TOPIC_EXISTS",
               fmt::format("{}: the topic {} exists on the broker, and no stream manages it", stream.text(), topic),
               fmt::format("an admin takes it as it is: edactl stream adopt {} --team TEAM", topic));
}

Error topic_managed(const Ref& stream, const std::string& topic, const std::string& by) {
  return Error(Code::conflict, "TOPIC_MANAGED", fmt::format("{}: the topic {} belongs to {}", stream.text(), topic, by),
               "choose another topic");
}

Error topic_recreated(const Ref& stream, const std::string& topic) {
  return Error(Code::conflict, "TOPIC_RECREATED",
               fmt::format("{}: the topic {} was deleted and made anew by somebody else; it is not the one that the "
                           "stream had",
                           stream.text(), topic),
               fmt::format("edactl stream drift accept {} takes it as it is; edactl delete stream {} leaves it alone",
                           stream.name, stream.name));
}

Error topic_unknown(const std::string& cluster, const std::string& topic, const std::string& near) {
  return Error(Code::not_found, "TOPIC_UNKNOWN", fmt::format("cluster/{} has no topic {}", cluster, topic),
               near.empty() ? "edactl stream adopt --list shows those that no stream manages" : near);
}

Error topic_internal(const std::string& topic) {
  auto origin = clusters::origin_of(topic, clusters::BrokersWord::internal);
  return Error(Code::refused, "TOPIC_INTERNAL", fmt::format("the topic {} is {}", topic, origin.what),
               "leave it alone");
}

}  // namespace errors

}  // namespace eda::streams
