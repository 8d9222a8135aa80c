// Services that change hands, with all that they own.

#include "catalog/worker_transfers.h"
#include "operations/actions.h"
#include "operations/worker.h"
#include "tests/catalog/service_world.h"

using namespace eda;
using namespace eda::catalog;
using World = eda::catalog::test::ServiceWorld;
using eda::catalog::test::draft_of;

namespace {

struct TransferWorld : World {
  TransferRunner runner{transfers, engine};
  TeamBook teams;
  operations::Actions operations{database.pool(), clock, teams, {&runner}};

  explicit TransferWorld(const std::string& set = "shop") {
    make(ada,
         {service("orders", "checkout", {"carts"}),
          with(produced("orders.placed", "orders"), "metadata.team", "checkout"), stream("carts", "checkout")},
         set);
    make(bob, {service("ledger", "payments", {"orders.placed"})}, set.empty() ? "" : "money");
  }

  static TransferWish wish(std::string to = "payments") {
    TransferWish out;
    out.service = "orders";
    out.to = std::move(to);
    return out;
  }
  operations::Operation operation(const std::string& id) { return must(operations.find(admin, id)); }
  /// One claim of what is due and one run of it, as the worker does.
  void round() {
    auto claimed = *database.pool().transact([&](pg::Tx& tx) -> Result<std::vector<operations::store::Claimed>> {
      return operations::store::claim(tx, "here", {std::string(transfer_kind)}, std::chrono::seconds(10), 10);
    });
    for (auto& one : claimed) {
      auto outcome = runner.run(one.operation.step, {one.operation}).front();
      operations::advance(one.operation, outcome, clock.now());
      database.pool().transact([&](pg::Tx& tx) -> Result<int> {
        operations::store::write(tx, std::vector<operations::store::Taken>{{one, Duration(0)}});
        return 0;
      });
    }
  }
};

}  // namespace

TEST_CASE("who leads both teams, or is an admin, hands over at once: service, streams and fields") {
  TransferWorld world;
  auto planned = World::must(world.transfers.plan(world.admin, TransferWorld::wish()));
  CHECK(planned.receiver == Transfers::Planned::Receiver::nothing_to_say);
  CHECK(planned.plan.summary.risk == plans::Risk::high);
  CHECK(planned.plan.summary.changes == 2);
  CHECK(draft_of(planned.plan, "orders").notes ==
        std::vector<std::string>{
            "its groups go along: orders",
            "service/orders reads stream/prod/carts, which is team/checkout's: that crosses teams from now on",
            "service/ledger reads stream/prod/orders.placed, and is team/payments's: that crosses teams no longer",
            "reads stream/prod/carts, which team/checkout has not granted"});
  world.apply(world.admin, planned.plan);
  CHECK(world.owner("service", "orders").team == "payments");
  CHECK(world.owner("stream", "orders.placed").team == "payments");

  SECTION("the receiver's first apply finds no conflict") {
    auto taken =
        World::must(world.plan(world.bob,
                               {World::service("orders", "payments", {"carts"}),
                                World::with(World::produced("orders.placed", "orders"), "metadata.team", "payments")},
                               {}, "money"));
    CHECK(taken.summary.changes == 0);
    CHECK(taken.summary.hand_overs == 2);
  }
  SECTION("the old manifest fails with the new owner's name") {
    auto old = world.plan(world.ada, {World::service("orders", "checkout", {"carts"})}, {}, "shop");
    REQUIRE_FALSE(old);
    CHECK(old.error().code == Code::denied);
    CHECK(old.error().facts.at("owner") == "payments");
  }
}

TEST_CASE("members, strangers and the receiver give nothing away, and nothing goes where it is") {
  TransferWorld world;
  CHECK(world.transfers.plan(world.tom, TransferWorld::wish()).error().reason == "LEADS_ONLY");
  CHECK(world.transfers.plan(world.bob, TransferWorld::wish()).error().reason == "NOT_OWNER");
  CHECK(world.transfers.offer(world.bob, TransferWorld::wish()).error().reason == "NOT_OWNER");
  CHECK(world.transfers.plan(world.ada, TransferWorld::wish("checkout")).error().reason == "ALREADY_THEIRS");
  auto unknown = world.transfers.plan(world.ada, TransferWorld::wish("payment"));
  CHECK(unknown.error().code == Code::not_found);
  CHECK(unknown.error().next == "did you mean \"payments\"?");
}

