#include "plans/manifest_values.h"

#include <fmt/format.h>

#include <charconv>

#include "platform/text/unicode.h"
#include "platform/text/units.h"

namespace eda::plans {
namespace {

std::string shown(std::string_view text) {
  return text::cut(text::printable(text.substr(0, 400)), 60);
}

tl::unexpected<ValueFault> refuse(const Field& field, const Node& node, std::string hint = {}) {
  return tl::unexpected(ValueFault{fmt::format("{} was found; {}", found_text(node), wanted_text(field)),
                                   hint.empty() ? example_text(field) : std::move(hint)});
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

tl::expected<Value, ValueFault> read_integer(const Field& field, const Node& node) {
  if (scalar_type(node) != ScalarType::integer) {
    bool only_quoted = !node.plain && plain_type(node.text) == ScalarType::integer;
    return refuse(field, node, only_quoted ? fmt::format("write {} without quotes", shown(node.text)) : "");
  }
  std::string_view digits = node.text;
  int base = digits.starts_with("0x") ? 16 : digits.starts_with("0o") ? 8 : 10;
  if (base != 10) digits.remove_prefix(2);
  if (digits.starts_with('+')) digits.remove_prefix(1);
  std::int64_t number = 0;
  auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), number, base);
  if (fault != std::errc()) {
    return tl::unexpected(
        ValueFault{fmt::format("the number {} does not fit in 64 bits", shown(node.text)), example_text(field)});
  }
  return Value(number);
}

tl::expected<Value, ValueFault> read_boolean(const Field& field, const Node& node) {
  std::string word = lower(node.text);
  if (scalar_type(node) == ScalarType::boolean) return Value(word == "true");
  std::string_view meant;
  if (word == "true" || word == "yes" || word == "on" || word == "y") meant = "true";
  if (word == "false" || word == "no" || word == "off" || word == "n") meant = "false";
  if (meant.empty()) return refuse(field, node);
  return refuse(field, node, fmt::format("write {}{}", meant, word == meant ? " without quotes" : ""));
}

tl::expected<Value, ValueFault> read_amount(const Field& field, const Node& node) {
  ScalarType type = scalar_type(node);
  if (type == ScalarType::boolean || type == ScalarType::decimal) return refuse(field, node);
  if (node.text == "-1") return refuse(field, node, "write unlimited");
  auto read =
      field.type == FieldType::duration ? text::parse_duration_ms(node.text) : text::parse_size_bytes(node.text);
  if (!read) return tl::unexpected(ValueFault{read.error().message, read.error().next});
  return Value(*read);
}

tl::expected<Value, ValueFault> read_list(const Field& field, const Node& node) {
  if (node.shape != Node::Shape::list) return refuse(field, node);
  Value::List list;
  for (const Node::Entry& entry : node.entries) {
    const Node& item = *entry.value;
    if (item.shape != Node::Shape::scalar || scalar_type(item) != ScalarType::text) {
      bool quotable = item.shape == Node::Shape::scalar && scalar_type(item) != ScalarType::null;
      return tl::unexpected(ValueFault{
          fmt::format("{} was found in the list; text is wanted", found_text(item)),
          quotable ? fmt::format("put it in quotes: \"{}\"", shown(item.text)) : example_text(field), entry.at});
    }
    list.emplace_back(item.text);
  }
  return Value(std::move(list));
}

}  // namespace

std::string found_text(const Node& node) {
  if (node.shape == Node::Shape::map) return "an object";
  if (node.shape == Node::Shape::list) return "a list";
  switch (scalar_type(node)) {
    case ScalarType::null:
      return node.text.empty() ? "nothing" : shown(node.text);
    case ScalarType::boolean:
      return shown(node.text);
    case ScalarType::integer:
    case ScalarType::decimal:
      return fmt::format("the number {}", shown(node.text));
    case ScalarType::text:
      break;
  }
  return fmt::format("the text \"{}\"", shown(node.text));
}

std::string example_text(const Field& field) {
  if (field.example.empty()) return {};
  std::string_view word = field.path.substr(field.path.rfind('.') + 1);
  return fmt::format("for example {}: {}", word, field.example);
}

tl::expected<Value, ValueFault> read_value(const Field& field, const Node& node) {
  if (field.type == FieldType::text_list) return read_list(field, node);
  if (node.shape != Node::Shape::scalar) return refuse(field, node);
  switch (field.type) {
    case FieldType::integer:
      return read_integer(field, node);
    case FieldType::boolean:
      return read_boolean(field, node);
    case FieldType::duration:
    case FieldType::size:
      return read_amount(field, node);
    // Settings like min.insync.replicas: 2 are texts that happen to look like numbers; they keep their spelling.
    case FieldType::text_map:
      return Value(node.text);
    default:
      break;
  }
  if (scalar_type(node) != ScalarType::text) {
    return refuse(field, node, fmt::format("put it in quotes: \"{}\"", shown(node.text)));
  }
  return Value(node.text);
}

}  // namespace eda::plans
