#pragma once
// How an Error ends the command: its exit code by one table, and its words.

#include <string>

#include "cli/exit.h"
#include "cli/palette.h"
#include "platform/core/error.h"

namespace eda::cli {

Exit exit_of(Code code);

/// The whole error as it goes to stderr, each line ended:
///   teams.yaml:4:3: spec.descripton: unknown field (did you mean "description"?)
///   error: the manifests are invalid, nothing was changed
///   next: correct the field and try again
/// Positions come first, so that the sentence stands where the eye ends. Whatever a server or file put into the texts,
/// it cannot steer the terminal.
std::string error_text(const Error& error, const Palette& palette);

/// What a file, a flag or a name got wrong before any server was asked; exit 2.
Error usage_error(std::string message, std::string next = {});

}  // namespace eda::cli
