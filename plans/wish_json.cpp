#include "plans/wish_json.h"

#include <stdexcept>

#include "platform/text/json.h"

namespace eda::plans {

namespace {

Value parsed(std::string_view text) {
  auto value = text::from_json(text);
  if (!value) throw std::runtime_error("stored JSON does not parse: " + value.error().message);
  return std::move(*value);
}

const Value& member(const Value::Map& map, const char* key) {
  static const Value null;
  auto found = map.find(key);
  return found == map.end() ? null : found->second;
}

std::string text_of(const Value& value) {
  return value.as_text() ? *value.as_text() : std::string();
}
std::int64_t int_of(const Value& value) {
  return value.as_int() ? *value.as_int() : 0;
}

Instant instant_of(const Value& value) {
  return from_rfc3339(text_of(value)).value_or(Instant{});
}

const Value::Map& map_of(const Value& value) {
  static const Value::Map empty;
  return value.as_map() ? *value.as_map() : empty;
}
const Value::List& list_of(const Value& value) {
  static const Value::List empty;
  return value.as_list() ? *value.as_list() : empty;
}

Value::List texts(const std::vector<std::string>& items) {
  return Value::List(items.begin(), items.end());
}
std::vector<std::string> texts(const Value& value) {
  std::vector<std::string> items;
  for (auto& item : list_of(value)) items.push_back(text_of(item));
  return items;
}

Value wish_to_value(const Wish& wish) {
  Value::Map fields;
  for (auto& [path, field] : wish) {
    Value::Map entry;
    if (field.value) {
      entry.emplace("v", *field.value);
    } else {
      entry.emplace("r", true);
    }
    if (!field.manager.empty()) entry.emplace("m", field.manager);
    fields.emplace(path, std::move(entry));
  }
  return fields;
}

Wish wish_from_value(const Value& value) {
  Wish wish;
  for (auto& [path, entry] : map_of(value)) {
    auto& fields = map_of(entry);
    auto held = fields.find("v");
    wish.emplace(path, WishField{held == fields.end() ? std::nullopt : std::optional(held->second),
                                 text_of(member(fields, "m"))});
  }
  return wish;
}

Value overlay_to_value(const Overlay& overlay) {
  Value::Map fields;
  for (auto& [path, over] : overlay) {
    Value::Map entry{{"until", to_rfc3339(over.until)}, {"by", over.by}};
    if (over.value) {
      entry.emplace("v", *over.value);
    } else {
      entry.emplace("r", true);
    }
    if (!over.reason.empty()) entry.emplace("reason", over.reason);
    fields.emplace(path, std::move(entry));
  }
  return fields;
}

Overlay overlay_from_value(const Value& value) {
  Overlay overlay;
  for (auto& [path, entry] : map_of(value)) {
    auto& fields = map_of(entry);
    auto held = fields.find("v");
    overlay.emplace(path, OverlayField{held == fields.end() ? std::nullopt : std::optional(held->second),
                                       instant_of(member(fields, "until")), text_of(member(fields, "by")),
                                       text_of(member(fields, "reason"))});
  }
  return overlay;
}

std::vector<FieldChange> changes_from(const Value& value) {
  std::vector<FieldChange> changes;
  for (auto& item : list_of(value)) {
    auto& entry = map_of(item);
    FieldChange change{text_of(member(entry, "path")), std::nullopt, std::nullopt};
    if (auto from = entry.find("from"); from != entry.end()) change.from = from->second;
    if (auto to = entry.find("to"); to != entry.end()) change.to = to->second;
    changes.push_back(std::move(change));
  }
  return changes;
}

Value changes_to(const std::vector<FieldChange>& changes) {
  Value::List list;
  for (auto& change : changes) {
    Value::Map entry{{"path", change.path}};
    if (change.from) entry.emplace("from", *change.from);
    if (change.to) entry.emplace("to", *change.to);
    list.emplace_back(std::move(entry));
  }
  return list;
}

}  // namespace

std::string wish_to_json(const Wish& wish) {
  return text::to_json(wish_to_value(wish));
}
Wish wish_from_json(std::string_view text) {
  return wish_from_value(parsed(text));
}

std::string overlay_to_json(const Overlay& overlay) {
  return overlay.empty() ? "{}" : text::to_json(overlay_to_value(overlay));
}
Overlay overlay_from_json(std::string_view text) {
  return text == "{}" ? Overlay() : overlay_from_value(parsed(text));
}

std::string drift_to_json(const std::vector<Drift>& drift) {
  Value::List list;
  for (auto& one : drift) {
    Value::Map entry{{"field", one.field}, {"since", to_rfc3339(one.since)}, {"what", one.what}};
    if (one.wish) entry.emplace("wish", *one.wish);
    if (one.fact) entry.emplace("fact", *one.fact);
    list.emplace_back(std::move(entry));
  }
  return list.empty() ? "[]" : text::to_json(list);
}

std::vector<Drift> drift_from_json(std::string_view text) {
  std::vector<Drift> drift;
  if (text == "[]") return drift;
  auto value = parsed(text);
  for (auto& item : list_of(value)) {
    auto& entry = map_of(item);
    Drift one{text_of(member(entry, "field")), std::nullopt, std::nullopt, instant_of(member(entry, "since")),
              text_of(member(entry, "what"))};
    if (auto wish = entry.find("wish"); wish != entry.end()) one.wish = wish->second;
    if (auto fact = entry.find("fact"); fact != entry.end()) one.fact = fact->second;
    drift.push_back(std::move(one));
  }
  return drift;
}

std::string conditions_to_json(const std::vector<Condition>& conditions) {
  Value::List list;
  for (auto& c : conditions) {
    list.emplace_back(Value::Map{{"type", c.type},
                                 {"status", c.status},
                                 {"reason", c.reason},
                                 {"message", c.message},
                                 {"next", c.next},
                                 {"since", to_rfc3339(c.since)}});
  }
  return text::to_json(list);
}

std::vector<Condition> conditions_from_json(std::string_view text) {
  std::vector<Condition> conditions;
  if (text == "[]") return conditions;
  auto value = parsed(text);
  for (auto& item : list_of(value)) {
    auto& entry = map_of(item);
    conditions.push_back(Condition{text_of(member(entry, "type")), text_of(member(entry, "status")),
                                   text_of(member(entry, "reason")), text_of(member(entry, "message")),
                                   text_of(member(entry, "next")), instant_of(member(entry, "since"))});
  }
  return conditions;
}

std::string draft_to_json(const Draft& draft) {
  if (!writes(draft) && draft.notes.empty()) return "{}";
  Value::Map detail{{"risk", static_cast<std::int64_t>(draft.risk)}, {"owner", draft.owner}};
  if (writes(draft)) {
    detail.emplace("after", wish_to_value(draft.after));
    if (!draft.overlay.empty()) detail.emplace("overlay", overlay_to_value(draft.overlay));
    if (draft.because == Draft::Because::pruned) detail.emplace("pruned", true);
    if (draft.becomes) {
      detail.emplace(draft.becomes->how == Becomes::How::merged ? "merged" : "renamed", draft.becomes->name);
    }
    detail.emplace("fields", changes_to(draft.fields));
    detail.emplace("fingerprint", draft.fingerprint);
    detail.emplace("generation", draft.before ? draft.before->generation : std::int64_t{0});
    detail.emplace("before_id", draft.before ? draft.before->id : std::int64_t{0});
  }
  if (!draft.risk_reasons.empty()) detail.emplace("risk_reasons", texts(draft.risk_reasons));
  if (!draft.affected.empty()) detail.emplace("affected", texts(draft.affected));
  if (!draft.notes.empty()) detail.emplace("notes", texts(draft.notes));
  if (draft.at.known()) {
    detail.emplace("at", Value::Map{{"file", draft.at.file},
                                    {"line", std::int64_t{draft.at.line}},
                                    {"column", std::int64_t{draft.at.column}}});
  }
  return text::to_json(detail);
}

void draft_from_json(std::string_view text, Draft& draft) {
  if (text == "{}") return;
  auto value = parsed(text);
  auto& detail = map_of(value);
  draft.risk = static_cast<Risk>(int_of(member(detail, "risk")));
  draft.owner = text_of(member(detail, "owner"));
  draft.after = wish_from_value(member(detail, "after"));
  draft.overlay = overlay_from_value(member(detail, "overlay"));
  if (detail.contains("pruned")) draft.because = Draft::Because::pruned;
  if (detail.contains("renamed")) draft.becomes = Becomes{Becomes::How::renamed, text_of(member(detail, "renamed"))};
  if (detail.contains("merged")) draft.becomes = Becomes{Becomes::How::merged, text_of(member(detail, "merged"))};
  draft.fields = changes_from(member(detail, "fields"));
  draft.fingerprint = text_of(member(detail, "fingerprint"));
  if (auto generation = int_of(member(detail, "generation")); generation != 0) {
    draft.before.emplace();
    draft.before->ref = draft.ref;
    draft.before->id = int_of(member(detail, "before_id"));
    draft.before->generation = generation;
  }
  draft.risk_reasons = texts(member(detail, "risk_reasons"));
  draft.affected = texts(member(detail, "affected"));
  draft.notes = texts(member(detail, "notes"));
  auto& at = map_of(member(detail, "at"));
  draft.at = Position{text_of(member(at, "file")), static_cast<std::uint32_t>(int_of(member(at, "line"))),
                      static_cast<std::uint32_t>(int_of(member(at, "column")))};
}

Value wish_value(const Wish& wish) {
  Value::Map fields;
  for (auto& [path, field] : wish) fields.emplace(path, field.value ? *field.value : Value());
  return fields;
}

}  // namespace eda::plans
