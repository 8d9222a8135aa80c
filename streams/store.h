#pragma once
// Rows of streams: which topic each one is.

#include <chrono>
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

/// Of those of the topics that the cluster has, how many a stream has.
int count_held(pg::Tx& tx, const std::string& cluster, const std::vector<std::string>& topics);

// --- looks at streams at rest
/// Streams that came to rest, in order of their keys, beginning after `after`.
std::vector<Stream> at_rest(pg::Tx& tx, const std::string& cluster, std::int64_t after, int limit);
/// The same by name, with those that the broker refused.
std::vector<Stream> at_rest_by_name(pg::Tx& tx, const std::string& cluster, const std::string& after, int limit);
/// Those of the names that there are, at rest or not, by name.
std::vector<Stream> named(pg::Tx& tx, const std::string& cluster, const std::vector<std::string>& names);

/// The instant at which a survey begins, as the database tells it.
std::string survey_begins(pg::Tx& tx);
/// All streams at rest of the cluster were compared; what they show is as young as the beginning.
void survey_ended(pg::Tx& tx, std::int64_t cluster_id, const std::string& began);
/// Somebody has seen that the stored facts are old: they rest no plan, and a leader looks again soon.
void want_survey(pg::Tx& tx, std::int64_t cluster_id);
/// The last one is younger than `span`, and nobody wants another.
bool surveyed(pg::Tx& tx, std::int64_t cluster_id, std::chrono::milliseconds span);

// --- deletions that go through an operation
/// The worker leaves these alone until they are let go; also later, when their cluster is found to know more than this
/// database, which was restored then.
void hold(pg::Tx& tx, const std::vector<std::int64_t>& object_ids);
/// Held deletions, by the uids of their objects.
void let_go(pg::Tx& tx, const std::vector<std::string>& uids);
/// The deletion is called off; false when it was sent already. Its wish is the caller's to write.
bool keep(pg::Tx& tx, const std::string& uid);
/// A stream on its way out, by the uid of its object.
struct Departing {
  plans::Object object;
  Memory memory;
  bool held = false;
};
std::map<std::string, Departing> departing(pg::Tx& tx, const std::vector<std::string>& uids);
/// A worker could not delete it and gave up: it tries once more.
void delete_again(pg::Tx& tx, const std::string& uid);

// --- what the worker needs
/// Streams that wait for a worker, oldest change first; not those that are held.
std::vector<Stream> due(pg::Tx& tx, const std::string& cluster, int limit);
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
/// Before topics are deleted: of these, the deletions that still stand and are not held. Who calls one off waits.
std::vector<std::int64_t> mark_removal(pg::Tx& tx, const std::vector<Version>& versions);
/// The broker did not take it: nothing was deleted.
void unmark_removal(pg::Tx& tx, const std::vector<std::int64_t>& object_ids);
/// Topic ids as they were seen, by object.
void remember(pg::Tx& tx, const std::map<std::int64_t, std::string>& topic_ids);
/// Streams at rest that are to be set back to what is wished, where nothing newer is; returns which.
std::vector<std::int64_t> set_back(pg::Tx& tx, const std::vector<Version>& versions);
/// Adopted topics that differ from what is wished: a worker changes them.
void await_worker(pg::Tx& tx, const std::vector<std::int64_t>& object_ids);
/// A leader that has lost its lease may have changed these after its successor looked: they are looked at once more.
void look_again(pg::Tx& tx, const std::vector<std::int64_t>& object_ids);

}  // namespace eda::streams::store
