#pragma once
// From "the wish is written" to "the world is so": follows an applied plan's objects until all are at rest.

#include "cli/exit.h"
#include "cli/session.h"
#include "eda/plans/v1/plans.pb.h"

namespace eda::cli {

enum class Waiting { no, yes };

/// Progress on stderr, the outcome as -o says on stdout. Exit::ok; partial or failed when some or all were refused;
/// timeout when the time is up (what is pending is listed, the wishes are kept); unknown when the outcome of one is.
Result<Exit> follow(Session& session, const eda::plans::v1::Plan& applied, Waiting waiting);

/// The same for a plan that changes nothing, but perhaps who manages fields.
Result<> report_nothing(Session& session, const eda::plans::v1::Plan& plan);

}  // namespace eda::cli
