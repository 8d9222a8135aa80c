// Services: what they own, what they claim, what they may read, whom their changes reach.

#include "tests/catalog/service_world.h"

using namespace eda;
using namespace eda::catalog;
using World = eda::catalog::test::ServiceWorld;
using eda::catalog::test::draft_of;

TEST_CASE("a read names its stream, its cluster and its group, which is the service's name unless said") {
  plans::Wish wish;
  wish["spec.consumes"].value =
      Value::List{Value::Map{{"stream", "a"}, {"group", "g"}}, Value::Map{{"stream", "prod/b"}},
                  Value::Map{{"stream", "c"}, {"cluster", "test"}}};
  auto reads = reads_of("orders", wish);
  REQUIRE(reads.size() == 3);
  CHECK(reads[0] == Read{"a", "", "g", 0});
  CHECK(reads[1] == Read{"b", "prod", "orders", 1});
  CHECK(reads[2] == Read{"c", "test", "orders", 2});
  CHECK(covers(reads[0], Ref{"stream", "anywhere", "a"}));
  CHECK(covers(reads[1], Ref{"stream", "prod", "b"}));
  CHECK_FALSE(covers(reads[1], Ref{"stream", "test", "b"}));
}

TEST_CASE("claims of one group clash where their clusters meet") {
  struct Case {
    Claim a, b;
    bool clash;
  };
  for (auto& one : std::vector<Case>{{{"g", "", "x"}, {"g", "", "y"}, true},
                                     {{"g", "", "x"}, {"g", "prod", "y"}, true},
                                     {{"g", "prod", "x"}, {"g", "prod", "y"}, true},
                                     {{"g", "prod", "x"}, {"g", "test", "y"}, false},
                                     {{"g", "", "x"}, {"h", "", "y"}, false},
                                     {{"g", "", "x"}, {"g", "", "x"}, false}}) {
    CHECK(clash(one.a, one.b) == one.clash);
    CHECK(clash(one.b, one.a) == one.clash);
  }
}

TEST_CASE("what comes of reading a stream follows from its visibility and from whose it is") {
  auto opened = [](const char* visibility) { return Opened{Ref{"stream", "prod", "s"}, Owner{"a", ""}, visibility}; };
  for (auto* visibility : {"private", "protected", "public"}) CHECK(grant_of("a", opened(visibility)) == Grant::own);
  CHECK(grant_of("b", opened("private")) == Grant::refused);
  CHECK(grant_of("b", opened("protected")) == Grant::not_granted);
  CHECK(grant_of("b", opened("public")) == Grant::open);
}

TEST_CASE("a stream is its producer's, and with it the team's of that service") {
  World world;
  world.make(world.ada, {World::service("orders", "checkout"), World::produced("orders.placed", "orders")});
  auto owner = world.owner("stream", "orders.placed");
  CHECK(owner.team == "checkout");
  CHECK(owner.service == "orders");
  // A member may change it; others may not; and a team that is said must be the right one.
  CHECK(world.reason(world.tom, {World::with(World::produced("orders.placed", "orders"), "metadata.domain", "sales")})
            .empty());
  CHECK(world.reason(world.bob, {World::with(World::produced("orders.placed", "orders"), "metadata.domain",
                                             "sales")}) == "NOT_OWNER");
  auto planned = world.plan(world.ada, {World::with(World::produced("x", "orders"), "metadata.team", "payments")});
  REQUIRE_FALSE(planned);
  REQUIRE_FALSE(planned.error().violations.empty());
  CHECK(planned.error().violations[0].field == "metadata.team");
  CHECK(planned.error().violations[0].message == "stream/prod/x is service/orders's, which is team/checkout's");
}

TEST_CASE("a producer of another team takes the stream over, which is HIGH and for who leads both") {
  World world;
  world.make(world.ada, {World::service("orders", "checkout"), World::produced("orders.placed", "orders")});
  world.make(world.bob, {World::service("ledger", "payments")});
  CHECK(world.reason(world.ada, {World::produced("orders.placed", "ledger")}) == "NOT_OWNER");
  CHECK(world.reason(world.bob, {World::produced("orders.placed", "ledger")}) == "NOT_OWNER");
  auto planned = World::must(world.plan(world.admin, {World::produced("orders.placed", "ledger")}));
  CHECK(planned.summary.risk == plans::Risk::high);
  world.apply(world.admin, planned);
  CHECK(world.owner("stream", "orders.placed").team == "payments");
}

TEST_CASE("a service that produces something is not deleted, and says what it is") {
  World world;
  world.make(world.ada, {World::service("orders", "checkout"), World::produced("orders.placed", "orders")});
  auto planned = world.plan(world.ada, {}, {Ref{"service", "", "orders"}});
  REQUIRE_FALSE(planned);
  CHECK(planned.error().reason == "SERVICE_OWNS");
  CHECK(planned.error().message == "service/orders still produces stream/prod/orders.placed");
}

