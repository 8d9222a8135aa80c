#pragma once
// UTC microseconds. Rules take an Instant; whoever needs "now" is handed a Clock. Human durations exist at the edges
// only (platform/text/units).

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace eda {

using Instant = std::chrono::sys_time<std::chrono::microseconds>;
using Duration = std::chrono::microseconds;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;
};

class SystemClock final : public Clock {
 public:
  Instant now() const override;
};

/// A point on the steady clock until which a call may take.
class Deadline {
 public:
  static Deadline in(std::chrono::milliseconds span) { return Deadline(std::chrono::steady_clock::now() + span); }
  bool passed() const { return std::chrono::steady_clock::now() >= at_; }
  /// Never negative.
  std::chrono::milliseconds left() const {
    auto span = std::chrono::duration_cast<std::chrono::milliseconds>(at_ - std::chrono::steady_clock::now());
    return span.count() > 0 ? span : std::chrono::milliseconds(0);
  }
  std::chrono::steady_clock::time_point at() const { return at_; }

 private:
  explicit Deadline(std::chrono::steady_clock::time_point at) : at_(at) {}
  std::chrono::steady_clock::time_point at_;
};

/// RFC 3339 in UTC with as many fractional digits as are not zero (0, 3 or 6): "2026-11-21T08:00:00Z".
std::string to_rfc3339(Instant instant);
/// Accepts RFC 3339 with any offset and up to nine fractional digits; nullopt for anything else.
std::optional<Instant> from_rfc3339(std::string_view text);

}  // namespace eda
