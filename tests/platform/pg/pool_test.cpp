#include "platform/pg/pool.h"

#include <atomic>
#include <barrier>
#include <catch2/catch.hpp>
#include <future>
#include <latch>
#include <thread>

#include "tests/support/world.h"

using namespace eda;
using namespace std::chrono_literals;

namespace {

pg::PoolOptions options_for(const std::string& url, std::size_t size = 4) {
  pg::PoolOptions options;
  options.url = Secret(url);
  options.size = size;
  return options;
}

void run(pg::Pool& pool, const char* sql) {
  auto done = pool.transact([&](pg::Tx& tx) -> Result<> {
    tx.exec_script(sql);
    return {};
  });
  INFO(sql);
  REQUIRE(done);
}

std::int64_t number(pg::Pool& pool, const char* sql) {
  auto value = pool.transact([&](pg::Tx& tx) -> Result<std::int64_t> { return tx.exec(sql)[0][0].as<std::int64_t>(); });
  REQUIRE(value);
  return *value;
}

int backend(pg::Tx& tx) {
  return tx.exec("select pg_backend_pid()")[0][0].as<int>();
}

/// Ends a session from another one and returns when it has ended.
void end_session(pg::Pool& other, int pid) {
  auto ended = other.transact([&](pg::Tx& tx) -> Result<> {
    tx.exec("select pg_terminate_backend($1, 5000)", pid);
    return {};
  });
  REQUIRE(ended);
}

template <class T>
std::string reason(const Result<T>& result) {
  return result ? "ok" : result.error().reason;
}

void run_threads(int count, const std::function<void(int)>& work) {
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back(work, i);
  for (auto& thread : threads) thread.join();
}

}  // namespace

TEST_CASE("64 callers share four connections and nobody is turned away") {
  test::BareDatabase database;
  pg::Pool pool(options_for(database.url()));
  run(pool, "create table hits (worker int)");
  std::atomic<int> failures = 0;
  run_threads(64, [&](int worker) {
    for (int i = 0; i < 10; ++i) {
      auto done = pool.transact([&](pg::Tx& tx) -> Result<> {
        tx.exec("insert into hits values ($1)", worker);
        return {};
      });
      if (!done) ++failures;
    }
  });
  CHECK(failures == 0);
  CHECK(number(pool, "select count(*) from hits") == 640);
  CHECK(pool.stats().open <= 4);
  CHECK(pool.stats().in_use == 0);
  CHECK(pool.stats().waiting == 0);
}

TEST_CASE("a caller that waited too long for a connection is told to come back") {
  test::BareDatabase database;
  auto options = options_for(database.url(), 1);
  options.wait = 20ms;
  pg::Pool pool(options);
  auto outer = pool.transact([&](pg::Tx&) -> Result<> {
    auto other = std::async([&] { return pool.transact([](pg::Tx&) -> Result<> { return {}; }); });
    Result<> refused = other.get();
    CHECK(reason(refused) == "DATABASE_BUSY");
    CHECK(refused.error().code == Code::exhausted);
    CHECK(refused.error().facts.contains("retry_after_ms"));
    CHECK_FALSE(refused.error().next.empty());
    return {};
  });
  CHECK(outer);
}

TEST_CASE("a queue that is full turns the next caller away at once") {
  test::BareDatabase database;
  auto options = options_for(database.url(), 1);
  options.queue = 0;
  options.wait = 1h;
  pg::Pool pool(options);
  auto outer = pool.transact([&](pg::Tx&) -> Result<> {
    auto other = std::async([&] { return pool.transact([](pg::Tx&) -> Result<> { return {}; }); });
    CHECK(reason(other.get()) == "DATABASE_BUSY");
    return {};
  });
  CHECK(outer);
}

TEST_CASE("an error of the body and an exception both roll back, and the connection goes on") {
  test::BareDatabase database;
  pg::Pool pool(options_for(database.url(), 1));
  run(pool, "create table t (a int)");
  auto refused = pool.transact([](pg::Tx& tx) -> Result<> {
    tx.exec("insert into t values (1)");
    return fail(Code::refused, "NO", "no");
  });
  CHECK(reason(refused) == "NO");
  CHECK_THROWS_AS(pool.transact([](pg::Tx& tx) -> Result<> {
    tx.exec("insert into t values (2)");
    throw std::logic_error("a defect");
  }),
                  std::logic_error);
  CHECK(number(pool, "select count(*) from t") == 0);
  CHECK(pool.stats().open == 1);
}

