#include "cli/commands/version.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/session.h"

namespace eda::cli {

Command version_command() {
  return {"version",
          "edactl's version; edad's stands in whoami",
          "edactl version",
          [](CLI::App&) -> Run {
            return [](Session& session) -> Result<Exit> {
              auto text = fmt::format("edactl {}\n", EDA_VERSION);
              if (session.format() == Format::json) text = fmt::format("{{\"edactl\": \"{}\"}}\n", EDA_VERSION);
              if (session.format() == Format::yaml) text = fmt::format("edactl: \"{}\"\n", EDA_VERSION);
              session.terminal().out(text);
              return Exit::ok;
            };
          },
          {},
          "Help"};
}

}  // namespace eda::cli
