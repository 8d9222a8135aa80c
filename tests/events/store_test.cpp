#include "events/store.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <future>
#include <latch>
#include <pqxx/pqxx>
#include <set>
#include <thread>

#include "platform/pg/pool.h"
#include "tests/support/world.h"

using namespace eda;
using events::Event;

namespace {

Event event(std::string actor, std::string verb, Ref object, std::string team = {}) {
  Event one;
  one.actor = std::move(actor);
  one.verb = std::move(verb);
  one.object = std::move(object);
  one.team = std::move(team);
  return one;
}

void append(pg::Pool& pool, const std::vector<Event>& events) {
  REQUIRE(pool.transact([&](pg::Tx& tx) -> Result<> {
    events::append(tx, events);
    return {};
  }));
}

Result<Page<Event>> list(pg::Pool& pool, const events::Filter& filter = {}, const PageRequest& page = {}) {
  return pool.transact([&](pg::Tx& tx) { return events::list(tx, filter, page); });
}

std::vector<std::string> names(pg::Pool& pool, const events::Filter& filter = {}) {
  auto page = list(pool, filter);
  REQUIRE(page);
  std::vector<std::string> found;
  for (const Event& one : page->rows) found.push_back(one.object.name);
  return found;
}

using Names = std::vector<std::string>;

std::string reason(const auto& result) {
  return result ? "ok" : result.error().reason;
}

}  // namespace

TEST_CASE("an event comes back as it went in") {
  test::FreshDatabase database;
  Event one = event("user/ada", "stream.changed", {"stream", "prod", "orders.placed"}, "checkout");
  one.before = Value(Value::Map{{"partitions", 3}, {"note", "a\"b\\c"}, {"list", Value::List{1, true, "ü"}}});
  one.after = Value(Value::Map{{"note", "line\n\x01"}});
  one.reason = "because {it}, \"was\"";
  one.request_id = "r-1";
  one.plan_id = "p-1";
  Event bare = event("edad", "stream.deleted", {"stream", "prod", "carts"});
  append(database.pool(), {one, bare});
  auto page = list(database.pool());
  REQUIRE(page);
  REQUIRE(page->rows.size() == 2);
  CHECK(page->rows[0].object.name == "carts");
  CHECK(page->rows[0].before.is_null());
  CHECK(page->rows[0].team.empty());
  const Event& back = page->rows[1];
  CHECK(back.actor == one.actor);
  CHECK(back.verb == one.verb);
  CHECK(back.object == one.object);
  CHECK(back.team == one.team);
  CHECK(back.before == one.before);
  CHECK(back.after == one.after);
  CHECK(back.reason == one.reason);
  CHECK(back.request_id == one.request_id);
  CHECK(back.plan_id == one.plan_id);
  CHECK(back.at > Instant{});
  CHECK(page->next_token.empty());
}

TEST_CASE("filters narrow the trail") {
  test::FreshDatabase database;
  pg::Pool& pool = database.pool();
  append(pool, {event("user/ada", "team.created", {"team", "", "a"}),
                event("user/bob", "stream.created", {"stream", "x", "b"}),
                event("user/ada", "stream.changed", {"stream", "y", "b"}),
                event("user/ada", "streamer.changed", {"streamer", "", "c"})});
  auto filter = [](auto set) {
    events::Filter made;
    set(made);
    return made;
  };
  CHECK(names(pool) == Names{"c", "b", "b", "a"});
  CHECK(names(pool, filter([](auto& f) { f.actor = "user/bob"; })) == Names{"b"});
  CHECK(names(pool, filter([](auto& f) { f.object = Ref{"stream", "", ""}; })) == Names{"b", "b"});
  CHECK(names(pool, filter([](auto& f) { f.object = Ref{"stream", "y", "b"}; })) == Names{"b"});
  CHECK(names(pool, filter([](auto& f) { f.object = Ref{"team", "", "b"}; })).empty());
  CHECK(names(pool, filter([](auto& f) { f.verb = "stream.*"; })) == Names{"b", "b"});
  CHECK(names(pool, filter([](auto& f) { f.verb = "stream.created"; })) == Names{"b"});
  CHECK(names(pool, filter([](auto& f) { f.verb = "stream"; })).empty());
  CHECK(names(pool, filter([](auto& f) { f.since = *from_rfc3339("2000-01-01T00:00:00Z"); })).size() == 4);
  CHECK(names(pool, filter([](auto& f) { f.since = *from_rfc3339("2100-01-01T00:00:00Z"); })).empty());
  CHECK(names(pool, filter([](auto& f) { f.actor = "' or true --"; })).empty());
}

