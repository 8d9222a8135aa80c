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
/// delete   still so: the worker is let go; from here there is no return
/// verify   the stream is gone
std::vector<std::string> deletion_steps();

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
/// The brokers could not be asked.
operations::Outcome ask_again(const Error& error);

}  // namespace eda::streams
