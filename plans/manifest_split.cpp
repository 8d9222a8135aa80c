// Where one document of a file ends and the next begins, and what the scalars of a document are.

#include "plans/manifest_yaml.h"

namespace eda::plans {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool all(std::string_view text, bool (*wanted)(char)) {
  for (char c : text) {
    if (!wanted(c)) return false;
  }
  return !text.empty();
}

bool is_integer(std::string_view word) {
  if (word.starts_with("0o")) return all(word.substr(2), [](char c) { return c >= '0' && c <= '7'; });
  if (word.starts_with("0x")) {
    return all(word.substr(2), [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); });
  }
  if (word.starts_with('-') || word.starts_with('+')) word.remove_prefix(1);
  return all(word, is_digit);
}

bool is_decimal(std::string_view word) {
  if (word == ".nan" || word == ".NaN" || word == ".NAN") return true;
  if (word.starts_with('-') || word.starts_with('+')) word.remove_prefix(1);
  if (word == ".inf" || word == ".Inf" || word == ".INF") return true;
  auto digits = [&] {
    std::size_t count = 0;
    while (count < word.size() && is_digit(word[count])) ++count;
    word.remove_prefix(count);
    return count;
  };
  std::size_t whole = digits();
  std::size_t fraction = 0;
  if (word.starts_with('.')) {
    word.remove_prefix(1);
    fraction = digits();
  }
  if (whole + fraction == 0) return false;
  if (word.starts_with('e') || word.starts_with('E')) {
    word.remove_prefix(1);
    if (word.starts_with('-') || word.starts_with('+')) word.remove_prefix(1);
    if (digits() == 0) return false;
  }
  return word.empty();
}

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

/// `---` or `...` at the start of a line, alone or followed by a blank.
bool is_marker(std::string_view line, std::string_view marker) {
  return line.starts_with(marker) && (line.size() == marker.size() || is_blank(line[marker.size()]));
}

bool says_nothing(std::string_view line) {
  while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
  return line.empty() || line.front() == '#';
}

/// Takes one line off the front of the text, its line break (LF, CRLF or CR) included; gives it without.
std::string_view take_line(std::string_view& rest) {
  std::size_t end = 0;
  while (end < rest.size() && rest[end] != '\r' && rest[end] != '\n') ++end;
  std::string_view line = rest.substr(0, end);
  if (end == rest.size()) {
    rest = {};
  } else {
    bool both = rest[end] == '\r' && end + 1 < rest.size() && rest[end + 1] == '\n';
    rest.remove_prefix(end + (both ? 2 : 1));
  }
  return line;
}

}  // namespace

ScalarType plain_type(std::string_view word) {
  if (word.empty() || word == "~" || word == "null" || word == "Null" || word == "NULL") return ScalarType::null;
  for (std::string_view truth : {"true", "True", "TRUE", "false", "False", "FALSE"}) {
    if (word == truth) return ScalarType::boolean;
  }
  if (is_integer(word)) return ScalarType::integer;
  return is_decimal(word) ? ScalarType::decimal : ScalarType::text;
}

ScalarType scalar_type(const Node& node) {
  return node.plain ? plain_type(node.text) : ScalarType::text;
}

std::vector<Piece> split_documents(std::string_view text, std::size_t most) {
  std::vector<Piece> pieces;
  std::string_view rest = text;
  std::size_t begin = 0;
  std::uint32_t begin_line = 1;
  bool marked = false;  // the piece has its `---`; directives may stand before it
  bool says_something = false;
  auto finish = [&](std::size_t end, std::uint32_t next_line) {
    if (says_something) pieces.push_back({text.substr(begin, end - begin), begin_line});
    begin = end;
    begin_line = next_line;
    marked = says_something = false;
  };
  for (std::uint32_t number = 1; !rest.empty() && pieces.size() < most; ++number) {
    std::size_t start = text.size() - rest.size();
    std::string_view line = take_line(rest);
    if (is_marker(line, "---")) {
      if (marked || says_something) finish(start, number);
      marked = true;
      says_something = !says_nothing(line.substr(3));
    } else if (is_marker(line, "...")) {
      finish(text.size() - rest.size(), number + 1);
    } else if (!says_nothing(line) && (marked || says_something || line.front() != '%')) {
      says_something = true;
    }
  }
  if (pieces.size() < most) finish(text.size(), 0);
  return pieces;
}

}  // namespace eda::plans
