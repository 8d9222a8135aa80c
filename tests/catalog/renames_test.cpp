// Teams that are called otherwise, and teams that end in one another.

#include "catalog/actions_renames.h"
#include "identity/store.h"
#include "tests/catalog/service_world.h"

using namespace eda;
using namespace eda::catalog;
using World = eda::catalog::test::ServiceWorld;
using eda::catalog::test::draft_of;
using eda::catalog::test::user;

namespace {

struct RenameWorld : World {
  Renames renames{database.pool(), engine};
  // Leads both, and is no admin.
  const identity::Actor eve = user("eve");

  RenameWorld() {
    auto checkout = with(document("Team", "checkout"), "spec.members[\"eve\"]", "lead");
    auto payments = with(document("Team", "payments"), "spec.members[\"eve\"]", "lead");
    make(admin, {checkout, payments});
    make(bob, {stream("ledger", "payments")}, "money");
    make(ada,
         {service("orders", "checkout", {"ledger"}), with(produced("placed", "orders"), "metadata.team", "checkout"),
          stream("carts", "checkout", "private")},
         "shop");
    make(bob, {service("books", "payments", {"placed"}), stream("ledger", "payments")}, "money");
  }

  static RenameWish wish(std::string team, std::string to) { return {"", "because", std::move(team), std::move(to)}; }
  std::string rename_reason(const identity::Actor& actor, const std::string& team, const std::string& to) {
    auto planned = renames.plan_rename(actor, wish(team, to));
    return planned ? "" : planned.error().reason;
  }
  std::string merge_reason(const identity::Actor& actor, const std::string& team, const std::string& into) {
    auto planned = renames.plan_merge(actor, wish(team, into));
    return planned ? "" : planned.error().reason;
  }
  void rename(const identity::Actor& actor, const std::string& team, const std::string& to) {
    apply(actor, must(renames.plan_rename(actor, wish(team, to))));
  }
  void merge(const identity::Actor& actor, const std::string& team, const std::string& into) {
    apply(actor, must(renames.plan_merge(actor, wish(team, into))));
  }
  plans::Object object(const std::string& kind, const std::string& name) {
    return must(reading.get(admin, Ref{kind, kind == "stream" ? "prod" : "", name})).object;
  }
  void token(const std::string& id, const std::string& subject) {
    identity::Token token;
    token.id = id;
    token.subject = subject;
    token.scopes = {identity::Scope::write};
    token.created_at = clock.now();
    token.expires_at = clock.now() + std::chrono::hours(1);
    must(database.pool().transact([&](pg::Tx& tx) -> Result<bool> {
      identity::store::insert_token(tx, token, std::string(64, id.back()));
      return true;
    }));
  }
  std::string text(const char* sql) {
    return *database.pool().transact(
        [&](pg::Tx& tx) -> Result<std::string> { return std::string(tx.exec(sql)[0][0].c_str()); });
  }
};

bool has_note(const plans::Draft& draft, const std::string& part) {
  return std::any_of(draft.notes.begin(), draft.notes.end(),
                     [&](auto& note) { return note.find(part) != std::string::npos; });
}

}  // namespace

TEST_CASE("a renamed team keeps what it has, and its history") {
  RenameWorld world;
  world.token("t1", "ci/checkout/build");
  auto uid = world.object("team", "checkout").uid;
  auto plan = RenameWorld::must(world.renames.plan_rename(world.ada, RenameWorld::wish("checkout", "basket")));
  auto& draft = draft_of(plan, "checkout");
  CHECK(plan.drafts.size() == 1);
  CHECK(draft.risk == plans::Risk::high);
  CHECK(has_note(draft, "keeps service/orders, stream/prod/carts"));
  CHECK(has_note(draft, "3 objects say the team"));
  CHECK(has_note(draft, "the set \"checkout/shop\" is \"basket/shop\""));
  CHECK(has_note(draft, "ci/basket/"));
  world.apply(world.ada, plan);

  auto team = world.object("team", "basket");
  CHECK(team.uid == uid);
  CHECK(team.generation == 3);
  CHECK(world.owner("service", "orders").team == "basket");
  CHECK(world.owner("stream", "placed").team == "basket");
  CHECK(plans::wished_text(world.object("stream", "placed").wish, "metadata.team") == "basket");
  CHECK(world.object("stream", "carts").wish.at("spec.visibility").manager == "basket/shop");
  CHECK(world.count("SELECT count(*) FROM objects WHERE 'checkout/shop' = ANY(sets)") == 0);
  CHECK(world.text("SELECT subject FROM tokens") == "ci/basket/build");
  CHECK(world.count("SELECT count(*) FROM events WHERE verb = 'team.renamed'") == 1);
  CHECK(world.count("SELECT count(*) FROM events WHERE after ->> 'metadata.team' = 'basket'"
                    " AND verb LIKE '%.changed'") == 3);
  CHECK(world.count(
            "SELECT count(*) FROM revisions r JOIN objects o ON o.id = r.object_id AND o.generation = r.generation"
            " WHERE o.name IN ('orders', 'placed', 'carts') AND r.reason = 'because'") == 3);
  CHECK(world.count("SELECT count(*) FROM owner_spans WHERE team = 'basket' AND until IS NULL") == 2);
  CHECK(world.count("SELECT count(*) FROM owner_spans WHERE team = 'checkout' AND until IS NULL") == 0);
}

