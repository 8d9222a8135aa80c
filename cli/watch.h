#pragma once
// get -w: what is there, then every change as it comes, until Ctrl-C.

#include <functional>

#include "cli/columns.h"
#include "cli/exit.h"
#include "cli/session.h"

namespace eda::cli {

/// Looks at everything that is watched, once, and hands over each object.
using Look = std::function<Result<>(const std::function<void(const eda::catalog::v1::Object&)>&)>;

/// Shows each object once, and again when something about it changed; one that is not there any more is shown last in
/// state "gone". table, wide and tsv: a line each; json: a message a line; name. Looks every second, less often where
/// looking takes long; over restarts of edad. Errors: those of the first look; usage for yaml and --sort-by.
Result<Exit> watch_objects(Session& session, const ObjectColumns& columns, const Look& look);

}  // namespace eda::cli
