#pragma once
// Whom it concerns that a stream goes: the services that say they read it.

#include <vector>

#include "plans/rows.h"

namespace eda::streams {

/// A note on each draft that deprecates its stream: which services of which teams read it.
void name_readers(pg::Tx& tx, const std::vector<plans::Draft*>& drafts);
/// An event for each of these services, of the team that owns it: service.source_deprecated.
void tell_readers(pg::Tx& tx, const std::vector<plans::Written>& written);

}  // namespace eda::streams
