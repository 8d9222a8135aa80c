// Search: what is found, in which order, and what the finder hears.

#include <catch2/catch.hpp>

#include "catalog/actions.h"
#include "catalog/store_search.h"
#include "plans/actions.h"
#include "tests/support/world.h"

using namespace eda;
using namespace eda::catalog;

namespace {

using Texts = std::vector<std::string>;

struct World {
  test::FreshDatabase database;
  plans::Kinds kinds{{&team_rules()}};
  Reading reading{database.pool(), kinds};

  // Rows as the engine writes them; what is searched is made of them by the database.
  void put(const std::string& kind, const std::string& name, const std::string& wish, const std::string& team = {}) {
    auto done = database.pool().transact([&](pg::Tx& tx) -> Result<> {
      tx.exec("INSERT INTO objects (kind, name, wish, state, updated_by) VALUES ($1, $2, $3, 'applied', 'test')", kind,
              name, wish);
      if (kind == "team")
        tx.exec(
            "INSERT INTO teams (object_id, contact) SELECT id, 'chat: #' || name FROM objects"
            " WHERE kind = 'team' AND name = $1",
            name);
      if (!team.empty())
        tx.exec(
            "INSERT INTO owners (object_id, team_id) SELECT o.id, t.id FROM objects o, objects t"
            " WHERE o.kind = $1 AND o.name = $2 AND t.kind = 'team' AND t.name = $3",
            kind, name, team);
      return {};
    });
    REQUIRE(done);
  }
  Found found(const std::string& query, const Terms& terms = {}, Texts kinds_wanted = {}) {
    auto selection = parse_selection(terms);
    REQUIRE(selection);
    auto result = reading.search(query, std::move(kinds_wanted), *selection, 0);
    REQUIRE(result);
    return *result;
  }
  Texts names(const std::string& query, const Terms& terms = {}) {
    Texts out;
    for (auto& hit : found(query, terms).hits) out.push_back(hit.object.text());
    return out;
  }
};

void fill(World& world) {
  world.put("team", "checkout",
            R"({"spec.description": {"v": "Carts and orders"}, "spec.contacts.chat": {"v": "#checkout"}})");
  world.put("team", "支付", R"({"metadata.domain": {"v": "billing"}})");
  world.put("stream", "orders.placed", R"({"metadata.domain": {"v": "sales"}, "spec.tags": {"v": ["pii"]},
    "metadata.labels[\"tier\"]": {"v": "gold"}, "spec.description": {"v": "An order was placed by a customer."}})",
            "checkout");
  world.put("stream", "orders.cancelled", R"({"metadata.domain": {"v": "sales"}, "spec.tags": {"v": ["deprecated"]}})",
            "checkout");
  world.put("stream", "shop.CartCheckedOut", R"({"metadata.domain": {"v": "sales"}})", "checkout");
  world.put("stream", "orders", R"({})");
  world.put("stream", "payments.settled", R"({"spec.description": {"v": "Money for orders came in."}})", "支付");
}

}  // namespace

TEST_CASE("a search finds names first, then words that begin so, then what is said of things") {
  World world;
  fill(world);
  CHECK(world.names("orders") == Texts{"stream/orders", "stream/orders.placed", "stream/orders.cancelled",
                                       "team/checkout", "stream/payments.settled"});
  CHECK(world.found("ORDERS").hits.front().match == Match::name);
  struct Row {
    std::string query, first;
  };
  const Row rows[] = {{"order plac", "stream/orders.placed"},
                      {"placed", "stream/orders.placed"},
                      {"checked", "stream/shop.CartCheckedOut"},
                      {"cart out", "stream/shop.CartCheckedOut"},
                      {"orders.placed", "stream/orders.placed"},
                      {"gold", "stream/orders.placed"},
                      {"tier", "stream/orders.placed"},
                      {"pii", "tag/pii"},
                      {"customer", "stream/orders.placed"},
                      {"#checkout", "team/checkout"},
                      {"billing", "team/支付"},
                      {"支付", "team/支付"},
                      {"  Placed!  ", "stream/orders.placed"},
                      {"o'rders | & ! :* \\", "stream/orders"},
                      {"orders & placed", "stream/orders.placed"}};
  for (auto& row : rows) {
    CAPTURE(row.query);
    auto names = world.names(row.query);
    CHECK((names.empty() ? "" : names.front()) == row.first);
  }
}

