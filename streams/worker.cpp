#include "streams/worker.h"

#include <fmt/format.h>

#include <algorithm>

#include "platform/process/log.h"
#include "streams/worker_batch.h"

namespace eda::streams {

namespace {

constexpr std::chrono::seconds poll{1};
constexpr int most_due = 1'000;
// After a survey that came to nothing.
constexpr std::chrono::seconds survey_again{5};

}  // namespace

Worker::Worker(pg::Pool& pool, clusters::Connections& connections, const Clock& clock, WorkerOptions options,
               Observer observer)
    : pool_(pool),
      connections_(connections),
      clock_(clock),
      options_(std::move(options)),
      leases_(pool, options_.holder, options_.lease),
      witness_(pool, clock),
      observer_(std::move(observer)),
      wake_(std::make_shared<Wake>()) {}

Worker::~Worker() {
  stop();
}

void Worker::start() {
  if (supervisor_.joinable()) return;
  pool_.listen("wishes", [wake = wake_] { wake->notify(); });
  supervisor_ = std::thread([this] { supervise(); });
}

void Worker::stop() {
  wake_->stop();
  if (supervisor_.joinable()) supervisor_.join();
}

void Worker::supervise() {
  struct Loop {
    std::atomic<bool> gone{false};
    std::thread thread;
  };
  std::map<std::string, Loop> loops;
  do {
    auto names =
        pool_.transact([](pg::Tx& tx) -> Result<std::vector<std::string>> { return clusters::store::names(tx); });
    if (!names) continue;
    for (auto& name : *names) {
      auto [loop, fresh] = loops.try_emplace(name);
      if (fresh) loop->second.thread = std::thread([this, name, &gone = loop->second.gone] { serve(name, gone); });
    }
    for (auto loop = loops.begin(); loop != loops.end();) {
      if (std::find(names->begin(), names->end(), loop->first) != names->end()) {
        ++loop;
        continue;
      }
      loop->second.gone = true;
      loop->second.thread.join();
      loop = loops.erase(loop);
    }
  } while (wake_->pause(poll));
  for (auto& [name, loop] : loops) loop.thread.join();
}

void Worker::serve(const std::string& cluster, const std::atomic<bool>& gone) {
  auto not_before = std::chrono::steady_clock::now();
  std::uint64_t seen = 0;
  while (!gone && !wake_->stopped()) {
    auto round = step(cluster);
    if (round.survey_due && std::chrono::steady_clock::now() >= not_before) {
      auto surveyed = sweep(cluster);
      if (!surveyed.survey) not_before = std::chrono::steady_clock::now() + survey_again;
      if (surveyed.repaired > 0) continue;
    }
    // A full round that got on has more behind it.
    if (round.due < most_due || round.settled == 0) seen = wake_->wait(seen, poll);
  }
  // Another replica need not wait until the lease has run out.
  if (auto lease = leases_.acquire("streams/" + cluster); lease && *lease) (void)leases_.release(**lease);
}

Round Worker::timed(const std::string& cluster, Result<Round> (Worker::*what)(const std::string&)) {
  auto started = std::chrono::steady_clock::now();
  Round round;
  try {
    auto done = (this->*what)(cluster);
    if (done) {
      round = std::move(*done);
    } else {
      round.outcome = done.error().reason;
    }
  } catch (const std::exception& fault) {
    process::log_error("a round of streams broke", {{"cluster", cluster}, {"fault", fault.what()}});
    round.outcome = "FAULT";
  }
  round.cluster = cluster;
  round.took = std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - started);
  if (observer_ && round.outcome != "idle" && round.outcome != "not-leader") observer_(round);
  return round;
}

Round Worker::step(const std::string& cluster) {
  return timed(cluster, &Worker::work);
}
Round Worker::sweep(const std::string& cluster) {
  return timed(cluster, &Worker::survey);
}

Result<std::optional<Worker::Batch>> Worker::begin(const std::string& name) {
  EDA_ASSIGN(auto cluster, pool_.transact([&](pg::Tx& tx) -> Result<std::optional<clusters::store::Cluster>> {
    return clusters::store::find(tx, name);
  }));
  if (!cluster) return std::nullopt;
  EDA_ASSIGN(auto lease, leases_.acquire("streams/" + name));
  if (!lease) return std::nullopt;
  Batch batch;
  batch.cluster = std::move(*cluster);
  batch.lease = std::move(*lease);
  return batch;
}

