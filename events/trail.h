#pragma once
// What is wrong with a sealed trail: the walk along the chain, as rules over rows, seals and heads that were read.

#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "events/seal.h"

namespace eda::events {

enum class What { row_changed, row_missing, seal_missing, chain_broken, signature_wrong, cut_off, row_unsealed };
/// "row-changed", …
std::string_view what_name(What what);

struct Fault {
  std::int64_t number = 0;  ///< in the chain; 0: in none
  std::int64_t event = 0;   ///< the event's id; 0: of none
  What what = What::row_changed;
  std::string message;
};

/// A place in the chain: the hash after that many events.
struct Mark {
  std::int64_t number = 0;
  Hash hash = genesis;
  friend bool operator==(const Mark&, const Mark&) = default;
};

/// A seal and the row that it is about, if that is still there.
struct Sealed {
  std::int64_t number = 0;
  std::int64_t event = 0;
  Hash hash = genesis;
  std::optional<Columns> row;
};

struct Walked {
  std::vector<Fault> faults;  ///< by number
  Mark end;                   ///< where the next walk begins: the hash is the true one, also where its seal was changed
};

/// Along `count` seals after `from`; what `sealed` has beyond them helps to tell a changed row from a changed seal.
/// `heads` are those of the same numbers. Events that tell of a cut are faults themselves when their number is above
/// `told`.
Walked walk(const Mark& from, std::span<const Sealed> sealed, std::size_t count, std::span<const Head> heads,
            const std::optional<SealKey>& key, std::int64_t told);

/// Where the chain ends by its seals and by its heads; empty: none.
struct End {
  Mark seal;
  std::optional<Head> head;
  std::string horizon;  ///< of the last head
};

/// Seals and heads are written together, so they end together.
std::optional<Fault> judge_end(const End& end);
/// A place that the chain once had and still has to have; `found` is the hash that it has there now.
enum class Keeper { caller, edad };
std::optional<Fault> judge_known(const Mark& known, const std::optional<Hash>& found, const End& end, Keeper keeper);

/// The last head that this process knows of: what a database that was put back, or made anew, is measured by.
class HeadMemory {
 public:
  std::optional<Mark> get() const {
    std::lock_guard lock(mutex_);
    return mark_;
  }
  void set(const Mark& mark) {
    std::lock_guard lock(mutex_);
    mark_ = mark;
  }

 private:
  mutable std::mutex mutex_;
  std::optional<Mark> mark_;
};

/// The event by which edad tells of a cut, where nobody can take it back.
inline constexpr std::string_view cut_verb = "trail.cut";

}  // namespace eda::events
