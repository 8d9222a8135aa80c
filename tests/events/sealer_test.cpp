#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <csignal>
#include <latch>
#include <thread>

#include "tests/events/trail_world.h"

using namespace eda;
using test::TrailWorld;
using namespace std::chrono_literals;
using Found = std::vector<std::string>;

namespace {

/// Numbers from 1 without gaps, every event once.
void check_complete(TrailWorld& world) {
  auto counts = world.attack(
      "select (select count(*) from events), (select count(*) from seals), (select coalesce(max(number), 0) from "
      "seals), "
      "(select count(*) from seals join events on id = event_id and at = event_at)")[0];
  CHECK(counts[1].as<int>() == counts[0].as<int>());
  CHECK(counts[2].as<int>() == counts[0].as<int>());
  CHECK(counts[3].as<int>() == counts[0].as<int>());
}

}  // namespace

TEST_CASE("what is committed is sealed once, with a signed head") {
  TrailWorld world;
  CHECK(world.seal() == 0);
  world.append(5);
  CHECK(world.seal() == 5);
  CHECK(world.seal() == 0);
  world.append(2);
  CHECK(world.seal() == 2);
  check_complete(world);
  CHECK(world.head().number == 7);
  CHECK((*world.key().read())->check(world.head()) == events::Signature::good);
}

TEST_CASE("an event with an early id that commits late is sealed when it is there") {
  TrailWorld world;
  world.append_and_seal(1);
  std::latch drawn(1), commit(1);
  std::thread slow([&] {
    auto done = world.pool().transact([&](pg::Tx& tx) -> Result<> {
      events::Event one;
      one.verb = "x.y";
      events::append(tx, {one});
      drawn.count_down();
      commit.wait();
      return {};
    });
    if (!done) std::abort();
  });
  drawn.wait();
  world.append(2);
  CHECK(world.seal() == 2);  // nobody waits for the slow one
  CHECK(world.seal() == 0);
  commit.count_down();
  slow.join();
  CHECK(world.seal() == 1);
  check_complete(world);
  CHECK(world.verify({}, 2).empty());
}