TEST_CASE("a consumer group has one claimant; the second one hears of the first") {
  World world;
  world.make(world.ada, {World::stream("a", "checkout", "public")});
  world.make(world.ada, {World::service("orders", "checkout", {"a with:g"})});
  auto second = world.plan(world.bob, {World::service("ledger", "payments", {"prod/a with:g"})});
  REQUIRE_FALSE(second);
  CHECK(second.error().code == Code::conflict);
  CHECK(second.error().message.find("the group g is service/orders's; service/ledger may not name it too") !=
        std::string::npos);
  // Both in one plan; and taken from the first in the same plan that gives it to the second.
  CHECK(world.reason(world.admin, {World::service("x", "checkout", {"a with:h"}),
                                   World::service("y", "payments", {"a with:h"})}) == "GROUP_CLAIMED");
  CHECK(world
            .reason(world.admin, {World::service("orders", "checkout", {"a with:other"}),
                                  World::service("ledger", "payments", {"a with:g"})})
            .empty());
}

TEST_CASE("of two plans that claim one group the one applied second is refused") {
  World world;
  world.make(world.ada, {World::stream("a", "checkout", "public")});
  auto first = World::must(world.plan(world.ada, {World::service("orders", "checkout", {"a with:g"})}));
  auto second = World::must(world.plan(world.bob, {World::service("ledger", "payments", {"a with:g"})}));
  world.apply(world.ada, first);
  auto applied = world.engine.apply(world.bob, plans::ApplyInput{"", "", second.summary.id, "", {}});
  REQUIRE_FALSE(applied);
  CHECK(applied.error().reason == "GROUP_CLAIMED");
}

TEST_CASE("a private stream is read by its own team alone, whoever moves first") {
  World world;
  world.make(world.ada, {World::stream("carts", "checkout", "private"), World::stream("orders", "checkout")});
  CHECK(world.reason(world.bob, {World::service("ledger", "payments", {"carts"})}) == "STREAM_PRIVATE");
  world.make(world.ada, {World::service("cart", "checkout", {"carts"})});
  auto planned = World::must(world.plan(world.bob, {World::service("ledger", "payments", {"orders"})}));
  CHECK(draft_of(planned, "ledger").notes ==
        std::vector<std::string>{"reads stream/prod/orders, which team/checkout has not granted"});
  world.apply(world.bob, planned);
  auto closed = world.plan(world.ada, {World::stream("orders", "checkout", "private")});
  REQUIRE_FALSE(closed);
  CHECK(closed.error().reason == "PRIVATE_IS_READ");
  CHECK(closed.error().message.find("it is read by service/ledger of team/payments") != std::string::npos);
}

TEST_CASE("a read of a stream that is nowhere is told where it stands") {
  World world;
  auto document = World::service("orders", "checkout", {"nowhere"});
  document.fields.at("spec.consumes").parts.emplace("[0].stream", Position{"shop.yaml", 7, 16});
  auto planned = world.plan(world.ada, {document});
  REQUIRE_FALSE(planned);
  REQUIRE(planned.error().violations.size() == 1);
  CHECK(planned.error().violations[0].field == "spec.consumes[0].stream");
  CHECK(planned.error().violations[0].at.text() == "shop.yaml:7:16");
  CHECK(planned.error().violations[0].message == "there is no stream/nowhere");
}

TEST_CASE("a change reaches the owners of the readers, and of theirs, also around a circle") {
  World world;
  world.make(world.admin, {World::document("Team", "far"), World::document("Team", "aside")});
  world.make(world.admin,
             {World::service("first", "checkout", {"b"}), World::produced("a", "first"),
              World::service("second", "payments", {"a"}), World::produced("b", "second"),
              World::service("third", "far", {"b"}), World::service("other", "aside"), World::produced("c", "other")});
  auto changed = World::with(World::produced("a", "first"), "metadata.domain", "sales");
  auto planned = World::must(world.plan(world.ada, {changed}));
  CHECK(draft_of(planned, "a").affected == std::vector<std::string>{"far", "payments"});
  auto service = World::with(World::service("first", "checkout", {"b"}), "spec.description", "x");
  CHECK(draft_of(World::must(world.plan(world.ada, {service})), "first").affected ==
        std::vector<std::string>{"far", "payments"});
  auto alone = World::with(World::produced("c", "other"), "metadata.domain", "sales");
  CHECK(draft_of(World::must(world.plan(world.admin, {alone})), "c").affected.empty());
}

TEST_CASE("who owned what is kept, through a producer too, and ends with the object") {
  World world;
  world.make(world.ada, {World::service("orders", "checkout"), World::produced("orders.placed", "orders")});
  CHECK(world.count("SELECT count(*) FROM owner_spans WHERE kind = 'stream' AND service = 'orders' AND team = ''") ==
        1);
  world.make(world.admin, {World::of_team("Service", "orders", "payments")});
  CHECK(world.count("SELECT count(*) FROM owner_spans WHERE kind = 'service'") == 2);
  CHECK(world.count(
            "SELECT count(*) FROM owner_spans WHERE kind = 'service' AND until IS NULL AND team = 'payments'") == 1);
  CHECK(world.owner("stream", "orders.placed").team == "payments");
  world.apply(world.admin, World::must(world.plan(world.admin, {}, {Ref{"stream", "prod", "orders.placed"}})));
  CHECK(world.count("SELECT count(*) FROM owner_spans WHERE kind = 'stream' AND until IS NULL") == 0);
}
