// Whoever owns the database may write there what they like; the trail shows it.

#include <catch2/catch.hpp>

#include "tests/events/trail_world.h"

using namespace eda;
using test::TrailWorld;
using Found = std::vector<std::string>;

TEST_CASE("a sealed trail has no fault, in pages of any size") {
  TrailWorld world;
  CHECK(world.verify().empty());
  world.append_and_seal(4);
  for (std::size_t page : {1u, 2u, 3u, 5u, 12u, 100u}) CHECK(world.verify(world.head(), page).empty());
  CHECK(world.verify(world.head(), world.memory()).empty());
}

TEST_CASE("whatever column of a row is changed, the row is named") {
  TrailWorld world;
  world.append_and_seal(3, 2);
  auto id = world.attack("select event_id from seals where number = 3")[0][0].as<std::string>();
  for (const char* change :
       {"at = at + interval '1 microsecond'", "at = at + interval '1 year'", "xid = '3'", "actor = 'user/eve'",
        "verb = 'stream.created'", "object_kind = 'team'", "object_cluster = ''", "object_name = 'other'",
        "team = 'mine'", "before = '{}'", "after = null", "after = (after::text || ' ')::json", "reason = ''",
        "request_id = 'r'", "plan_id = 'p'"}) {
    INFO(change);
    world.attack("create table kept as select * from events where id = " + id);
    world.attack("update events set " + std::string(change) + " where id = " + id);
    CHECK(world.verify() == Found{"3 row-changed"});
    CHECK(world.verify({}, 1) == Found{"3 row-changed"});
    world.attack("delete from events where id = " + id);
    CHECK(world.verify() == Found{"3 row-missing"});
    world.attack("insert into events select * from kept; drop table kept");
    CHECK(world.verify().empty());
  }
}

TEST_CASE("a row under another id is missing, and unsealed") {
  TrailWorld world;
  world.append_and_seal(2);
  world.attack("update events set id = 1000000 where id = (select event_id from seals where number = 2)");
  CHECK(world.verify() == Found{"2 row-missing", "0 row-unsealed"});
}

TEST_CASE("seals that are gone or changed are named") {
  TrailWorld world;
  world.append_and_seal(3);
  SECTION("gone") {
    world.attack("delete from seals where number in (4, 5)");
    // Their events are there, and nothing says that they were sealed.
    CHECK(world.verify() == Found{"4 seal-missing", "0 row-unsealed", "0 row-unsealed"});
    CHECK(world.verify({}, 3) == Found{"4 seal-missing", "0 row-unsealed", "0 row-unsealed"});
  }
  SECTION("changed") {
    world.attack("update seals set hash = sha256('x') where number = 4");
    CHECK(world.verify() == Found{"4 chain-broken"});
    CHECK(world.verify({}, 1) == Found{"4 chain-broken"});
  }
  SECTION("no hash at all") {
    world.attack("update seals set hash = 'x' where number = 4");
    CHECK(world.verify() == Found{"4 chain-broken"});
  }
}

TEST_CASE("a chain that was computed anew is found by its heads, their signatures, and a head that was kept") {
  TrailWorld world;
  world.append_and_seal(4);
  auto kept = world.head();
  auto heads = world.attack("select number, encode(hash, 'hex') from heads order by number");
  world.attack("update events set actor = 'user/eve' where id = (select event_id from seals where number = 5)");
  world.chain_anew(5);
  SECTION("with heads whose signatures are of other hashes") {
    CHECK(world.verify() == Found{"6 signature-wrong"});
    CHECK(world.verify(kept) == Found{"6 signature-wrong", "12 cut-off"});
  }
  SECTION("with the heads as they were") {
    for (const auto& head : heads) {
      world.attack("update heads set hash = decode('" + head[1].as<std::string>() +
                   "', 'hex') where number = " + head[0].as<std::string>());
    }
    CHECK(world.verify() == Found{"6 chain-broken", "9 chain-broken", "12 chain-broken"});
  }
  SECTION("with heads that have no signature") {
    // A key that is older than the heads: its time is an hour ago.
    auto text = world.folder().read("audit-seal.key");
    world.folder().write("audit-seal.key", text.substr(0, text.find(" since")) + " since 2020-01-01T00:00:00Z\n");
    world.attack("update heads set signature = '', key = ''");
    CHECK(world.verify() == Found{"3 signature-wrong"});
  }
  SECTION("with heads signed by a key of one's own") {
    auto mine = events::SealKey::parse(events::SealKey::draw(SystemClock().now()));
    auto forged = world.head();
    mine->sign(forged);
    world.attack("update heads set signature = '\\x" + events::hex(forged.signature) + "', key = '" + forged.key +
                 "' where number = 12");
    CHECK(world.verify() == Found{"6 signature-wrong", "12 signature-wrong"});
  }
  SECTION("without heads from there on") {
    world.attack("delete from heads where number >= 5");
    CHECK(world.verify() == Found{"12 signature-wrong"});
  }
}

