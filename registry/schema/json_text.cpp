#include "registry/schema/json_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "platform/text/unicode.h"

namespace eda::registry {
namespace {

using Kind = JsonNode::Kind;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

void append_utf8(std::string& out, char32_t c) {
  auto low = [](char32_t bits) { return static_cast<char>(0x80 | (bits & 0x3F)); };
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | (c >> 6));
    out += low(c);
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | (c >> 12));
    out += low(c >> 6);
    out += low(c);
  } else {
    out += static_cast<char>(0xF0 | (c >> 18));
    out += low(c >> 12);
    out += low(c >> 6);
    out += low(c);
  }
}

/// Reads one text; the first fault ends it.
class Reader {
 public:
  Reader(std::string_view text, std::size_t nesting) : text_(text), nesting_(nesting) {}

  tl::expected<JsonNode, Violation> all() {
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
    line_start_ = at_;
    if (auto bad = text::invalid_utf8(text_)) {
      while (at_ < *bad) step();
      return fault("here is a byte that is no UTF-8", "save the file as UTF-8");
    }
    JsonNode node;
    skip_space();
    if (at_ == text_.size()) return fault("there is no JSON in it");
    if (!value(node, 0)) return tl::unexpected(std::move(fault_));
    skip_space();
    if (at_ < text_.size()) return fault("something follows the end of the JSON value");
    return node;
  }

