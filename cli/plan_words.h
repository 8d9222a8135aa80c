#pragma once
// The words in which a plan is told, the same on a terminal and in a pull request.

#include <string>
#include <string_view>
#include <vector>

#include "cli/palette.h"
#include "eda/plans/v1/plans.pb.h"

namespace eda::cli {

/// A plan with all its changes.
struct WholePlan {
  eda::plans::v1::Plan plan;
  std::vector<eda::plans::v1::Change> changes;

  bool changes_anything() const { return plan.creates() + plan.changes() + plan.adopts() + plan.deletes() > 0; }
};

struct ActionWords {
  char mark;
  std::string_view word;  ///< "create"; "unchanged"
  Style style;
};
ActionWords words_of(eda::plans::v1::Action action);
/// "HIGH".
std::string_view risk_word(eda::plans::v1::Risk risk);

/// One side of a field's change as people write it; "(default)" where it holds nothing.
std::string from_text(const eda::common::v1::FieldChange& field);
std::string to_text(const eda::common::v1::FieldChange& field);
/// The same of a change: what a deletion takes along is "gone".
std::string to_text(const eda::plans::v1::Change& change, const eda::common::v1::FieldChange& field);

/// "1 to create, 2 to change, 1 to prune, 24 unchanged".
std::string plan_summary(const eda::plans::v1::Plan& plan);
/// "checkout/shop", "shop"; empty: changed by hand.
std::string set_text(const eda::plans::v1::Plan& plan);
/// `stream/orders.placed`, or `stream/prod/orders.placed` where the cluster is not `cluster`.
std::string ref_text(const eda::common::v1::Ref& ref, const std::string& cluster);

}  // namespace eda::cli
