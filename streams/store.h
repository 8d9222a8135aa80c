#pragma once
// Rows of streams: which topic each one is.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "plans/store.h"
#include "platform/pg/tx.h"
#include "streams/reconcile.h"

namespace eda::streams::store {

/// A stream and what edad remembers of its topic.
struct Stream {
  plans::Object object;
  Memory memory;
};

/// Rows of new streams. Returns those of the topics that another stream of the cluster has already; nothing was written
/// for them. The cluster is held until the transaction ends, so that it is not deleted meanwhile.
struct NewStream {
  std::int64_t object_id = 0;
  std::string topic;
  std::string topic_id;  ///< of an adopted topic; empty otherwise
};
std::vector<std::string> create(pg::Tx& tx, const std::string& cluster, const std::vector<NewStream>& streams);
/// The topic went; the next one under its name will be made by us.
void forget_topics(pg::Tx& tx, const std::vector<std::int64_t>& object_ids);

/// By object; those without a row are left out.
std::map<std::int64_t, Memory> memories(pg::Tx& tx, const std::vector<std::int64_t>& object_ids);
/// Which stream has each of the topics.
struct Holder {
  std::int64_t object_id = 0;
  std::string stream;
};
std::map<std::string, Holder> holders(pg::Tx& tx, const std::string& cluster, const std::vector<std::string>& topics);

// --- what the worker needs
/// Streams that wait for a worker, oldest change first.
std::vector<Stream> due(pg::Tx& tx, const std::string& cluster, int limit);
/// Streams that came to rest, in order of their keys, beginning after `after`.
std::vector<Stream> at_rest(pg::Tx& tx, const std::string& cluster, std::int64_t after, int limit);
/// Of these, the objects whose generation and state still are the given ones.
struct Version {
  std::int64_t id = 0;
  std::int64_t generation = 0;
};
std::vector<std::int64_t> still(pg::Tx& tx, const std::vector<Version>& versions);
/// Before topics are asked for.
void mark_sent(pg::Tx& tx, const std::vector<std::int64_t>& object_ids);
/// The broker said that the topic is somebody else's: nothing of ours is there.
void unmark_sent(pg::Tx& tx, const std::vector<std::int64_t>& object_ids);
/// Topic ids as they were seen, by object.
void remember(pg::Tx& tx, const std::map<std::int64_t, std::string>& topic_ids);
/// A leader that has lost its lease may have changed these after its successor looked: they are looked at once more.
void look_again(pg::Tx& tx, const std::vector<std::int64_t>& object_ids);

}  // namespace eda::streams::store