 private:
  void step() {
    if (text_[at_++] == '\n') {
      ++line_;
      line_start_ = at_;
    }
  }
  std::uint32_t column() const {
    return static_cast<std::uint32_t>(text::code_points(text_.substr(line_start_, at_ - line_start_))) + 1;
  }
  void skip_space() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) step();
  }
  bool next_is(char c) const { return at_ < text_.size() && text_[at_] == c; }

  tl::unexpected<Violation> fault(std::string message, std::string hint = {}) {
    return tl::unexpected(Violation{"", std::move(message), {"", line_, column()}, std::move(hint), ""});
  }
  bool fail(std::string message, std::string hint = {}) {
    fault_ = Violation{"", std::move(message), {"", line_, column()}, std::move(hint), ""};
    return false;
  }
  std::string found() const {
    if (at_ >= text_.size()) return "the end of the text";
    return fmt::format("{}", text::printable(text_.substr(at_, text::decode(text_.substr(at_)).bytes)));
  }

  bool value(JsonNode& out, std::size_t depth) {
    if (depth > nesting_) return fail(fmt::format("values are nested more than {} deep", nesting_));
    skip_space();
    out.line = line_;
    out.column = column();
    if (at_ >= text_.size()) return fail("a value is missing: the text ends here");
    switch (text_[at_]) {
      case '{':
        return object(out, depth);
      case '[':
        return array(out, depth);
      case '"':
        out.kind = Kind::string;
        return string(out.text);
      case 't':
        return word("true", out, Kind::boolean, true);
      case 'f':
        return word("false", out, Kind::boolean, false);
      case 'n':
        return word("null", out, Kind::null, false);
      default:
        return number(out);
    }
  }

  bool word(std::string_view spelt, JsonNode& out, Kind kind, bool truth) {
    if (text_.substr(at_, spelt.size()) != spelt)
      return fail(fmt::format("a JSON value does not begin with {}", found()), "put text in double quotes");
    at_ += spelt.size();
    out.kind = kind;
    out.truth = truth;
    return true;
  }

  bool digits() {
    std::size_t start = at_;
    while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
    return at_ > start;
  }

  bool number(JsonNode& out) {
    std::size_t start = at_;
    if (next_is('-')) ++at_;
    if (next_is('0')) {
      ++at_;
    } else if (!digits()) {
      return fail(fmt::format("a JSON value does not begin with {}", found()), "put text in double quotes");
    }
    if (at_ < text_.size() && is_digit(text_[at_]))
      return fail("a number begins with 0 and goes on", "leave the zeros out");
    if (next_is('.')) {
      ++at_;
      if (!digits()) return fail("a digit is missing after the point");
    }
    if (next_is('e') || next_is('E')) {
      ++at_;
      if (next_is('+') || next_is('-')) ++at_;
      if (!digits()) return fail("a digit is missing in the exponent");
    }
    out.kind = Kind::number;
    out.text = text_.substr(start, at_ - start);
    return true;
  }

  bool hex4(char32_t& out) {
    out = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      char c = at_ < text_.size() ? text_[at_] : ' ';
      int digit = is_digit(c)            ? c - '0'
                  : c >= 'a' && c <= 'f' ? c - 'a' + 10
                  : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                         : -1;
      if (digit < 0) return fail("after \\u come four hexadecimal digits");
      out = out * 16 + static_cast<char32_t>(digit);
    }
    return true;
  }

  bool unicode_escape(std::string& out) {
    char32_t c = 0;
    if (!hex4(c)) return false;
    if (c >= 0xD800 && c < 0xDC00 && text_.substr(at_, 2) == "\\u") {
      at_ += 2;
      char32_t low = 0;
      if (!hex4(low)) return false;
      if (low < 0xDC00 || low > 0xDFFF) return fail("half of a surrogate pair stands alone");
      c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
    }
    if (c >= 0xD800 && c <= 0xDFFF) return fail("half of a surrogate pair stands alone");
    append_utf8(out, c);
    return true;
  }

  bool escape(std::string& out) {
    static constexpr std::string_view letters = "\"\\/bfnrt", means = "\"\\/\b\f\n\r\t";
    char c = at_ < text_.size() ? text_[at_] : ' ';
    if (c == 'u') {
      ++at_;
      return unicode_escape(out);
    }
    std::size_t which = letters.find(c);
    if (which == std::string_view::npos)
      return fail(fmt::format("\\{} is no escape of JSON", found()), "write \\\\ for one backslash");
    out += means[which];
    ++at_;
    return true;
  }

  bool string(std::string& out) {
    ++at_;
    while (at_ < text_.size()) {
      char c = text_[at_];
      if (c == '"') {
        ++at_;
        return true;
      }
      if (static_cast<unsigned char>(c) < 0x20)
        return fail("a control character or line end stands in a string", "write \\n for a line end");
      ++at_;
      if (c != '\\') {
        out += c;
      } else if (!escape(out)) {
        return false;
      }
    }
    return fail("a string is not closed", "add the closing quote");
  }

  bool array(JsonNode& out, std::size_t depth) {
    out.kind = Kind::array;
    ++at_;
    skip_space();
    if (next_is(']')) return ++at_, true;
    for (;;) {
      if (!value(out.items.emplace_back(), depth + 1)) return false;
      skip_space();
      if (next_is(']')) return ++at_, true;
      if (!next_is(',')) return fail(fmt::format("a , or ] is missing: here is {}", found()));
      ++at_;
    }
  }

  bool member(JsonNode::Member& out, std::size_t depth) {
    skip_space();
    if (!next_is('"')) return fail(fmt::format("a name in double quotes is missing: here is {}", found()));
    out.line = line_;
    out.column = column();
    if (!string(out.name)) return false;
    skip_space();
    if (!next_is(':')) return fail(fmt::format("a : is missing after the name: here is {}", found()));
    ++at_;
    return value(out.value, depth + 1);
  }

  /// Of equal names the last value at the first one's place; sorted lookups keep an object of 10^5 names quick.
  static void settle(std::vector<JsonNode::Member>& members) {
    std::map<std::string_view, std::size_t> first;
    std::vector<bool> drop(members.size(), false);
    bool any = false;
    for (std::size_t i = 0; i < members.size(); ++i) {
      auto [known, is_new] = first.emplace(members[i].name, i);
      if (is_new) continue;
      std::swap(members[known->second].value, members[i].value);
      drop[i] = any = true;
    }
    if (!any) return;
    std::vector<JsonNode::Member> kept;
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (!drop[i]) kept.push_back(std::move(members[i]));
    }
    members = std::move(kept);
  }

  bool object(JsonNode& out, std::size_t depth) {
    out.kind = Kind::object;
    ++at_;
    skip_space();
    if (next_is('}')) return ++at_, true;
    for (;;) {
      if (!member(out.members.emplace_back(), depth)) return false;
      skip_space();
      if (next_is('}')) break;
      if (!next_is(',')) return fail(fmt::format("a , or }} is missing: here is {}", found()));
      ++at_;
    }
    ++at_;
    settle(out.members);
    return true;
  }

  std::string_view text_;
  std::size_t nesting_;
  std::size_t at_ = 0, line_start_ = 0;
  std::uint32_t line_ = 1;
  Violation fault_;
};

