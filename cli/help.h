#pragma once
// What --help prints: whole lines, none wider than the terminal.

#include <cstddef>
#include <string>

namespace CLI {
class App;
}

namespace eda::cli {

/// `edactl stream set`.
std::string path_of(const CLI::App& app);

/// The page of a command whose options are declared; its examples stand at the end, each a comment or a command.
std::string help_page(CLI::App& app, const std::string& examples, std::size_t width);

/// The first of the examples that is a command.
std::string first_example(const std::string& examples);

}  // namespace eda::cli