TEST_CASE("a session that ends in the middle of a transaction costs the caller nothing") {
  test::BareDatabase database;
  pg::Pool pool(options_for(database.url()));
  pg::Pool other(options_for(database.url()));
  run(pool, "create table t (a int)");
  int runs = 0;
  auto done = pool.transact([&](pg::Tx& tx) -> Result<> {
    tx.exec("insert into t values (1)");
    if (++runs == 1) end_session(other, backend(tx));
    tx.exec("insert into t values (2)");
    return {};
  });
  CHECK(done);
  CHECK(runs == 2);
  CHECK(number(pool, "select count(*) from t") == 2);
}

TEST_CASE("a session that ends twice in one call is told as unavailable, and nothing was changed") {
  test::BareDatabase database;
  pg::Pool pool(options_for(database.url()));
  pg::Pool other(options_for(database.url()));
  run(pool, "create table t (a int)");
  auto done = pool.transact([&](pg::Tx& tx) -> Result<> {
    tx.exec("insert into t values (1)");
    end_session(other, backend(tx));
    tx.exec("insert into t values (2)");
    return {};
  });
  CHECK(reason(done) == "DATABASE_AWAY");
  CHECK(done.error().code == Code::unavailable);
  CHECK(number(pool, "select count(*) from t") == 0);
}

TEST_CASE("idle connections that broke fail no call") {
  test::BareDatabase database;
  pg::Pool pool(options_for(database.url(), 3));
  pg::Pool other(options_for(database.url()));
  std::vector<int> pids(3);
  std::barrier together(3);
  run_threads(3, [&](int i) {
    auto done = pool.transact([&](pg::Tx& tx) -> Result<> {
      pids[static_cast<std::size_t>(i)] = backend(tx);
      together.arrive_and_wait();
      return {};
    });
    if (!done) std::abort();
  });
  REQUIRE(pool.stats().open == 3);
  for (int pid : pids) end_session(other, pid);
  for (int i = 0; i < 3; ++i) CHECK(number(pool, "select 1") == 1);
  CHECK(pool.ping());
}

TEST_CASE("a connection that breaks during COMMIT leaves the outcome unknown") {
  test::BareDatabase database;
  pg::Pool pool(options_for(database.url()));
  run(pool,
      "create table t (a int);"
      "create function end_me() returns trigger language plpgsql as "
      "  'begin perform pg_terminate_backend(pg_backend_pid()); perform pg_sleep(5); return null; end';"
      "create constraint trigger t_ends after insert on t deferrable initially deferred "
      "  for each row execute function end_me()");
  int runs = 0;
  auto done = pool.transact([&](pg::Tx& tx) -> Result<> {
    ++runs;
    tx.exec("insert into t values (1)");
    return {};
  });
  CHECK(reason(done) == "COMMIT_UNKNOWN");
  CHECK(done.error().code == Code::unknown_outcome);
  CHECK(runs == 1);
  CHECK(number(pool, "select count(*) from t") == 0);
}

TEST_CASE("serialization failures are run again until all are through") {
  test::BareDatabase database;
  pg::Pool pool(options_for(database.url(), 8));
  run(pool, "create table counter (n int); insert into counter values (0)");
  std::atomic<int> failures = 0;
  run_threads(8, [&](int) {
    for (int i = 0; i < 5; ++i) {
      auto done = pool.transact([&](pg::Tx& tx) -> Result<> {
        tx.exec_script("set transaction isolation level repeatable read");
        int n = tx.exec("select n from counter")[0][0].as<int>();
        tx.exec("update counter set n = $1", n + 1);
        return {};
      });
      if (!done) ++failures;
    }
  });
  CHECK(failures == 0);
  CHECK(number(pool, "select n from counter") == 40);
  CHECK(pool.stats().retries > 0);
}

TEST_CASE("a deadlock is resolved and both callers succeed") {
  test::BareDatabase database;
  pg::Pool pool(options_for(database.url()));
  run(pool, "create table pair (id int primary key, n int); insert into pair values (1, 0), (2, 0)");
  std::latch both(2);
  std::atomic<int> failures = 0;
  run_threads(2, [&](int i) {
    bool first = true;
    auto done = pool.transact([&](pg::Tx& tx) -> Result<> {
      tx.exec("update pair set n = n + 1 where id = $1", 1 + i);
      if (std::exchange(first, false)) both.arrive_and_wait();
      tx.exec("update pair set n = n + 1 where id = $1", 2 - i);
      return {};
    });
    if (!done) ++failures;
  });
  CHECK(failures == 0);
  CHECK(number(pool, "select sum(n) from pair") == 4);
}