// The connection, and whether it still is the cluster that is meant: nothing is ever written to another one.
Result<> Worker::reach(Batch& batch) {
  auto facts = [&]() -> Result<kafka::ClusterFact> {
    EDA_ASSIGN(batch.admin, connections_.to(batch.name(), batch.cluster.object.wish));
    return batch.admin->describe_cluster(Deadline::in(options_.look));
  }();
  {
    std::lock_guard lock(away_mutex_);
    away_.erase(batch.name());
    if (!facts) away_.emplace(batch.name(), facts.error());
  }
  if (!facts) return fail(facts.error());
  auto expected = batch.cluster.expected_id();
  if (expected.empty() || expected == facts->cluster_id) return {};
  return fail(clusters::errors::other_cluster(batch.name(), expected, facts->cluster_id));
}

// A cluster that could not be reached a moment ago keeps the next round waiting as well: what has come since says why
// at once.
Result<> Worker::tell_away(Batch& batch) {
  std::optional<Error> why;
  {
    std::lock_guard lock(away_mutex_);
    if (auto known = away_.find(batch.name()); known != away_.end()) why = known->second;
  }
  if (!why) return {};
  std::vector<plans::store::Seen> rows;
  for (auto& item : batch.items) {
    auto& object = item.stream.object;
    rows.push_back(seen_of(object, object.state, trouble_condition(*why, "Reachable", "False"), clock_.now()));
    if (same_words(rows.back().conditions, object.conditions)) {
      rows.pop_back();
    } else {
      item.stream.object.conditions = rows.back().conditions;
    }
  }
  if (rows.empty()) return {};
  return pool_.transact([&](pg::Tx& tx) -> Result<> {
    if (ours(tx, batch)) plans::store::write_back(tx, rows);
    return {};
  });
}

Result<Round> Worker::work(const std::string& cluster) {
  EDA_ASSIGN(auto batch, begin(cluster));
  Round round;
  round.outcome = "not-leader";
  if (!batch) return round;
  // A little early, so that what is stored is never older than the interval.
  auto interval = options_.sweep - std::min<std::chrono::milliseconds>(options_.sweep / 10, std::chrono::seconds(5));
  EDA_TRY(pool_.transact([&](pg::Tx& tx) -> Result<> {
    batch->items.clear();
    round.survey_due = !store::surveyed(tx, batch->cluster.object.id, interval);
    for (auto& stream : store::due(tx, cluster, most_due))
      batch->items.push_back(Item{std::move(stream), {}, {}, {}, {}});
    return {};
  }));
  round.outcome = "idle";
  if (batch->items.empty()) return round;
  EDA_TRY(tell_away(*batch));
  look(*batch);
  decide(*batch);
  for (auto kind : {Kind::creation, Kind::change, Kind::removal}) act(*batch, kind);
  verify(*batch);
  EDA_TRY(write_back(*batch));
  // Also what came to rest without a write: a deletion that was called off must not be under way again after a restore.
  bool moved = std::any_of(batch->items.begin(), batch->items.end(), [](auto& item) {
    return item.dispatched || item.phase == Item::Phase::settled || item.phase == Item::Phase::gone;
  });
  if (moved && !batch->lost && batch->cluster.mode == clusters::Mode::manage) {
    auto recorded = witness_.record(cluster, *batch->admin, Deadline::in(options_.look));
    if (!recorded)
      process::log_warning("the last event was not recorded on the cluster",
                           {{"cluster", cluster}, {"reason", recorded.error().reason}});
  }
  round.outcome = batch->lost ? "lost-lease" : "ok";
  for (auto& item : batch->items) {
    using Phase = Item::Phase;
    ++round.due;
    if (item.phase == Phase::refused || (item.phase == Phase::settled && item.decision.act == Act::refuse))
      ++round.refused;
    if (item.phase == Phase::unknown) ++round.unknown;
    if (item.phase == Phase::gone || (item.phase == Phase::settled && item.decision.act == Act::nothing))
      ++round.settled;
    if (item.phase == Phase::waiting && round.outcome == "ok") round.outcome = item.trouble->reason;
  }
  return round;
}

// Whether this database is the one that wrote to the cluster last; asked before a leader's first write, and from time
// to time.
Result<> Worker::witness(const Batch& batch, std::chrono::seconds at_most) {
  auto now = std::chrono::steady_clock::now();
  {
    std::lock_guard lock(witnessed_mutex_);
    auto& last = witnessed_[batch.name()];
    if (last.epoch == batch.lease.epoch && now - last.at < at_most) return {};
  }
  EDA_TRY(witness_.check(batch.name(), *batch.admin, Deadline::in(options_.look)));
  std::lock_guard lock(witnessed_mutex_);
  witnessed_[batch.name()] = {batch.lease.epoch, now};
  return {};
}

bool Worker::ours(pg::Tx& tx, const Batch& batch) {
  return leases_.holds(tx, batch.lease) && witness_.holds(tx, batch.name());
}

}  // namespace eda::streams