void write(const JsonNode& node, std::string& out) {
  switch (node.kind) {
    case Kind::null:
      out += "null";
      return;
    case Kind::boolean:
      out += node.truth ? "true" : "false";
      return;
    case Kind::number:
      out += node.text;
      return;
    case Kind::string:
      out += json_quoted(node.text);
      return;
    case Kind::array: {
      out += '[';
      bool more = false;
      for (const JsonNode& item : node.items) {
        if (std::exchange(more, true)) out += ',';
        write(item, out);
      }
      out += ']';
      return;
    }
    case Kind::object: {
      out += '{';
      bool more = false;
      for (const JsonNode::Member& member : node.members) {
        if (std::exchange(more, true)) out += ',';
        out += json_quoted(member.name);
        out += ':';
        write(member.value, out);
      }
      out += '}';
      return;
    }
  }
}

/// A number as sign, digits without zeros at either end, and the power of ten of the first digit ("0.d1d2… *
/// 10^power").
struct Decimal {
  bool negative = false;
  std::string digits;
  std::int64_t power = 0;
};

Decimal decimal(std::string_view number) {
  constexpr std::int64_t far = std::int64_t{1} << 40;  // an exponent beyond it compares like it
  Decimal out;
  if (number.starts_with('-')) out.negative = true, number.remove_prefix(1);
  std::size_t e = number.find_first_of("eE");
  std::int64_t exponent = 0;
  if (e != std::string_view::npos) {
    std::string_view spelt = number.substr(e + 1);
    bool minus = spelt.starts_with('-');
    if (minus || spelt.starts_with('+')) spelt.remove_prefix(1);
    for (char c : spelt) exponent = std::min(far, exponent * 10 + (c - '0'));
    if (minus) exponent = -exponent;
    number = number.substr(0, e);
  }
  std::size_t point = std::min(number.find('.'), number.size());
  out.digits = number.substr(0, point);
  if (point < number.size()) out.digits += number.substr(point + 1);
  std::size_t zeros = std::min(out.digits.find_first_not_of('0'), out.digits.size());
  out.power = exponent + static_cast<std::int64_t>(point) - static_cast<std::int64_t>(zeros);
  out.digits.erase(0, zeros);
  out.digits.erase(out.digits.find_last_not_of('0') + 1);
  if (out.digits.empty()) out.negative = false, out.power = 0;
  return out;
}

}  // namespace

const JsonNode* JsonNode::find(std::string_view name) const {
  for (const Member& member : members) {
    if (member.name == name) return &member.value;
  }
  return nullptr;
}

std::string JsonNode::compact() const {
  std::string out;
  write(*this, out);
  return out;
}

tl::expected<JsonNode, Violation> parse_json(std::string_view text, std::size_t nesting) {
  return Reader(text, nesting).all();
}

std::string json_quoted(std::string_view text) {
  static constexpr std::string_view means = "\"\\\b\f\n\r\t", letters = "\"\\bfnrt";
  std::string out = "\"";
  for (char c : text) {
    std::size_t which = means.find(c);
    if (which != std::string_view::npos) {
      out += '\\';
      out += letters[which];
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04X}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out += '"';
}

int compare_numbers(std::string_view a, std::string_view b) {
  Decimal x = decimal(a), y = decimal(b);
  auto sign = [](const Decimal& d) { return d.digits.empty() ? 0 : d.negative ? -1 : 1; };
  if (sign(x) != sign(y)) return sign(x) < sign(y) ? -1 : 1;
  int larger = x.power != y.power ? (x.power < y.power ? -1 : 1) : x.digits.compare(y.digits);
  larger = larger < 0 ? -1 : larger > 0 ? 1 : 0;
  return x.negative ? -larger : larger;
}

bool whole_number(std::string_view number) {
  Decimal d = decimal(number);
  return d.digits.empty() || static_cast<std::int64_t>(d.digits.size()) <= d.power;
}

}  // namespace eda::registry
