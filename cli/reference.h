#pragma once
// The command tree and the kinds' tables as pages: Markdown for docs/reference, man pages for packages. The text is
// that of --help and explain, so there is one place to write it.

#include <string>
#include <vector>

#include "cli/command.h"
#include "plans/kind.h"

namespace eda::cli {

struct Page {
  std::string name;  ///< below the folder: "commands.md", "man/edactl-get.1"
  std::string text;
};

/// Every command with its help, in one page.
std::string commands_page(const std::vector<Command>& commands);
/// Every kind with its fields.
std::string kinds_page(const plans::Kinds& kinds);
/// edactl.1, and one for each command that runs: edactl-token-create.1.
std::vector<Page> man_pages(const std::vector<Command>& commands);

}  // namespace eda::cli
