#pragma once
// The Tag kind's server side, and the judging of what plans put on and take off.

#include <string>
#include <vector>

#include "catalog/catalog.h"
#include "catalog/selection.h"
#include "catalog/tags.h"
#include "plans/rows.h"

namespace eda::catalog {

class TagRows final : public plans::KindRows {
 public:
  const plans::KindRules& rules() const override { return tag_rules(); }
  /// Refuses to delete what is built in, and what objects have: refused TAG_BUILT_IN, TAG_IN_USE.
  Result<> plan(pg::Tx& tx, const std::vector<plans::Draft*>& drafts) override;
};

/// A deprecated stream takes no new consumers: refused STREAM_DEPRECATED, with its successor. Whoever reads it may go
/// on.
class NoNewConsumers final : public plans::Rule {
 public:
  void judge(pg::Tx& tx, const std::vector<plans::Draft*>& drafts) override;
};

/// Every draft whose tags change, against the tags that there are and those that the same plan makes; `owner` of each
/// draft is known.
void judge_tags(pg::Tx& tx, const Standing& standing, const std::vector<plans::Draft*>& drafts);

/// not_found OBJECT_UNKNOWN, with the nearest name, for a tag that is named and that nothing is.
Result<> know_tags(pg::Tx& tx, const Selection& selection);

}  // namespace eda::catalog
