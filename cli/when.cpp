#include "cli/when.h"

#include "platform/rpc/convert.h"
#include "platform/text/units.h"

namespace eda::cli {

std::string when(const Terminal& terminal, const google::protobuf::Timestamp& at) {
  if (at.seconds() == 0 && at.nanos() == 0) return {};
  auto instant = rpc::from_proto(at);
  if (!terminal.out_is_terminal()) return to_rfc3339(instant);
  auto span = std::chrono::duration_cast<std::chrono::milliseconds>(SystemClock().now() - instant).count();
  return span >= 0 ? text::duration_about(span) + " ago" : "in " + text::duration_about(-span);
}

}  // namespace eda::cli
