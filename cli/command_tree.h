#pragma once
// The tree of commands in CLI11. What a command declares is declared when it is named, so a start pays for one command.

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"
#include "cli/session.h"

namespace eda::cli {

class CommandTree {
 public:
  CommandTree(const std::vector<Command>& commands, Globals& globals);
  CommandTree(const CommandTree&) = delete;
  CommandTree& operator=(const CommandTree&) = delete;

  /// Throws what CLI11 throws.
  void parse(const std::vector<std::string>& arguments);
  /// Declares the command of these words with its options, and gives it; nullptr when they are none.
  CLI::App* declare(const std::vector<std::string>& words);

  CLI::App& root() { return root_; }
  /// The deepest command that was named, what runs with it, and what it writes.
  CLI::App& named();
  const Run& run() const { return run_; }
  Shows shows() const { return shows_; }
  const std::string& examples() const { return examples_; }

 private:
  void add(CLI::App& parent, const Command& command);

  Globals& globals_;
  CLI::App root_;
  Run run_;
  Shows shows_ = Shows::list;
  std::string examples_;
};

/// "token list" of `edactl token list`; empty for the program itself.
std::string words_of(const CLI::App& app);

}  // namespace eda::cli