TEST_CASE("two callers that race with one request id both get the winner's row") {
  test::BareDatabase database;
  pg::Pool pool(options_for(database.url(), 8));
  run(pool, "create table kept (id text constraint kept_request primary key, by int)");
  std::barrier together(8);
  std::vector<int> winners(8, -1);
  run_threads(8, [&](int i) {
    bool first = true;
    auto by = pool.transact([&](pg::Tx& tx) -> Result<int> {
      auto rows = tx.exec("select by from kept where id = 'x'");
      if (std::exchange(first, false)) together.arrive_and_wait();
      if (!rows.empty()) return rows[0][0].as<int>();
      tx.exec("insert into kept values ('x', $1)", i);
      return i;
    });
    if (by) winners[static_cast<std::size_t>(i)] = *by;
  });
  for (int winner : winners) CHECK(winner == winners[0]);
  CHECK(winners[0] >= 0);
}

TEST_CASE("a statement that is wrong is reported without its values and told without its text") {
  test::BareDatabase database;
  auto options = options_for(database.url());
  std::string reported;
  options.report = [&](const std::string& text) { reported = text; };
  pg::Pool pool(options);
  run(pool, "create table t (a int constraint t_once unique); insert into t values (4711)");
  auto done = pool.transact([](pg::Tx& tx) -> Result<> {
    tx.exec("insert into t values ($1)", 4711);
    return {};
  });
  CHECK(reason(done) == "DATABASE_FAULT");
  CHECK(done.error().code == Code::internal);
  CHECK(done.error().message.find("insert") == std::string::npos);
  CHECK(reported.find("23505") != std::string::npos);
  CHECK(reported.find("t_once") != std::string::npos);
  CHECK(reported.find("insert into t") != std::string::npos);
  CHECK(reported.find("4711") == std::string::npos);
}

TEST_CASE("a statement that takes too long is stopped") {
  test::BareDatabase database;
  auto options = options_for(database.url());
  options.statement_timeout = 50ms;
  pg::Pool pool(options);
  auto done = pool.transact([](pg::Tx& tx) -> Result<> {
    tx.exec("select pg_sleep(60)");
    return {};
  });
  CHECK(reason(done) == "DATABASE_SLOW");
  CHECK(number(pool, "select 1") == 1);
}

TEST_CASE("sessions carry the program's name") {
  test::BareDatabase database;
  pg::Pool pool(options_for(database.url()));
  auto name =
      pool.transact([](pg::Tx& tx) -> Result<std::string> { return tx.exec("show application_name")[0][0].c_str(); });
  REQUIRE(name);
  CHECK(*name == "edad");
}

TEST_CASE("why no connection can be made is told to operators, and the URL to nobody") {
  test::BareDatabase database;
  auto ping = [](const std::string& url) { return pg::Pool(options_for(url)).ping(); };
  CHECK(ping(database.url()));
  CHECK(reason(ping("postgresql://postgres@127.0.0.1:1/eda")) == "DATABASE_AWAY");
  CHECK(reason(ping(database.url() + "_not_there")) == "DATABASE_MISSING");
  auto stranger = "postgresql://stranger:wrong" + database.url().substr(database.url().find('@'));
  CHECK(reason(ping(stranger)) == "DATABASE_LOGIN");
  for (const char* url : {"postgresql://u:sec%ret@h/db", "sesame", "postgresql://h/db?sesame=secret"}) {
    INFO(url);
    auto refused = ping(url);
    CHECK(reason(refused) == "DATABASE_URL");
    CHECK(refused.error().message.find("sec") == std::string::npos);
    CHECK(refused.error().message.find("sesame") == std::string::npos);
  }
  pg::Pool away(options_for("postgresql://postgres@127.0.0.1:1/eda"));
  auto done = away.transact([](pg::Tx&) -> Result<> { return {}; });
  CHECK(reason(done) == "DATABASE_AWAY");
  CHECK(done.error().message.find("127.0.0.1") == std::string::npos);
}

