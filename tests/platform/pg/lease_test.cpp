#include "platform/pg/lease.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <future>
#include <thread>

#include "tests/support/world.h"

using namespace eda;
using namespace std::chrono_literals;

namespace {

/// As if its time had passed.
void run_out(pg::Pool& pool, const std::string& name) {
  REQUIRE(pool.transact([&](pg::Tx& tx) -> Result<> {
    tx.exec("update leases set expires_at = clock_timestamp() where name = $1", name);
    return {};
  }));
}

pg::Lease taken(pg::Leases& leases) {
  auto lease = leases.acquire("streams/prod");
  REQUIRE(lease);
  REQUIRE(lease->has_value());
  return **lease;
}

}  // namespace

TEST_CASE("one leads, and renewing keeps the epoch") {
  test::FreshDatabase database;
  pg::Leases a(database.pool(), "a", 1h), b(database.pool(), "b", 1h);
  pg::Lease lease = taken(a);
  CHECK(lease.epoch == 1);
  CHECK(*b.acquire("streams/prod") == std::nullopt);
  CHECK(taken(a).epoch == 1);
  CHECK(*a.holds(lease));
  CHECK(b.acquire("streams/test")->has_value());
}

TEST_CASE("a lease that ran out is taken over with the next epoch, and the old leader finds that it leads no more") {
  test::FreshDatabase database;
  pg::Leases a(database.pool(), "a", 1h), b(database.pool(), "b", 1h);
  pg::Lease old = taken(a);
  run_out(database.pool(), old.name);
  CHECK_FALSE(*a.holds(old));
  pg::Lease now = taken(b);
  CHECK(now.epoch == old.epoch + 1);
  CHECK_FALSE(*a.holds(old));
  CHECK(*a.acquire("streams/prod") == std::nullopt);
  auto writes = database.pool().transact([&](pg::Tx& tx) -> Result<bool> { return a.holds(tx, old); });
  CHECK_FALSE(*writes);

  // The same holder leads again: its first lease stays lost, for the epoch moved on twice.
  run_out(database.pool(), old.name);
  CHECK(taken(a).epoch == old.epoch + 2);
  CHECK_FALSE(*a.holds(old));
}

TEST_CASE("a lease with less than the margin to go is not held") {
  test::FreshDatabase database;
  pg::Leases leases(database.pool(), "a", 1min);
  pg::Lease lease = taken(leases);
  CHECK(*leases.holds(lease, 1s));
  CHECK_FALSE(*leases.holds(lease, 2min));
}

TEST_CASE("a released lease is free at once, and only its holder can release it") {
  test::FreshDatabase database;
  pg::Leases a(database.pool(), "a", 1h), b(database.pool(), "b", 1h);
  pg::Lease lease = taken(a);
  pg::Lease forged = lease;
  forged.holder = "b";
  REQUIRE(b.release(forged));
  CHECK(*a.holds(lease));
  REQUIRE(a.release(lease));
  CHECK(taken(b).epoch == 2);
}

TEST_CASE("a leader that stands still in its write-back is replaced, and writes nothing") {
  test::FreshDatabase database;
  pg::Leases a(database.pool(), "a", 300ms), b(database.pool(), "b", 1h);
  pg::Lease lease = taken(a);
  std::vector<bool> held;
  auto written = database.pool().transact([&](pg::Tx& tx) -> Result<> {
    held.push_back(a.holds(tx, lease));
    if (!held.back()) return {};
    auto rival = std::async(std::launch::async, [&] {
      std::optional<pg::Lease> got;
      while (!got) got = *b.acquire("streams/prod");
      return *got;
    });
    CHECK(rival.get().epoch == lease.epoch + 1);
    return {};
  });
  // Nothing had been written when the connection broke, so the pool ran it once more; or the COMMIT failed.
  CHECK(held.front());
  CHECK((held.size() == 2 ? !held.back() : !written.has_value()));
}

TEST_CASE("nobody takes over while a leader writes back") {
  test::FreshDatabase database;
  pg::Leases a(database.pool(), "a", 1h), b(database.pool(), "b", 1h);
  pg::Lease lease = taken(a);
  run_out(database.pool(), lease.name);
  std::future<Result<std::optional<pg::Lease>>> rival;
  auto written = database.pool().transact([&](pg::Tx& tx) -> Result<> {
    CHECK(a.holds(tx, lease));
    rival = std::async(std::launch::async, [&] { return b.acquire("streams/prod"); });
    // The rival stands in the queue of the row before we go on.
    while (tx.exec("select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like 'insert into leases%' "
                   "and datname = current_database()")
               .empty()) {
      CHECK(rival.wait_for(0s) == std::future_status::timeout);
      tx.exec("select pg_stat_clear_snapshot()");
    }
    return {};
  });
  CHECK(written);
  auto next = rival.get();
  REQUIRE(next);
  CHECK(next->has_value());
}

TEST_CASE("of many that want a free lease one gets it") {
  test::FreshDatabase database;
  pg::Pool& pool = database.pool();
  std::atomic<int> leaders = 0;
  std::vector<std::thread> rivals;
  for (int i = 0; i < 8; ++i) {
    rivals.emplace_back([&, i] {
      pg::Leases leases(pool, "rival-" + std::to_string(i), 1h);
      auto lease = leases.acquire("streams/prod");
      if (lease && lease->has_value()) ++leaders;
    });
  }
  for (auto& rival : rivals) rival.join();
  CHECK(leaders == 1);
}
