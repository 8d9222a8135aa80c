// The graph and what is read from it: ways, orphans, circles, selections.

#include <catch2/catch.hpp>
#include <chrono>
#include <random>
#include <set>

#include "tests/topology/graphs.h"
#include "topology/cycles.h"
#include "topology/question.h"
#include "topology/selection.h"

using namespace eda;
using namespace eda::topology;
using test::name_at;
using test::place_of;
using test::sketch;

namespace {

using Names = std::vector<std::string>;

Names names_of(const Graph& graph) {
  Names out;
  for (auto& node : graph.nodes()) out.push_back(node.name);
  return out;
}

Names ways(const Graph& graph, const std::string& from, Direction direction, std::uint32_t hops = 0) {
  Names out;
  for (auto& reached : reach(graph, place_of(graph, from), direction, hops))
    out.push_back(std::to_string(reached.hops) + " " + name_at(graph, reached.node));
  return out;
}

Names closing(const Graph& graph) {
  Names out;
  for (auto at : feedback_edges(graph))
    out.push_back(name_at(graph, graph.edge(at).from) + ">" + name_at(graph, graph.edge(at).to));
  return out;
}

bool acyclic_without(const Graph& graph, const std::vector<EdgeIndex>& cut) {
  std::set<EdgeIndex> gone(cut.begin(), cut.end());
  std::vector<Edge> left;
  for (EdgeIndex at = 0; at < graph.edges().size(); ++at) {
    if (!gone.contains(at)) left.push_back(graph.edge(at));
  }
  return cycles(Graph(graph.nodes(), left)).empty();
}

// Services and streams in a ring and random edges between them.
Graph random_graph(std::size_t size, std::size_t edges, unsigned seed) {
  std::mt19937 dice(seed);
  test::Sketch out;
  std::vector<std::string> services, streams;
  for (std::size_t i = 0; i < size / 2; ++i) {
    services.push_back("s" + std::to_string(i));
    streams.push_back("t." + std::to_string(i));
    out.alone(services.back()).alone(streams.back());
  }
  for (std::size_t i = 0; i < edges; ++i) {
    auto& service = services[dice() % services.size()];
    auto& stream = streams[dice() % streams.size()];
    dice() % 2 == 0 ? out.flow(service, stream) : out.flow(stream, service);
  }
  return out.graph();
}

}  // namespace

TEST_CASE("nodes stand by kind, cluster and name, whatever their order was, and twice is once") {
  auto graph = sketch({"b>x.b>a", "a>x.a", "b>x.b"}).graph();
  CHECK(names_of(graph) == Names{"a", "b", "x.a", "x.b"});
  CHECK(graph.edges().size() == 3);
  auto again = sketch({"a>x.a", "b>x.b>a"}).graph();
  CHECK(again.edges() == graph.edges());
  CHECK(names_of(again) == names_of(graph));
}

TEST_CASE("what follows and what leads there is told nearest first, up to the hops that were asked") {
  auto graph = sketch({"a>x.1>b>x.2>c", "a>x.3>c"}).graph();
  CHECK(ways(graph, "a", Direction::downstream) == Names{"1 x.1", "1 x.3", "2 b", "2 c", "3 x.2"});
  CHECK(ways(graph, "a", Direction::downstream, 1) == Names{"1 x.1", "1 x.3"});
  CHECK(ways(graph, "c", Direction::upstream, 2) == Names{"1 x.2", "1 x.3", "2 a", "2 b"});
  CHECK(ways(graph, "a", Direction::upstream).empty());
}

TEST_CASE("a circle does not lead back to where one began") {
  auto graph = sketch({"a>x.1>b>x.2>a"}).graph();
  CHECK(ways(graph, "a", Direction::downstream) == Names{"1 x.1", "2 b", "3 x.2"});
}

