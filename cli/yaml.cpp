#include "cli/yaml.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "platform/text/unicode.h"

namespace eda::cli {

namespace {

using Json = nlohmann::ordered_json;

// Words that some YAML (1.1 or 1.2) reads as something other than a text.
constexpr std::array<std::string_view, 11> words{"null", "true", "false", "yes", "no", "on",
                                                 "off",  "y",    "n",     "~",   "nan"};

bool reads_as_word(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::find(words.begin(), words.end(), lower) != words.end();
}

// 30d, 500MiB, 1h30m: no YAML takes them for a number (1e3, 0x1f and 1_000 it would).
bool is_measure(std::string_view text) {
  auto digit = [](char c) { return c >= '0' && c <= '9'; };
  auto unit = [](char c) { return (c >= 'a' && c <= 'z' && c != 'e') || (c >= 'A' && c <= 'Z' && c != 'E'); };
  return !text.empty() && text.front() >= '1' && text.front() <= '9' && unit(text.back()) &&
         std::all_of(text.begin(), text.end(), [&](char c) { return digit(c) || unit(c); });
}

// Begins with a letter, holds nothing that YAML gives a meaning to, and is no word of its own. Numbers, dates and times
// begin with something else; when in doubt, quotes do no harm.
bool is_plain(std::string_view text) {
  if (text.empty() || text.size() > 200 || reads_as_word(text)) return false;
  auto letter = [](unsigned char c) { return std::isalpha(c) != 0 || c >= 0x80; };
  auto harmless = [&](unsigned char c) {
    return letter(c) || std::isdigit(c) != 0 ||
           std::string_view("._-/ @+").find(static_cast<char>(c)) != std::string_view::npos;
  };
  if (!letter(static_cast<unsigned char>(text.front())) || text.back() == ' ') return false;
  return std::all_of(text.begin(), text.end(), harmless) && !text::control_character(text) &&
         text::printable(text) == text;
}

// JSON's string is YAML's double-quoted scalar.
std::string quoted(std::string_view text) {
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string inline_text(const Json& value) {
  if (value.is_string()) return yaml_scalar(value.get_ref<const std::string&>());
  if (value.is_object()) return "{}";
  if (value.is_array()) return "[]";
  return value.dump();
}

bool is_inline(const Json& value) {
  return !value.is_structured() || value.empty();
}

void write(std::string& out, const Json& value, std::size_t indent);

void write_map(std::string& out, const Json& value, std::size_t indent) {
  std::string margin(indent, ' ');
  bool first = true;
  for (auto& [key, item] : value.items()) {
    if (!first) out += margin;
    first = false;
    out += yaml_scalar(key) + ":";
    if (is_inline(item)) {
      out += " " + inline_text(item) + "\n";
    } else {
      out += "\n" + std::string(indent + 2, ' ');
      write(out, item, indent + 2);
    }
  }
}

// Writes a structure whose first line's margin is written already.
void write(std::string& out, const Json& value, std::size_t indent) {
  if (value.is_object()) return write_map(out, value, indent);
  std::string margin(indent, ' ');
  bool first = true;
  for (auto& item : value) {
    if (!first) out += margin;
    first = false;
    out += "- ";
    if (is_inline(item)) {
      out += inline_text(item) + "\n";
    } else {
      write(out, item, indent + 2);
    }
  }
}

}  // namespace

std::string yaml_scalar(std::string_view text) {
  return is_plain(text) || is_measure(text) ? std::string(text) : quoted(text);
}

std::string to_yaml(const Json& value) {
  if (is_inline(value)) return inline_text(value) + "\n";
  std::string out;
  write(out, value, 0);
  return out;
}

}  // namespace eda::cli