TEST_CASE("the old name of a team answers with the new one, and stays reserved") {
  RenameWorld world;
  world.rename(world.ada, "checkout", "basket");
  CHECK(world.object("team", "checkout").ref.name == "basket");
  Selection of_old;
  of_old.teams = {"checkout"};
  CHECK(RenameWorld::must(world.reading.list(world.admin, {"stream", "", of_old}, PageRequest{10, ""})).rows.size() ==
        2);
  CHECK(world.reason(world.admin, {World::document("Team", "checkout")}) == "TEAM_NAME_RESERVED");
  CHECK(world.rename_reason(world.bob, "payments", "checkout") == "TEAM_NAME_RESERVED");
  CHECK(world.rename_reason(world.ada, "checkout", "till") == "TEAM_NAME_RESERVED");

  // The manifests of before go on: the same set, nothing to change, and a note.
  plans::PlanInput input;
  input.documents = {World::stream("carts", "checkout", "private")};
  input.set = {"shop", "checkout"};
  auto again = RenameWorld::must(world.engine.plan(world.ada, std::move(input)));
  CHECK(again.summary.unchanged == 1);
  CHECK(again.summary.set.team == "basket");
  CHECK(has_note(draft_of(again, "carts"), "write team: basket"));
  auto changed = RenameWorld::must(world.plan(world.ada, {World::stream("carts", "checkout", "public")}, {}, "shop"));
  CHECK(changed.drafts.front().owner == "basket");

  // Back again: the name of between is the reserved one now.
  world.rename(world.ada, "basket", "checkout");
  CHECK(world.object("team", "basket").ref.name == "checkout");
  CHECK(world.count("SELECT count(*) FROM team_names") == 1);
}

TEST_CASE("who renames a team leads it or is an admin, and takes a name that is free") {
  RenameWorld world;
  CHECK(world.rename_reason(world.tom, "checkout", "basket") == "LEADS_ONLY");
  CHECK(world.rename_reason(world.bob, "checkout", "basket") == "NOT_OWNER");
  CHECK(world.rename_reason(world.admin, "checkout", "basket").empty());
  CHECK(world.rename_reason(world.ada, "checkout", "payments") == "TEAM_NAME_TAKEN");
  CHECK(world.rename_reason(world.ada, "checkout", "a/b") == "TEAM_NAME_INVALID");
  CHECK(world.rename_reason(world.ada, "checkout", "") == "TEAM_NAME_INVALID");
  CHECK(world.rename_reason(world.ada, "checkout", "checkout") == "TEAM_NAME_TAKEN");
  CHECK(world.rename_reason(world.ada, "chekout", "basket") == "OBJECT_UNKNOWN");

  // A name that somebody takes between plan and apply.
  auto plan = RenameWorld::must(world.renames.plan_rename(world.ada, RenameWorld::wish("checkout", "basket")));
  world.make(world.admin, {World::document("Team", "basket")});
  auto late = world.engine.apply(world.ada, {"", "", plan.summary.id, "", plan.summary.confirm});
  REQUIRE_FALSE(late);
  CHECK(late.error().reason == "TEAM_NAME_TAKEN");
  CHECK(world.owner("service", "orders").team == "checkout");
}

