#pragma once
// What the worker carries through one round. Internal to streams/worker.

#include <condition_variable>
#include <mutex>

#include "events/events.h"
#include "streams/drift.h"
#include "streams/worker.h"

namespace eda::streams {

/// What is written back of an object, as it stands so far.
plans::store::Seen seen_of(const plans::Object& object, plans::State state, plans::Condition condition, Instant now);
/// The facts of a look, and what is found amiss in them.
void put_facts(plans::store::Seen& seen, const Decision& decision, const std::optional<LiveTopic>& live,
               std::vector<plans::Drift> drift);
/// What stands in the way, as a condition.
plans::Condition trouble_condition(const Error& error, std::string type, std::string status);
/// Whether two lists of conditions say the same, whatever their times.
bool same_words(const std::vector<plans::Condition>& a, const std::vector<plans::Condition>& b);

/// What the trail is told of drift that came, changed or ended, each with its object's key.
struct DriftNews {
  std::int64_t object_id = 0;
  events::Event event;
};
std::optional<DriftNews> drift_news(const plans::Object& object, const std::vector<plans::Drift>& drift);
/// Appends in the caller's transaction, with the team that owns each.
void tell(pg::Tx& tx, std::vector<DriftNews> news);

/// Wakes the loops, and ends them.
struct Worker::Wake {
  std::mutex mutex;
  std::condition_variable changed;
  std::uint64_t notifications = 0;
  bool stopping = false;

  void notify() {
    std::lock_guard lock(mutex);
    ++notifications;
    changed.notify_all();
  }
  void stop() {
    std::lock_guard lock(mutex);
    stopping = true;
    changed.notify_all();
  }
  bool stopped() {
    std::lock_guard lock(mutex);
    return stopping;
  }
  /// Until something was notified after `seen`, or for so long. Returns what was seen.
  std::uint64_t wait(std::uint64_t seen, std::chrono::milliseconds span) {
    std::unique_lock lock(mutex);
    changed.wait_for(lock, span, [&] { return stopping || notifications != seen; });
    return notifications;
  }
  /// For so long; false when the worker stops.
  bool pause(std::chrono::milliseconds span) {
    std::unique_lock lock(mutex);
    return !changed.wait_for(lock, span, [&] { return stopping; });
  }
};

/// Waits between looks: short at first, twice as long each time.
class Patience {
 public:
  std::chrono::milliseconds next() {
    auto span = next_;
    next_ = std::min(next_ * 2, std::chrono::milliseconds(200));
    return span;
  }

 private:
  std::chrono::milliseconds next_{10};
};

/// One stream in a round.
struct Worker::Item {
  store::Stream stream;
  std::optional<LiveTopic> live;
  Decision decision;
  enum class Phase {
    open,     ///< nothing is decided or sent yet
    sent,     ///< the broker took it; not seen yet
    settled,  ///< `decision` and `live` say how it stands
    gone,     ///< deleted, and seen to be
    waiting,  ///< nothing was sent; `trouble` says why
    refused,  ///< the broker said no: `trouble`
    unknown,  ///< sent, and no answer: `trouble`
    passed,   ///< changed meanwhile, or the lease is lost: somebody else's
  } phase = Phase::open;
  std::optional<Error> trouble;
  bool dispatched = false;
  bool unmark = false;  ///< its creation or deletion was certainly not done by us

  void end(Phase how, Error why) {
    phase = how;
    trouble = std::move(why);
  }
};

struct Worker::Batch {
  clusters::store::Cluster cluster;
  pg::Lease lease;
  std::shared_ptr<kafka::Admin> admin;
  std::vector<Item> items;
  bool lost = false;
  bool overtaken = false;  ///< the database was restored while we were at it

  const std::string& name() const { return cluster.object.ref.name; }
};

}  // namespace eda::streams
