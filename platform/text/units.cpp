#include "platform/text/units.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "platform/text/unicode.h"

namespace eda::text {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t factor;
};

constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
constexpr std::array<Unit, 6> duration_units{
    {{"w", 604'800'000}, {"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};
constexpr std::array<Unit, 4> binary_units{{{"TiB", 1LL << 40}, {"GiB", 1LL << 30}, {"MiB", 1LL << 20}, {"KiB", 1024}}};
constexpr std::array<Unit, 4> decimal_units{
    {{"TB", 1'000'000'000'000}, {"GB", 1'000'000'000}, {"MB", 1'000'000}, {"KB", 1'000}}};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

/// What the caller wrote, short and harmless enough for a sentence.
std::string quoted(std::string_view text) {
  return '"' + cut(printable(text.substr(0, 400)), 40) + '"';
}

std::string_view take(std::string_view& rest, bool (*wanted)(char)) {
  std::size_t n = 0;
  while (n < rest.size() && wanted(rest[n])) ++n;
  std::string_view taken = rest.substr(0, n);
  rest.remove_prefix(n);
  return taken;
}

std::optional<std::int64_t> number(std::string_view digits) {
  std::int64_t value = 0;
  auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (fault != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

std::optional<std::int64_t> times(std::int64_t a, std::int64_t b) {
  if (a != 0 && b > most / a) return std::nullopt;
  return a * b;
}

Error duration_error(std::string_view text, std::string why) {
  return Error(Code::invalid, "DURATION_SYNTAX", quoted(text) + " is no duration: " + std::move(why),
               "write numbers with the units w d h m s ms, such as 7d or 1h30m, or unlimited");
}

Error size_error(std::string_view text, std::string why) {
  return Error(Code::invalid, "SIZE_SYNTAX", quoted(text) + " is no size: " + std::move(why),
               "write a number with one of the units B KiB MiB GiB TiB KB MB GB TB, such as 500MiB, or unlimited");
}

std::optional<Unit> size_unit(std::string_view name) {
  if (name == "B") return Unit{"B", 1};
  for (const Unit& unit : binary_units) {
    if (unit.name == name) return unit;
  }
  for (const Unit& unit : decimal_units) {
    if (unit.name == name) return unit;
  }
  return std::nullopt;
}

/// Kubernetes' and careless spellings: `gib`, `Gi`, `G` are nearly a unit of ours.
std::string size_unit_meant(std::string_view name) {
  std::string word = lower(name);
  for (const auto& units : {binary_units, decimal_units}) {
    for (const Unit& unit : units) {
      std::string known = lower(unit.name);
      if (word == known || word + "b" == known) return std::string(unit.name);
    }
  }
  return word == "b" ? "B" : "";
}

}  // namespace

Result<std::int64_t> parse_duration_ms(std::string_view text) {
  if (text == "unlimited") return -1;
  if (text.empty()) return fail(duration_error(text, "it is empty"));
  std::string_view rest = text;
  std::int64_t total = 0;
  std::size_t next_unit = 0;
  while (!rest.empty()) {
    std::string_view digits = take(rest, is_digit);
    if (digits.empty()) return fail(duration_error(text, "a whole number is wanted before each unit"));
    std::string_view name = take(rest, is_letter);
    if (name.empty() && rest.empty()) return fail(duration_error(text, "a bare number has no unit"));
    auto unit =
        std::find_if(duration_units.begin(), duration_units.end(), [&](const Unit& u) { return u.name == name; });
    if (unit == duration_units.end()) {
      return fail(duration_error(
          text, name.empty() ? "a whole number is wanted before each unit" : quoted(name) + " is no unit of time"));
    }
    auto index = static_cast<std::size_t>(unit - duration_units.begin());
    if (index < next_unit) return fail(duration_error(text, "each unit stands once, the larger before the smaller"));
    next_unit = index + 1;
    auto count = number(digits);
    auto part = count ? times(*count, unit->factor) : std::nullopt;
    if (!part || *part > most - total) return fail(duration_error(text, "it is longer than can be held"));
    total += *part;
  }
  return total;
}

std::string duration_text(std::int64_t ms) {
  if (ms == -1) return "unlimited";
  if (ms <= 0) return ms == 0 ? "0s" : fmt::format("{}ms", ms);
  std::string out;
  // Weeks are read but not written: 14d is what people expect to see again.
  for (const Unit& unit : duration_units) {
    if (unit.name == "w" || ms < unit.factor) continue;
    out += fmt::format("{}{}", ms / unit.factor, unit.name);
    ms %= unit.factor;
  }
  return out;
}

Result<std::int64_t> parse_size_bytes(std::string_view text) {
  if (text == "unlimited") return -1;
  if (text.empty()) return fail(size_error(text, "it is empty"));
  std::string_view rest = text;
  std::string_view whole = take(rest, is_digit);
  std::string_view fraction;
  if (!rest.empty() && rest.front() == '.') {
    rest.remove_prefix(1);
    fraction = take(rest, is_digit);
    if (fraction.empty()) return fail(size_error(text, "digits are wanted after the point"));
  }
  if (whole.empty()) return fail(size_error(text, "it does not begin with a number"));
  if (rest.empty()) return fail(size_error(text, "a bare number has no unit"));
  auto unit = size_unit(rest);
  if (!unit) {
    Error error = size_error(text, quoted(rest) + " is no unit of size");
    std::string meant = size_unit_meant(rest);
    if (!meant.empty()) error.next = fmt::format("write \"{}{}\"", text.substr(0, text.size() - rest.size()), meant);
    return fail(std::move(error));
  }
  auto count = number(whole);
  auto bytes = count ? times(*count, unit->factor) : std::nullopt;
  if (!bytes) return fail(size_error(text, "it is larger than can be held"));
  if (fraction.empty()) return *bytes;
  // Six digits keep fraction * factor below 2^63.
  if (fraction.size() > 6) return fail(size_error(text, "more than six digits stand after the point"));
  std::int64_t scale = 1;
  for (std::size_t i = 0; i < fraction.size(); ++i) scale *= 10;
  std::int64_t part = *number(fraction) * unit->factor;
  if (part % scale != 0) return fail(size_error(text, "it is no whole number of bytes"));
  if (part / scale > most - *bytes) return fail(size_error(text, "it is larger than can be held"));
  return *bytes + part / scale;
}

std::string size_text(std::int64_t bytes) {
  if (bytes == -1) return "unlimited";
  if (bytes > 0) {
    for (const auto& units : {binary_units, decimal_units}) {
      for (const Unit& unit : units) {
        if (bytes % unit.factor == 0) return fmt::format("{}{}", bytes / unit.factor, unit.name);
      }
    }
  }
  return fmt::format("{}B", bytes);
}

std::string size_about(std::int64_t bytes) {
  if (bytes == -1) return "unlimited";
  if (bytes < 1000) return fmt::format("{}B", bytes);
  for (auto unit = binary_units.rbegin(); unit != binary_units.rend(); ++unit) {
    double value = static_cast<double>(bytes) / static_cast<double>(unit->factor);
    bool last = unit + 1 == binary_units.rend();
    if (value >= 999.5 && !last) continue;
    int digits = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
    std::string shown = fmt::format("{:.{}f}", value, digits);
    if (digits > 0) {
      shown.erase(shown.find_last_not_of('0') + 1);
      if (shown.back() == '.') shown.pop_back();
    }
    return shown + std::string(unit->name);
  }
  return {};
}

std::string duration_about(std::int64_t ms) {
  if (ms == -1) return "unlimited";
  std::int64_t seconds = std::max<std::int64_t>(ms, 0) / 1000;
  if (seconds < 60) return fmt::format("{}s", seconds);
  if (seconds < 3600) return fmt::format("{}m", seconds / 60);
  if (seconds < 86'400) return fmt::format("{}h", seconds / 3600);
  return fmt::format("{}d", seconds / 86'400);
}

}  // namespace eda::text
