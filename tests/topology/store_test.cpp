// The graph out of real rows: what plans wrote is what it shows, and no answer is older than the last commit.

#include <catch2/catch.hpp>
#include <filesystem>
#include <set>

#include "tests/catalog/service_world.h"
#include "topology/actions.h"
#include "topology/store.h"

using namespace eda;
using namespace eda::topology;
using catalog::test::ServiceWorld;

namespace {

using Texts = std::vector<std::string>;

Texts edges_of(const Graph& graph) {
  Texts out;
  for (auto& edge : graph.edges()) {
    auto group = edge.group.empty() ? "" : " as " + edge.group;
    out.push_back(graph.node(edge.from).ref().text() + " > " + graph.node(edge.to).ref().text() + group);
  }
  return out;
}

store::Versioned read(ServiceWorld& world) {
  return *world.database.pool().transact([](pg::Tx& tx) -> Result<store::Versioned> { return store::read_graph(tx); });
}

bool current(ServiceWorld& world, const std::string& version) {
  return *world.database.pool().transact([&](pg::Tx& tx) -> Result<bool> { return store::is_current(tx, version); });
}

// Orders of checkout, which payments reads on both clusters and audits on one.
void make_shop(ServiceWorld& world) {
  auto audit = ServiceWorld::service("audit", "payments");
  audit = ServiceWorld::with(audit, "spec.consumes",
                             Value::List{Value::Map{{"stream", "orders.placed"}, {"cluster", "test"}}});
  world.make(
      world.admin,
      {ServiceWorld::service("orders", "checkout"), ServiceWorld::produced("orders.placed", "orders"),
       ServiceWorld::produced("orders.placed", "orders", "test"), ServiceWorld::stream("prices", "payments", "public"),
       ServiceWorld::service("billing", "payments", {"orders.placed with:billing-1", "prices"}), audit});
}

Texts names(const Part& part) {
  Texts out;
  for (auto& node : part.graph.nodes()) out.push_back(node.ref().text());
  return out;
}

}  // namespace

TEST_CASE("a stream's producer writes it, and a service reads what it consumes wherever that is") {
  ServiceWorld world;
  make_shop(world);
  auto graph = read(world).graph;
  CHECK(edges_of(graph) ==
        Texts{"service/orders > stream/prod/orders.placed", "service/orders > stream/test/orders.placed",
              "stream/prod/orders.placed > service/billing as billing-1",
              "stream/prod/prices > service/billing as billing", "stream/test/orders.placed > service/audit as audit",
              "stream/test/orders.placed > service/billing as billing-1"});
  auto placed = graph.node(*find(graph, Ref{"stream", "prod", "orders.placed"}));
  CHECK(placed.team == "checkout");  // through its service
  CHECK(placed.visibility == Visibility::protected_);
  auto prices = graph.node(*find(graph, Ref{"stream", "prod", "prices"}));
  CHECK(prices.team == "payments");
  CHECK(prices.visibility == Visibility::public_);
}

TEST_CASE("a version is current until a service, a stream or a team changes") {
  ServiceWorld world;
  auto empty = read(world);
  CHECK(empty.graph.nodes().empty());
  CHECK(current(world, empty.version));
  make_shop(world);
  CHECK_FALSE(current(world, empty.version));
  auto full = read(world);
  CHECK(current(world, full.version));
  world.make(world.admin, {ServiceWorld::document("Cluster", "third")});
  CHECK(current(world, full.version));
  world.make(world.admin, {ServiceWorld::service("late", "checkout")});
  CHECK_FALSE(current(world, full.version));
}

TEST_CASE("no answer is older than what was committed before the question") {
  ServiceWorld world;
  Topology topology(world.database.pool(), ChildOptions{});
  CHECK(names(*topology.part({})).empty());
  for (int i = 0; i < 5; ++i) {
    world.make(world.admin, {ServiceWorld::service("s" + std::to_string(i), "checkout")});
    CHECK(names(*topology.part({})).size() == static_cast<std::size_t>(i) + 1);
  }
}

TEST_CASE("a change that commits while an older transaction is open is not missed") {
  ServiceWorld world;
  Topology topology(world.database.pool(), ChildOptions{});
  // Holds an older transaction id than everything below, and ends after it.
  pg::Pool other({.url = Secret(world.database.url())});
  auto outcome = other.transact([&](pg::Tx& tx) -> Result<> {
    tx.exec("SELECT pg_current_xact_id()");
    make_shop(world);
    CHECK(names(*topology.part({})).size() == 6);
    world.make(world.admin, {ServiceWorld::service("late", "checkout")});
    CHECK(names(*topology.part({})).size() == 7);
    return {};
  });
  REQUIRE(outcome);
  CHECK(names(*topology.part({})).size() == 7);
}

