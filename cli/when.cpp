#include "cli/when.h"

#include <fmt/format.h>

#include "cli/errors.h"
#include "platform/rpc/convert.h"
#include "platform/text/units.h"

namespace eda::cli {

Result<Instant> past_of(const std::string& option, const std::string& text) {
  if (auto instant = from_rfc3339(text)) return *instant;
  if (auto midnight = from_rfc3339(text + "T00:00:00Z")) return *midnight;
  auto span = text::parse_duration_ms(text);
  if (span && *span > 0) return SystemClock().now() - std::chrono::milliseconds(*span);
  return fail(
      usage_error(fmt::format("{} {} is no time", option, text), "write 2h, 7d, 2026-11-21 or 2026-11-21T08:00:00Z"));
}

std::string when(const Terminal& terminal, const google::protobuf::Timestamp& at) {
  if (at.seconds() == 0 && at.nanos() == 0) return {};
  auto instant = rpc::from_proto(at);
  if (!terminal.out_is_terminal()) return to_rfc3339(instant);
  auto span = std::chrono::duration_cast<std::chrono::milliseconds>(SystemClock().now() - instant).count();
  return span >= 0 ? text::duration_about(span) + " ago" : "in " + text::duration_about(-span);
}

}  // namespace eda::cli
