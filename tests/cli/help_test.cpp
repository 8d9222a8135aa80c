// Every page of help: it ends with examples, fits its terminal, and speaks of commands and flags that there are.

#include <catch2/catch.hpp>
#include <functional>
#include <sstream>

#include "cli/app.h"
#include "cli/help.h"
#include "platform/text/unicode.h"

using namespace eda::cli;
using Words = std::vector<std::string>;

namespace {

// Every command of the tree with its words, the program itself included.
void each_command(const std::function<void(const Words&, const Command*)>& visit) {
  std::function<void(const Words&, const std::vector<Command>&)> walk = [&](const Words& words,
                                                                            const std::vector<Command>& commands) {
    for (auto& command : commands) {
      auto longer = words;
      longer.push_back(command.name);
      visit(longer, &command);
      walk(longer, command.commands);
    }
  };
  visit({}, nullptr);
  walk({}, all_commands());
}

std::string page(const Words& words, std::size_t width) {
  auto out = help_text(words, width);
  REQUIRE(out);
  return *out;
}

}  // namespace

TEST_CASE("every page of help ends with examples") {
  each_command([](const Words& words, const Command* command) {
    auto text = page(words, 80);
    INFO(text);
    auto at = text.find("\nExamples:\n  ");
    REQUIRE(at != std::string::npos);
    CHECK(text.find("edactl", at) != std::string::npos);
    if (command != nullptr) CHECK_FALSE(command->summary.empty());
  });
}

TEST_CASE("no line of help is wider than the terminal") {
  for (std::size_t width : {60U, 80U, 200U}) {
    each_command([&](const Words& words, const Command*) {
      auto text = page(words, width);
      std::istringstream lines(text);
      for (std::string line; std::getline(lines, line);) {
        INFO(width << ": " << line);
        CHECK(eda::text::columns(line) <= width);
      }
    });
  }
}

TEST_CASE("a long example is continued as a shell reads it, its comment above it") {
  auto text = page({"apply"}, 80);
  CHECK(text.find("  # exactly what plan --out wrote\n  edactl apply --plan plan.json --yes\n") != std::string::npos);
  CHECK(text.find("  cat stream.yaml | edactl apply -f - --yes \\\n    --reason \"more partitions for the sale\"\n") !=
        std::string::npos);
}

TEST_CASE("help knows commands by their words, and says which word is none") {
  CHECK(page({"stream", "set"}, 80).find("usage: edactl stream set NAME FIELD=VALUE...") != std::string::npos);
  CHECK_FALSE(help_text({"nonsense"}, 80));
  auto unknown = help_text({"stream", "ste"}, 80);
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().message == "edactl stream has no command \"ste\"");
  CHECK(unknown.error().next == "did you mean \"set\"?");
}

TEST_CASE("the first example is what a refusal proposes") {
  CHECK(first_example("# words\nedactl get teams   # all of them\nedactl get users") == "edactl get teams");
  CHECK(first_example("") == "");
}
