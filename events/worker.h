#pragma once
// The sealing worker: each second, numbers and chains what was committed, and signs the end. One replica seals, by
// lease; every replica watches that the end it knows of is still there.

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "events/seal.h"
#include "events/trail.h"
#include "events/worker_key.h"
#include "platform/core/time.h"
#include "platform/pg/lease.h"
#include "platform/pg/pool.h"

namespace eda::events {

inline constexpr std::size_t seal_batch = 10'000;  ///< rows of one transaction

/// One round, for metrics.
struct Round {
  std::string outcome;     ///< "ok", or an Error's reason
  std::size_t sealed = 0;  ///< rows
  Duration took{0};
};

struct SealerHooks {
  std::function<void(const Round&)> round;
  std::function<void()> cut;  ///< the trail was found cut off or made anew
};

class Sealer {
 public:
  /// `holder` is unique per process.
  Sealer(pg::Pool& pool, const SealKeyFile& key, HeadMemory& memory, const Clock& clock, std::string holder,
         SealerHooks hooks = {});
  ~Sealer();  ///< stops
  Sealer(const Sealer&) = delete;
  Sealer& operator=(const Sealer&) = delete;

  void start();
  /// Returns when the thread has ended, after the batch that is under way.
  void stop();

  /// One round on the caller's thread: watches, and where nobody else leads, seals all that is there. How many rows.
  /// refused SEAL_KEY_MISSING when a chain that was signed would go on without a signature; the key's own errors.
  Result<std::size_t> step();

 private:
  struct Batch {
    std::size_t rows = 0;
    std::int64_t last = 0;  ///< the highest event id
    bool more = false;
    Mark mark;
  };
  void loop();
  bool stopping();
  /// The end of the chain against what this process knows, and what it has to tell.
  Result<> watch();
  Result<> tell(const Mark& known, const Mark& found, const std::string& what);
  Result<std::optional<SealKey>> key(const std::optional<Head>& head);
  Result<Batch> seal(const pg::Lease& lease, const std::optional<SealKey>& key, std::string& target,
                     std::int64_t after);

  pg::Pool& pool_;
  const SealKeyFile& key_;
  HeadMemory& memory_;
  const Clock& clock_;
  pg::Leases leases_;
  SealerHooks hooks_;
  bool told_unsigned_ = false;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace eda::events