TEST_CASE("a part is of one cluster, of a team, or around a name, and unknown ones are told") {
  ServiceWorld world;
  make_shop(world);
  Topology topology(world.database.pool(), ChildOptions{});
  CHECK(names(*topology.part(Asked{.cluster = "test"})) ==
        Texts{"service/audit", "service/billing", "service/orders", "stream/test/orders.placed"});
  CHECK(names(*topology.part(Asked{.team = "checkout", .cluster = "prod"})) ==
        Texts{"service/billing", "service/orders", "stream/prod/orders.placed"});
  CHECK(names(*topology.part(Asked{.around = Ref{"", "", "prices"}})) ==
        Texts{"service/billing", "stream/prod/prices"});
  auto both = topology.part(Asked{.around = Ref{"", "", "orders.placed"}});
  REQUIRE_FALSE(both);
  CHECK(both.error().reason == "NAME_AMBIGUOUS");
  auto team = topology.part(Asked{.team = "chekout"});
  REQUIRE_FALSE(team);
  CHECK(team.error().code == Code::not_found);
  CHECK(team.error().next == "did you mean \"checkout\"?");
  auto cluster = topology.part(Asked{.cluster = "prot"});
  REQUIRE_FALSE(cluster);
  CHECK(cluster.error().next == "did you mean \"prod\"?");
}

TEST_CASE("neighbours come with totals and the other teams, page by page") {
  ServiceWorld world;
  make_shop(world);
  Topology topology(world.database.pool(), ChildOptions{});
  PageRequest page{1, ""};
  Texts found;
  for (;;) {
    auto got = topology.neighbours(Ref{"", "", "orders"}, "", Direction::downstream, 0, page);
    REQUIRE(got);
    CHECK(got->total == 4);
    CHECK(got->teams == Texts{"payments"});
    for (auto& one : got->page.rows) found.push_back(got->graph->node(one.node).ref().text());
    if (got->page.next_token.empty()) break;
    page.token = got->page.next_token;
  }
  CHECK(found == Texts{"stream/prod/orders.placed", "stream/test/orders.placed", "service/audit", "service/billing"});
}

TEST_CASE("orphans are of a class, a team and a domain, and circles name what closes them") {
  ServiceWorld world;
  make_shop(world);
  world.make(world.admin,
             {ServiceWorld::produced("bills", "billing"), ServiceWorld::service("orders", "checkout", {"bills"})});
  Topology topology(world.database.pool(), ChildOptions{});
  auto unwritten = topology.orphans("no-writer", {}, {});
  REQUIRE(unwritten);
  REQUIRE(unwritten->page.rows.size() == 1);
  CHECK(unwritten->graph->node(unwritten->page.rows[0].node).name == "prices");
  CHECK(topology.orphans("", Asked{.team = "checkout"}, {})->page.rows.empty());
  auto odd = topology.orphans("no-reeder", {}, {});
  REQUIRE_FALSE(odd);
  CHECK(odd.error().next == "did you mean \"no-reader\"?");
  auto circles = topology.cycles("prod", {});
  REQUIRE(circles);
  REQUIRE(circles->page.rows.size() == 1);
  CHECK(circles->page.rows[0].nodes.size() == 4);
  CHECK(circles->page.rows[0].closing.size() == 1);
}

TEST_CASE("text and Mermaid need no process, and a picture is the whole file") {
  ServiceWorld world;
  make_shop(world);
  auto beside = (std::filesystem::read_symlink("/proc/self/exe").parent_path() / "edad").string();
  Topology topology(world.database.pool(), ChildOptions{.program = beside});
  auto text = topology.render({.asked = {.cluster = "prod"}, .format = Format::text, .width = 80});
  REQUIRE(text);
  CHECK(text->bytes.starts_with("[orders]  checkout\n└─▶ orders.placed  checkout\n    └─▶ [billing]  payments\n"));
  auto mermaid = topology.render({.asked = {}, .format = Format::mermaid});
  REQUIRE(mermaid);
  CHECK(mermaid->bytes.starts_with("flowchart LR\n"));
  CHECK(mermaid->engine.empty());
  auto svg = topology.render({.asked = {}, .format = Format::svg});
  REQUIRE(svg);
  CHECK(svg->bytes.ends_with("</svg>\n"));
  CHECK(svg->content_type == "image/svg+xml");
  CHECK(svg->engine == "dot");
  auto png = topology.render({.asked = {}, .format = Format::png});
  REQUIRE(png);
  CHECK(png->bytes.starts_with("\x89PNG"));
  CHECK(topology.render({.asked = {}, .format = Format::dot})->bytes.starts_with("digraph topology {"));
}