TEST_CASE("plans that were made before a rename are stale after it") {
  RenameWorld world;
  auto of_set = RenameWorld::must(world.plan(world.ada, {World::stream("new", "checkout")}, {}, "shop"));
  auto other = World::with(World::document("Stream", "carts"), "spec.successor", "baskets");
  other.cluster = "prod";
  auto by_hand = RenameWorld::must(world.plan(world.ada, {other}));
  world.rename(world.ada, "checkout", "basket");
  for (auto& plan : {of_set, by_hand}) {
    auto late = world.engine.apply(world.ada, {"", "", plan.summary.id, "", plan.summary.confirm});
    REQUIRE_FALSE(late);
    CHECK(late.error().code == Code::stale);
  }
}

TEST_CASE("a merged team ends in the other one, which gets all that it has") {
  RenameWorld world;
  world.token("t1", "ci/payments/build");
  world.rename(world.bob, "payments", "money");
  auto plan = RenameWorld::must(world.renames.plan_merge(world.eve, RenameWorld::wish("money", "checkout")));
  auto& draft = draft_of(plan, "money");
  CHECK(draft.risk == plans::Risk::high);
  CHECK(has_note(draft, "team/checkout gets service/books, stream/prod/ledger"));
  CHECK(has_note(draft, "bob (lead)"));
  CHECK_FALSE(has_note(draft, "eve"));
  CHECK(has_note(draft,
                 "service/books reads stream/prod/placed, which is team/checkout's: that crosses teams no longer"));
  CHECK(has_note(draft, "service/orders reads stream/prod/ledger"));
  CHECK(has_note(draft, "the set \"money/money\" lets go"));
  CHECK(has_note(draft, "1 of its pipelines' tokens end"));
  world.apply(world.eve, plan);

  CHECK(world.object("team", "money").ref.name == "checkout");
  CHECK(world.object("team", "payments").ref.name == "checkout");
  CHECK(world.owner("service", "books").team == "checkout");
  CHECK(world.owner("stream", "ledger").team == "checkout");
  CHECK(plans::wished_text(world.object("team", "checkout").wish, "spec.members[\"bob\"]") == "lead");
  CHECK(world.count("SELECT count(*) FROM objects, unnest(sets) s WHERE s LIKE 'money/%'") == 0);
  CHECK(world.count("SELECT count(*) FROM tokens WHERE revoked_at IS NULL") == 0);
  CHECK(world.count("SELECT count(*) FROM events WHERE verb = 'team.merged'") == 1);
  CHECK(world.count("SELECT count(*) FROM objects WHERE kind = 'team'") == 1);
  // The receiver's manifests take over without a conflict.
  world.make(world.bob, {World::service("books", "checkout", {"placed"}), World::stream("ledger", "checkout")},
             "books");
}

TEST_CASE("who merges teams leads both or is an admin") {
  RenameWorld world;
  CHECK(world.merge_reason(world.ada, "checkout", "payments") == "LEADS_ONLY");
  CHECK(world.merge_reason(world.bob, "checkout", "payments") == "NOT_OWNER");
  CHECK(world.merge_reason(world.admin, "checkout", "payments").empty());
  CHECK(world.merge_reason(world.eve, "checkout", "payments").empty());
  CHECK(world.merge_reason(world.eve, "checkout", "checkout") == "MERGES_INTO_ITSELF");
  CHECK(world.merge_reason(world.eve, "checkout", "paymets") == "OBJECT_UNKNOWN");

  // What came to the team between plan and apply goes along; the receiver's end is found.
  auto plan = RenameWorld::must(world.renames.plan_merge(world.admin, RenameWorld::wish("checkout", "payments")));
  world.make(world.ada, {World::stream("late", "checkout")});
  world.apply(world.admin, plan);
  CHECK(world.owner("stream", "late").team == "payments");
}

TEST_CASE("a team with operations that are not finished is not renamed") {
  RenameWorld world;
  TransferWish offer;
  offer.service = "orders";
  offer.to = "payments";
  auto offered = RenameWorld::must(world.transfers.offer(world.ada, offer));
  for (auto* team : {"checkout", "payments"}) {
    auto refused = world.renames.plan_rename(world.admin, RenameWorld::wish(team, "basket"));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().reason == "TEAM_IS_BUSY");
    CHECK(refused.error().message.find(offered.id) != std::string::npos);
  }
}
