#pragma once
// As whom manifests are applied: the set that comes to manage their fields, and where they come from.

#include <optional>
#include <string>
#include <vector>

#include "cli/git.h"
#include "cli/session.h"

namespace eda::cli {

struct ApplySet {
  std::string name;  ///< empty: nothing gives one, and the change manages nothing
  std::string source;
};

/// The folder that decides: of the first file, that one's own when it is a folder; of stdin, where we are.
std::string deciding_folder(const std::vector<std::string>& files);
/// The checkout's name, else the folder's; what a set's name may not hold becomes "-". Empty: neither has a name.
std::string default_set(const std::optional<Checkout>& checkout, const std::string& folder);

/// --set (or EDACTL_SET, the project, the context), else default_set; `source` as given, else from git, else the
/// folder.
Result<ApplySet> find_apply_set(Session& session, const std::vector<std::string>& files, const std::string& source);

}  // namespace eda::cli
