#include "clusters/actions_witness.h"

#include <algorithm>

#include "clusters/clusters.h"
#include "clusters/store.h"
#include "clusters/topics.h"
#include "events/store.h"
#include "platform/kafka/patience.h"
#include "platform/process/log.h"

namespace eda::clusters {
namespace {

Error told(const std::string& cluster, Error error) {
  return error.code == Code::denied ? errors::witness_denied(cluster, error) : error;
}

// Compacted, so that it stays one record long, more or less; as safe as the cluster allows.
Result<> make_topic(kafka::Admin& admin, Deadline deadline) {
  EDA_ASSIGN(auto cluster, admin.describe_cluster(deadline));
  kafka::NewTopic topic{std::string(witness_topic), 1, 1, {{"cleanup.policy", "compact"}}};
  topic.replication = static_cast<int>(std::clamp<std::size_t>(cluster.brokers.size(), 1, 3));
  EDA_ASSIGN(auto outcomes, admin.create_topics(std::vector{topic}, kafka::Mode::apply, deadline));
  auto& error = outcomes.front().error;
  if (error && error->reason != "TOPIC_EXISTS") return fail(std::move(*error));
  return {};
}

Result<> write(kafka::Admin& admin, const Mark& mark, Deadline deadline) {
  const std::string topic(witness_topic);
  auto written = admin.append(topic, mark_key, mark_text(mark), deadline);
  if (written || written.error().reason != "TOPIC_UNKNOWN") return written;
  EDA_TRY(make_topic(admin, deadline));
  kafka::Patience patience;  // brokers learn of it one after the other
  do {
    written = admin.append(topic, mark_key, mark_text(mark), deadline);
  } while (!written && written.error().reason == "TOPIC_UNKNOWN" && patience.wait(deadline));
  return written;
}

events::Event observed_again(const store::Cluster& cluster, const std::optional<Mark>& found, const Error& why) {
  events::Event event;
  event.actor = "edad";
  event.verb = "cluster.observed";
  event.object = cluster.object.ref;
  event.before = Value::Map{{"mode", std::string(mode_name(cluster.mode))}};
  Value::Map after{{"mode", std::string(mode_name(Mode::observe))}};
  if (found) after.emplace("missing", Value::Map{{"event", found->event}, {"at", to_rfc3339(found->at)}});
  event.after = std::move(after);
  event.reason = why.message;
  return event;
}

}  // namespace

std::optional<Mark> Witness::known(const std::string& cluster) {
  std::lock_guard lock(mutex_);
  auto mark = known_.find(cluster);
  return mark == known_.end() ? std::nullopt : std::optional(mark->second);
}

void Witness::know(const std::string& cluster, const std::optional<Mark>& mark) {
  std::lock_guard lock(mutex_);
  known_.erase(cluster);
  if (mark) known_.emplace(cluster, *mark);
}

Result<> Witness::check(const std::string& cluster, kafka::Admin& admin, Deadline deadline) {
  auto records = admin.read_keys(std::string(witness_topic), deadline);
  if (!records && records.error().reason != "TOPIC_UNKNOWN") return fail(told(cluster, std::move(records).error()));
  know(cluster, {});
  if (!records) return {};
  auto record = records->find(mark_key);
  if (record == records->end()) return {};
  auto found = parse_mark(record->second);
  if (!found) return fall_back(cluster, found);
  EDA_ASSIGN(bool held, pool_.transact([&](pg::Tx& tx) -> Result<bool> { return store::holds(tx, *found); }));
  if (!held) return fall_back(cluster, found);
  know(cluster, found);
  return {};
}

Result<> Witness::record(const std::string& cluster, kafka::Admin& admin, Deadline deadline) {
  auto before = known(cluster);
  std::optional<Mark> newest;
  EDA_ASSIGN(bool held, pool_.transact([&](pg::Tx& tx) -> Result<bool> {
    newest = store::newest_event(tx);
    return before && store::holds(tx, *before);
  }));
  if (!held) EDA_TRY(check(cluster, admin, deadline));
  if (!newest || newest == known(cluster)) return {};
  if (auto written = write(admin, *newest, deadline); !written) return fail(told(cluster, std::move(written).error()));
  know(cluster, newest);
  return {};
}

bool Witness::holds(pg::Tx& tx, const std::string& cluster) {
  auto mark = known(cluster);
  return !mark || store::holds(tx, *mark);
}

Result<> Witness::vouch(const std::string& cluster, kafka::Admin& admin, Deadline deadline) {
  EDA_ASSIGN(auto newest,
             pool_.transact([](pg::Tx& tx) -> Result<std::optional<Mark>> { return store::newest_event(tx); }));
  if (!newest) return {};
  if (auto written = write(admin, *newest, deadline); !written) return fail(told(cluster, std::move(written).error()));
  know(cluster, newest);
  return {};
}

Result<> Witness::fall_back(const std::string& name, const std::optional<Mark>& found) {
  std::optional<Error> why;
  bool managed = false;
  auto written = pool_.transact([&](pg::Tx& tx) -> Result<> {
    why = errors::database_restored(name, found, store::newest_event(tx));
    auto cluster = store::find(tx, name, plans::store::Lock::update);
    managed = cluster && cluster->mode == Mode::manage;
    if (cluster) store::restored(tx, cluster->object.id);
    if (!managed) return {};  // another replica was first, or it is only observed
    store::set_conditions(tx, cluster->object, with_database_fault(cluster->object.conditions, *why, clock_.now()));
    store::set_mode(tx, cluster->object.id, Mode::observe);
    events::append(tx, {observed_again(*cluster, found, *why)});
    return {};
  });
  if (!written) return written;
  if (managed) process::log_error("the cluster is only observed from now on", *why);
  return fail(std::move(*why));
}

}  // namespace eda::clusters
