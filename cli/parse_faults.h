#pragma once
// What a command line that cannot be read gets: a sentence that names the word as it was typed, and the next step.

#include <CLI/CLI.hpp>
#include <string>

#include "platform/core/error.h"

namespace eda::cli {

/// `named`: the deepest command that was named; `examples`: its own.
Error parse_fault(CLI::App& root, CLI::App& named, const CLI::ParseError& fault, const std::string& examples);

/// A word that is nothing to this command: a mistyped command, a mistyped flag, or one argument too many.
Error unknown_word(CLI::App& app, const std::string& word);

}  // namespace eda::cli
