#pragma once
// The deletion of a stream whose topic holds data, as steps: nobody reads it, nobody writes it, what is left is shown,
// then it goes. Pure; the runner asks the brokers.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "operations/operations.h"

namespace eda::streams {

inline constexpr std::string_view deletion_kind = "stream.deletion";
/// members  no member of a classic group has partitions of the topic
/// idle     its end offsets have not moved for 10 s
/// records  how many records are left
/// delete   still so, and edad may write to the cluster: the worker is let go
/// verify   the stream is gone; once the deletion was sent there is no return
std::vector<std::string> deletion_steps();

/// The reason of the condition that a stream has from the moment it is to be deleted.
inline constexpr std::string_view deleting_reason = "DELETING";

/// What an operation is about.
struct Leaving {
  std::string topic;
  std::string topic_id;  ///< empty: it was never seen
  std::string uid;       ///< of the stream's object
};
Leaving leaving_of(const operations::Operation& operation);

/// A group's members that have partitions of the topic, as people know them.
struct Reader {
  std::string group;
  std::vector<std::string> members;
};
using Ends = std::vector<std::int64_t>;  ///< end offset of each partition

/// Of a topic that is gone, or another one by now, nothing is asked any more.
operations::Outcome judge_gone();
operations::Outcome judge_readers(const operations::Operation& operation, const std::vector<Reader>& readers,
                                  Instant now);
operations::Outcome judge_idle(const operations::Operation& operation, const Ends& ends, Instant now);
operations::Outcome judge_records(std::int64_t records);
/// done: nothing has moved since it was seen idle.
operations::Outcome judge_last_look(const operations::Operation& operation, const Ends& ends, Instant now);
/// The database was restored after somebody began or resumed it: what was true then may not be now, so it takes a
/// person to go on.
operations::Outcome judge_restored(const operations::Operation& operation, Instant restored_at);
/// The cluster is only observed: it waits, and may be called off.
operations::Outcome judge_observed(const operations::Operation& operation);
/// The brokers could not be asked.
operations::Outcome ask_again(const Error& error);

}  // namespace eda::streams
