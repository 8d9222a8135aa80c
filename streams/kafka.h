#pragma once
// Topics of a cluster to and from our values, in batches.

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "platform/kafka/admin.h"
#include "streams/reconcile.h"

namespace eda::streams {

/// Topics by name. Of one under `unknown` it could not be learnt whether and how it exists.
struct Topics {
  std::map<std::string, LiveTopic> found;
  std::map<std::string, Error> unknown;
};

/// All that we may see, without configs.
Result<Topics> list_topics(kafka::Admin& admin, Deadline deadline);
/// Those of the names that exist, without configs.
Result<Topics> identify(kafka::Admin& admin, const std::vector<std::string>& names, Deadline deadline);
/// `overrides`: only what is set on the topics, which is all that a comparison needs.
enum class Configs { all, overrides };
/// Those of the names that exist, with their configs.
Result<Topics> look_up(kafka::Admin& admin, const std::vector<std::string>& names, Deadline deadline,
                       Configs which = Configs::all);
/// Adds the configs of those of the names that are among the topics; where they are denied the topic becomes unknown.
Result<> add_configs(kafka::Admin& admin, Topics& topics, const std::vector<std::string>& names, Deadline deadline,
                     Configs which = Configs::all);

/// What topics have that say nothing themselves, as one of the brokers is configured.
Result<BrokerDefaults> broker_defaults(kafka::Admin& admin, const kafka::ClusterFact& cluster, Deadline deadline);

/// What one stream wants done to its topic.
struct Work {
  std::string topic;
  Decision decision;
  plans::Wish wish;  ///< the effective one
};
/// Topic -> why it was not done; topics that are left out are done. An error of the whole call is each topic's.
using Failures = std::map<std::string, Error>;
Failures create(kafka::Admin& admin, const std::vector<Work>& work, kafka::Mode mode, Deadline deadline);
/// Grows first, then alters; what could not grow is not altered.
Failures change(kafka::Admin& admin, const std::vector<Work>& work, kafka::Mode mode, Deadline deadline);
Failures remove(kafka::Admin& admin, const std::vector<Work>& work, Deadline deadline);

/// Sent, and no answer: it may have happened.
bool outcome_is_unknown(const Error& error);

}  // namespace eda::streams
