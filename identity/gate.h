#pragma once
// The door of every call: token to actor, actor to permission, counted and logged. A method that no face listed is refused.

#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "identity/identity.h"
#include "platform/core/time.h"
#include "platform/pg/pool.h"
#include "platform/rpc/call.h"

namespace eda::identity {

class Gate {
 public:
  using Observer = std::function<void(const rpc::Finished&)>;
  Gate(pg::Pool& pool, const Clock& clock, Observer observer);

  /// Called by the composition root for each face.
  void permit(std::span<const MethodPermission> methods);
  const std::unordered_map<std::string, Permission>& permissions() const { return permissions_; }

  Result<Actor> admit(const rpc::Incoming& call);
  void finished(const rpc::Finished& call) { observer_(call); }

 private:
  pg::Pool& pool_;
  const Clock& clock_;
  Observer observer_;
  std::unordered_map<std::string, Permission> permissions_;
};

}  // namespace eda::identity