TEST_CASE("a lead offers, the receiver's lead accepts, and then it moves in one transaction") {
  TransferWorld world;
  auto shown = World::must(world.transfers.plan(world.ada, TransferWorld::wish()));
  CHECK(shown.receiver == Transfers::Planned::Receiver::must_accept);
  // What was shown cannot be applied by who only leads the one side.
  CHECK_FALSE(world.engine.apply(world.ada, plans::ApplyInput{"", "", shown.plan.summary.id, "", {}}));

  auto offer = World::must(world.transfers.offer(world.ada, TransferWorld::wish()));
  CHECK(world.transfers.offer(world.ada, TransferWorld::wish()).error().reason == "OFFERED_ALREADY");
  world.round();
  offer = world.operation(offer.id);
  CHECK(offer.state == operations::State::waiting);
  CHECK(offer.waiting_for == "leads of team/payments");

  CHECK(world.operations.resume(world.ada, {}, offer.id).error().code == Code::denied);
  CHECK(world.operations.resume(world.tom, {}, offer.id).error().code == Code::denied);
  World::must(world.operations.resume(world.bob, {}, offer.id));
  world.round();  // plans
  CHECK(world.owner("service", "orders").team == "checkout");
  world.round();  // applies
  CHECK(world.operation(offer.id).state == operations::State::done);
  CHECK(world.owner("service", "orders").team == "payments");
  CHECK(world.owner("stream", "orders.placed").team == "payments");
  CHECK(world.count("SELECT count(*) FROM events WHERE actor = 'user/bob' AND verb = 'service.changed'") == 1);
}

TEST_CASE("an offer is declined by the receiver and taken back by the giver, and nothing has moved") {
  TransferWorld world;
  for (auto& who : {world.bob, world.ada}) {
    auto offer = World::must(world.transfers.offer(world.ada, TransferWorld::wish()));
    world.round();
    CHECK(world.operations.abort(world.tom, {}, offer.id).error().code == Code::denied);
    World::must(world.operations.abort(who, {}, offer.id));
    CHECK(world.owner("service", "orders").team == "checkout");
  }
  auto late = TransferWorld::wish();
  late.until = world.clock.now() - std::chrono::hours(1);
  CHECK(world.transfers.offer(world.ada, late).error().reason == "OFFER_RANGE");
}

TEST_CASE("a transfer that makes a read of a private stream illegal is refused until that is resolved") {
  TransferWorld world("");
  world.make(world.ada, {World::stream("carts", "checkout", "private")});
  auto reads = world.transfers.plan(world.admin, TransferWorld::wish());
  REQUIRE_FALSE(reads);
  CHECK(reads.error().reason == "STREAM_PRIVATE");

  world.make(world.ada, {World::service("orders", "checkout")});
  world.make(world.bob, {World::service("ledger", "payments")});
  world.make(world.ada, {World::with(World::produced("orders.placed", "orders"), "spec.visibility", "private"),
                         World::service("audit", "checkout", {"orders.placed"})});
  auto read = world.transfers.plan(world.admin, TransferWorld::wish());
  REQUIRE_FALSE(read);
  CHECK(read.error().reason == "PRIVATE_IS_READ");
}

TEST_CASE("a stream that is being deleted does not hold its service back") {
  TransferWorld world("");
  world.count(
      "WITH gone AS (UPDATE objects SET state = 'deleting' WHERE kind = 'stream' AND name = 'orders.placed'"
      " RETURNING 1) SELECT count(*) FROM gone");
  auto planned = World::must(world.transfers.plan(world.admin, TransferWorld::wish()));
  CHECK(planned.plan.summary.changes == 1);
  world.apply(world.admin, planned.plan);
  CHECK(world.owner("service", "orders").team == "payments");
  CHECK(world.owner("stream", "orders.placed").team == "payments");
}

TEST_CASE("by manifest a service moves only together with what it produces") {
  TransferWorld world("");
  auto moved = world.plan(world.admin, {World::service("orders", "payments", {"carts"})});
  REQUIRE_FALSE(moved);
  CHECK(moved.error().reason == "SERVICE_MOVES_WHOLE");
  CHECK(moved.error().next == "edactl service transfer orders --to payments moves all of it at once");
}