TEST_CASE("a name is found among services and streams, and told apart where it is both or on two clusters") {
  auto drawing = sketch({"a>x.1"});
  drawing.alone("x.1b");
  drawing.at("x.1b").cluster = "prod";
  drawing.at("x.1b").name = "x.1";
  drawing.alone("twin").alone("twin.stream");
  drawing.at("twin.stream").name = "twin";
  auto graph = drawing.graph();
  CHECK(find(graph, Ref{"", "", "a"}));
  CHECK(find(graph, Ref{"stream", "prod", "x.1"}));
  CHECK(find(graph, Ref{"", "prod", "x.1"}));
  CHECK(find(graph, Ref{"service", "prod", "a"}));
  auto both = find(graph, Ref{"", "", "x.1"});
  REQUIRE_FALSE(both);
  CHECK(both.error().reason == "NAME_AMBIGUOUS");
  CHECK(both.error().message == "x.1 may be stream/local/x.1 or stream/prod/x.1");
  auto kinds = find(graph, Ref{"", "", "twin"});
  REQUIRE_FALSE(kinds);
  CHECK(kinds.error().next == "write which: service/twin");
  auto typo = find(graph, Ref{"service", "", "twim"});
  REQUIRE_FALSE(typo);
  CHECK(typo.error().code == Code::not_found);
  CHECK(typo.error().next == "did you mean \"twin\"?");
}

TEST_CASE("each way of standing apart is a class of its own") {
  auto drawing = sketch({"a>x.ok>b", "a>x.unread", "x.unwritten>b", "idle", "x.lone"});
  drawing.at("x.lone").team = "";
  auto graph = drawing.graph();
  Names found;
  for (auto& orphan : orphans(graph))
    found.push_back(std::string(orphan_word(orphan.kind)) + " " + name_at(graph, orphan.node));
  CHECK(found == Names{"no-writer x.lone", "no-writer x.unwritten", "no-reader x.lone", "no-reader x.unread",
                       "no-edge idle", "no-owner x.lone"});
}

TEST_CASE("circles are found with their members, and cutting the closing edges leaves none") {
  struct Case {
    Names chains;
    std::size_t circles;
    Names cut;
  };
  for (auto& each : std::vector<Case>{{{"a>x.1>b"}, 0, {}},
                                      {{"a>x.1>a"}, 1, {"x.1>a"}},
                                      {{"a>x.1>b>x.2>a", "b>x.3>c"}, 1, {"x.2>a"}},
                                      {{"a>x.1>b>x.2>a", "c>x.3>d>x.4>c"}, 2, {"x.2>a", "x.4>c"}}}) {
    auto graph = sketch(each.chains).graph();
    INFO(each.chains.front());
    CHECK(cycles(graph).size() == each.circles);
    CHECK(closing(graph).size() == each.cut.size());
    for (auto cut : feedback_edges(graph)) CHECK(graph.edge(cut).kind == EdgeKind::reads);
    CHECK(acyclic_without(graph, feedback_edges(graph)));
  }
  for (unsigned seed = 0; seed < 50; ++seed) {
    auto graph = random_graph(40, 80, seed);
    auto cut = feedback_edges(graph);
    INFO(seed);
    CHECK(acyclic_without(graph, cut));
    CHECK(cut.size() <= graph.edges().size() / 2);
    CHECK(cut == feedback_edges(random_graph(40, 80, seed)));
  }
}

TEST_CASE("a circle of a hundred thousand is no deep recursion") {
  test::Sketch ring;
  constexpr int size = 50'000;
  for (int i = 0; i < size; ++i) {
    auto stream = "x." + std::to_string(i);
    ring.flow("s" + std::to_string(i), stream).flow(stream, "s" + std::to_string((i + 1) % size));
  }
  auto graph = ring.graph();
  REQUIRE(cycles(graph).size() == 1);
  CHECK(cycles(graph).front().size() == 2 * size);
  CHECK(feedback_edges(graph).size() == 1);
}

TEST_CASE("a selection is what was asked for and what stands beside it") {
  auto drawing = sketch({"a>x.1>b>x.2>c>x.3>d"});
  for (auto name : {"a", "x.1"}) drawing.at(name).team = "first";
  for (auto name : {"b", "x.2", "c"}) drawing.at(name).domain = "middle";
  auto graph = drawing.graph();
  Selection team{Selection::Of::team, "first"};
  CHECK(names_of(select(graph, team).graph) == Names{"a", "b", "x.1"});
  Selection domain{Selection::Of::domain, "middle"};
  CHECK(names_of(select(graph, domain).graph) == Names{"b", "c", "x.1", "x.2", "x.3"});
  Selection around{Selection::Of::around, "", place_of(graph, "b"), 1, 2};
  auto part = select(graph, around);
  CHECK(names_of(part.graph) == Names{"b", "c", "x.1", "x.2"});
  CHECK(name_at(part.graph, *part.centre) == "b");
  around.up = around.down = 0;
  CHECK(names_of(select(graph, around).graph) == Names{"b"});
}

