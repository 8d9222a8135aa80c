#pragma once
// A command as a value: its words, its options, and what it does. A noun (`edactl token`) holds commands of its own.

#include <functional>
#include <string>
#include <vector>

#include "cli/exit.h"
#include "cli/format.h"
#include "platform/core/error.h"

namespace CLI {
class App;
}

namespace eda::cli {

class Session;

/// What a command does after its options were read. An Error becomes its exit code (cli/errors) and its words on
/// stderr.
using Run = std::function<Result<Exit>(Session&)>;

struct Command {
  std::string name;
  std::string summary;   ///< one line, without a full stop
  std::string examples;  ///< lines that --help ends with, each a comment or a command
  /// Declares options and arguments, and returns what runs with them. Called only when the command was named, so a
  /// start pays for one command and not for all. Empty for a noun.
  std::function<Run(CLI::App&)> declare;
  std::vector<Command> commands;
  std::string group = "Commands";  ///< heading in the program's own --help
  Shows shows = Shows::list;
};

}  // namespace eda::cli
