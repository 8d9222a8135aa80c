#include "cli/format.h"

#include <fmt/format.h>

#include <array>
#include <vector>

#include "cli/errors.h"
#include "platform/text/distance.h"

namespace eda::cli {

Result<Format> parse_format(const std::string& text) {
  static const std::vector<std::string> names{"table", "wide", "json", "yaml", "name", "tsv", "markdown"};
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == text) return static_cast<Format>(i);
  }
  auto hint = text::did_you_mean(text, names);
  return fail(usage_error(fmt::format("there is no output format \"{}\"", text),
                          hint.empty() ? fmt::format("-o {}", fmt::join(names, ", -o ")) : hint));
}

}  // namespace eda::cli
