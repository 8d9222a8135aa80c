#include "streams/drafts.h"

#include <fmt/format.h>

#include <algorithm>

#include "platform/text/distance.h"
#include "streams/drift.h"

namespace eda::streams {

using clusters::Mode;
using plans::Action;
using plans::Draft;
using plans::FieldChange;
using plans::Risk;
using plans::State;

namespace {

bool at_rest(const Draft& draft) {
  auto state = draft.before->state;
  return state != State::pending && state != State::unknown && state != State::deleting;
}

// The wish as the topic is to be.
plans::Wish world_of(const Draft& draft) {
  return plans::effective(draft.after, draft.overlay);
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

// A wish that stands already and is on its way is no news.
bool under_way(const Draft& draft, const std::string& path, const plans::Wish& world) {
  if (!draft.before || at_rest(draft)) return false;
  auto before = plans::effective(draft.before->wish, draft.before->overlay);
  auto known = before.find(path);
  return known != before.end() && known->second.value == world.at(path).value;
}

// One config that the broker has to be told: a field of the plan, with what is there now.
void show(Draft& draft, const plans::Wish& world, const Surroundings& around, const std::string& key,
          const std::optional<std::string>& to) {
  const LiveTopic& live = *around.live;
  auto path = field_of_key(key);
  if (!world.contains(path)) path = plans::keyed_path("spec.config", key);
  auto from = live_value(live, key);
  if (auto* planned = change_of(draft, path)) {
    if (!planned->from && from != planned->to) planned->from = from;
  } else {
    if (under_way(draft, path, world)) return;
    becomes_change(draft, FieldChange{path, from, world.at(path).value});
  }
  if (auto stake = data_at_stake(key, live_text(live, key), to, around.defaults))
    draft.raise(Risk::critical, fmt::format("{}: {}", path, *stake));
}

void show(Draft& draft, const Surroundings& around, const Decision& decision) {
  const LiveTopic& live = *around.live;
  auto world = world_of(draft);
  for (auto& [key, value] : decision.delta.set) show(draft, world, around, key, value);
  for (auto& key : decision.delta.reset) show(draft, world, around, key, std::nullopt);
  if (!decision.grow_to) return;
  if (auto* planned = change_of(draft, "spec.partitions")) {
    if (!planned->from) planned->from = Value(live.partitions);
    return;
  }
  if (!draft.before || !at_rest(draft)) return;
  becomes_change(draft, FieldChange{"spec.partitions", Value(live.partitions), Value(*decision.grow_to)});
  draft.raise(Risk::high, "spec.partitions changes");
}

plans::Object wished_object(const Draft& draft) {
  plans::Object object;
  object.ref = draft.ref;
  object.wish = draft.after;
  object.overlay = draft.overlay;
  object.state = draft.action == Action::remove ? State::deleting : State::pending;
  return object;
}

// The topic that the plan is about: the one that it takes, else the stream's own.
Memory memory_of(const Draft& draft, const Surroundings& around) {
  auto memory =
      around.memory ? *around.memory : Memory{topic_of(draft.ref.name, draft.after), "", Memory::Creation::unsent};
  if (auto taken = adopted_topic_id(draft); !taken.empty()) {
    memory.topic_id = taken;
  } else if (draft.action == Action::adopt && around.live) {
    memory.topic_id = around.live->id;
  }
  return memory;
}

void judge_new(Draft& draft, const Surroundings& around) {
  auto replication = plans::wished_int(world_of(draft), "spec.replication");
  if (!around.collides.empty()) {
    draft.refusal = errors::collision(draft.ref, topic_of(draft.ref.name, draft.after), around.collides);
  } else if (replication && around.brokers > 0 && *replication > around.brokers) {
    draft.refusal = errors::replication_exceeds(draft.ref, static_cast<int>(*replication), around.brokers);
  }
}

// Which topic is taken. What it has already is no change; what else the wish says is, from what is there.
void show_adoption(Draft& draft, const Surroundings& around, const Decision& decision) {
  std::erase_if(draft.fields, [&](const FieldChange& field) {
    if (field.path == "spec.partitions") return !decision.grow_to;
    if (field.path == "spec.replication") return true;
    auto key = key_of_field(field.path);
    return key && !decision.delta.set.contains(*key) && !decision.delta.reset.contains(*key);
  });
  show(draft, around, decision);
}

enum class Exactness { as_it_is, may_differ };

void judge_adoption(Draft& draft, const Surroundings& around, const Decision& decision, Exactness exactness) {
  auto topic = topic_of(draft.ref.name, draft.after);
  bool differs = decision.act != Act::nothing || !decision.beyond.empty();
  if (!around.live) {
    draft.refusal = errors::topic_unknown(draft.ref.cluster, topic, "");
  } else if (around.live->kind == LiveTopic::Kind::internal) {
    draft.refusal = errors::topic_internal(topic);
  } else if (differs && exactness == Exactness::as_it_is) {
    draft.refusal =
        Error(Code::stale, "TOPIC_MOVED", fmt::format("the topic {} is being changed right now", topic), "try again");
  } else if (!decision.beyond.empty()) {
    draft.refusal = decision.beyond.begin()->second;
  } else {
    if (exactness == Exactness::may_differ) show_adoption(draft, around, decision);
    draft.fields.push_back(FieldChange{topic_id_path, std::nullopt, Value(around.live->id)});
  }
}

// What stands in the way of an existing stream. Where the plan asks nothing of the broker it is only told.
void judge_existing(Draft& draft, const Surroundings& around, const Decision& decision) {
  bool asks = std::any_of(draft.fields.begin(), draft.fields.end(),
                          [](const FieldChange& field) { return concerns_broker(field.path); });
  auto tell = [&](const Error& error) { draft.notes.push_back(fmt::format("{}; {}", error.message, error.next)); };
  for (auto& [path, error] : decision.beyond) {
    if (change_of(draft, path)) {
      draft.refusal = error;
    } else {
      tell(error);
    }
  }
  switch (decision.act) {
    case Act::refuse:
    case Act::recreated:
      if (asks) {
        draft.refusal = decision.error;
      } else {
        tell(*decision.error);
      }
      return;
    case Act::vanished:
      if (around.source == Surroundings::Source::last_seen) return;
      becomes_change(draft, FieldChange{topic_id_path, Value(around.memory->topic_id), std::nullopt});
      draft.raise(Risk::high, "the topic is gone; a new, empty one is made");
      return;
    case Act::change:
      show(draft, around, decision);
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
  bool writes = draft.action != Action::unchanged && needs_broker(act);
  if (writes && around.mode == Mode::observe) draft.apply_refusal = clusters::errors::only_observed(draft.ref.cluster);
}

// A wish that says which topic the stream has takes one that was made anew; the wish itself has no such field.
void take_topic(Draft& draft, const Surroundings& around) {
  auto said = draft.after.find(topic_id_path);
  if (said == draft.after.end()) return;
  auto id = said->second.value.value_or(Value());
  draft.after.erase(said);
  std::erase_if(draft.fields, [](auto& field) { return field.path == topic_id_path; });
  if (!around.live || !around.memory || Value(around.live->id) != id) {
    draft.refusal = plans::errors::plan_stale(fmt::format("the topic of {} was changed meanwhile", draft.ref.text()));
    return;
  }
  becomes_change(draft, FieldChange{topic_id_path, Value(around.memory->topic_id), id});
  draft.raise(Risk::high, "a topic that somebody else made becomes the stream's own");
}

// What the topic has of a field now, else what is wished of it.
std::optional<Value> standing_value(const Draft& draft, const Surroundings& around, const std::string& path) {
  if (around.live) {
    if (path == "spec.partitions") return Value(around.live->partitions);
    if (path == "spec.replication") return Value(around.live->replication);
    if (auto key = key_of_field(path)) return live_value(*around.live, *key);
  }
  auto wished = draft.after.find(path);
  return wished == draft.after.end() ? std::nullopt : wished->second.value;
}

// What is said for a while has to end by itself; what records it takes with it does not come back in any case.
void judge_overlay(Draft& draft, const Surroundings& around) {
  for (auto& [path, over] : draft.overlay) {
    auto held = draft.before ? draft.before->overlay.find(path) : draft.overlay.end();
    if (draft.before && held != draft.before->overlay.end() && held->second == over) continue;
    auto now = standing_value(draft, around, path);
    if (now == over.value) continue;
    auto back = stream_rules().way_back(FieldChange{path, over.value, now});
    bool loses = !back.note.empty() && back.possible;
    if (!back.possible || (loses && key_of_field(path) == "cleanup.policy")) {
      draft.violate(path, fmt::format("cannot be changed for a while: {}", back.note),
                    "change it for good, without --for, or leave it");
    } else if (loses) {
      draft.notes.push_back(back.note);
    }
  }
}

}  // namespace

bool rests(const Draft& draft, const Memory& memory) {
  if (draft.action != Action::unchanged || !draft.before || draft.refusal) return false;
  const plans::Object& before = *draft.before;
  if (before.state != State::applied || !before.drift.empty()) return false;
  if (before.wish == draft.after && before.overlay == draft.overlay) return true;
  // Resets of what was not managed: the facts tell whether they are one.
  auto decision = reconcile(wished_object(draft), memory, observed_topic(memory.topic, before.observed));
  return decision.act == Act::nothing && decision.beyond.empty();
}

Decision judge_live(Draft& draft, const Surroundings& around) {
  if (around.source == Surroundings::Source::now) {
    draft.fingerprint = around.live ? fingerprint(*around.live) : absent_fingerprint;
  } else {
    draft.notes.push_back(fmt::format("cluster/{} is away; planned against what was last seen", draft.ref.cluster));
  }
  take_topic(draft, around);
  judge_overlay(draft, around);
  if (draft.action == Action::adopt || (draft.action == Action::create && around.live)) {
    auto exactness = draft.action == Action::adopt ? Exactness::as_it_is : Exactness::may_differ;
    if (draft.action == Action::create) draft.raise(Risk::high, "what exists already gets an owner");
    draft.action = Action::adopt;
    auto decision = reconcile(wished_object(draft), memory_of(draft, around), around.live);
    judge_adoption(draft, around, decision, exactness);
    settle_mode(draft, around, decision.act);
    return decision;
  }
  auto memory = memory_of(draft, around);
  if (draft.before && draft.action != Action::remove && memory.topic != topic_of(draft.ref.name, draft.after)) {
    // A field that was there before is refused by the engine already.
    if (plans::wished(draft.before->wish, "spec.topic") == nullptr) {
      draft.violate("spec.topic", "this field cannot change", "delete the stream and create another one");
    }
    return {};
  }
  auto decision = reconcile(wished_object(draft), memory, around.live);
  if (draft.action == Action::create) {
    judge_new(draft, around);
  } else if (draft.action == Action::remove) {
    if (decision.act == Act::forget && around.live) {
      draft.notes.push_back(fmt::format("the topic {} stays: it is not the one that the stream had", memory.topic));
    }
  } else {
    judge_existing(draft, around, decision);
  }
  settle_mode(draft, around, decision.act);
  return decision;
}

void judge_again(Draft& draft, const Surroundings& around) {
  if (around.source == Surroundings::Source::now) {
    draft.fingerprint = around.live ? fingerprint(*around.live) : absent_fingerprint;
  }
  settle_mode(draft, around, reconcile(wished_object(draft), memory_of(draft, around), around.live).act);
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

bool changes_adopted(const Draft& draft) {
  return draft.action == Action::adopt &&
         std::any_of(draft.fields.begin(), draft.fields.end(), [](const FieldChange& field) { return field.from; });
}

void judge_keys(Draft& draft, const std::set<std::string>& known) {
  if (known.empty() || draft.action == Action::unchanged || draft.action == Action::remove) return;
  std::vector<std::string> names(known.begin(), known.end());
  for (auto& [key, value] : wished_config(world_of(draft))) {
    if (known.contains(key)) continue;
    draft.violate(plans::keyed_path("spec.config", key), fmt::format("the brokers know no topic config \"{}\"", key),
                  text::did_you_mean(key, names));
  }
}

void judge_refusal(Draft& draft, const Error& error, Mode mode) {
  if (error.code == Code::invalid) {
    for (auto& [key, value] : wished_config(world_of(draft))) {
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
