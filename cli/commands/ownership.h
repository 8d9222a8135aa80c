#pragma once
// get with --at and --unowned: who owned what then, and what nobody owns.

#include <string>
#include <vector>

#include "cli/exit.h"
#include "cli/session.h"
#include "plans/kind.h"

namespace eda::cli {

/// Of these kinds, at a time as people write it.
Result<Exit> get_owners_at(Session& session, const std::vector<const plans::KindRules*>& kinds, const std::string& at);
/// Topics that no stream manages, on the cluster that is chosen or on all of them.
Result<Exit> get_unowned(Session& session);

}  // namespace eda::cli
