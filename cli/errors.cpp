#include "cli/errors.h"

#include <fmt/format.h>

#include "platform/text/unicode.h"

namespace eda::cli {

namespace {

// printable() for texts of several sentences: line breaks stay, and continue indented.
std::string safe(const std::string& text) {
  std::string out;
  for (std::size_t begin = 0; begin <= text.size();) {
    auto end = std::min(text.find('\n', begin), text.size());
    if (begin > 0) out += "\n  ";
    out += text::printable(std::string_view(text).substr(begin, end - begin));
    begin = end + 1;
  }
  return out;
}

std::string violation_text(const Violation& violation, const Palette& palette) {
  std::string out;
  auto where = violation.at.text();
  if (!where.empty()) out += palette.paint(Style::bold, safe(where) + ":") + " ";
  // Where the position says which object, its name would only repeat it.
  if (where.empty() && !violation.object.empty()) out += safe(violation.object) + ": ";
  if (!violation.field.empty()) out += safe(violation.field) + ": ";
  out += safe(violation.message);
  if (!violation.hint.empty()) out += fmt::format(" ({})", safe(violation.hint));
  return out + "\n";
}

}  // namespace

Exit exit_of(Code code) {
  switch (code) {
    case Code::invalid:
    case Code::impossible:
      return Exit::usage;
    case Code::unauthenticated:
    case Code::denied:
      return Exit::denied;
    case Code::not_found:
      return Exit::not_found;
    case Code::conflict:
    case Code::stale:
      return Exit::conflict;
    case Code::refused:
      return Exit::refused;
    case Code::needs_approval:
      return Exit::approval;
    case Code::partial:
      return Exit::partial;
    case Code::unhealthy:
      return Exit::unhealthy;
    case Code::unknown_outcome:
      return Exit::unknown;
    case Code::timeout:
      return Exit::timeout;
    case Code::exhausted:
    case Code::unavailable:
    case Code::internal:
      return Exit::failed;
  }
  return Exit::failed;
}

std::string error_text(const Error& error, const Palette& palette) {
  std::string out;
  for (auto& violation : error.violations) out += violation_text(violation, palette);
  out += palette.paint(Style::bad, "error:") + " " + safe(error.message) + "\n";
  if (!error.next.empty()) out += palette.paint(Style::bold, "next:") + " " + safe(error.next) + "\n";
  return out;
}

Error usage_error(std::string message, std::string next) {
  return Error(Code::invalid, "USAGE", std::move(message), std::move(next));
}

}  // namespace eda::cli
