#pragma once
// What could stand where the cursor is, from the command tree alone; names that only the server knows come from a
// function. The shells' scripts are cli/commands/completion.

#include <functional>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/context.h"

namespace eda::cli {

struct Candidate {
  std::string word;
  std::string says;  ///< one line, or nothing
};

struct Completions {
  std::vector<Candidate> words;
  enum class Paths { none, files, folders } paths = Paths::none;  ///< the shell adds these
  enum class Space { after, none } space = Space::after;          ///< none: the word goes on
};

/// What is asked for by name: a kind ("stream"), or "context", "user", "operation", "token".
struct NameQuery {
  std::string what;
  ContextFlags flags;  ///< as the words before say it
};
using Names = std::function<std::vector<std::string>(const NameQuery&)>;

/// `words` as typed behind `edactl`, the last one up to the cursor (empty: a new one). Only what begins with it.
Completions complete(const std::vector<Command>& commands, const std::vector<std::string>& words, const Names& names);

/// A line of bash up to its cursor as words behind the program's; quotes and backslashes are read as bash reads them.
std::vector<std::string> words_of_line(const std::string& line);

}  // namespace eda::cli