TEST_CASE("misspelt words are compared with all words that were learnt") {
  World world;
  fill(world);
  auto learn = [&] {
    REQUIRE(world.database.pool().transact([](pg::Tx& tx) -> Result<> {
      store::learn_words(tx);
      return {};
    }));
  };
  CHECK(world.names("custumer").empty());
  learn();
  auto found = world.found("custumer");
  REQUIRE_FALSE(found.hits.empty());
  CHECK(found.hits.front().object.text() == "stream/orders.placed");
  CHECK(found.hits.front().match == Match::spelling);
  CHECK(world.names("plced custumer") == Texts{"stream/orders.placed"});
  learn();  // again, of what changed since
  CHECK(world.names("custumer").size() == found.hits.size());
}

TEST_CASE("a search forgives spelling where words find next to nothing") {
  World world;
  fill(world);
  for (std::string query : {"ordres plcaed", "oders.placed", "orderz.placd", "order placex"}) {
    CAPTURE(query);
    auto found = world.found(query);
    REQUIRE_FALSE(found.hits.empty());
    CHECK(found.hits.front().object.text() == "stream/orders.placed");
    CHECK(found.hits.front().match == Match::spelling);
  }
  CHECK(world.names("paymnets").front() == "stream/payments.settled");
  CHECK(world.found("zzzzqqqq").hits.empty());
}

TEST_CASE("a hit says whose it is and what to do next") {
  World world;
  fill(world);
  auto hit = world.found("orders placed").hits.front();
  CHECK(hit.owner.team == "checkout");
  CHECK(hit.domain == "sales");
  CHECK(hit.tags == Texts{"pii"});
  CHECK(hit.description == "An order was placed by a customer.");
  CHECK(next_step(hit) == "edactl describe stream orders.placed; ask checkout (chat: #checkout)");
  CHECK(next_step(world.found("cancelled").hits.front()).find("deprecated") != std::string::npos);
  CHECK(next_step(world.found("billing").hits.front()) == "edactl describe team 支付");
}

TEST_CASE("a search is narrowed like a list") {
  World world;
  fill(world);
  CHECK(world.names("orders", {.tags = {"pii"}}) == Texts{"stream/orders.placed"});
  CHECK(world.names("orders", {.tags = {"!pii"}, .domains = {"sales"}}) == Texts{"stream/orders.cancelled"});
  auto teams = world.found("orders", {}, {"teams"});
  REQUIRE(teams.hits.size() == 1);
  CHECK(teams.hits.front().object.text() == "team/checkout");
  CHECK(world.reading.search("x", {"teems"}, {}, 0).error().reason == "KIND_UNKNOWN");
  CHECK(world.reading.search("x", {}, parse_selection({.teams = {"checkout"}}).value(), 0).error().reason ==
        "SELECTOR");
}

TEST_CASE("a search for nothing, and one for too much, are refused") {
  World world;
  for (std::string query : {"", "   ", "!!!", "\t.\n"}) CHECK(check_query(query).error().reason == "SEARCH_EMPTY");
  CHECK(check_query(std::string(201, 'x')).error().reason == "SEARCH_TOO_LONG");
  CHECK(check_query("a\x1b[31m").error().reason == "SEARCH_EMPTY");
  CHECK(check_query("  ok ").value() == "ok");
}

TEST_CASE("without the extension words are found as they are spelt, and the answer says so") {
  World world;
  fill(world);
  REQUIRE(world.database.pool().transact([](pg::Tx& tx) -> Result<> {
    tx.exec("DROP EXTENSION pg_trgm CASCADE");
    return {};
  }));
  auto right = world.found("placed");
  CHECK(right.hits.front().object.text() == "stream/orders.placed");
  CHECK_FALSE(right.spelling);
  CHECK(world.found("orderz placd").hits.empty());
}

TEST_CASE("what is asked for begins words, also with two letters exchanged") {
  CHECK(text_query(as_they_are({"order", "pla"})) == "('order':*) & ('pla':*)");
  CHECK(text_query(transposed({"abcd", "x"})) == "('abcd':* | 'acbd':* | 'abdc':*) & ('x':*)");
  CHECK(text_query(transposed({"支付宝a"})) == "('支付宝a':* | '支宝付a':* | '支付a宝':*)");
  CHECK(text_query(transposed({"aab"})) == "('aab':* | 'aba':*)");
  CHECK(text_query(transposed({std::string(31, 'x') + "y"})) == "('" + std::string(31, 'x') + "y':*)");
}

TEST_CASE("no more hits than asked for are given, and that there are others is told") {
  World world;
  for (int i = 0; i < 30; ++i) world.put("stream", "many." + std::to_string(100 + i), "{}");
  auto found = world.found("many");
  CHECK(found.hits.size() == search_hits);
  CHECK(found.more);
  CHECK_FALSE(world.found("many 100").more);
}
