#include "plans/kind.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "platform/core/limits.h"
#include "platform/text/distance.h"
#include "platform/text/unicode.h"
#include "platform/text/units.h"

namespace eda::plans {
namespace {

std::string lower(std::string_view word) {
  std::string out(word);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

Ref reference_of(std::string_view kind, const std::string& text, const std::string& cluster) {
  if (!lives_on_cluster(kind)) return Ref{std::string(kind), "", text};
  auto slash = text.find('/');
  if (slash == std::string::npos) return Ref{std::string(kind), cluster, text};
  return Ref{std::string(kind), text.substr(0, slash), text.substr(slash + 1)};
}

std::string shown(std::string_view text) {
  return '"' + text::cut(text::printable(text.substr(0, 400)), 60) + '"';
}

Violation violation(std::string_view path, std::string message, std::string hint = {}) {
  return Violation{std::string(path), std::move(message), {}, std::move(hint), {}};
}

std::optional<Violation> check_text(std::string_view path, const std::string& text) {
  if (text.size() > limits::text_bytes) {
    return violation(path, fmt::format("the text has {} bytes; {} is the most", text.size(), limits::text_bytes),
                     "shorten it");
  }
  if (auto odd = text::control_character(text)) {
    return violation(path, fmt::format("the text holds {}", odd->what), "leave it out");
  }
  return std::nullopt;
}

std::optional<Violation> check_choice(const Field& field, std::string_view path, const std::string& text) {
  if (std::find(field.choices.begin(), field.choices.end(), text) != field.choices.end()) return std::nullopt;
  std::vector<std::string> known(field.choices.begin(), field.choices.end());
  return violation(path, fmt::format("{} is none of {}", shown(text), choices_text(field)),
                   text::did_you_mean(text, known));
}

/// Integers, durations and sizes: one number each.
std::optional<Violation> check_range(const Field& field, std::string_view path, const Value& value) {
  std::int64_t number = *value.as_int();
  auto written = [&](std::int64_t n) { return value_text(field, Value(n)); };
  if (field.least && number < *field.least) {
    return violation(path,
                     number == -1 && field.type != FieldType::integer
                         ? fmt::format("unlimited is not possible here; {} is the least", written(*field.least))
                         : fmt::format("{} is too small; {} is the least", written(number), written(*field.least)));
  }
  if (field.most && number > *field.most) {
    return violation(path, fmt::format("{} is too large; {} is the most", written(number), written(*field.most)));
  }
  return std::nullopt;
}

std::optional<Violation> check_list(std::string_view path, const Value::List& list) {
  if (list.size() > limits::list_items) {
    return violation(path, fmt::format("the list has {} items; {} is the most", list.size(), limits::list_items));
  }
  for (const Value& item : list) {
    if (!item.as_text()) return violation(path, "an item of the list is no text", "put it in quotes");
    if (auto fault = check_text(path, *item.as_text())) return fault;
  }
  return std::nullopt;
}

std::optional<Violation> check_record(const Field& field, const std::string& path, const Value& value) {
  const Value::Map* record = value.as_map();
  if (!record) return violation(path, "an item of the list is no record", wanted_text(field));
  for (const auto& [name, said] : *record) {
    const Field* member = field.member(name);
    if (!member) return violation(path, fmt::format("\"{}\" is no field of it", text::printable(name)));
    if (auto fault = check_value(*member, fmt::format("{}.{}", path, name), said)) return fault;
  }
  for (const Field& member : field.members) {
    if (member.required && !record->contains(std::string(member.path))) {
      return violation(path, fmt::format("{} is missing", member.path), fmt::format("for example {}", field.example));
    }
  }
  return std::nullopt;
}

std::optional<Violation> check_records(const Field& field, std::string_view path, const Value::List& list) {
  if (list.size() > limits::list_items) {
    return violation(path, fmt::format("the list has {} items; {} is the most", list.size(), limits::list_items));
  }
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (auto fault = check_record(field, record_path(path, i), list[i])) return fault;
  }
  return std::nullopt;
}

bool has_shape(FieldType type, const Value& value) {
  switch (type) {
    case FieldType::integer:
    case FieldType::duration:
    case FieldType::size:
      return value.as_int() != nullptr;
    case FieldType::boolean:
      return value.as_bool() != nullptr;
    case FieldType::text_list:
    case FieldType::record_list:
      return value.as_list() != nullptr;
    default:
      return value.as_text() != nullptr;
  }
}

const std::vector<Field> metadata_table{
    {.path = "metadata.team",
     .type = FieldType::name,
     .doc = "The team that owns the object; checked against the owner that the catalog holds.",
     .example = "checkout",
     .refers = "team"},
    {.path = "metadata.domain",
     .type = FieldType::name,
     .doc = "The bounded context it belongs to. A domain exists when it is named.",
     .example = "sales"},
    {.path = "metadata.labels",
     .type = FieldType::text_map,
     .doc = "Free words to search by; each key is a name.",
     .example = "{tier: gold}"},
    {.path = "metadata.annotations",
     .type = FieldType::text_map,
     .doc = "Notes for people and tools; never searched.",
     .example = "{runbook: https://wiki.shop.example/orders}"},
    {.path = "metadata.deletionProtection",
     .type = FieldType::boolean,
     .doc = "While true, a plan that deletes the object is refused; switching it off is a plan of its own.",
     .example = "true"},
};

/// Reads `["key"]` with \" and \\ inside; nullopt when it is not exactly that.
std::optional<std::string> unquote(std::string_view text) {
  if (text.size() < 4 || !text.starts_with("[\"") || !text.ends_with("\"]")) return std::nullopt;
  std::string_view inside = text.substr(2, text.size() - 4);
  std::string key;
  for (std::size_t i = 0; i < inside.size(); ++i) {
    if (inside[i] == '"') return std::nullopt;
    if (inside[i] == '\\' && ++i == inside.size()) return std::nullopt;
    key += inside[i];
  }
  return key;
}

}  // namespace

std::string_view risk_name(Risk risk) {
  switch (risk) {
    case Risk::low:
      return "LOW";
    case Risk::moderate:
      return "MODERATE";
    case Risk::high:
      return "HIGH";
    case Risk::critical:
      return "CRITICAL";
  }
  return "CRITICAL";
}

std::string_view action_name(Action action) {
  switch (action) {
    case Action::create:
      return "create";
    case Action::change:
      return "change";
    case Action::adopt:
      return "adopt";
    case Action::remove:
      return "delete";
    case Action::unchanged:
      return "unchanged";
  }
  return "unchanged";
}

bool lives_on_cluster(std::string_view kind) {
  constexpr std::array<std::string_view, 5> kinds{"stream", "principal", "group", "quota", "access"};
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

std::string record_path(std::string_view field, std::size_t index, std::string_view member) {
  return member.empty() ? fmt::format("{}[{}]", field, index) : fmt::format("{}[{}].{}", field, index, member);
}

std::string_view list_path(std::string_view path) {
  auto bracket = path.find('[');
  bool record = bracket != std::string_view::npos && bracket + 1 < path.size() && path[bracket + 1] != '"';
  return record ? path.substr(0, bracket) : path;
}

bool is_map(FieldType type) {
  return type == FieldType::text_map || type == FieldType::choice_map;
}

std::string choices_text(const Field& field) {
  std::string out;
  for (std::size_t i = 0; i < field.choices.size(); ++i) {
    out += fmt::format("{}\"{}\"", i == 0 ? "" : i + 1 == field.choices.size() ? " and " : ", ", field.choices[i]);
  }
  return out;
}

std::string KindRules::singular() const {
  return lower(kind);
}

const Field* Field::member(std::string_view name) const {
  auto found = std::find_if(members.begin(), members.end(), [&](const Field& row) { return row.path == name; });
  return found == members.end() ? nullptr : &*found;
}

const Field* KindRules::field(std::string_view path) const {
  std::string_view plain = split_path(path).field;
  for (std::span<const Field> table : {fields, metadata_fields()}) {
    for (const Field& row : table) {
      if (row.path == plain) return plain.size() == path.size() || is_map(row.type) ? &row : nullptr;
    }
  }
  return nullptr;
}

std::span<const Field> metadata_fields() {
  return metadata_table;
}

FieldPath split_path(std::string_view path) {
  auto bracket = path.find("[\"");
  if (bracket == std::string_view::npos) return {path, {}};
  auto key = unquote(path.substr(bracket));
  if (!key) return {path, {}};
  return {path.substr(0, bracket), std::move(*key)};
}

std::string keyed_path(std::string_view field, std::string_view key) {
  std::string out(field);
  out += "[\"";
  for (char c : key) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"]";
}

namespace {

// In the order of the table: what it is about comes first.
std::string record_text(const Field& field, const Value::Map& record) {
  std::string out;
  for (const Field& member : field.members) {
    auto said = record.find(std::string(member.path));
    if (said == record.end()) continue;
    out += fmt::format("{}{}: {}", out.empty() ? "" : ", ", member.path, value_text(member, said->second));
  }
  return '{' + out + '}';
}

}  // namespace

std::string value_text(const Field& field, const Value& value) {
  if (field.type == FieldType::record_list && value.as_map()) return record_text(field, *value.as_map());
  if (const std::int64_t* number = value.as_int()) {
    if (field.type == FieldType::duration) return text::duration_text(*number);
    if (field.type == FieldType::size) return text::size_text(*number);
    return std::to_string(*number);
  }
  if (const bool* truth = value.as_bool()) return *truth ? "true" : "false";
  if (const std::string* text = value.as_text()) return *text;
  if (const double* number = value.as_double()) return fmt::format("{}", *number);
  std::string out;
  if (const Value::List* list = value.as_list()) {
    for (const Value& item : *list) out += (out.empty() ? "" : ", ") + value_text(field, item);
  } else if (const Value::Map* map = value.as_map()) {
    for (const auto& [key, item] : *map) out += (out.empty() ? "" : ", ") + key + ": " + value_text(field, item);
  }
  return out;
}

std::string wanted_text(const Field& field) {
  switch (field.type) {
    case FieldType::text:
      return "text is wanted";
    case FieldType::name:
      return "a name is wanted";
    case FieldType::integer:
      return "a whole number is wanted";
    case FieldType::boolean:
      return "true or false is wanted";
    case FieldType::duration:
      return "a duration such as 7d or 1h30m is wanted";
    case FieldType::size:
      return "a size such as 500MiB is wanted";
    case FieldType::choice:
    case FieldType::choice_map:
      return fmt::format("one of {} is wanted", choices_text(field));
    case FieldType::text_list:
      return "a list of texts is wanted";
    case FieldType::text_map:
      return "text is wanted for each key";
    case FieldType::record_list:
      return "a list of records is wanted";
  }
  return {};
}

std::optional<Violation> check_key(const Field& field, std::string_view path) {
  std::string key = split_path(path).key;
  if (key.empty()) return violation(path, "a key is missing", "each entry has a name of its own");
  if (key.size() > limits::key_bytes) {
    return violation(path, fmt::format("the key has {} bytes; {} is the most", key.size(), limits::key_bytes));
  }
  if (auto odd = text::control_character(key)) return violation(path, fmt::format("the key holds {}", odd->what));
  // Keys become paths, and those stand in plans, errors and tables.
  if (text::printable(key) != key) return violation(path, "the key holds a line break or another invisible character");
  if (field.path == "metadata.labels") {
    if (auto fault = text::name_fault(key)) return violation(path, "this is no label: " + *fault);
  }
  return std::nullopt;
}

std::optional<Violation> check_value(const Field& field, std::string_view path, const Value& value) {
  if (is_map(field.type)) {
    if (auto fault = check_key(field, path)) return fault;
  }
  if (!has_shape(field.type, value)) return violation(path, wanted_text(field));
  switch (field.type) {
    case FieldType::boolean:
      return std::nullopt;
    case FieldType::integer:
    case FieldType::duration:
    case FieldType::size:
      return check_range(field, path, value);
    case FieldType::choice:
    case FieldType::choice_map:
      return check_choice(field, path, *value.as_text());
    case FieldType::text_list:
      return check_list(path, *value.as_list());
    case FieldType::record_list:
      return check_records(field, path, *value.as_list());
    case FieldType::text:
    case FieldType::text_map:
      return check_text(path, *value.as_text());
    case FieldType::name:
      break;
  }
  if (auto fault = text::name_fault(*value.as_text())) return violation(path, *fault);
  return std::nullopt;
}

namespace {

void add_references(const Field& field, const std::string& path, const Value::Map& record,
                    std::vector<Reference>& out) {
  auto cluster = record.find("cluster");
  for (const Field& member : field.members) {
    auto said = record.find(std::string(member.path));
    if (member.refers.empty() || said == record.end() || !said->second.as_text()) continue;
    bool on_cluster = cluster != record.end() && cluster->second.as_text();
    out.push_back({fmt::format("{}.{}", path, member.path),
                   reference_of(member.refers, *said->second.as_text(), on_cluster ? *cluster->second.as_text() : ""),
                   member.flow});
  }
}

}  // namespace

std::vector<Reference> references(const KindRules& rules, const Wish& wish, const std::string& cluster) {
  std::vector<Reference> out;
  for (const auto& entry : wish) {
    const std::string& path = entry.first;
    const WishField& said = entry.second;
    const Field* field = rules.field(path);
    if (!field || !said.value) continue;
    if (field->type == FieldType::record_list && said.value->as_list()) {
      const Value::List& records = *said.value->as_list();
      for (std::size_t i = 0; i < records.size(); ++i) {
        if (records[i].as_map()) add_references(*field, record_path(path, i), *records[i].as_map(), out);
      }
      continue;
    }
    if (field->refers.empty()) continue;
    auto add = [&](const Value& value) {
      if (!value.as_text()) return;
      out.push_back({path, reference_of(field->refers, *value.as_text(), cluster), field->flow});
    };
    add(*said.value);
    if (const Value::List* list = said.value->as_list()) std::for_each(list->begin(), list->end(), add);
  }
  return out;
}

Kinds::Kinds(std::vector<const KindRules*> kinds) : kinds_(std::move(kinds)) {
  std::stable_sort(kinds_.begin(), kinds_.end(), [](const auto* a, const auto* b) { return a->rank < b->rank; });
}

const KindRules* Kinds::find(std::string_view word) const {
  std::string wanted = lower(word);
  for (const KindRules* kind : kinds_) {
    if (wanted == kind->singular() || wanted == lower(kind->plural)) return kind;
  }
  return nullptr;
}

std::vector<std::string> Kinds::words() const {
  std::vector<std::string> out;
  for (const KindRules* kind : kinds_) {
    out.push_back(kind->singular());
    out.emplace_back(kind->plural);
  }
  return out;
}

std::optional<Position> said_at(const Document& document, std::string_view path) {
  auto list = list_path(path);
  auto said = document.fields.find(std::string(list));
  if (said == document.fields.end()) return std::nullopt;
  auto part = said->second.parts.find(std::string(path.substr(list.size())));
  return part == said->second.parts.end() ? said->second.at : part->second;
}

std::vector<Violation> judge_document(const KindRules& rules, const Document& document) {
  bool whole = std::all_of(rules.fields.begin(), rules.fields.end(), [&](const Field& row) {
    auto said = document.fields.find(std::string(row.path));
    return !row.required || (said != document.fields.end() && said->second.value);
  });
  if (!rules.judge || !whole) return {};
  Wish wish;
  for (auto& [path, said] : document.fields) wish.emplace(path, WishField{said.value, ""});
  auto violations = rules.judge(document.name, wish);
  // What is not said here may stand in the wish already, or be said by another set.
  std::erase_if(violations, [&](auto& violation) { return !said_at(document, violation.field); });
  for (auto& violation : violations) {
    violation.at = *said_at(document, violation.field);
    violation.object = Ref{rules.singular(), document.cluster, document.name}.text();
  }
  return violations;
}

}  // namespace eda::plans
