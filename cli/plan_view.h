#pragma once
// A plan as people read it, and as a value that scripts read (its shape: docs/ci.md).

#include <string>
#include <vector>

#include "cli/confirm.h"
#include "cli/format.h"
#include "cli/palette.h"
#include "cli/plan_words.h"

namespace eda::cli {

inline constexpr std::string_view plan_version = "eda/plan/v1";

/// Where a plan is looked at.
struct Viewpoint {
  std::string server;     ///< edad's address
  std::string cluster;    ///< names of this one are shown without it
  std::size_t width = 0;  ///< 0: lines are not cut
};

/// In one of the formats. table: a created object in one line, wide: with every field.
std::string plan_text(const WholePlan& plan, Format format, const Viewpoint& from, const Palette& palette);
/// {apiVersion, server, plan, changes}.
std::string plan_json(const WholePlan& plan, const std::string& server);

/// Changes as they have to be agreed to.
std::vector<Risky> critical_changes(const WholePlan& plan, const std::string& cluster);
std::vector<Risky> risky_changes(const WholePlan& plan, const std::string& cluster);

}  // namespace eda::cli
