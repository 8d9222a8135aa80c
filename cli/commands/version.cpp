#include "cli/commands/version.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/session.h"

namespace eda::cli {

std::string version_text() {
  return fmt::format("edactl {}\n", EDA_VERSION);
}

Command version_command() {
  return {"version",
          "edactl's version; edad's stands in whoami",
          "edactl version",
          [](CLI::App&) -> Run {
            return [](Session& session) -> Result<Exit> {
              auto text = version_text();
              if (session.format() == Format::json) text = fmt::format("{{\"edactl\": \"{}\"}}\n", EDA_VERSION);
              if (session.format() == Format::yaml) text = fmt::format("edactl: \"{}\"\n", EDA_VERSION);
              session.terminal().out(text);
              return Exit::ok;
            };
          },
          {},
          "Help",
          Shows::document};
}

}  // namespace eda::cli
