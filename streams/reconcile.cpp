#include "streams/reconcile.h"

#include "platform/text/json.h"

namespace eda::streams {

using plans::State;

std::map<std::string, std::string> overrides(const LiveTopic& topic) {
  std::map<std::string, std::string> found;
  for (auto& [key, config] : topic.config) {
    if (config.source == LiveConfig::Source::topic) found.emplace(key, config.value);
  }
  return found;
}

Value observed_value(const LiveTopic& topic) {
  Value::Map config;
  for (auto& [key, value] : overrides(topic)) config.emplace(key, value);
  return Value::Map{{"topicId", topic.id},
                    {"partitions", topic.partitions},
                    {"replication", topic.replication},
                    {"config", std::move(config)}};
}

std::optional<LiveTopic> observed_topic(const std::string& name, const Value& observed) {
  auto* map = observed.as_map();
  if (!map || !map->contains("topicId")) return std::nullopt;
  LiveTopic topic;
  topic.name = name;
  auto number = [&](const char* key) {
    auto found = map->find(key);
    return found != map->end() && found->second.as_int() ? static_cast<int>(*found->second.as_int()) : 0;
  };
  if (auto* id = map->at("topicId").as_text()) topic.id = *id;
  topic.partitions = number("partitions");
  topic.replication = number("replication");
  if (auto config = map->find("config"); config != map->end() && config->second.as_map()) {
    for (auto& [key, value] : *config->second.as_map()) {
      if (value.as_text()) topic.config.emplace(key, LiveConfig{*value.as_text(), LiveConfig::Source::topic});
    }
  }
  return topic;
}

std::string fingerprint(const LiveTopic& topic) {
  return text::to_json(observed_value(topic));
}

Value observed_in(const std::string& fingerprint) {
  if (fingerprint.empty() || fingerprint == absent_fingerprint) return {};
  return text::from_json(fingerprint).value_or(Value());
}

ConfigDelta config_delta(const WishedConfig& wished, const LiveTopic& live) {
  ConfigDelta delta;
  for (auto& [key, value] : wished) {
    auto found = live.config.find(key);
    bool overridden = found != live.config.end() && found->second.source == LiveConfig::Source::topic;
    if (!value) {
      if (overridden) delta.reset.insert(key);
    } else if (!overridden || !same_config(found->second.value, *value)) {
      delta.set.emplace(key, *value);
    }
  }
  return delta;
}

bool is_own(const Memory& memory, const LiveTopic& live) {
  if (memory.topic_id.empty()) return memory.creation == Memory::Creation::sent;
  return memory.topic_id == live.id;
}

namespace {

Decision act(Act what, std::optional<Error> error = {}) {
  Decision decision;
  decision.act = what;
  decision.error = std::move(error);
  return decision;
}

}  // namespace

Decision reconcile(const plans::Object& stream, const Memory& memory, const std::optional<LiveTopic>& live) {
  if (stream.state == State::deleting) return act(live && is_own(memory, *live) ? Act::remove : Act::forget);
  if (!live) return act(memory.topic_id.empty() ? Act::create : Act::vanished);
  if (!is_own(memory, *live)) {
    if (memory.topic_id.empty()) return act(Act::refuse, errors::topic_exists(stream.ref, memory.topic));
    return act(Act::recreated, errors::topic_recreated(stream.ref, memory.topic));
  }
  Decision decision;
  auto wish = plans::effective(stream.wish, stream.overlay);
  if (auto partitions = plans::wished_int(wish, "spec.partitions")) {
    auto wished = static_cast<int>(*partitions);
    if (wished > live->partitions) decision.grow_to = wished;
    if (wished < live->partitions)
      decision.beyond.emplace("spec.partitions", errors::shrink(stream.ref, live->partitions, wished));
  }
  if (auto replication = plans::wished_int(wish, "spec.replication");
      replication && *replication != live->replication) {
    decision.beyond.emplace("spec.replication",
                            errors::replication_changes(stream.ref, live->replication, static_cast<int>(*replication)));
  }
  decision.delta = config_delta(wished_config(wish), *live);
  if (decision.grow_to || !decision.delta.empty()) decision.act = Act::change;
  return decision;
}

}  // namespace eda::streams