TEST_CASE("a reader with a sight sees own acts and those on objects of own teams, and nothing else") {
  test::FreshDatabase database;
  pg::Pool& pool = database.pool();
  append(pool, {event("user/ada", "stream.created", {"stream", "x", "mine"}, "payments"),
                event("user/bob", "stream.created", {"stream", "x", "ours"}, "checkout"),
                event("user/bob", "stream.created", {"stream", "x", "theirs"}, "payments"),
                event("user/bob", "cluster.created", {"cluster", "", "unowned"})});
  auto seen = [&](events::Sight sight) {
    events::Filter filter;
    filter.sight = std::move(sight);
    return names(pool, filter);
  };
  CHECK(seen({"user/ada", {"checkout"}}) == Names{"ours", "mine"});
  CHECK(seen({"user/ada", {}}) == Names{"mine"});
  CHECK(seen({}).empty());
  CHECK(seen({"user/eve", {"', NULL", "}"}}).empty());
}

TEST_CASE("pages follow each other without gap or repetition") {
  test::FreshDatabase database;
  pg::Pool& pool = database.pool();
  std::vector<Event> many;
  for (int i = 0; i < 25; ++i) many.push_back(event("edad", "x.y", {"x", "", std::to_string(i)}));
  append(pool, many);
  std::vector<std::string> seen;
  PageRequest page{10, {}};
  int pages = 0;
  do {
    auto got = list(pool, {}, page);
    REQUIRE(got);
    for (const Event& one : got->rows) seen.push_back(one.object.name);
    page.token = got->next_token;
    ++pages;
  } while (!page.token.empty());
  CHECK(pages == 3);
  REQUIRE(seen.size() == 25);
  for (int i = 0; i < 25; ++i) CHECK(seen[static_cast<std::size_t>(i)] == std::to_string(24 - i));
  for (const char* token : {"x", "12x", "-1", "0", "99999999999999999999", "1 or 1"}) {
    INFO(token);
    CHECK(reason(list(pool, {}, {10, token})) == "PAGE_TOKEN");
  }
}

TEST_CASE("a follower gets every event once, also a smaller id that commits later") {
  test::FreshDatabase database;
  pg::Pool& pool = database.pool();
  std::string horizon;
  auto news = [&] {
    auto read = pool.transact([&](pg::Tx& tx) { return events::read_on(tx, horizon); });
    REQUIRE(read);
    horizon = read->horizon;
    Names found;
    for (const Event& one : read->events) found.push_back(one.object.name);
    return found;
  };
  append(pool, {event("edad", "x.y", {"x", "", "before the first reading"})});
  CHECK(news().empty());
  std::latch drawn(1), read(1);
  std::thread slow([&] {
    auto done = pool.transact([&](pg::Tx& tx) -> Result<> {
      events::append(tx, {event("edad", "x.y", {"x", "", "early id, late commit"})});
      drawn.count_down();
      read.wait();
      return {};
    });
    if (!done) std::abort();
  });
  drawn.wait();
  append(pool, {event("edad", "x.y", {"x", "", "late id, early commit"})});
  CHECK(news() == Names{"late id, early commit"});
  CHECK(news().empty());
  read.count_down();
  slow.join();
  CHECK(news() == Names{"early id, late commit"});
  CHECK(news().empty());
}

TEST_CASE("a follower of many writers at once misses nothing and repeats nothing") {
  test::FreshDatabase database;
  pg::Pool& pool = database.pool();
  auto read_on = [&](const std::string& horizon) {
    auto read = pool.transact([&](pg::Tx& tx) { return events::read_on(tx, horizon); });
    if (!read) std::abort();
    return *read;
  };
  std::string horizon = read_on("").horizon;
  std::atomic<int> writing = 4;
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 4; ++writer) {
    writers.emplace_back([&, writer] {
      for (int i = 0; i < 50; ++i) {
        auto done = pool.transact([&](pg::Tx& tx) -> Result<> {
          events::append(tx, {event("edad", "x.y", {"x", "", std::to_string(writer) + "." + std::to_string(i)})});
          return {};
        });
        if (!done) std::abort();
      }
      --writing;
    });
  }
  std::multiset<std::string> seen;
  for (bool last = false; !last;) {
    last = writing == 0;
    auto news = read_on(horizon);
    horizon = news.horizon;
    for (const Event& one : news.events) seen.insert(one.object.name);
  }
  for (auto& writer : writers) writer.join();
  CHECK(seen.size() == 200);
  CHECK(std::set<std::string>(seen.begin(), seen.end()).size() == 200);
}

