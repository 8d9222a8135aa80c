#pragma once
// Unicode at the edges: is it UTF-8, how wide is it in a terminal, is it a legal name.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace eda::text {

/// The first code point of a text that is not empty. Invalid bytes come out one at a time as U+FFFD, `valid` false.
struct Decoded {
  char32_t code_point = 0;
  std::size_t bytes = 1;
  bool valid = true;
};
Decoded decode(std::string_view text);

/// Byte offset of the first byte that is no valid UTF-8, or nullopt.
std::optional<std::size_t> invalid_utf8(std::string_view text);
std::size_t code_points(std::string_view text);
/// Terminal columns (East Asian wide = 2, combining = 0, controls = 0).
std::size_t columns(std::string_view text);
/// The text cut to `width` columns with "…" at its end when something was cut; never splits a code point.
std::string cut(std::string_view text, std::size_t width);
/// NFC.
std::string normalise(std::string_view text);
/// Controls, bidi overrides and invalid bytes shown as \x1b, \u202e, so that a hostile name cannot steer a terminal.
std::string printable(std::string_view text);

/// The first character that no text of ours may hold: a control other than line feed and tab, or an invalid byte.
struct Oddity {
  std::size_t at = 0;  ///< byte offset
  std::string what;    ///< "the control character U+0007"
};
std::optional<Oddity> control_character(std::string_view text);

/// Why this is no name for a Team, Service, Tag or domain (1–100 Unicode letters, digits, `.`, `_`, `-`; NFC), or
/// nullopt.
std::optional<std::string> name_fault(std::string_view name);

}  // namespace eda::text
