#include "clusters/worker.h"

#include <fmt/format.h>

#include <algorithm>

#include "events/store.h"
#include "platform/process/log.h"

namespace eda::clusters {

namespace {

constexpr std::chrono::seconds every{10};
constexpr std::chrono::seconds poll{1};
constexpr std::chrono::seconds look_limit{5};

events::Event fell_back(const store::Cluster& cluster, const std::string& found) {
  events::Event event;
  event.actor = "edad";
  event.verb = "cluster.mode-changed";
  event.object = cluster.object.ref;
  event.before = Value::Map{{"mode", std::string(mode_name(cluster.mode))}, {"clusterId", cluster.expected_id()}};
  event.after = Value::Map{{"mode", std::string(mode_name(Mode::observe))}, {"clusterId", found}};
  event.reason = "another cluster answers there";
  return event;
}

// What stays known of a cluster that cannot be reached.
Value last_observed(const plans::Object& object, Mode mode) {
  auto observed = object.observed.as_map() ? *object.observed.as_map() : Value::Map();
  observed.insert_or_assign("mode", std::string(mode_name(mode)));
  return observed;
}

}  // namespace

Worker::Worker(pg::Pool& pool, Connections& connections, const Clock& clock, std::string holder, Observer observer)
    : pool_(pool),
      connections_(connections),
      clock_(clock),
      leases_(pool, std::move(holder)),
      observer_(std::move(observer)) {}

Worker::~Worker() {
  stop();
}

void Worker::start() {
  if (!thread_.joinable()) thread_ = std::thread([this] { loop(); });
}

void Worker::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Worker::loop() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    try {
      step();
    } catch (const std::exception& fault) {
      process::log_error("a look at the clusters broke", {{"fault", fault.what()}});
    }
    lock.lock();
    wake_.wait_for(lock, poll, [this] { return stopping_; });
  }
}

void Worker::step() {
  std::vector<std::string> all;
  auto due = pool_.transact([&](pg::Tx& tx) -> Result<std::vector<std::string>> {
    all = store::names(tx);
    return store::unseen(tx, every);
  });
  if (!due) return;  // the database's absence is told by readiness
  connections_.retain(all);
  // What was seen before this start may have changed, and who comes back is not kept waiting.
  for (auto& name : all) {
    if (!well_.contains(name) && std::find(due->begin(), due->end(), name) == due->end()) due->push_back(name);
  }
  for (auto& name : *due) {
    {
      std::lock_guard lock(mutex_);
      if (stopping_) return;
    }
    auto started = std::chrono::steady_clock::now();
    auto looked = look(name);
    if (looked) {
      well_.insert(name);
    } else {
      well_.erase(name);
    }
    auto took = std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - started);
    if (observer_) observer_(Round{name, looked ? "ok" : looked.error().reason, took});
  }
}

Result<> Worker::look(const std::string& name) {
  EDA_ASSIGN(auto lease, leases_.acquire("clusters/" + name));
  if (!lease) return {};
  EDA_ASSIGN(auto cluster, pool_.transact([&](pg::Tx& tx) -> Result<std::optional<store::Cluster>> {
    return store::find(tx, name);
  }));
  if (!cluster) return {};
  auto admin = connections_.to(name, cluster->object.wish);
  auto seen = admin ? look_at(**admin, Deadline::in(look_limit)) : Look(fail(admin.error()));
  EDA_TRY(write_back(*lease, *cluster, seen));
  if (!seen) return fail(seen.error());
  return {};
}

Result<> Worker::write_back(const pg::Lease& lease, const store::Cluster& before, const Look& look) {
  bool fell = false;
  auto written = pool_.transact([&](pg::Tx& tx) -> Result<> {
    fell = false;
    if (!leases_.holds(tx, lease)) return {};
    auto cluster = store::find(tx, before.object.ref.name, plans::store::Lock::update);
    // Changed meanwhile: what was seen may be of another address.
    if (!cluster || cluster->object.uid != before.object.uid || cluster->object.generation != before.object.generation)
      return {};
    auto expected = cluster->expected_id();
    Mode mode = cluster->mode;
    if (look && !expected.empty() && look->cluster_id != expected && mode == Mode::manage) {
      mode = Mode::observe;
      store::set_mode(tx, cluster->object.id, mode);
      events::append(tx, {fell_back(*cluster, look->cluster_id)});
      fell = true;
    }
    store::saw(tx, cluster->object.id, look ? look->cluster_id : "");
    plans::store::Seen seen;
    seen.id = cluster->object.id;
    seen.generation = cluster->object.generation;
    seen.state = plans::State::applied;
    seen.conditions = conditions_of(look, expected, cluster->object.conditions, clock_.now());
    seen.observed = look ? observed_value(*look, mode) : last_observed(cluster->object, mode);
    plans::store::write_back(tx, {seen});
    return {};
  });
  if (written && fell) {
    process::log_error("another cluster answers: edad only observes it from now on",
                       errors::other_cluster(before.object.ref.name, before.expected_id(), look->cluster_id));
  }
  return written;
}

}  // namespace eda::clusters