TEST_CASE("events from before the first sealing are sealed in batches, fast") {
  TrailWorld world;
  constexpr int many = 30'000;
  world.attack(
      "insert into events (actor, verb, object_kind, object_cluster, object_name, team, before, after, reason, "
      "request_id, plan_id) select 'user/ada', 'stream.changed', 'stream', 'local', 'orders.' || n, 'checkout', "
      "'{\"partitions\": 3, \"retention\": 604800000}', '{\"partitions\": 12, \"retention\": 604800000}', "
      "'because', 'r-' || n, 'p-' || n from generate_series(1, " +
      std::to_string(many) + ") n");
  auto started = std::chrono::steady_clock::now();
  CHECK(world.seal() == many);
  auto took = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  WARN("sealed " << many / took << " events/s");
  CHECK(many / took > 1'000);
  CHECK(world.number("select count(*) from heads") == 3);
  CHECK(world.seal() == 0);
  check_complete(world);
  started = std::chrono::steady_clock::now();
  CHECK(world.verify(world.head()).empty());
  took = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  WARN("verified " << many / took << " events/s");
  world.append(1);
  CHECK(world.seal() == 1);
}

TEST_CASE("sealers and writers at once: every event once, in one chain, and nobody waits") {
  TrailWorld world;
  SystemClock clock;
  std::atomic<int> writing = 4;
  std::vector<std::thread> threads;
  for (int writer = 0; writer < 4; ++writer) {
    threads.emplace_back([&] {
      for (int i = 0; i < 100; ++i) {
        auto done = world.pool().transact([&](pg::Tx& tx) -> Result<> {
          events::Event one;
          one.verb = "x.y";
          events::append(tx, {one, one});
          return {};
        });
        if (!done) std::abort();
      }
      --writing;
    });
  }
  std::atomic<int> faults = 0;
  for (std::string holder : {"a", "b", "c"}) {
    threads.emplace_back([&, holder] {
      events::HeadMemory memory;
      events::Sealer sealer(world.pool(), world.key(), memory, clock, holder);
      pg::Leases leases(world.pool(), holder);
      while (writing > 0) {
        if (!sealer.step()) ++faults;
        // Gives the lead away, so that all of them seal.
        if (auto lease = leases.acquire("events/seal"); lease && *lease && !leases.release(**lease)) std::abort();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(faults == 0);
  world.attack("delete from leases");
  world.seal();
  check_complete(world);
  CHECK(world.number("select count(*) from events") == 800);
  CHECK(world.number("select count(*) from events where verb = 'trail.cut'") == 0);
  CHECK(world.verify({}, 7).empty());
}

TEST_CASE("a sealer that is killed at any moment leaves a chain that the next one goes on with") {
  test::FreshDatabase database;
  test::Scratch folder;
  constexpr int rounds = 5, each = 400;
  for (int round = 0; round < rounds; ++round) {
    pid_t child = ::fork();
    if (child == 0) {  // a process of its own: appends and seals until it is killed
      pg::Pool pool(pg::PoolOptions{Secret(database.url()), 2});
      events::SealKeyFile key(folder.path());
      events::HeadMemory memory;
      SystemClock clock;
      events::Sealer sealer(pool, key, memory, clock, "child-" + std::to_string(::getpid()));
      for (int i = 0; i < 100'000; ++i) {
        auto done = pool.transact([](pg::Tx& tx) -> Result<> {
          tx.exec("delete from leases");
          events::append(tx, std::vector<events::Event>(20));
          return {};
        });
        if (!done || !sealer.step()) ::_exit(1);
      }
      ::_exit(2);
    }
    // Killed once it has sealed some more, wherever it is then.
    pqxx::connection session(database.url());
    auto deadline = Deadline::in(30s);
    std::int64_t sealed = 0;
    do {
      pqxx::nontransaction look(session);
      sealed = look.exec("select count(*) from seals")[0][0].as<std::int64_t>();
    } while (sealed < (round + 1) * each && !deadline.passed());
    ::kill(child, SIGKILL);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    REQUIRE(sealed >= (round + 1) * each);
  }
  events::SealKeyFile key(folder.path());
  events::HeadMemory memory;
  SystemClock clock;
  pg::Pool& pool = database.pool();
  events::Sealer sealer(pool, key, memory, clock, "last");
  auto deadline = Deadline::in(30s);
  auto count = [&](const char* sql) {
    auto rows =
        pool.transact([&](pg::Tx& tx) -> Result<std::int64_t> { return tx.exec(sql)[0][0].as<std::int64_t>(); });
    REQUIRE(rows);
    return *rows;
  };
  while (count("select count(*) from events") != count("select count(*) from seals") && !deadline.passed())
    REQUIRE(sealer.step());  // as soon as the dead one's lease has run out
  CHECK(count("select count(*) from events") == count("select max(number) from seals"));
  CHECK(count("select count(*) from events where verb = 'trail.cut'") == 0);
  events::Verifier verifier(
      pool, [&] { return key.read(); }, memory);
  auto verdict = verifier.verify({});
  REQUIRE(verdict);
  CHECK(verdict->faults.empty());
  CHECK(verdict->done);
}

TEST_CASE("a batch that is being sealed keeps no writer waiting") {
  TrailWorld world;
  world.append_and_seal(1);
  world.append(3);
  auto sealed = world.pool().transact([&](pg::Tx& tx) -> Result<> {
    auto end = events::store::end_of(tx);
    auto rows = events::store::unsealed(tx, end.horizon, 0, 10);
    REQUIRE(rows.size() == 3);
    events::store::append_seals(tx, end.seal.number + 1, rows, std::vector<events::Hash>(3));
    world.append(1);  // by another connection, while this transaction holds what it holds
    return fail(Code::refused, "ENOUGH", "enough");
  });
  CHECK(sealed.error().reason == "ENOUGH");
  CHECK(world.seal() == 4);
}

TEST_CASE("a trail restored into another Postgres goes on, whatever its transactions were numbered") {
  TrailWorld world;
  world.append_and_seal(2);
  world.append(2);
  // As if all had been written where transactions had got much further.
  world.attack(
      "update events set xid = ((xid::text::bigint + 1000000000)::text)::xid8;"
      "delete from seals; delete from heads");
  world.begin_anew("before the move");
  // The worker there: its horizon is of its own transactions.
  CHECK(world.seal() == 8);
  world.attack("update heads set horizon = '2000000000:2000000000:'");
  world.append(1);
  CHECK(world.seal() == 1);
  world.append(2);
  CHECK(world.seal() == 2);
  CHECK(world.seal() == 0);
  check_complete(world);
  CHECK(world.verify(world.head(), 3).empty());
}

TEST_CASE("without a folder for secrets the chain is not signed") {
  test::FreshDatabase database;
  events::SealKeyFile none("");
  events::HeadMemory memory;
  SystemClock clock;
  events::Sealer sealer(database.pool(), none, memory, clock, "a");
  REQUIRE(database.pool().transact([](pg::Tx& tx) -> Result<> {
    events::append(tx, std::vector<events::Event>(3));
    return {};
  }));
  CHECK(sealer.step().value() == 3);
  events::Verifier verifier(
      database.pool(), [&] { return none.read(); }, memory);
  auto verdict = verifier.verify({});
  REQUIRE(verdict);
  CHECK(verdict->faults.empty());
  CHECK(verdict->head.number == 3);
  CHECK_FALSE(verdict->head.is_signed());
}

TEST_CASE("a chain that was signed does not go on unsigned when its key is lost") {
  TrailWorld world;
  world.append_and_seal(1);
  auto text = world.folder().read("audit-seal.key");
  REQUIRE(::unlink(world.folder().path("audit-seal.key").c_str()) == 0);
  world.append(1);
  auto sealed = world.sealer().step();
  REQUIRE_FALSE(sealed);
  CHECK(sealed.error().reason == "SEAL_KEY_MISSING");
  CHECK(world.verify() == Found{"3 signature-wrong"});
  world.folder().write("audit-seal.key", text);
  CHECK(world.seal() == 1);
  CHECK(world.verify().empty());
}

TEST_CASE("a rotated key signs what follows, and the retired one still proves what was") {
  TrailWorld world;
  world.append_and_seal(1);
  auto old_name = (*world.key().read())->name();
  auto now = SystemClock().now();
  auto fresh = events::SealKey::draw(now).reveal();
  world.folder().write("audit-seal.key", fresh + "retired " + old_name + " until " + to_rfc3339(now) + "\n");
  world.append_and_seal(1);
  CHECK(world.head().key != old_name);
  CHECK(world.verify().empty());
  world.folder().write("audit-seal.key", fresh);
  CHECK(world.verify() == Found{"3 signature-wrong"});
}

TEST_CASE("of several that need the key first, one makes it, for its owner's eyes only") {
  test::Scratch folder;
  std::vector<std::thread> threads;
  std::vector<std::string> names(8);
  for (auto& name : names) {
    threads.emplace_back([&] {
      events::SealKeyFile key(folder.path());
      if (!key.make(SystemClock().now())) std::abort();
      name = (*key.read())->name();
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(std::set<std::string>(names.begin(), names.end()).size() == 1);
  struct stat what {};
  REQUIRE(::stat(folder.path("audit-seal.key").c_str(), &what) == 0);
  CHECK((what.st_mode & 0777) == 0600);
  auto files = std::distance(std::filesystem::directory_iterator(folder.path()), std::filesystem::directory_iterator());
  CHECK(files == 1);
  CHECK(events::SealKeyFile(folder.path("nowhere")).make(SystemClock().now()).error().reason == "SEAL_KEY_FILE");
}

TEST_CASE("seals and heads are append-only") {
  TrailWorld world;
  world.append_and_seal(1);
  pqxx::connection session(world.database().url());
  for (const char* sql : {"update seals set hash = ''", "delete from seals", "truncate seals",
                          "update heads set at = now()", "delete from heads", "truncate heads"}) {
    INFO(sql);
    pqxx::work work(session);
    CHECK_THROWS_WITH(work.exec(sql), Catch::Contains("append-only"));
  }
}
