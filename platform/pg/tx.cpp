#include "platform/pg/tx.h"

#include <charconv>

namespace eda::pg {

std::string text_array(const std::vector<std::string>& items) {
  std::string literal = "{";
  for (const std::string& item : items) {
    if (literal.size() > 1) literal += ',';
    // Quoted always, so that an empty text, NULL, braces and commas are what they are.
    literal += '"';
    for (char c : item) {
      if (c == '\0') throw UnstorableText();
      if (c == '"' || c == '\\') literal += '\\';
      literal += c;
    }
    literal += '"';
  }
  return literal += '}';
}

std::string bigint_array(const std::vector<std::int64_t>& items) {
  std::string literal = "{";
  for (std::int64_t item : items) {
    if (literal.size() > 1) literal += ',';
    literal += std::to_string(item);
  }
  return literal += '}';
}

// libpqxx 6.4's own array_parser takes a bare ' for the begin of a quoted item.
std::vector<std::string> texts_of(const pqxx::field& array) {
  std::vector<std::string> items;
  std::string_view text(array.c_str(), array.size());
  if (text.size() <= 2) return items;  // null or {}
  std::string item;
  bool quoted = false, was_quoted = false;
  for (std::size_t at = 1; at < text.size(); ++at) {
    char c = text[at];
    if (c == '\\') {
      item += text[++at];
    } else if (c == '"') {
      quoted = !quoted;
      was_quoted = true;
    } else if (quoted || (c != ',' && c != '}')) {
      item += c;
    } else {
      if (was_quoted || item != "NULL") items.push_back(item);
      item.clear();
      was_quoted = false;
    }
  }
  return items;
}

Instant instant_of(const pqxx::field& rfc3339_or_micros) {
  std::string_view text(rfc3339_or_micros.c_str(), rfc3339_or_micros.size());
  std::int64_t micros = 0;
  auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), micros);
  if (fault == std::errc() && end == text.data() + text.size()) return Instant(Duration(micros));
  if (auto instant = from_rfc3339(text)) return *instant;
  throw pqxx::conversion_error("no instant: select eda_micros(column)");
}

}  // namespace eda::pg
