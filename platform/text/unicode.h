#pragma once
// Unicode at the edges: is it UTF-8, how wide is it in a terminal, is it a legal name.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace eda::text {

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

/// Why this is no name for a Team, Service, Tag or domain (1–100 Unicode letters, digits, `.`, `_`, `-`; NFC), or nullopt.
std::optional<std::string> name_fault(std::string_view name);

}  // namespace eda::text
