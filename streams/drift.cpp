#include "streams/drift.h"

#include <fmt/format.h>

#include <algorithm>

namespace eda::streams {

using plans::Drift;
using plans::State;

namespace {

// The field that says a config: where the wish has it, for both spellings are possible.
std::string field_in(const plans::Wish& wish, const std::string& key) {
  auto path = field_of_key(key);
  return wish.contains(path) ? path : plans::keyed_path("spec.config", key);
}

std::optional<Value> overridden(const LiveTopic& live, const std::string& key) {
  auto found = live.config.find(key);
  bool set = found != live.config.end() && found->second.source == LiveConfig::Source::topic;
  return set ? std::optional(field_value(key, found->second.value).value) : std::nullopt;
}

void compare(const plans::Wish& wish, const LiveTopic& live, std::vector<Drift>& found) {
  auto whole = [&](const char* path, int fact, const char* what) {
    auto wished = plans::wished_int(wish, path);
    if (wished && *wished != fact) found.push_back(Drift{path, Value(*wished), Value(fact), {}, what});
  };
  whole("spec.partitions", live.partitions, "partitions");
  whole("spec.replication", live.replication, "replication");
  auto delta = config_delta(wished_config(wish), live);
  auto config = [&](const std::string& key) {
    auto path = field_in(wish, key);
    found.push_back(Drift{path, wish.at(path).value, overridden(live, key), {}, "config"});
  };
  for (auto& [key, value] : delta.set) config(key);
  for (auto& key : delta.reset) config(key);
}

bool says_the_same(const Drift& a, const Drift& b) {
  return std::tie(a.field, a.wish, a.fact, a.what) == std::tie(b.field, b.wish, b.fact, b.what);
}

}  // namespace

std::vector<Drift> findings(const plans::Object& stream, const Memory& memory, const std::optional<LiveTopic>& live,
                            Instant now) {
  std::vector<Drift> found;
  if (stream.state == State::deleting) return found;
  if (live && is_own(memory, *live)) {
    compare(plans::effective(stream.wish, stream.overlay), *live, found);
  } else if (!memory.topic_id.empty()) {
    auto fact = live ? std::optional<Value>(live->id) : std::nullopt;
    found.push_back(Drift{topic_id_path, Value(memory.topic_id), fact, {}, live ? "recreated" : "vanished"});
  }
  for (auto& drift : found) {
    auto earlier = std::find_if(stream.drift.begin(), stream.drift.end(),
                                [&](const Drift& before) { return says_the_same(before, drift); });
    drift.since = earlier == stream.drift.end() ? now : earlier->since;
  }
  return found;
}

bool same_findings(const std::vector<Drift>& a, const std::vector<Drift>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), says_the_same);
}

Handling handling_of(const plans::Object& stream) {
  auto said = plans::wished_text(plans::effective(stream.wish, stream.overlay), "spec.drift");
  return said == "repair" ? Handling::repair : Handling::report;
}

std::string_view handling_name(Handling handling) {
  return handling == Handling::repair ? "repair" : "report";
}

bool repairable(const Drift& drift) {
  if (drift.what == "config") return true;
  return drift.what == "partitions" && *drift.fact->as_int() < *drift.wish->as_int();
}

std::string drift_text(const Drift& drift, const std::optional<Value>& value) {
  if (!value) return drift.what == "vanished" ? "gone" : "default";
  auto* field = stream_rules().field(drift.field);
  return plans::value_text(field ? *field : plans::Field{}, *value);
}

Value drift_value(const std::vector<Drift>& drift) {
  Value::List list;
  for (auto& one : drift) {
    list.emplace_back(Value::Map{{"field", one.field},
                                 {"wish", one.wish.value_or(Value())},
                                 {"fact", one.fact.value_or(Value())},
                                 {"since", to_rfc3339(one.since)},
                                 {"what", one.what}});
  }
  return Value::Map{{"drift", std::move(list)}};
}

namespace {

std::string differences(const std::vector<Drift>& drift) {
  constexpr std::size_t shown = 3;
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < std::min(shown, drift.size()); ++i) {
    texts.push_back(fmt::format("{} is {}, not {}", drift[i].field, drift_text(drift[i], drift[i].fact),
                                drift_text(drift[i], drift[i].wish)));
  }
  auto more = drift.size() > shown ? fmt::format("; and {} more", drift.size() - shown) : std::string();
  return fmt::format("on the broker {}{}", fmt::join(texts, "; "), more);
}

