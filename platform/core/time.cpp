#include "platform/core/time.h"

#include <fmt/format.h>

namespace eda {

using namespace std::chrono;

Instant SystemClock::now() const {
  return floor<microseconds>(system_clock::now());
}

std::string to_rfc3339(Instant instant) {
  auto day = floor<days>(instant);
  year_month_day date(day);
  hh_mm_ss time(instant - day);
  auto micros = time.subseconds().count();
  std::string fraction;
  if (micros % 1000 != 0) {
    fraction = fmt::format(".{:06}", micros);
  } else if (micros != 0) {
    fraction = fmt::format(".{:03}", micros / 1000);
  }
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), time.hours().count(),
                     time.minutes().count(), time.seconds().count(), fraction);
}

namespace {

// Reads fixed-width digits and single characters from the front of a text.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}
  bool digits(int count, int& out) {
    out = 0;
    if (static_cast<int>(text_.size()) < count) return false;
    for (int i = 0; i < count; ++i) {
      if (text_[static_cast<std::size_t>(i)] < '0' || text_[static_cast<std::size_t>(i)] > '9') return false;
      out = out * 10 + (text_[static_cast<std::size_t>(i)] - '0');
    }
    text_.remove_prefix(static_cast<std::size_t>(count));
    return true;
  }
  bool one_of(std::string_view any, char& out) {
    if (text_.empty() || any.find(text_.front()) == std::string_view::npos) return false;
    out = text_.front();
    text_.remove_prefix(1);
    return true;
  }
  bool is(char expected) {
    char ignored = 0;
    return one_of(std::string_view(&expected, 1), ignored);
  }
  bool done() const { return text_.empty(); }

 private:
  std::string_view text_;
};

bool read_fraction(Reader& reader, std::int64_t& micros) {
  micros = 0;
  if (!reader.is('.')) return true;
  int digit = 0;
  int count = 0;
  for (std::int64_t scale = 100000; reader.digits(1, digit); scale /= 10, ++count) micros += digit * scale;
  return count > 0 && count <= 9;
}

}  // namespace

std::optional<Instant> from_rfc3339(std::string_view text) {
  Reader reader(text);
  int y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0, oh = 0, om = 0;
  std::int64_t micros = 0;
  char separator = 0, zone = 0;
  bool read = reader.digits(4, y) && reader.is('-') && reader.digits(2, mo) && reader.is('-') && reader.digits(2, d) &&
              reader.one_of("Tt ", separator) && reader.digits(2, h) && reader.is(':') && reader.digits(2, mi) &&
              reader.is(':') && reader.digits(2, s) && read_fraction(reader, micros) && reader.one_of("Zz+-", zone);
  if (!read || h > 23 || mi > 59 || s > 60) return std::nullopt;
  if (zone == '+' || zone == '-') {
    if (!reader.digits(2, oh) || !reader.is(':') || !reader.digits(2, om) || oh > 23 || om > 59) return std::nullopt;
  }
  year_month_day date{year{y}, month{static_cast<unsigned>(mo)}, day{static_cast<unsigned>(d)}};
  if (!reader.done() || !date.ok()) return std::nullopt;
  auto offset = hours(oh) + minutes(om);
  auto local = sys_days(date) + hours(h) + minutes(mi) + seconds(s) + microseconds(micros);
  return zone == '-' ? local + offset : local - offset;
}

}  // namespace eda
