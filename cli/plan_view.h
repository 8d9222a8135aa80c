#pragma once
// A plan as people read it, and as a value that scripts read.

#include <string>
#include <vector>

#include "cli/confirm.h"
#include "cli/format.h"
#include "cli/palette.h"
#include "eda/plans/v1/plans.pb.h"

namespace eda::cli {

/// A plan with all its changes.
struct WholePlan {
  eda::plans::v1::Plan plan;
  std::vector<eda::plans::v1::Change> changes;

  bool changes_anything() const { return plan.creates() + plan.changes() + plan.adopts() + plan.deletes() > 0; }
};

/// In one of the formats. table: a created object in one line, wide: with every field. Names of `cluster` are shown
/// without it. `width` 0: lines are not cut.
std::string plan_text(const WholePlan& plan, Format format, const std::string& cluster, std::size_t width,
                      const Palette& palette);

/// "1 to create, 2 to change, 24 unchanged".
std::string plan_summary(const eda::plans::v1::Plan& plan);

/// Changes as they have to be agreed to.
std::vector<Risky> critical_changes(const WholePlan& plan, const std::string& cluster);
std::vector<Risky> risky_changes(const WholePlan& plan, const std::string& cluster);

/// `stream/orders.placed`, or `stream/prod/orders.placed` where the cluster is not `cluster`.
std::string ref_text(const eda::common::v1::Ref& ref, const std::string& cluster);

}  // namespace eda::cli
