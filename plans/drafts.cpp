#include "plans/drafts.h"

#include <fmt/format.h>

#include <algorithm>

#include "platform/text/json.h"

namespace eda::plans {

namespace {

Draft begin(const KindRules& rules, const Ref& ref, std::optional<Object> before) {
  Draft draft;
  draft.rules = &rules;
  draft.ref = ref;
  draft.before = std::move(before);
  if (draft.before) draft.overlay = draft.before->overlay;
  return draft;
}

Draft begin(const KindRules& rules, const Document& document, std::optional<Object> before) {
  Draft draft = begin(rules, Ref{rules.singular(), document.cluster, document.name}, std::move(before));
  draft.at = document.at;
  draft.notes = document.notes;
  return draft;
}

void take_positions(Draft& draft, const Document& document) {
  for (auto& [path, said] : document.fields) {
    draft.positions.emplace(path, said.at);
    for (auto& [part, at] : said.parts) draft.positions.emplace(path + part, at);
  }
}

void note_released(Draft& draft, const std::vector<std::string>& released) {
  for (auto& path : released) {
    draft.notes.push_back(
        fmt::format("{} is no longer in the manifest and keeps its value; write null to reset it", path));
  }
}

std::string shown(const KindRules& rules, const std::string& path, const std::optional<Value>& value) {
  const Field* field = rules.field(path);
  return !value ? "the default" : field ? value_text(*field, *value) : text::to_json(*value);
}

}  // namespace

Draft said(const KindRules& rules, const Document& document, std::optional<Object> before, const std::string& manager,
           Conflicts how) {
  Draft draft = begin(rules, document, std::move(before));
  auto merged = merge(draft.before ? draft.before->wish : Wish(), document, manager, how);
  draft.after = std::move(merged.after);
  draft.conflicts = std::move(merged.conflicts);
  note_released(draft, merged.released);
  // Of the many that stay as they are nothing is told by field.
  bool stays = draft.before && draft.conflicts.empty() && draft.after == draft.before->wish;
  if (!stays) take_positions(draft, document);
  settle(draft);
  return draft;
}

Draft said_for_a_while(const KindRules& rules, const Document& document, std::optional<Object> before,
                       const OverlayField& terms) {
  Draft draft = begin(rules, document, std::move(before));
  if (!draft.before) {
    draft.refusal = errors::unknown_object(draft.ref, "only what there is can be changed for a while");
    return draft;
  }
  take_positions(draft, document);
  draft.after = draft.before->wish;
  if (!rules.live) draft.refusal = errors::nothing_lives(draft.ref);
  for (auto& [path, field] : document.fields) {
    if (!path.starts_with("spec.")) {
      draft.violate(path, "only fields of the spec change for a while", "leave it out");
      continue;
    }
    OverlayField over = terms;
    over.value = field.value;
    draft.overlay.insert_or_assign(path, std::move(over));
    auto wish = draft.after.find(path);
    draft.notes.push_back(
        fmt::format("{} ends {}, and {} comes back", path, to_rfc3339(terms.until),
                    wish == draft.after.end() ? "what was there" : shown(rules, path, wish->second.value)));
  }
  settle(draft);
  return draft;
}

Draft removal(const KindRules& rules, Object before) {
  auto ref = before.ref;
  Draft draft = begin(rules, ref, std::move(before));
  settle_deletion(draft);
  return draft;
}

Draft rewrite(const KindRules& rules, Object before, Wish after, std::vector<std::string> notes) {
  auto ref = before.ref;
  Draft draft = begin(rules, ref, std::move(before));
  draft.after = std::move(after);
  draft.notes = std::move(notes);
  settle(draft);
  return draft;
}

void become(Draft& draft, Becomes becomes) {
  draft.action = Action::change;
  draft.fields.insert(draft.fields.begin(), FieldChange{"metadata.name", Value(draft.ref.name), Value(becomes.name)});
  bool merged = becomes.how == Becomes::How::merged;
  draft.raise(Risk::high, merged ? fmt::format("it ends in {}/{}", draft.ref.kind, becomes.name)
                                 : "it is called otherwise from now on");
  draft.becomes = std::move(becomes);
}

Draft unnamed(const KindRules& rules, Object before, const std::string& manager) {
  auto other = std::find_if(before.wish.begin(), before.wish.end(), [&](const auto& field) {
    return !field.second.manager.empty() && field.second.manager != manager;
  });
  if (other == before.wish.end()) {
    Draft draft = removal(rules, std::move(before));
    draft.because = Draft::Because::pruned;
    return draft;
  }
  auto others = other->second.manager;
  auto ref = before.ref;
  Draft draft = begin(rules, ref, std::move(before));
  auto merged = merge(draft.before->wish, Document{}, manager, Conflicts::report);
  draft.after = std::move(merged.after);
  draft.notes.push_back(fmt::format("stays, for the set \"{}\" manages fields of it too; \"{}\" lets go of {}", others,
                                    manager, told(merged.released)));
  settle(draft);
  return draft;
}

RolledBack roll_back(const KindRules& rules, const Wish& now, const Wish& then) {
  RolledBack back{now, {}};
  auto note = [&](std::string text) { back.notes.push_back(std::move(text)); };
  auto bring = [&](const std::string& path, const std::optional<Value>& from, const std::optional<Value>& to) {
    auto way = rules.way_back ? rules.way_back(FieldChange{path, from, to}) : WayBack{};
    if (!way.note.empty()) {
      note(fmt::format("{}: {}", path, way.note));
    } else if (!way.possible) {
      note(fmt::format("{} cannot come back and stays {}", path, shown(rules, path, from)));
    }
    if (!way.possible) return false;
    if (auto held = now.find(path); held != now.end() && !held->second.manager.empty()) {
      note(
          fmt::format("{} is managed by the set \"{}\", which sets it again at its next apply unless its manifest "
                      "says the same",
                      path, held->second.manager));
    }
    return true;
  };
  for (auto& [path, field] : then) {
    auto held = now.find(path);
    auto from = held == now.end() ? std::nullopt : held->second.value;
    if (held != now.end() && from == field.value) continue;
    if (held == now.end() && !field.value) continue;
    if (bring(path, from, field.value)) back.after[path].value = field.value;
  }
  for (auto& [path, field] : now) {
    if (then.contains(path) || !field.value) continue;
    bool resets = rules.live && path.starts_with("spec.");
    if (!bring(path, field.value, std::nullopt)) continue;
    if (resets) {
      back.after[path].value.reset();
      note(fmt::format("{} was not said then; it goes back to the default", path));
    } else {
      back.after.erase(path);
    }
  }
  return back;
}

void tell_conflicts(Draft& draft, const ApplySet& by, Conflicts how,
                    const std::map<std::string, std::string>& applied) {
  if (draft.conflicts.empty()) return;
  std::vector<errors::Managed> managed;
  for (auto& conflict : draft.conflicts) {
    auto from = applied.find(conflict.manager);
    managed.push_back({conflict.path, conflict.manager, from == applied.end() ? std::string() : from->second});
  }
  if (how == Conflicts::report) {
    auto who = by.name.empty() ? std::string("a change by hand") : fmt::format("the set \"{}\"", by.manager());
    Error error = errors::fields_managed(draft.ref, who, managed);
    for (auto& field : managed) {
      auto at = draft.positions.find(field.path);
      error.violations.push_back(Violation{field.path, fmt::format("is managed by the set \"{}\"", field.manager),
                                           at == draft.positions.end() ? draft.at : at->second,
                                           field.applied.empty() ? "" : "applied " + field.applied, draft.ref.text()});
    }
    draft.refusal = std::move(error);
    return;
  }
  for (auto& field : managed) {
    draft.notes.push_back(fmt::format("{} is taken over from the set \"{}\"{}", field.path, field.manager,
                                      field.applied.empty() ? "" : ", applied " + field.applied));
  }
}

std::vector<std::string> moved_fields(const KindRules& rules, const Wish& planned, const Wish& now) {
  std::vector<std::string> moved;
  for (auto& change : diff(planned, now)) {
    moved.push_back(fmt::format("{}: {} -> {}", change.path, shown(rules, change.path, change.from),
                                shown(rules, change.path, change.to)));
  }
  return moved;
}

namespace {

std::string fact_text(const Value::Map& facts, const std::string& key) {
  auto found = facts.find(key);
  if (found == facts.end()) return "none";
  return found->second.as_text() ? *found->second.as_text() : text::to_json(found->second);
}

const Value::Map& inside(const Value::Map& facts, const std::string& key) {
  static const Value::Map none;
  auto found = facts.find(key);
  auto* map = found == facts.end() ? nullptr : found->second.as_map();
  return map ? *map : none;
}

void compare(const std::string& prefix, const Value::Map& planned, const Value::Map& now,
             std::vector<std::string>& moved) {
  Value::Map keys = planned;
  keys.insert(now.begin(), now.end());
  for (auto& [key, either] : keys) {
    auto was = planned.find(key);
    auto is = now.find(key);
    if (was != planned.end() && is != now.end() && was->second == is->second) continue;
    if (either.as_map()) {
      compare(prefix + key + ".", inside(planned, key), inside(now, key), moved);
    } else {
      moved.push_back(fmt::format("{}{}: {} -> {}", prefix, key, fact_text(planned, key), fact_text(now, key)));
    }
  }
}

}  // namespace

std::vector<std::string> moved_facts(const std::string& planned, const std::string& now) {
  auto was = text::from_json(planned), is = text::from_json(now);
  auto* before = was ? was->as_map() : nullptr;
  auto* after = is ? is->as_map() : nullptr;
  if (!before && !after) return {"what was seen there"};
  if (!after) return {"it is gone"};
  if (!before) return {"it is there now"};
  std::vector<std::string> moved;
  compare("", *before, *after, moved);
  return moved;
}

std::string told(const std::vector<std::string>& items) {
  constexpr std::size_t most = 5;
  std::vector<std::string> some(items.begin(), items.begin() + static_cast<long>(std::min(items.size(), most)));
  auto rest = items.size() > most ? fmt::format(" and {} more", items.size() - most) : std::string();
  return fmt::format("{}{}", fmt::join(some, ", "), rest);
}

}  // namespace eda::plans
