#pragma once
// edactl dev up|down|status|reset|env: a private Postgres, a real broker and edad, for one developer.

#include "cli/command.h"
#include "dev/dev.h"
#include "platform/core/error.h"

namespace eda::cli {

Command dev_command();

/// Makes the world's cluster known to its edad (managed), and waits until it is healthy and edad has passed a new topic
/// through it: written to the database, validated by the broker, applied by neither. Errors: edad's own; timeout
/// DEV_NOT_READY with what is wrong.
Result<> register_cluster(const dev::World& world, const dev::Progress& progress);

}  // namespace eda::cli
