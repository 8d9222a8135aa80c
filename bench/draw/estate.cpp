// An organisation of any size, drawn from a fixed seed: bench_estate NODES [svg|png|dot] [light|dark] prints the
// drawing that edad would hand to the process that draws; bench_estate NODES plain prints the same graph as DOT text,
// as somebody without edad would write it for dot.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <random>
#include <string>

#include "topology/drawing.h"

using namespace eda::topology;

namespace {

class Dice {
 public:
  // Not std::uniform_…: these are the same with every library.
  double unit() { return static_cast<double>(engine_() % 1'000'003) / 1'000'003; }
  std::uint32_t below(std::size_t count) { return static_cast<std::uint32_t>(unit() * static_cast<double>(count)); }

 private:
  std::mt19937_64 engine_{20261127};
};

struct Estate {
  std::vector<Node> nodes;
  std::vector<Edge> edges;
};

// Two in five are services; teams of eight services on average, some much larger; a stream has one writer. A service
// reads one to six streams, three of four from its own team, few of them from later in the flow, some streams much more
// often than others.
Estate estate(std::size_t size) {
  Dice dice;
  auto services = std::max<std::size_t>(1, size * 2 / 5), streams = size - services;
  Estate out;
  std::vector<std::string> team_of;
  for (std::size_t team = 0; team_of.size() < services; ++team) {
    auto members = static_cast<std::size_t>(4 * std::pow(1 - dice.unit(), -0.5));
    for (std::size_t i = 0; i < std::max<std::size_t>(1, members) && team_of.size() < services; ++i)
      team_of.push_back(fmt::format("team-{:03}", team));
  }
  for (std::size_t i = 0; i < services; ++i)
    out.nodes.push_back({NodeKind::service, "", fmt::format("service-{:05}", i), team_of[i], "", Visibility::none, {}});
  for (std::size_t i = 0; i < streams; ++i) {
    auto writer = std::min(services - 1, i * services / streams);
    auto visibility = static_cast<Visibility>(1 + dice.below(3));
    std::vector<std::string> tags;
    if (dice.unit() < 0.1) tags.emplace_back("pii");
    if (dice.unit() < 0.03) tags.emplace_back("deprecated");
    out.nodes.push_back(
        {NodeKind::stream, "prod", fmt::format("stream.{:05}", i), team_of[writer], "", visibility, tags});
    out.edges.push_back({static_cast<NodeIndex>(writer), static_cast<NodeIndex>(services + i), EdgeKind::writes, ""});
  }
  for (std::size_t reader = 1; reader < services && streams > 0; ++reader) {
    auto reads = 1 + static_cast<std::size_t>(2.2 * dice.unit() * dice.unit() * 3);
    for (std::size_t i = 0; i < reads; ++i) {
      auto written_before = std::max<std::size_t>(1, reader * streams / services);
      bool feedback = dice.unit() < 0.05, near = dice.unit() < 0.75;
      auto stream = feedback ? dice.below(streams)
                    : near   ? written_before - 1 - std::min<std::size_t>(written_before - 1, dice.below(12))
                             : static_cast<std::size_t>(std::pow(dice.unit(), 3) * static_cast<double>(written_before));
      out.edges.push_back({static_cast<NodeIndex>(services + std::min(stream, streams - 1)),
                           static_cast<NodeIndex>(reader), EdgeKind::reads, ""});
    }
  }
  return out;
}

std::string plain(const Graph& graph) {
  std::string out = "digraph {\n  rankdir=LR\n";
  std::string team;
  std::vector<NodeIndex> order;
  for (NodeIndex at = 0; at < graph.nodes().size(); ++at) {
    auto& node = graph.node(at);
    out += fmt::format("  n{} [label=\"{}\" shape={}]\n", at, node.name,
                       node.kind == NodeKind::service ? "box" : "cylinder");
  }
  for (auto& edge : graph.edges()) out += fmt::format("  n{} -> n{}\n", edge.from, edge.to);
  return out + "}\n";
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> words(argv + 1, argv + argc);
  auto size = words.empty() ? 0 : std::strtoul(words[0].c_str(), nullptr, 10);
  if (size == 0) return std::fputs("usage: bench_estate NODES [svg|png|dot|plain] [light|dark]\n", stderr), 2;
  auto made = estate(size);
  Part part;
  part.graph = Graph(std::move(made.nodes), std::move(made.edges));
  std::string format = words.size() > 1 ? words[1] : "svg";
  std::string text;
  if (format == "plain") {
    text = plain(part.graph);
  } else {
    auto picture = format == "png" ? Picture::png : format == "dot" ? Picture::dot : Picture::svg;
    auto theme = words.size() > 2 && words[2] == "dark" ? Theme::dark : Theme::light;
    text = encode(make_drawing(part, fmt::format("{} services and streams", size), picture, theme));
  }
  std::fwrite(text.data(), 1, text.size(), stdout);
  return 0;
}
