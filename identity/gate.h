#pragma once
// The door of every call: token to actor, actor to permission, counted and logged. A method that no face listed is
// refused.

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <thread>
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
  ~Gate();
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  /// Called by the composition root for each face, before the first call.
  void permit(std::span<const MethodPermission> methods);
  const std::unordered_map<std::string, Permission>& permissions() const { return permissions_; }

  /// Who calls, when they may call this method at all. denied METHOD_UNLISTED; unauthenticated TOKEN_MISSING,
  /// TOKEN_UNKNOWN, TOKEN_EXPIRED, TOKEN_REVOKED, USER_DISABLED; denied SCOPE_MISSING, ROLE_MISSING; the pool's own.
  /// For Permission::open nobody is asked for a token, and the actor has no subject.
  Result<Actor> admit(const rpc::Incoming& call);
  void finished(const rpc::Finished& call) { observer_(call); }

  /// Writes when the tokens admitted since the last time were used. The gate does it once a minute, beside the calls.
  Result<> write_last_used();

 private:
  void write_each_minute();

  pg::Pool& pool_;
  const Clock& clock_;
  Observer observer_;
  std::unordered_map<std::string, Permission> permissions_;

  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;
  std::map<std::string, Instant> used_;  ///< token id -> last use that is not written yet
  std::thread writer_;
};

}  // namespace eda::identity
