#include "plans/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "platform/core/limits.h"
#include "platform/text/distance.h"
#include "platform/text/json.h"

namespace eda::plans {

namespace {

constexpr std::array<std::pair<State, std::string_view>, 6> state_names{{{State::pending, "pending"},
                                                                         {State::applied, "applied"},
                                                                         {State::refused, "refused"},
                                                                         {State::unknown, "unknown"},
                                                                         {State::drifted, "drifted"},
                                                                         {State::deleting, "deleting"}}};

std::optional<Value> value_at(const Wish& wish, const std::string& path) {
  auto found = wish.find(path);
  return found == wish.end() ? std::nullopt : found->second.value;
}

}  // namespace

std::string_view state_name(State state) {
  for (auto& [value, name] : state_names) {
    if (value == state) return name;
  }
  return "pending";
}

State parse_state(std::string_view text) {
  for (auto& [value, name] : state_names) {
    if (name == text) return value;
  }
  return State::unknown;
}

const Value* wished(const Wish& wish, std::string_view path) {
  auto found = wish.find(std::string(path));
  return found == wish.end() || !found->second.value ? nullptr : &*found->second.value;
}

std::string wished_text(const Wish& wish, std::string_view path, std::string otherwise) {
  const Value* value = wished(wish, path);
  return value && value->as_text() ? *value->as_text() : otherwise;
}

std::optional<std::int64_t> wished_int(const Wish& wish, std::string_view path) {
  const Value* value = wished(wish, path);
  return value && value->as_int() ? std::optional(*value->as_int()) : std::nullopt;
}

std::map<std::string, Value> wished_map(const Wish& wish, std::string_view field) {
  std::map<std::string, Value> entries;
  auto prefix = std::string(field) + "[";
  for (auto entry = wish.lower_bound(prefix); entry != wish.end() && entry->first.starts_with(prefix); ++entry) {
    if (entry->second.value) entries.emplace(split_path(entry->first).key, *entry->second.value);
  }
  return entries;
}

void Draft::violate(std::string field, std::string message, std::string hint) {
  auto where = positions.find(field);
  if (where == positions.end()) where = positions.find(std::string(list_path(field)));
  violations.push_back(
      Violation{field, std::move(message), where == positions.end() ? at : where->second, std::move(hint), ref.text()});
}

void Draft::raise(Risk to, std::string why) {
  risk = std::max(risk, to);
  risk_reasons.push_back(std::move(why));
}

std::vector<FieldChange> diff(const Wish& before, const Wish& after) {
  std::vector<FieldChange> changes;
  for (auto& [path, field] : after) {
    auto from = value_at(before, path);
    if (from != field.value) changes.push_back(FieldChange{path, from, field.value});
  }
  for (auto& [path, field] : before) {
    if (!after.contains(path) && field.value) changes.push_back(FieldChange{path, field.value, std::nullopt});
  }
  return changes;
}

std::vector<Violation> check_document(const KindRules& rules, const Document& document) {
  std::vector<Violation> violations;
  auto report = [&](Violation violation, Position at) {
    violation.at = std::move(at);
    violation.object = Ref{rules.singular(), document.cluster, document.name}.text();
    violations.push_back(std::move(violation));
  };
  if (document.fields.size() > limits::fields_per_document) {
    report(
        {"",
         fmt::format("the document has {} fields; {} are allowed", document.fields.size(), limits::fields_per_document),
         {},
         "split it",
         ""},
        document.at);
  }
  if (auto fault = rules.name_fault ? rules.name_fault(document.name) : std::nullopt) {
    report({"metadata.name", *fault, {}, "", ""}, document.at);
  }
  if (rules.scope == Scope::global && !document.cluster.empty()) {
    report({"metadata.cluster", fmt::format("a {} belongs to no cluster", rules.kind), {}, "leave it out", ""},
           document.at);
  }
  for (auto& [path, said] : document.fields) {
    const Field* field = rules.field(path);
    if (!field) {
      std::vector<std::string> known;
      for (auto& row : rules.fields) known.emplace_back(row.path);
      for (auto& row : metadata_fields()) known.emplace_back(row.path);
      report({path, "no such field", {}, text::did_you_mean(path, known), ""}, said.at);
    } else if (said.value) {
      if (auto violation = check_value(*field, path, *said.value)) report(*violation, said.at);
    } else if (auto violation = is_map(field->type) ? check_key(*field, path) : std::nullopt) {
      report(*violation, said.at);
    }
  }
  for (auto map : {"metadata.labels[", "metadata.annotations["}) {
    auto entries = std::count_if(document.fields.begin(), document.fields.end(),
                                 [&](const auto& entry) { return entry.first.starts_with(map); });
    if (entries <= static_cast<std::ptrdiff_t>(limits::labels)) continue;
    auto field = std::string(map).substr(0, std::string_view(map).size() - 1);
    report({field, fmt::format("{} entries; {} are allowed", entries, limits::labels), {}, "", ""}, document.at);
  }
  return violations;
}

bool writes(const Draft& draft) {
  return draft.action != Action::unchanged || draft.hands_over;
}

namespace {

// The wish as the world is to be, copied only where an overlay lies on it.
const Wish& in_force(const Wish& wish, const Overlay& overlay, Wish& room) {
  if (overlay.empty()) return wish;
  room = effective(wish, overlay);
  return room;
}

std::string shown(const KindRules& rules, const std::string& path, const std::optional<Value>& value) {
  const Field* field = rules.field(path);
  return !value ? "the default" : field ? value_text(*field, *value) : text::to_json(*value);
}

bool changes(const Draft& draft, const std::string& path) {
  return std::any_of(draft.fields.begin(), draft.fields.end(), [&](auto& change) { return change.path == path; });
}

// What holds for a while already, what is to hold longer, and what the plan changes beneath it.
void look_at_overlay(Draft& draft) {
  for (auto& [path, over] : draft.overlay) {
    auto held = draft.before ? draft.before->overlay.find(path) : draft.overlay.end();
    bool stays = held != (draft.before ? draft.before->overlay.end() : draft.overlay.end()) && held->second == over;
    if (!stays && !changes(draft, path)) draft.fields.push_back(FieldChange{path, over.value, over.value});
    if (!stays) continue;
    draft.notes.push_back(fmt::format("{} is {} until {}, by {}{}{}", path, shown(*draft.rules, path, over.value),
                                      to_rfc3339(over.until), over.by, over.reason.empty() ? "" : ": ", over.reason));
  }
  for (auto& change : draft.before ? diff(draft.before->wish, draft.after) : std::vector<FieldChange>()) {
    if (!draft.overlay.contains(change.path)) continue;
    draft.notes.push_back(
        fmt::format("{} becomes {} when that ends", change.path, shown(*draft.rules, change.path, change.to)));
    draft.fields.push_back(std::move(change));
  }
}

void judge_wish(Draft& draft, const Wish& after) {
  const KindRules& rules = *draft.rules;
  for (auto& row : rules.fields) {
    if (row.required && !wished(after, row.path)) {
      draft.violate(std::string(row.path), "this field is required", fmt::format("for example {}", row.example));
    }
  }
  for (auto& change : draft.fields) {
    const Field* field = rules.field(change.path);
    if (draft.before && field && field->immutable && change.from) {
      draft.violate(change.path, "this field cannot change", "delete the object and create it anew, or leave it out");
    }
  }
  if (rules.judge) {
    for (auto& violation : rules.judge(draft.ref.name, after)) {
      draft.violate(violation.field, violation.message, violation.hint);
    }
  }
}

}  // namespace

void settle(Draft& draft) {
  const KindRules& rules = *draft.rules;
  Wish none, room_before, room_after;
  const Wish& before = draft.before ? in_force(draft.before->wish, draft.before->overlay, room_before) : none;
  const Wish& after = in_force(draft.after, draft.overlay, room_after);
  draft.fields = diff(before, after);
  if (!draft.overlay.empty()) look_at_overlay(draft);
  if (draft.before && draft.before->state == State::deleting) draft.refusal = errors::being_deleted(draft.ref);
  draft.hands_over = draft.before && draft.after != draft.before->wish;
  if (draft.before && draft.fields.empty()) return;
  judge_wish(draft, after);
  if (!draft.before) {
    draft.action = Action::create;
  } else {
    draft.action = Action::change;
    for (auto& change : draft.fields) {
      bool of_kind = rules.risk && change.path.starts_with("spec.");
      Risk risk = of_kind ? rules.risk(change) : change.path == "metadata.team" ? Risk::high : Risk::moderate;
      draft.risk = std::max(draft.risk, risk);
      if (risk >= Risk::high) draft.risk_reasons.push_back(fmt::format("{} changes", change.path));
    }
  }
}

bool is_protected(const KindRules& rules, const Wish& wish) {
  const Value* said = wished(wish, "metadata.deletionProtection");
  return said && said->as_bool() ? *said->as_bool() : rules.deletion_protection;
}

void settle_deletion(Draft& draft) {
  draft.action = Action::remove;
  draft.after = draft.before->wish;
  draft.raise(Risk::critical, "deletion cannot be undone");
  if (is_protected(*draft.rules, draft.before->wish)) draft.refusal = errors::protected_from_deletion(draft.ref);
}

void order(std::vector<Draft>& drafts) {
  auto key = [](const Draft& draft) {
    bool removal = draft.action == Action::remove;
    bool idle = draft.action == Action::unchanged;
    return std::tuple(idle, idle && draft.notes.empty(), removal, removal ? -draft.rules->rank : draft.rules->rank);
  };
  std::stable_sort(drafts.begin(), drafts.end(), [&](const Draft& a, const Draft& b) {
    auto ka = key(a), kb = key(b);
    return ka != kb ? ka < kb : a.ref < b.ref;
  });
}

namespace {

constexpr std::size_t most_told = 200;

Violation told_of(const Draft& refused) {
  return {"", refused.refusal->message, refused.at, refused.refusal->next, refused.ref.text()};
}

}  // namespace

std::optional<Error> refusal_of(const std::vector<Draft>& drafts) {
  std::vector<Violation> violations;
  std::vector<const Draft*> refused;
  for (auto& draft : drafts) {
    violations.insert(violations.end(), draft.violations.begin(), draft.violations.end());
    if (draft.refusal) refused.push_back(&draft);
  }
  if (!violations.empty()) {
    // What is refused may be the cause of another's faults: a service that stays whose it is, for one.
    for (auto* draft : refused) {
      if (draft->violations.empty() && violations.size() < most_told) violations.push_back(told_of(*draft));
    }
    return errors::document_invalid(std::move(violations));
  }
  if (refused.empty()) return std::nullopt;
  // Denials first: who may not do it at all need not hear the rest.
  auto first = std::find_if(refused.begin(), refused.end(), [](auto* d) { return d->refusal->code == Code::denied; });
  const Draft& told = **(first == refused.end() ? refused.begin() : first);
  Error error = *told.refusal;
  if (told.at.known()) error.message = fmt::format("{}: {}", told.at.text(), error.message);
  if (refused.size() > 1) {
    for (auto* draft : refused) {
      if (error.violations.size() == most_told) break;
      error.violations.push_back(told_of(*draft));
    }
    error.message =
        fmt::format("{} of {} objects are refused; the first: {}", refused.size(), drafts.size(), error.message);
  }
  return error;
}

std::string canonical(const std::vector<Draft>& drafts) {
  std::string text;
  for (auto& draft : drafts) {
    if (!writes(draft)) continue;
    text += fmt::format("{}\n{}\n{}\n{}\n{}\n", draft.ref.text(), action_name(draft.action),
                        draft.before ? draft.before->generation : 0, draft.fingerprint,
                        draft.rules ? draft.rules->version : 0);
    if (draft.becomes) text += fmt::format("{} {}\n", static_cast<int>(draft.becomes->how), draft.becomes->name);
    for (auto& [path, field] : draft.after) {
      text += fmt::format("{}={}:{}\n", path, field.value ? text::to_json(*field.value) : "reset", field.manager);
    }
    for (auto& [path, over] : draft.overlay) {
      text +=
          fmt::format("{}~{}:{}\n", path, over.value ? text::to_json(*over.value) : "reset", to_rfc3339(over.until));
    }
  }
  return text;
}

std::string rules_of(const std::vector<Draft>& drafts) {
  std::map<std::string, int> versions;
  for (auto& draft : drafts) {
    if (writes(draft) && draft.rules) versions.emplace(draft.rules->singular(), draft.rules->version);
  }
  std::string text;
  for (auto& [kind, version] : versions) text += fmt::format("{}{}:{}", text.empty() ? "" : " ", kind, version);
  return text;
}

void count(Summary& summary, const std::vector<Draft>& drafts) {
  bool prunes_critical = false;
  for (auto& draft : drafts) {
    summary.risk = std::max(summary.risk, draft.risk);
    switch (draft.action) {
      case Action::create:
        ++summary.creates;
        break;
      case Action::change:
        ++summary.changes;
        break;
      case Action::adopt:
        ++summary.adopts;
        break;
      case Action::remove:
        ++summary.deletes;
        break;
      case Action::unchanged:
        ++summary.unchanged;
        summary.hand_overs += draft.hands_over;
        break;
    }
    bool pruned = draft.because == Draft::Because::pruned;
    summary.prunes += pruned && draft.action == Action::remove;
    if (draft.risk != Risk::critical) continue;
    if (!pruned) summary.confirm.push_back(draft.ref.name);
    prunes_critical = prunes_critical || pruned;
  }
  if (prunes_critical) summary.confirm.push_back(summary.set.name);
}

}  // namespace eda::plans
