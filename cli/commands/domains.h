#pragma once
// Domains are no manifest kind: each exists when an object names it. get domains lists them.

#include <string>

#include "cli/exit.h"
#include "cli/session.h"

namespace eda::cli {

bool is_domains(const std::string& kinds);

Result<Exit> get_domains(Session& session);

}  // namespace eda::cli
