#pragma once
// Users are no manifest kind, and yet `get users` lists them: one way to list whatever there is.

#include <string>
#include <vector>

#include "cli/exit.h"
#include "cli/session.h"

namespace eda::cli {

bool is_users(const std::string& kind);
Result<Exit> get_users(Session& session, const std::vector<std::string>& names);
Result<Exit> describe_user(Session& session, const std::string& name);

}  // namespace eda::cli
