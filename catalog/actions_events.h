#pragma once
// The trail as callers may see it: auditors and admins all; others what they did, and what happened to objects of their
// teams.

#include <atomic>
#include <functional>
#include <string>

#include "events/actions.h"
#include "events/events.h"
#include "events/store.h"
#include "identity/identity.h"
#include "platform/core/page.h"
#include "platform/pg/pool.h"

namespace eda::catalog {

inline constexpr std::chrono::milliseconds longest_wait = std::chrono::seconds(10);
inline constexpr int followers_waiting = 16;         ///< at once; one more is answered at once
inline constexpr std::size_t events_followed = 200;  ///< in one answer

class Trail {
 public:
  Trail(pg::Pool& pool, events::Verifier& verifier) : pool_(pool), verifier_(verifier) {}

  Result<Page<events::Event>> list(const identity::Actor& actor, const events::Filter& filter, const PageRequest& page);
  /// What was committed since the horizon; waits for something for as long as `wait` says and `gone` is false.
  Result<events::News> follow(const identity::Actor& actor, const events::Filter& filter, const std::string& horizon,
                              std::chrono::milliseconds wait, const std::function<bool()>& gone);
  /// Whoever may call it sees faults of all events.
  Result<events::Verdict> verify(const events::Question& question) { return verifier_.verify(question); }

  /// Nobody waits any longer: edad is about to end.
  void stop_waiting() { stopping_ = true; }

 private:
  Result<events::Filter> in_sight(pg::Tx& tx, const identity::Actor& actor, events::Filter filter);

  pg::Pool& pool_;
  events::Verifier& verifier_;
  std::atomic<int> waiting_{0};
  std::atomic<bool> stopping_{false};
};

}  // namespace eda::catalog
