#include "streams/drafts.h"

#include <fmt/format.h>

#include <algorithm>

#include "platform/text/distance.h"

namespace eda::streams {

using clusters::Mode;
using plans::Action;
using plans::Draft;
using plans::FieldChange;
using plans::Risk;
using plans::State;

namespace {

// Which topic it is, among the fields that a plan would change.
constexpr const char* topic_id_path = "status.topicId";

bool at_rest(const Draft& draft) {
  auto state = draft.before->state;
  return state != State::pending && state != State::unknown && state != State::deleting;
}

void becomes_change(Draft& draft, FieldChange field) {
  if (draft.action == Action::unchanged) {
    draft.action = Action::change;
    draft.raise(Risk::moderate, "the cluster differs from what is wished");
  }
  draft.fields.push_back(std::move(field));
}

FieldChange* change_of(Draft& draft, const std::string& path) {
  auto found = std::find_if(draft.fields.begin(), draft.fields.end(), [&](auto& field) { return field.path == path; });
  return found == draft.fields.end() ? nullptr : &*found;
}

std::optional<std::string> live_text(const LiveTopic& live, const std::string& key) {
  auto found = live.config.find(key);
  return found == live.config.end() ? std::nullopt : std::optional(found->second.value);
}

std::optional<Value> live_value(const LiveTopic& live, const std::string& key) {
  auto text = live_text(live, key);
  return text ? std::optional(field_value(key, *text).value) : std::nullopt;
}

// One config that the broker has to be told: a field of the plan, with what is there now.
void show(Draft& draft, const LiveTopic& live, const std::string& key, const std::optional<std::string>& to) {
  auto path = field_of_key(key);
  if (!draft.after.contains(path)) path = plans::keyed_path("spec.config", key);
  auto from = live_value(live, key);
  if (auto* planned = change_of(draft, path)) {
    if (!planned->from && from != planned->to) planned->from = from;
  } else {
    auto known = draft.before->wish.find(path);
    bool under_way =
        known != draft.before->wish.end() && known->second.value == draft.after.at(path).value && !at_rest(draft);
    if (under_way) return;
    becomes_change(draft, FieldChange{path, from, draft.after.at(path).value});
  }
  if (auto stake = data_at_stake(key, live_text(live, key), to))
    draft.raise(Risk::critical, fmt::format("{}: {}", path, *stake));
}

void show(Draft& draft, const LiveTopic& live, const Decision& decision) {
  for (auto& [key, value] : decision.delta.set) show(draft, live, key, value);
  for (auto& key : decision.delta.reset) show(draft, live, key, std::nullopt);
  if (!decision.grow_to || change_of(draft, "spec.partitions")) return;
  if (!at_rest(draft)) return;
  becomes_change(draft, FieldChange{"spec.partitions", Value(live.partitions), Value(*decision.grow_to)});
  draft.raise(Risk::high, "spec.partitions changes");
}

plans::Object wished_object(const Draft& draft) {
  plans::Object object;
  object.ref = draft.ref;
  object.wish = draft.after;
  object.state = draft.action == Action::remove ? State::deleting : State::pending;
  return object;
}

Memory memory_of(const Draft& draft, const Surroundings& around) {
  return around.memory ? *around.memory : Memory{topic_of(draft.ref.name, draft.after), "", Memory::Creation::unsent};
}

void judge_new(Draft& draft, const Surroundings& around) {
  auto topic = topic_of(draft.ref.name, draft.after);
  auto replication = plans::wished_int(draft.after, "spec.replication");
  if (around.live && around.live->kind == LiveTopic::Kind::internal) {
    draft.refusal = errors::topic_internal(topic);
  } else if (around.live) {
    draft.refusal = errors::topic_exists(draft.ref, topic);
  } else if (!around.collides.empty()) {
    draft.refusal = errors::collision(draft.ref, topic, around.collides);
  } else if (replication && around.brokers > 0 && *replication > around.brokers) {
    draft.refusal = errors::replication_exceeds(draft.ref, static_cast<int>(*replication), around.brokers);
  }
}

void judge_adoption(Draft& draft, const Surroundings& around, const Decision& decision) {
  auto topic = topic_of(draft.ref.name, draft.after);
  if (!around.live) {
    draft.refusal = errors::topic_unknown(draft.ref.cluster, topic, "");
  } else if (around.live->kind == LiveTopic::Kind::internal) {
    draft.refusal = errors::topic_internal(topic);
  } else if (decision.act != Act::nothing) {
    draft.refusal =
        Error(Code::stale, "TOPIC_MOVED", fmt::format("the topic {} is being changed right now", topic), "try again");
  } else {
    draft.fields.push_back(FieldChange{topic_id_path, std::nullopt, Value(around.live->id)});
  }
}

// What stands in the way of an existing stream. Where the plan asks nothing of the broker it is only told.
void judge_existing(Draft& draft, const Surroundings& around, const Decision& decision) {
  bool asks = std::any_of(draft.fields.begin(), draft.fields.end(),
                          [](const FieldChange& field) { return concerns_broker(field.path); });
  switch (decision.act) {
    case Act::refuse:
    case Act::recreated:
      if (asks) {
        draft.refusal = decision.error;
      } else {
        draft.notes.push_back(fmt::format("{}; {}", decision.error->message, decision.error->next));
      }
      return;
    case Act::vanished:
      if (around.source == Surroundings::Source::last_seen) return;
      becomes_change(draft, FieldChange{topic_id_path, Value(around.memory->topic_id), std::nullopt});
      draft.raise(Risk::high, "the topic is gone; a new, empty one is made");
      return;
    case Act::change:
      show(draft, *around.live, decision);
      return;
    case Act::create:
      if (draft.action == Action::unchanged && draft.before->state == State::refused) {
        becomes_change(draft, FieldChange{"status.state", Value("refused"), Value("pending")});
      }
      return;
    case Act::nothing:
    case Act::remove:
    case Act::forget:
      return;
  }
}

bool needs_broker(Act act) {
  return act == Act::create || act == Act::change || act == Act::remove || act == Act::vanished;
}

void settle_mode(Draft& draft, const Surroundings& around, Act act) {
  bool writes = draft.action != Action::unchanged && draft.action != Action::adopt && needs_broker(act);
  if (writes && around.mode == Mode::observe) draft.apply_refusal = clusters::errors::only_observed(draft.ref.cluster);
}

}  // namespace

Decision judge_live(Draft& draft, const Surroundings& around) {
  if (around.source == Surroundings::Source::now) {
    draft.fingerprint = around.live ? fingerprint(*around.live) : absent_fingerprint;
  } else {
    draft.notes.push_back(fmt::format("cluster/{} is away; planned against what was last seen", draft.ref.cluster));
  }
  auto memory = memory_of(draft, around);
  if (draft.before && draft.action != Action::remove && memory.topic != topic_of(draft.ref.name, draft.after)) {
    // A field that was there before is refused by the engine already.
    if (plans::wished(draft.before->wish, "spec.topic") == nullptr) {
      draft.violate("spec.topic", "this field cannot change", "delete the stream and create another one");
    }
    return {};
  }
  if (draft.action == Action::adopt && around.live) memory.topic_id = around.live->id;
  auto decision = reconcile(wished_object(draft), memory, around.live);
  switch (draft.action) {
    case Action::create:
      judge_new(draft, around);
      break;
    case Action::adopt:
      judge_adoption(draft, around, decision);
      break;
    case Action::remove:
      if (decision.act == Act::forget && around.live) {
        draft.notes.push_back(fmt::format("the topic {} stays: it is not the one that the stream had", memory.topic));
      }
      break;
    case Action::change:
    case Action::unchanged:
      judge_existing(draft, around, decision);
      break;
  }
  settle_mode(draft, around, decision.act);
  return decision;
}

void judge_again(Draft& draft, const Surroundings& around) {
  if (around.source == Surroundings::Source::now) {
    draft.fingerprint = around.live ? fingerprint(*around.live) : absent_fingerprint;
  }
  auto memory = memory_of(draft, around);
  settle_mode(draft, around, reconcile(wished_object(draft), memory, around.live).act);
}

bool makes_anew(const Draft& draft) {
  return draft.action == Action::change && std::any_of(draft.fields.begin(), draft.fields.end(), [](auto& field) {
           return field.path == topic_id_path && !field.to;
         });
}

std::string adopted_topic_id(const Draft& draft) {
  for (auto& field : draft.fields) {
    if (field.path == topic_id_path && field.to && field.to->as_text()) return *field.to->as_text();
  }
  return {};
}

void judge_keys(Draft& draft, const std::set<std::string>& known) {
  if (known.empty() || (draft.action != Action::create && draft.action != Action::change)) return;
  std::vector<std::string> names(known.begin(), known.end());
  for (auto& [key, value] : wished_config(draft.after)) {
    if (known.contains(key)) continue;
    draft.violate(plans::keyed_path("spec.config", key), fmt::format("the brokers know no topic config \"{}\"", key),
                  text::did_you_mean(key, names));
  }
}

void judge_refusal(Draft& draft, const Error& error, Mode mode) {
  if (error.code == Code::invalid) {
    for (auto& [key, value] : wished_config(draft.after)) {
      if (error.message.find(key) == std::string::npos) continue;
      auto path = field_of_key(key);
      auto& usual = usual_config_keys();
      bool usual_key = std::find(usual.begin(), usual.end(), key) != usual.end();
      draft.violate(draft.after.contains(path) ? path : plans::keyed_path("spec.config", key), error.message,
                    usual_key ? error.next : text::did_you_mean(key, usual));
      return;
    }
  }
  bool tells_nothing = error.code == Code::unavailable || error.code == Code::timeout || error.code == Code::exhausted;
  if (tells_nothing || (error.code == Code::denied && mode == Mode::observe)) {
    draft.notes.push_back(fmt::format("not tried out on the brokers: {}", error.message));
  } else if (error.code == Code::denied) {
    // It is edad that lacks a right, not the caller.
    draft.refusal =
        Error(Code::refused, error.reason, fmt::format("{}: {}", draft.ref.text(), error.message), error.next);
  } else {
    draft.refusal = error;
  }
}

plans::Document document_of(const LiveTopic& topic, const std::string& cluster, const std::string& team) {
  plans::Document document;
  document.kind = std::string(stream_rules().kind);
  document.cluster = cluster;
  document.name = topic.name;
  auto say = [&](const std::string& path, Value value) {
    document.fields.emplace(path, plans::Said{std::move(value), {}});
  };
  say("metadata.team", team);
  say("spec.partitions", topic.partitions);
  say("spec.replication", topic.replication);
  for (auto& [key, value] : overrides(topic)) {
    auto field = field_value(key, value);
    say(field.path, std::move(field.value));
  }
  return document;
}

}  // namespace eda::streams
