#pragma once
// Names for completion, from the server and kept for a while. Never a word to the terminal, never a question.

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "cli/completion.h"
#include "cli/terminal.h"

namespace eda::cli {

/// Lists of names in files: $XDG_CACHE_HOME/edactl/names (else ~/.cache/edactl/names), a folder for each context and
/// server, folders 0700, files 0600.
class NameCache {
 public:
  NameCache(const Environment& environment, const Settings& settings);

  struct Kept {
    std::vector<std::string> names;
    std::chrono::seconds age{};
  };
  /// Nothing for what was never kept or is older than a day.
  std::optional<Kept> find(const std::string& list) const;
  void keep(const std::string& list, const std::vector<std::string>& names) const;

 private:
  std::filesystem::path folder_;  ///< empty: nowhere
};

/// The names asked for: those kept, when they are at most half a minute old; else the server's, when it answers all of
/// them within 150 ms; else those kept, however old; else none. A token that only a command gives is not asked for.
std::vector<std::string> names_for_completion(const Environment& environment, const NameQuery& query);

}  // namespace eda::cli
