#include "platform/pg/migrate.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "tests/support/world.h"

using namespace eda;

namespace {

const std::vector<pg::Migration> two = {
    {1, "0001_first", "create table first (a int)"},
    {2, "0002_second", "create table second (a int); insert into second values (7)"}};

pg::PoolOptions options_for(const std::string& url) {
  pg::PoolOptions options;
  options.url = Secret(url);
  return options;
}

std::string reason(const Result<int>& result) {
  return result ? "ok" : result.error().reason;
}

}  // namespace

TEST_CASE("migrations are applied once") {
  test::BareDatabase database;
  pg::Pool pool(options_for(database.url()));
  auto first = pg::migrate(pool, two);
  REQUIRE(first);
  CHECK(*first == 2);
  auto second = pg::migrate(pool, two);
  REQUIRE(second);
  CHECK(*second == 0);
}

TEST_CASE("eight programs that start at once migrate once") {
  test::BareDatabase database;
  std::atomic<int> applied = 0, failures = 0;
  std::vector<std::thread> programs;
  for (int i = 0; i < 8; ++i) {
    programs.emplace_back([&] {
      pg::Pool pool(options_for(database.url()));
      auto count = pg::migrate(pool, pg::embedded_migrations());
      if (count)
        applied += *count;
      else
        ++failures;
    });
  }
  for (auto& program : programs) program.join();
  CHECK(failures == 0);
  CHECK(applied == static_cast<int>(pg::embedded_migrations().size()));
}

TEST_CASE("a database with a migration that this program does not know is refused") {
  test::BareDatabase database;
  pg::Pool pool(options_for(database.url()));
  REQUIRE(pg::migrate(pool, two));
  auto older = pg::migrate(pool, {two[0]});
  CHECK(reason(older) == "DATABASE_NEWER");
  CHECK(older.error().code == Code::refused);
  CHECK(older.error().message.find("0002_second") != std::string::npos);
}

TEST_CASE("an applied migration that was edited is refused") {
  test::BareDatabase database;
  pg::Pool pool(options_for(database.url()));
  REQUIRE(pg::migrate(pool, two));
  auto edited = two;
  edited[0].sql += " ";
  auto changed = pg::migrate(pool, edited);
  CHECK(reason(changed) == "MIGRATION_CHANGED");
  CHECK(changed.error().message.find("0001_first") != std::string::npos);
}

TEST_CASE("a migration that fails leaves those before it and nothing of itself") {
  test::BareDatabase database;
  pg::Pool pool(options_for(database.url()));
  auto broken = two;
  broken[1].sql = "create table half (a int); selec 1";
  auto failed = pg::migrate(pool, broken);
  CHECK(reason(failed) == "DATABASE_FAULT");
  CHECK(failed.error().message.find("0002_second") != std::string::npos);
  auto repaired = pg::migrate(pool, two);
  REQUIRE(repaired);
  CHECK(*repaired == 1);
}

TEST_CASE("every embedded migration has its own number") {
  auto all = pg::embedded_migrations();
  for (std::size_t i = 1; i < all.size(); ++i) CHECK(all[i - 1].number < all[i].number);
}
