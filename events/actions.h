#pragma once
// Is the trail what it was when it was sealed? Page by page along the chain, each page of one moment.

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "events/seal.h"
#include "events/trail.h"
#include "platform/pg/pool.h"

namespace eda::events {

inline constexpr std::size_t verify_page = 10'000;  ///< seals in one call at most
inline constexpr std::size_t faults_per_page = 1'000;

/// The key in use, read anew; nothing: edad has none.
using ReadKey = std::function<Result<std::optional<SealKey>>()>;

struct Question {
  Mark after;                 ///< where the answer before ended
  std::optional<Head> known;  ///< that the caller kept
  std::size_t limit = 0;      ///< seals to look at; 0: as many as a call may
};

struct Verdict {
  std::vector<Fault> faults;  ///< by number; the last one says how many were left out
  Mark verified;              ///< where the next question goes on
  Head head;                  ///< where the chain ends now
  bool done = false;
};

class Verifier {
 public:
  Verifier(pg::Pool& pool, ReadKey key, const HeadMemory& memory)
      : pool_(pool), key_(std::move(key)), memory_(memory) {}

  /// The chain after a place; with the last page also its end, what the caller and edad know of it, and what was left
  /// unsealed. The key's own errors.
  Result<Verdict> verify(const Question& question);

 private:
  pg::Pool& pool_;
  ReadKey key_;
  const HeadMemory& memory_;
};

}  // namespace eda::events