plans::Condition amiss(std::string reason, std::string message, std::string next) {
  return {"Applied", "False", std::move(reason), std::move(message), std::move(next), {}};
}

plans::Condition amiss(const Error& error) {
  return amiss(error.reason, error.message, error.next);
}

std::string ways_out(const plans::Object& stream, const std::vector<Drift>& drift) {
  auto keep = fmt::format("edactl stream drift accept {} keeps it as it is", stream.ref.name);
  if (std::none_of(drift.begin(), drift.end(), repairable)) return keep;
  return fmt::format("edactl stream drift repair {} makes it as wished again; {}", stream.ref.name, keep);
}

}  // namespace

Standing standing_of(const Decision& decision, const plans::Object& stream, const std::vector<Drift>& drift) {
  bool waits = stream.state == State::pending || stream.state == State::unknown || stream.state == State::deleting;
  switch (decision.act) {
    case Act::refuse:
      return {waits ? State::refused : State::drifted, amiss(*decision.error)};
    case Act::vanished:
      return {State::drifted, amiss(errors::topic_vanished(stream.ref))};
    case Act::recreated:
      return {State::drifted, amiss(*decision.error)};
    case Act::create:
      return {State::drifted, amiss("DRIFTED", "the topic is not there", "edactl apply makes it")};
    case Act::nothing:
    case Act::change:
    case Act::remove:
    case Act::forget:
      break;
  }
  if (drift.empty()) return {State::applied, {"Applied", "True", "AS_WISHED", "the topic is as wished", "", {}}};
  return {State::drifted, amiss("DRIFTED", differences(drift), ways_out(stream, drift))};
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

namespace {

void accept_field(plans::Wish& wish, const Drift& drift, const LiveTopic& live) {
  auto& field = wish[drift.field];
  auto key = key_of_field(drift.field);
  if (!key || !drift.fact) {
    field.value = drift.fact;
    return;
  }
  // A typed field may not hold what stands there, and a key of spec.config holds text.
  auto& text = live.config.at(*key).value;
  auto fits = field_value(*key, text);
  if (fits.path == drift.field) {
    field.value = fits.value;
  } else if (plans::split_path(drift.field).key.empty()) {
    auto manager = field.manager;
    wish.erase(drift.field);
    wish[fits.path] = plans::WishField{fits.value, manager};
  } else {
    field.value = Value(text);
  }
}

}  // namespace

Result<Accepted> accept(const plans::Object& stream, const Memory& memory, const std::optional<LiveTopic>& live) {
  Accepted accepted{stream.wish, {}};
  if (!live && !memory.topic_id.empty()) return fail(errors::topic_vanished(stream.ref));
  if (!live) return accepted;
  auto own = memory;
  if (!memory.topic_id.empty() && memory.topic_id != live->id) {
    own.topic_id = live->id;
    accepted.after[topic_id_path] = plans::WishField{Value(live->id), ""};
    accepted.notes.push_back(fmt::format("the topic {} that was made anew becomes the stream's own", memory.topic));
  }
  for (auto& drift : findings(stream, own, live, {})) {
    if (auto over = stream.overlay.find(drift.field); over != stream.overlay.end()) {
      return fail(Code::conflict, "FIELD_OVERLAID",
                  fmt::format("{}: {} is changed for a while, until {}", stream.ref.text(), drift.field,
                              to_rfc3339(over->second.until)),
                  fmt::format("edactl stream drift repair {} sets it back, or wait for its end", stream.ref.name));
    }
    if (auto& manager = accepted.after[drift.field].manager; !manager.empty()) {
      bool returns = stream_rules().way_back(plans::FieldChange{drift.field, drift.fact, drift.wish}).possible;
      auto wish = drift_text(drift, drift.wish);
      accepted.notes.push_back(
          fmt::format("{} is managed by the set {}: its next apply {}, unless its manifest says {}", drift.field,
                      manager, returns ? fmt::format("brings {} back", wish) : fmt::format("is refused for {}", wish),
                      drift_text(drift, drift.fact)));
    }
    accept_field(accepted.after, drift, *live);
  }
  return accepted;
}

namespace errors {

Error topic_vanished(const Ref& stream) {
  return Error(Code::refused, "TOPIC_VANISHED",
               fmt::format("{}: the topic was there and is gone: somebody else deleted it", stream.text()),
               fmt::format("edactl stream drift repair {} makes a new, empty one; edactl delete stream {} forgets it",
                           stream.name, stream.name));
}

}  // namespace errors

}  // namespace eda::streams