TEST_CASE("a follower gets what its filter and sight let through, in pages") {
  test::FreshDatabase database;
  pg::Pool& pool = database.pool();
  auto read_on = [&](const std::string& horizon, const events::Filter& filter, std::size_t limit) {
    auto read = pool.transact([&](pg::Tx& tx) { return events::read_on(tx, horizon, filter, limit); });
    REQUIRE(read);
    return *read;
  };
  auto begin = read_on("", {}, 10).horizon;
  for (int i = 0; i < 5; ++i) {
    append(pool, {event("user/ada", "stream.changed", {"stream", "x", "a" + std::to_string(i)}, "checkout"),
                  event("user/bob", "team.changed", {"team", "", "b"}, "payments")});
  }
  Names seen;
  events::Filter filter;
  filter.verb = "stream.*";
  filter.sight = events::Sight{"user/eve", {"checkout"}};
  auto horizon = begin;
  for (bool more = true; more;) {
    auto news = read_on(horizon, filter, 2);
    for (const Event& one : news.events) seen.push_back(one.object.name);
    horizon = news.horizon;
    more = news.more;
    if (seen.size() == 2) append(pool, {event("user/ada", "stream.changed", {"stream", "x", "later"}, "checkout")});
  }
  CHECK(seen == Names{"a0", "a1", "a2", "a3", "a4"});
  CHECK(read_on(horizon, filter, 2).events.front().object.name == "later");
  filter.sight = events::Sight{"user/eve", {}};
  CHECK(read_on(begin, filter, 100).events.empty());
}

TEST_CASE("a horizon that edad did not give is refused") {
  test::FreshDatabase database;
  auto read_on = [&](const std::string& horizon) {
    return reason(database.pool().transact([&](pg::Tx& tx) { return events::read_on(tx, horizon); }));
  };
  for (const char* horizon :
       {"x", "1", "1:2", "2:1:", "0:1:", "1:5:7", "1:5:0", "1:5:3,2", "1:5: 1:5:", "1:5: 1:5: 0", "1:5: 1:5: 3 4",
        "1:5: x 3", "-1:5:", "99999999999999999999:99999999999999999999:", "1:5:' or true"}) {
    INFO(horizon);
    CHECK(reason(database.pool().transact([&](pg::Tx& tx) { return events::read_on(tx, horizon); })) == "HORIZON");
  }
  CHECK(read_on("1:5:2,3") == "ok");
  CHECK(read_on("9000000000000000000:9000000000000000000:") == "HORIZON_AHEAD");
}

TEST_CASE("what is rolled back leaves no event") {
  test::FreshDatabase database;
  auto refused = database.pool().transact([](pg::Tx& tx) -> Result<> {
    events::append(tx, {event("edad", "x.y", {"x", "", "no"})});
    return fail(Code::refused, "NO", "no");
  });
  CHECK(reason(refused) == "NO");
  CHECK(names(database.pool()).empty());
}

TEST_CASE("the trail is append-only") {
  test::FreshDatabase database;
  append(database.pool(), {event("edad", "x.y", {"x", "", "stays"})});
  pqxx::connection session(database.url());
  for (const char* sql :
       {"update events set actor = 'nobody'", "delete from events", "truncate events", "truncate events_other",
        "update events set at = at + interval '1 year'",
        "do $$ begin execute 'delete from events_' || to_char(now() at time zone 'UTC', 'YYYY_MM'); end $$",
        "do $$ begin execute 'truncate events_' || to_char(now() at time zone 'UTC', 'YYYY_MM'); end $$"}) {
    INFO(sql);
    pqxx::work work(session);
    CHECK_THROWS_WITH(work.exec(sql), Catch::Contains("append-only"));
  }
  CHECK(names(database.pool()) == Names{"stays"});
}

