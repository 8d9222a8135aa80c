#include "cli/commands/reference.h"

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/errors.h"
#include "cli/json.h"
#include "cli/kinds.h"
#include "cli/manifest_schema.h"
#include "cli/reference.h"
#include "cli/write_file.h"

namespace eda::cli {

Result<Exit> print_reference(const std::vector<Command>& commands, const std::vector<std::string>& arguments,
                             Terminal& terminal) {
  if (arguments.size() != 1) return fail(usage_error("__reference takes one folder", "tools/reference calls it"));
  std::filesystem::path folder = arguments.front();
  auto pages = man_pages(commands);
  pages.push_back({"commands.md", commands_page(commands)});
  pages.push_back({"kinds.md", kinds_page(kinds())});
  pages.push_back({"manifest.schema.json", json_text(manifest_schema(kinds()))});
  std::error_code ignored;
  std::filesystem::create_directories(folder / "man", ignored);
  for (auto& page : pages) EDA_TRY(write_file((folder / page.name).string(), page.text));
  terminal.say(fmt::format("{} pages", pages.size()));
  return Exit::ok;
}

}  // namespace eda::cli
