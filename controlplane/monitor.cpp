#include "controlplane/monitor.h"

#include <malloc.h>

#include <chrono>
#include <optional>

#include "catalog/store_search.h"
#include "clusters/store.h"
#include "events/store.h"
#include "operations/store.h"
#include "plans/store.h"
#include "platform/process/log.h"

namespace eda::controlplane {

namespace {

using namespace std::chrono_literals;

// Why a managed cluster is not ready, by its last look; empty when it is.
std::string fault_of(const plans::Object& cluster) {
  for (auto& condition : cluster.conditions) {
    if (condition.status == "False") return condition.message;
  }
  return {};
}

}  // namespace

Monitor::Monitor(pg::Pool& pool, plans::Engine& engine, Readiness& readiness, Meters& meters, std::string holder,
                 std::function<void(bool)> told)
    : pool_(pool),
      engine_(engine),
      readiness_(readiness),
      meters_(meters),
      leases_(pool, std::move(holder)),
      told_(std::move(told)) {}

Monitor::~Monitor() {
  stop();
}

void Monitor::start() {
  look();
  told_(readiness_.ready());
  thread_ = std::thread([this] { loop(); });
}

void Monitor::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Monitor::loop() {
  bool was_ready = readiness_.ready();
  for (int second = 0;; ++second) {
    {
      std::unique_lock lock(mutex_);
      if (wake_.wait_for(lock, 1s, [this] { return stopping_; })) return;
    }
    look();
    end_overlays();
    give_back_memory();
    if (bool ready = readiness_.ready(); ready != was_ready) {
      was_ready = ready;
      if (ready) {
        process::log_info("ready");
      } else {
        process::log_warning("not ready", {{"parts", readiness_.text()}});
      }
      told_(ready);
    }
    if (second % 60 == 0) sweep();
  }
}

void Monitor::look() {
  auto database = pool_.ping();
  readiness_.set("database", database ? "" : database.error().message);
  if (database) {
    auto clusters = pool_.transact([](pg::Tx& tx) -> Result<std::map<std::string, std::string>> {
      std::map<std::string, std::string> faults;
      for (auto& name : clusters::store::names(tx)) {
        auto cluster = clusters::store::find(tx, name);
        if (cluster && cluster->mode == clusters::Mode::manage) {
          faults.emplace(cluster->object.ref.text(), fault_of(cluster->object));
        }
      }
      return faults;
    });
    if (clusters) readiness_.set_all("cluster/", *clusters);
    auto objects =
        pool_.transact([](pg::Tx& tx) -> Result<Meters::Counts> { return plans::store::count_by_state(tx); });
    if (objects) meters_.objects(*objects);
    auto operations =
        pool_.transact([](pg::Tx& tx) -> Result<Meters::Counts> { return operations::store::count_unfinished(tx); });
    if (operations) meters_.operations(*operations);
  }
  for (auto& [part, fault] : readiness_.parts()) meters_.ready(part, fault.empty() ? 1 : 0);
}

// Every replica may: an overlay ends once.
// glibc keeps what lies free between blocks that are in use: after a plan of 10,000 objects as much as the plan took.
// What went back counts as free all the same, so what matters is what has come since.
void Monitor::give_back_memory() {
  constexpr std::size_t worth_it = 16u << 20;
  std::size_t now = ::mallinfo2().fordblks;
  kept_ = std::min(kept_, now);
  if (now < kept_ + worth_it) return;
  ::malloc_trim(0);
  kept_ = ::mallinfo2().fordblks;
}

void Monitor::end_overlays() {
  constexpr int batch = 100;
  for (;;) {
    auto ended = engine_.end_overlays(batch);
    if (!ended) process::log_error("changes for a while could not be ended", ended.error());
    if (!ended || *ended < batch) return;
  }
}

void Monitor::sweep() {
  auto lease = leases_.acquire("housekeeping");
  if (!lease || !*lease) return;
  auto swept = pool_.transact([](pg::Tx& tx) -> Result<> {
    plans::store::sweep(tx);
    operations::store::sweep(tx);
    events::purge_outcomes(tx);
    events::make_partitions(tx);
    catalog::store::learn_words(tx);
    return {};
  });
  if (!swept) process::log_error("housekeeping", swept.error());
}

}  // namespace eda::controlplane
