#pragma once
// edactl dev up|down|status|reset|env: a private Postgres, a real broker and edad, for one developer.

#include <CLI/CLI.hpp>

#include <functional>
#include <iosfwd>

#include "dev/dev.h"
#include "platform/core/error.h"

namespace eda::cli {

/// Runs one command's body and remembers its outcome as the program's exit code.
using Runner = std::function<void(std::function<Result<>()>)>;

/// Adds `dev` with its commands to `app`; each hands its body to `run`.
void add_dev(CLI::App& app, Runner run);

/// Makes the world's cluster known to its edad (managed), and waits until it is healthy and edad has passed a new topic
/// through it: written to the database, validated by the broker, applied by neither. Errors: edad's own; timeout
/// DEV_NOT_READY with what is wrong.
Result<> register_cluster(const dev::World& world, const dev::Progress& progress);

}  // namespace eda::cli