TEST_CASE("any text survives an array") {
  test::BareDatabase database;
  pg::Pool pool(options_for(database.url()));
  std::vector<std::string> hostile = {"",     "NULL",     "null",       "{}", "{a,b}",   "a,b",      "\"",  "\\",
                                      "\\\"", "'",        "'; drop --", "$1", "\n\t\r",  " lead ",   "ü€𝄞", "\x01",
                                      "\x7f", "\"},{\"x", "\\\\",       "%s", "NULL,\"", "{{\"a\"}}"};
  auto back = pool.transact([&](pg::Tx& tx) -> Result<std::vector<std::string>> {
    std::vector<std::string> items;
    for (const auto& row :
         tx.exec("select item from unnest($1::text[]) with ordinality as t(item, place) order by place",
                 pg::text_array(hostile))) {
      REQUIRE_FALSE(row[0].is_null());
      items.emplace_back(row[0].c_str());
    }
    return items;
  });
  REQUIRE(back);
  CHECK(*back == hostile);
  auto whole = pool.transact([&](pg::Tx& tx) -> Result<std::vector<std::string>> {
    CHECK(pg::texts_of(tx.exec("select null::text[]")[0][0]).empty());
    CHECK(pg::texts_of(tx.exec("select '{}'::text[]")[0][0]).empty());
    return pg::texts_of(tx.exec("select $1::text[]", pg::text_array(hostile))[0][0]);
  });
  REQUIRE(whole);
  CHECK(*whole == hostile);
  CHECK(pg::text_array({}) == "{}");
  CHECK(pg::bigint_array({-1, 0, 9223372036854775807}) == "{-1,0,9223372036854775807}");
}

TEST_CASE("a text that Postgres cannot hold is refused, not cut") {
  test::BareDatabase database;
  pg::Pool pool(options_for(database.url()));
  auto send = [&](const std::string& text) {
    return reason(pool.transact([&](pg::Tx& tx) -> Result<> {
      tx.exec("select $1::text", text);
      return {};
    }));
  };
  CHECK(send(std::string("a\0b", 3)) == "TEXT_UNSTORABLE");
  CHECK(send("\xff\xfe") == "TEXT_UNSTORABLE");
  CHECK(send("fine") == "ok");
  CHECK_THROWS_AS(pg::text_array({std::string("\0", 1)}), pg::UnstorableText);
}

TEST_CASE("instants leave the database to the microsecond") {
  test::FreshDatabase database;
  auto instant = database.pool().transact([](pg::Tx& tx) -> Result<Instant> {
    return pg::instant_of(tx.exec("select eda_micros($1::timestamptz)", "2026-11-21T08:00:00.123457Z")[0][0]);
  });
  REQUIRE(instant);
  CHECK(to_rfc3339(*instant) == "2026-11-21T08:00:00.123457Z");
}

TEST_CASE("another replica hears a notification, also after its connection broke") {
  test::BareDatabase database;
  pg::Pool speaker(options_for(database.url()));
  pg::Pool listener(options_for(database.url()));
  std::mutex mutex;
  std::condition_variable heard;
  int calls = 0;
  auto wait_for_call = [&](int at_least) {
    std::unique_lock lock(mutex);
    return heard.wait_for(lock, 20s, [&] { return calls >= at_least; });
  };
  listener.listen("wishes", [&] {
    std::lock_guard lock(mutex);
    ++calls;
    heard.notify_all();
  });
  REQUIRE(wait_for_call(1));  // connected
  speaker.notify("wishes");
  REQUIRE(wait_for_call(2));
  int pid = static_cast<int>(
      number(speaker, "select pid from pg_stat_activity where query ilike 'listen%' and datname = current_database()"));
  end_session(speaker, pid);
  REQUIRE(wait_for_call(3));  // reconnected
  speaker.notify("wishes");
  CHECK(wait_for_call(4));
}

TEST_CASE("a channel that SQL would misread is refused") {
  pg::Pool pool(options_for("postgresql://postgres@127.0.0.1:1/eda"));
  CHECK_THROWS_AS(pool.listen("Wishes", [] {}), std::invalid_argument);
  CHECK_THROWS_AS(pool.notify("a; drop table t"), std::invalid_argument);
}

TEST_CASE("a burst of notifications becomes a few") {
  test::BareDatabase database;
  pg::Pool pool(options_for(database.url()));
  std::atomic<int> bursts = 0;
  std::promise<void> ended;
  pool.listen("burst", [&] { ++bursts; });
  auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < 10000; ++i) pool.notify("burst");
  auto took = std::chrono::steady_clock::now() - begun;
  std::promise<void> listening;
  pool.listen("last", [&, calls = 0]() mutable {
    if (++calls == 1) listening.set_value();
    if (calls == 2) ended.set_value();
  });
  REQUIRE(listening.get_future().wait_for(20s) == std::future_status::ready);
  pool.notify("last");
  REQUIRE(ended.get_future().wait_for(20s) == std::future_status::ready);
  // One on connecting, one at once, one per 50 ms, one at the end.
  CHECK(bursts <= 4 + took / 50ms);
}
