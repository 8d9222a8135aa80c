#pragma once
// The Service kind's server side, and who is reached by a change: the declared readers, and theirs.

#include <vector>

#include "catalog/services.h"
#include "plans/rows.h"

namespace eda::catalog {

class ServiceRows final : public plans::KindRows {
 public:
  const plans::KindRules& rules() const override { return service_rules(); }
  /// A group has one claimant (conflict GROUP_CLAIMED); a service that produces something is not deleted.
  Result<> plan(pg::Tx& tx, const std::vector<plans::Draft*>& drafts) override;
  Result<> write(pg::Tx& tx, const std::vector<plans::Written>& written) override;
};

/// No service reads another team's private stream: refused STREAM_PRIVATE, PRIVATE_IS_READ. What is read without a
/// grant is a note.
class PrivateReads final : public plans::Rule {
 public:
  void judge(pg::Tx& tx, const std::vector<plans::Draft*>& drafts) override;
};

/// The declared readers of what a plan changes.
class Readers final : public plans::Audience {
 public:
  /// Adds the owners of the services that read it, and of those that read what these produce, and so on.
  Result<> affected(pg::Tx& tx, const std::vector<plans::Draft*>& drafts) override;
};

}  // namespace eda::catalog
