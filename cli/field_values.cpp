#include "cli/field_values.h"

#include <fmt/format.h>

#include "cli/errors.h"
#include "plans/manifest_values.h"
#include "platform/text/distance.h"
#include "platform/text/unicode.h"

namespace eda::cli {

using plans::Field;
using plans::FieldType;

namespace {

constexpr std::array<std::string_view, 3> prefixes{"", "spec.", "metadata."};

// A map's row and the key behind its name: "config.retention.ms" is the key retention.ms of spec.config.
std::pair<const Field*, std::string> find_entry(const plans::KindRules& rules, const std::string& word) {
  for (auto dot = word.find('.'); dot != std::string::npos; dot = word.find('.', dot + 1)) {
    for (auto prefix : prefixes) {
      const auto* field = rules.field(std::string(prefix) + word.substr(0, dot));
      if (field && plans::is_map(field->type)) return {field, word.substr(dot + 1)};
    }
  }
  return {nullptr, {}};
}

// As the word would be written in a manifest: numbers and durations plain, texts in quotes.
plans::Node node_of(FieldType type, const std::string& text) {
  plans::Node out;
  out.plain = type == FieldType::integer || type == FieldType::boolean || type == FieldType::duration ||
              type == FieldType::size;
  out.text = text;
  return out;
}

tl::expected<Value, plans::ValueFault> read_text(const Field& field, const std::string& text) {
  if (field.type != FieldType::text_list) return plans::read_value(field, node_of(field.type, text));
  Value::List items;
  for (std::size_t begin = 0; begin <= text.size();) {
    auto end = std::min(text.find(',', begin), text.size());
    items.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return Value(std::move(items));
}

Error bad_value(const std::string& word, const std::string& message, const std::string& hint) {
  return usage_error(fmt::format("{}: {}", text::printable(word), message), hint);
}

}  // namespace

Result<const Field*> find_field(const plans::KindRules& rules, const std::string& word) {
  for (auto prefix : prefixes) {
    if (const auto* field = rules.field(std::string(prefix) + word)) return field;
  }
  std::vector<std::string> known;
  for (auto& field : plans::metadata_fields()) known.emplace_back(field.path);
  for (auto& field : rules.fields) known.emplace_back(field.path);
  auto hint = text::did_you_mean(word, known);
  for (auto* prefix : {"spec.", "metadata."}) {
    if (hint.empty()) hint = text::did_you_mean(prefix + word, known);
  }
  return fail(usage_error(fmt::format("a {} has no field \"{}\"", rules.kind, text::printable(word)),
                          hint.empty() ? fmt::format("edactl explain {} lists them", rules.singular()) : hint));
}

Result<std::pair<std::string, plans::Said>> parse_assignment(const plans::KindRules& rules, const std::string& text) {
  auto sign = text.find('=');
  if (sign == std::string::npos || sign == 0) {
    return fail(usage_error(fmt::format("\"{}\" is no FIELD=VALUE", text::printable(text)),
                            "for example retention=14d; retention= goes back to the default"));
  }
  auto word = text.substr(0, sign), written = text.substr(sign + 1);
  auto [field, key] = find_entry(rules, word);
  if (field == nullptr) {
    EDA_ASSIGN(field, find_field(rules, word));
    if (plans::is_map(field->type)) {
      return fail(usage_error(fmt::format("{} has keys of its own", word), fmt::format("{}.KEY=VALUE", word)));
    }
  }
  auto path = key.empty() ? std::string(field->path) : plans::keyed_path(field->path, key);
  if (!key.empty()) {
    if (auto fault = plans::check_key(*field, path)) return fail(bad_value(word, fault->message, fault->hint));
  }
  if (written.empty() || written == "null") return std::pair(path, plans::Said{});
  auto value = read_text(*field, written);
  if (!value) return fail(bad_value(word, value.error().message, value.error().hint));
  if (auto fault = plans::check_value(*field, path, *value)) {
    return fail(bad_value(word, fault->message, fault->hint));
  }
  return std::pair(path, plans::Said{std::move(*value), {}});
}

}  // namespace eda::cli