TEST_CASE("partitions are made ahead, once, and hold their month") {
  test::FreshDatabase database;
  auto make = [&](int months) {
    auto made =
        database.pool().transact([&](pg::Tx& tx) -> Result<int> { return events::make_partitions(tx, months); });
    REQUIRE(made);
    return *made;
  };
  CHECK(make(3) == 0);
  CHECK(make(5) == 2);
  CHECK(make(5) == 0);
  append(database.pool(), {event("edad", "x.y", {"x", "", "now"})});
  auto stray = database.pool().transact([](pg::Tx& tx) -> Result<std::int64_t> {
    return tx.exec("select count(*) from events_other")[0][0].as<std::int64_t>();
  });
  CHECK(*stray == 0);
}

TEST_CASE("a month whose events lie in the default partition already stays there") {
  test::FreshDatabase database;
  REQUIRE(database.pool().transact([](pg::Tx& tx) -> Result<> {
    tx.exec(
        "insert into events (at, actor, verb, object_kind, object_cluster, object_name, team, reason, request_id, "
        "plan_id) "
        "values (now() + interval '4 months', 'edad', 'x.y', 'x', '', 'n', '', '', '', '')");
    return {};
  }));
  auto made = database.pool().transact([](pg::Tx& tx) -> Result<int> { return events::make_partitions(tx, 5); });
  REQUIRE(made);
  CHECK(*made == 1);
}

TEST_CASE("an outcome is found under its subject and id, and another body under that id is refused") {
  test::FreshDatabase database;
  pg::Pool& pool = database.pool();
  REQUIRE(pool.transact([](pg::Tx& tx) -> Result<> {
    events::keep_outcome(tx, {"r-1", "user/ada", "hash", "result"});
    return {};
  }));
  auto recall = [&](const char* subject, const char* id, const char* hash) {
    return pool.transact([&](pg::Tx& tx) { return events::recall(tx, subject, id, hash); });
  };
  auto found = recall("user/ada", "r-1", "hash");
  REQUIRE(found);
  REQUIRE(found->has_value());
  CHECK((*found)->result == "result");
  CHECK_FALSE(recall("user/bob", "r-1", "hash")->has_value());
  CHECK_FALSE(recall("user/ada", "r-2", "hash")->has_value());
  CHECK(reason(recall("user/ada", "r-1", "other")) == "REQUEST_REUSED");
}

TEST_CASE("an outcome is forgotten after a day, purged or not") {
  test::FreshDatabase database;
  pg::Pool& pool = database.pool();
  auto keep = [&](const char* result) {
    return pool.transact([&](pg::Tx& tx) -> Result<> {
      events::keep_outcome(tx, {"r-1", "user/ada", "hash", result});
      return {};
    });
  };
  auto age = [&] {
    REQUIRE(pool.transact([](pg::Tx& tx) -> Result<> {
      tx.exec("update outcomes set at = at - interval '25 hours'");
      return {};
    }));
  };
  REQUIRE(keep("old"));
  age();
  auto found =
      pool.transact([](pg::Tx& tx) -> Result<bool> { return events::find_outcome(tx, "user/ada", "r-1").has_value(); });
  CHECK_FALSE(*found);
  REQUIRE(keep("new"));
  age();
  auto purged = pool.transact([](pg::Tx& tx) -> Result<std::int64_t> { return events::purge_outcomes(tx); });
  CHECK(*purged == 1);
}

TEST_CASE("of calls with one request id at once each gets the first one's outcome") {
  test::FreshDatabase database;
  pg::Pool& pool = database.pool();
  auto call = [&](std::string mine) {
    return pool.transact([&](pg::Tx& tx) -> Result<std::string> {
      auto before = events::recall(tx, "user/ada", "r-1", "hash");
      if (*before) return (*before)->result;
      events::keep_outcome(tx, {"r-1", "user/ada", "hash", mine});
      return mine;
    });
  };
  std::vector<std::future<Result<std::string>>> calls;
  for (int i = 0; i < 8; ++i) calls.push_back(std::async(std::launch::async, call, std::to_string(i)));
  std::set<std::string> outcomes;
  for (auto& one : calls) {
    auto outcome = one.get();
    REQUIRE(outcome);
    outcomes.insert(*outcome);
  }
  CHECK(outcomes.size() == 1);
  CHECK(pool.stats().retries == 0);
}

TEST_CASE("request ids have a syntax") {
  for (const char* id : {"a", "A-b_c.9", "0123456789012345678901234567890123456789012345678901234567890123"})
    CHECK(events::check_request_id(id));
  for (const char* id : {"", "a b", "ü", "a/b", "01234567890123456789012345678901234567890123456789012345678901234"})
    CHECK(reason(events::check_request_id(id)) == "REQUEST_ID");
}
