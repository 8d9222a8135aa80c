#pragma once
// A planned stream against what its cluster shows: what Kafka would refuse, what the plan would really change, and
// whether it needs the broker at all. Pure.

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "clusters/clusters.h"
#include "plans/plan.h"
#include "streams/reconcile.h"

namespace eda::streams {

/// What is known of one draft's surroundings.
struct Surroundings {
  clusters::Mode mode = clusters::Mode::observe;
  int brokers = 0;  ///< 0: not known
  enum class Source { now, last_seen } source = Source::now;
  std::optional<LiveTopic> live;
  std::optional<Memory> memory;  ///< of an existing stream
  std::string collides;          ///< another topic whose name meets this one's in Kafka's metrics; empty: none
  BrokerDefaults defaults = {};  ///< asked where a retention or cleanup goes back to them
};

/// Whether a draft gives up a retention or cleanup, so that the broker's own counts.
bool needs_defaults(const plans::Draft& draft);

/// Whether the plan can do without a look at the broker: nothing changes, and the facts that are stored are as wished.
/// To be asked only where these are young.
bool rests(const plans::Draft& draft, const Memory& memory);
/// Fills the fingerprint, refusals, notes, risk and the fields that only the live side can tell (drift, resets of what
/// the wish did not manage). A new stream whose topic is there becomes an adoption; a wish that says the id of a topic
/// made anew takes that one. Returns what the worker would have to do.
Decision judge_live(plans::Draft& draft, const Surroundings& around);
/// At apply: the fingerprint, and whether the cluster may be written to.
void judge_again(plans::Draft& draft, const Surroundings& around);

std::string records_note(std::int64_t records);
/// A deletion: what the topic holds (nothing: that could not be learnt) as a field of the plan.
void judge_departure(plans::Draft& draft, std::optional<std::int64_t> records);
/// At apply: what was empty at plan is to be empty still.
void judge_departure_again(plans::Draft& draft, std::optional<std::int64_t> records);
/// Whether the planned deletion may take records with it.
bool may_hold_data(const plans::Draft& draft);
/// The retention in ms that a plan cuts the topic's to; nothing when it does not.
std::optional<std::int64_t> retention_cut(const Decision& decision, const LiveTopic& live,
                                          const BrokerDefaults& defaults);
/// How many records go by it at once, at most.
void judge_cut(plans::Draft& draft, std::int64_t records);

/// The plan makes a new topic where one has vanished.
bool makes_anew(const plans::Draft& draft);
/// The id of the topic that the plan takes as the stream's: an adoption, or one that was made anew by hand.
std::string adopted_topic_id(const plans::Draft& draft);
/// An adoption after which the worker has to change the topic.
bool changes_adopted(const plans::Draft& draft);

/// Config keys that the brokers do not know, as violations with the nearest that they do.
void judge_keys(plans::Draft& draft, const std::set<std::string>& known);
/// What the brokers answered when they were asked whether they would do it.
void judge_refusal(plans::Draft& draft, const Error& error, clusters::Mode mode);

/// The document that describes a topic exactly as it is.
plans::Document document_of(const LiveTopic& topic, const std::string& cluster, const std::string& team);

}  // namespace eda::streams
