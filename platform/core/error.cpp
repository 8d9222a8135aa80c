#include "platform/core/error.h"

#include <fmt/format.h>

namespace eda {

std::string_view code_name(Code code) {
  switch (code) {
    case Code::invalid:
      return "INVALID";
    case Code::impossible:
      return "IMPOSSIBLE";
    case Code::unauthenticated:
      return "UNAUTHENTICATED";
    case Code::denied:
      return "DENIED";
    case Code::not_found:
      return "NOT_FOUND";
    case Code::conflict:
      return "CONFLICT";
    case Code::stale:
      return "STALE";
    case Code::refused:
      return "REFUSED";
    case Code::needs_approval:
      return "NEEDS_APPROVAL";
    case Code::exhausted:
      return "EXHAUSTED";
    case Code::unavailable:
      return "UNAVAILABLE";
    case Code::timeout:
      return "TIMEOUT";
    case Code::unknown_outcome:
      return "UNKNOWN_OUTCOME";
    case Code::unhealthy:
      return "UNHEALTHY";
    case Code::partial:
      return "PARTIAL";
    case Code::internal:
      return "INTERNAL";
  }
  return "INTERNAL";
}

std::string Position::text() const {
  if (line == 0) return file;
  std::string out = file.empty() ? "" : file + ":";
  out += fmt::format("{}", line);
  if (column != 0) out += fmt::format(":{}", column);
  return out;
}

}  // namespace eda
