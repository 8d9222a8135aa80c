#pragma once
// How people write durations and sizes, and how they are written back. Integer milliseconds and bytes inside.

#include <cstdint>
#include <string>
#include <string_view>

#include "platform/core/error.h"

namespace eda::text {

/// `7d`, `36h`, `1h30m`, `500ms`, `2w`; units w d h m s ms, each once, falling. `unlimited` is -1; a bare number is
/// refused (invalid DURATION_SYNTAX) because nobody can tell its unit.
Result<std::int64_t> parse_duration_ms(std::string_view text);
/// The shortest exact form of those units: 604800000 -> "7d", 90000 -> "1m30s", -1 -> "unlimited".
std::string duration_text(std::int64_t ms);

/// `500MiB`, `1.5GiB`, `10GB`, `100B`, units B KB MB GB TB KiB MiB GiB TiB; `unlimited` is -1. invalid SIZE_SYNTAX.
Result<std::int64_t> parse_size_bytes(std::string_view text);
/// Exact: the largest binary unit that divides it, else the largest decimal one, else bytes: 524288000 -> "500MiB".
std::string size_text(std::int64_t bytes);
/// For people: three digits at most, not exact: 123456789 -> "118MiB".
std::string size_about(std::int64_t bytes);
/// "3m", "2h", "5d" ago-style, not exact.
std::string duration_about(std::int64_t ms);

}  // namespace eda::text