TEST_CASE("what edad is given to go on with after a chain was made anew while it was down stays named") {
  TrailWorld world;
  world.append_and_seal(4);
  world.attack("update events set actor = 'user/eve' where id = (select event_id from seals where number = 5)");
  world.chain_anew(5);
  world.attack("delete from heads where number >= 5");
  world.begin_anew("second");
  world.append(1);
  world.seal();
  // The next head covers what no head covered; the event that tells of it cannot be taken back.
  CHECK(world.number("select count(*) from events where verb = 'trail.cut'") == 1);
  auto found = world.verify();
  REQUIRE(found.size() == 1);
  CHECK(found[0].ends_with(" cut-off"));
}

TEST_CASE("a cut-off end is found with a head that was kept, and by what edad remembers") {
  TrailWorld world;
  world.append_and_seal(4);
  auto kept = world.head();
  world.attack(
      "delete from events where id in (select event_id from seals where number > 6);"
      "delete from seals where number > 6; delete from heads where number > 6");
  CHECK(world.verify().empty());  // nothing in the database shows it
  CHECK(world.verify(kept) == Found{"12 cut-off"});
  CHECK(world.verify({}, world.memory()) == Found{"12 cut-off"});

  // The worker tells it where every replica reads it.
  world.seal();
  CHECK(world.number("select count(*) from events where verb = 'trail.cut'") == 1);
  CHECK(world.verify() == Found{"7 cut-off"});
  world.append_and_seal(2);
  CHECK(world.number("select count(*) from events where verb = 'trail.cut'") == 1);
  CHECK(world.verify(kept) == Found{"7 cut-off", "12 cut-off"});
  // Whoever has kept a head since then has been told.
  CHECK(world.verify(world.head()).empty());
}

TEST_CASE("an end that was cut off and grown anew differs from the head that was kept") {
  TrailWorld world;
  world.append_and_seal(4);
  auto kept = world.head();
  world.attack(
      "delete from events where id in (select event_id from seals where number > 6);"
      "delete from seals where number > 6; delete from heads where number > 6");
  world.begin_anew("second");
  world.append_and_seal(3);
  CHECK(world.verify().empty());
  CHECK(world.verify(kept) == Found{"12 cut-off"});
}

TEST_CASE("a head that somebody else signed is no proof") {
  TrailWorld world;
  world.append_and_seal(2);
  auto forged = world.head();
  events::SealKey::parse(events::SealKey::draw(SystemClock().now()))->sign(forged);
  CHECK(world.verify(forged) == Found{"6 signature-wrong"});
}

TEST_CASE("an event that the worker passed over is named") {
  TrailWorld world;
  world.append_and_seal(2);
  world.attack(
      "insert into events (xid, actor, verb, object_kind, object_cluster, object_name, team, reason, request_id, "
      "plan_id) values ('3', 'user/eve', 'x.y', 'x', '', 'n', '', '', '', '')");
  world.seal();
  CHECK(world.verify() == Found{"0 row-unsealed"});
}

TEST_CASE("old events are named when nobody seals") {
  TrailWorld world;
  world.append_and_seal(1);
  world.append(1);
  CHECK(world.verify().empty());
  world.attack("update events set at = now() - interval '1 minute' where id > (select max(event_id) from seals)");
  CHECK(world.verify().empty());  // the worker made a head a moment ago, so its next round will do
  world.attack("update heads set at = now() - interval '1 minute', signature = '', key = ''");
  CHECK(world.verify() == Found{"0 row-unsealed"});
}

TEST_CASE("many faults come with the number of those that were left out") {
  TrailWorld world;
  world.append(1500);
  world.seal();
  world.attack("update events set actor = 'user/eve'");
  auto found = world.verify();
  CHECK(found.size() == events::faults_per_page + 1);
  CHECK(found.front() == "1 row-changed");
  CHECK(found.back() == "1500 row-changed");
}