TEST_CASE("a limit keeps the nearest and most connected, and counts what it leaves out") {
  auto graph = sketch({"hub>x.1>a", "hub>x.2>b", "hub>x.3>c", "far>x.4>d"}).graph();
  Selection all;
  all.limit = 4;
  auto part = select(graph, all);
  CHECK(part.graph.nodes().size() == 4);
  CHECK(names_of(part.graph) == Names{"hub", "x.1", "x.2", "x.3"});
  CHECK(part.nodes_in_all == 10);
  CHECK(part.edges_in_all == 8);
  CHECK(part.graph.edges().size() == 3);
  CHECK_FALSE(part.whole());
  CHECK(title_of(all, part) == "everything: 4 of 10 services and streams, 3 of 8 declared edges");
  all.limit = 0;
  CHECK(select(graph, all).whole());
}

TEST_CASE("questions that contradict themselves or reach too far are refused with what to do") {
  auto graph = sketch({"a>x.1>b"}).graph();
  struct Case {
    Asked asked;
    std::string reason;
  };
  for (auto& each : std::vector<Case>{{{.team = "t", .domain = "d"}, "SELECTION_CLASH"},
                                      {{.team = "t", .around = Ref{"", "", "a"}}, "SELECTION_CLASH"},
                                      {{.domain = "nowhere"}, "DOMAIN_UNKNOWN"},
                                      {{.around = Ref{"", "", "z"}}, "OBJECT_UNKNOWN"},
                                      {{.up = 1001}, "HOPS_RANGE"},
                                      {{.max_nodes = 0}, "NODES_RANGE"},
                                      {{.max_nodes = 5001}, "NODES_RANGE"}}) {
    auto got = resolve(graph, each.asked, default_nodes, max_drawn_nodes);
    REQUIRE_FALSE(got);
    CHECK(got.error().reason == each.reason);
    CHECK_FALSE(got.error().next.empty());
  }
  CHECK(resolve(graph, Asked{.around = Ref{"", "", "a"}}, default_nodes, max_drawn_nodes)->up == default_hops);
  CHECK(resolve(graph, Asked{}, 0, 0)->limit == 0);
}

TEST_CASE("pages follow each other without a gap, and a token of somebody else is refused") {
  auto graph = random_graph(60, 20, 7);
  auto rows = orphans(graph);
  auto key = [&](const Orphan& orphan) {
    return Key{static_cast<std::uint64_t>(orphan.kind), graph.node(orphan.node).ref()};
  };
  std::size_t seen = 0;
  for (PageRequest request{7, ""};;) {
    auto page = page_of(rows, request, key);
    REQUIRE(page);
    for (auto& row : page->rows) CHECK(key(row) == key(rows[seen++]));
    if (page->next_token.empty()) break;
    request.token = page->next_token;
  }
  CHECK(seen == rows.size());
  for (auto token : {"x", "1", "1\n", "1\na\nb", "99999999999999999999\na\nb\nc", "1\na\nb\nc\nd"}) {
    auto page = page_of(rows, PageRequest{5, token}, key);
    REQUIRE_FALSE(page);
    CHECK(page.error().reason == "PAGE_TOKEN");
  }
}

TEST_CASE("numbers are grouped for reading") {
  CHECK(grouped(0) == "0");
  CHECK(grouped(999) == "999");
  CHECK(grouped(4812) == "4,812");
  CHECK(grouped(1234567) == "1,234,567");
}

TEST_CASE("everything grows no faster than the graph") {
  auto seconds = [](std::size_t size) {
    auto graph = random_graph(size, size * 3 / 2, 1);
    auto best = 1e9;
    for (int turn = 0; turn < 5; ++turn) {
      auto began = std::chrono::steady_clock::now();
      auto found = cycles(graph).size() + feedback_edges(graph).size() + orphans(graph).size() +
                   reach(graph, 0, Direction::downstream).size() + select(graph, {}).graph.nodes().size();
      CHECK(found > 0);
      best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
    }
    return best;
  };
  auto small = seconds(4'000), large = seconds(64'000);
  INFO(small << " s, sixteen times the size: " << large << " s");
  CHECK(large < small * 64);  // linear is 16, with caches that no longer hold it; n^2 would be 256
}
