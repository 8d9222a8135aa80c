#include "platform/text/unicode.h"

#include <utf8proc.h>

#include <cstdlib>
#include <memory>

#include <fmt/format.h>

#include "platform/core/limits.h"

namespace eda::text {
namespace {

bool is_control(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0);
}

/// Characters that change how their neighbours are drawn: a terminal shows another text than the one that is there.
bool steers_display(char32_t c) {
  return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x200e || c == 0x200f || c == 0x061c ||
         c == 0x2028 || c == 0x2029 || c == 0xfeff;
}

std::size_t width_of(const Decoded& c) {
  if (!c.valid) return 1;
  if (c.code_point >= 0x20 && c.code_point < 0x7f) return 1;
  if (is_control(c.code_point)) return 0;
  int width = utf8proc_charwidth(static_cast<utf8proc_int32_t>(c.code_point));
  return width > 0 ? static_cast<std::size_t>(width) : 0;
}

bool is_name_character(char32_t c) {
  if (c == '.' || c == '_' || c == '-') return true;
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(c))) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_ND:
    // Vowel signs: letters of many scripts have no composed form.
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
      return true;
    default:
      return false;
  }
}

}  // namespace

Decoded decode(std::string_view text) {
  auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return {first, 1, true};
  std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return {0xfffd, 1, false};
  char32_t c = first & (0xffu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {0xfffd, 1, false};
    c = (c << 6) | (byte(i) & 0x3fu);
  }
  bool overlong = (length == 3 && c < 0x800) || (length == 4 && c < 0x10000);
  if (overlong || c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) return {0xfffd, 1, false};
  return {c, length, true};
}

std::optional<std::size_t> invalid_utf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    if (static_cast<unsigned char>(text[at]) < 0x80) {
      ++at;
      continue;
    }
    Decoded next = decode(text.substr(at));
    if (!next.valid) return at;
    at += next.bytes;
  }
  return std::nullopt;
}

std::size_t code_points(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); ++count) at += decode(text.substr(at)).bytes;
  return count;
}

std::size_t columns(std::string_view text) {
  std::size_t sum = 0;
  for (std::size_t at = 0; at < text.size();) {
    Decoded next = decode(text.substr(at));
    sum += width_of(next);
    at += next.bytes;
  }
  return sum;
}

std::string cut(std::string_view text, std::size_t width) {
  std::size_t used = 0;
  std::size_t kept = 0;  // bytes that fit beside the ellipsis
  for (std::size_t at = 0; at < text.size();) {
    Decoded next = decode(text.substr(at));
    used += width_of(next);
    if (used > width) return width == 0 ? std::string() : std::string(text.substr(0, kept)) + "…";
    at += next.bytes;
    if (used + 1 <= width) kept = at;
  }
  return std::string(text);
}

std::string normalise(std::string_view text) {
  utf8proc_uint8_t* raw = nullptr;
  auto options = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE);
  auto length = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                             static_cast<utf8proc_ssize_t>(text.size()), &raw, options);
  std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> held(raw, &std::free);
  if (length < 0) return std::string(text);
  return std::string(reinterpret_cast<const char*>(raw), static_cast<std::size_t>(length));
}

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    Decoded next = decode(text.substr(at));
    if (!next.valid) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[at]));
    } else if (is_control(next.code_point)) {
      out += fmt::format("\\x{:02x}", static_cast<std::uint32_t>(next.code_point));
    } else if (steers_display(next.code_point)) {
      out += fmt::format("\\u{:04x}", static_cast<std::uint32_t>(next.code_point));
    } else {
      out += text.substr(at, next.bytes);
    }
    at += next.bytes;
  }
  return out;
}

std::optional<Oddity> control_character(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    Decoded next = decode(text.substr(at));
    if (!next.valid) return Oddity{at, fmt::format("the invalid byte 0x{:02X}", static_cast<unsigned char>(text[at]))};
    char32_t c = next.code_point;
    if (is_control(c) && c != '\n' && c != '\t') {
      return Oddity{at, fmt::format("the control character U+{:04X}", static_cast<std::uint32_t>(c))};
    }
    at += next.bytes;
  }
  return std::nullopt;
}

std::optional<std::string> name_fault(std::string_view name) {
  if (name.empty()) return "the name is empty";
  if (invalid_utf8(name)) return "the name is not valid UTF-8";
  std::size_t length = code_points(name);
  if (length > limits::name_code_points) {
    return fmt::format("the name has {} characters; {} is the most", length, limits::name_code_points);
  }
  if (name == "." || name == "..") return fmt::format("\"{}\" is a path, not a name", name);
  for (std::size_t at = 0; at < name.size();) {
    Decoded next = decode(name.substr(at));
    if (!is_name_character(next.code_point)) {
      return fmt::format("the name holds \"{}\"; letters, digits and . _ - are allowed",
                         printable(name.substr(at, next.bytes)));
    }
    at += next.bytes;
  }
  if (normalise(name) != name) return "the name is not in Unicode's composed form (NFC); type it anew";
  return std::nullopt;
}

}  // namespace eda::text
