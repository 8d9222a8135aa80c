#include "streams/reconcile.h"

#include <fmt/format.h>

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

namespace {

Decision refused(Error error) {
  Decision decision;
  decision.act = Act::refuse;
  decision.error = std::move(error);
  return decision;
}

Decision act(Act what) {
  Decision decision;
  decision.act = what;
  return decision;
}

bool is_ours(const Memory& memory, const LiveTopic& live) {
  if (memory.topic_id.empty()) return memory.creation == Memory::Creation::sent;
  return memory.topic_id == live.id;
}

}  // namespace

Decision reconcile(const plans::Object& stream, const Memory& memory, const std::optional<LiveTopic>& live) {
  if (stream.state == State::deleting) return act(live && is_ours(memory, *live) ? Act::remove : Act::forget);
  if (!live) return act(memory.topic_id.empty() ? Act::create : Act::vanished);
  if (!is_ours(memory, *live)) {
    if (memory.topic_id.empty()) return refused(errors::topic_exists(stream.ref, memory.topic));
    auto decision = act(Act::recreated);
    decision.error = errors::topic_recreated(stream.ref, memory.topic);
    return decision;
  }
  Decision decision;
  if (auto partitions = plans::wished_int(stream.wish, "spec.partitions")) {
    auto wished = static_cast<int>(*partitions);
    if (wished < live->partitions) return refused(errors::shrink(stream.ref, live->partitions, wished));
    if (wished > live->partitions) decision.grow_to = wished;
  }
  if (auto replication = plans::wished_int(stream.wish, "spec.replication")) {
    auto wished = static_cast<int>(*replication);
    if (wished != live->replication) return refused(errors::replication_changes(stream.ref, live->replication, wished));
  }
  decision.delta = config_delta(wished_config(stream.wish), *live);
  if (decision.grow_to || !decision.delta.empty()) decision.act = Act::change;
  return decision;
}

namespace {

std::string differences(const Decision& decision) {
  std::string text;
  auto add = [&](const std::string& what) { text += (text.empty() ? "" : ", ") + what; };
  if (decision.act == Act::create) return "the topic is not there";
  if (decision.grow_to) add("partitions");
  for (auto& [key, value] : decision.delta.set) add(key);
  for (auto& key : decision.delta.reset) add(key);
  return fmt::format("on the broker {} {} not as wished", text, text.find(',') == std::string::npos ? "is" : "are");
}

bool awaits_worker(const plans::Object& stream) {
  return stream.state == State::pending || stream.state == State::unknown || stream.state == State::deleting;
}

}  // namespace

Standing standing_of(const Decision& decision, const plans::Object& stream) {
  auto apply = "edactl apply makes it as wished again";
  switch (decision.act) {
    case Act::nothing:
      return {State::applied, {"Applied", "True", "AS_WISHED", "the topic is as wished", "", {}}};
    case Act::refuse:
      return {awaits_worker(stream) ? State::refused : State::drifted,
              {"Applied", "False", decision.error->reason, decision.error->message, decision.error->next, {}}};
    case Act::vanished:
      return {State::drifted,
              {"Applied",
               "False",
               "TOPIC_VANISHED",
               "the topic was there and is gone: somebody else deleted it",
               "edactl apply makes a new, empty one; edactl delete stream forgets it",
               {}}};
    case Act::recreated:
      return {State::drifted,
              {"Applied", "False", decision.error->reason, decision.error->message, decision.error->next, {}}};
    case Act::create:
    case Act::change:
    case Act::remove:
    case Act::forget:
      break;
  }
  return {State::drifted, {"Applied", "False", "DRIFTED", differences(decision), apply, {}}};
}

plans::Condition kept_since(plans::Condition condition, const std::vector<plans::Condition>& before, Instant now) {
  condition.since = now;
  for (auto& old : before) {
    if (old.type == condition.type && old.status == condition.status && old.reason == condition.reason) {
      condition.since = old.since;
    }
  }
  return condition;
}

}  // namespace eda::streams
