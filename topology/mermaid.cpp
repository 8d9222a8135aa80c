#include "topology/mermaid.h"

#include <fmt/format.h>

#include <map>
#include <set>

#include "platform/text/unicode.h"
#include "topology/cycles.h"
#include "topology/label.h"

namespace eda::topology {

namespace {

// Letters, digits and what names have; everything else by its number, which Mermaid shows and does not read.
std::string quoted(std::string_view name) {
  std::string out = "\"";
  auto clean = cleaned(name, label_columns);
  for (std::size_t at = 0; at < clean.size();) {
    auto next = text::decode(std::string_view(clean).substr(at));
    auto c = next.code_point;
    bool plain = c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' ||
                 c == '_' || c == '-' || c == ' ';
    if (plain) {
      out.append(clean, at, next.bytes);
    } else {
      out += fmt::format("#{};", static_cast<std::uint32_t>(c));
    }
    at += next.bytes;
  }
  return out + "\"";
}

// Of a word that a label is made of: without its quotes.
std::string inside(std::string_view text) {
  auto whole = quoted(text);
  return whole.substr(1, whole.size() - 2);
}

std::string node_line(const Node& node, NodeIndex at) {
  auto note = note_of(node);
  auto label = "\"" + inside(node.name) + (note.empty() ? "" : "<br/>" + inside(note)) + "\"";
  bool service = node.kind == NodeKind::service;
  std::string style = service ? "service" : std::string(visibility_word(node.visibility)) + "Stream";
  return fmt::format("    n{}{}{}{}:::{}\n", at, service ? "[" : "([", label, service ? "]" : "])", style);
}

Error limit(const std::string& what) {
  return Error(Code::exhausted, "MERMAID_LIMIT", what,
               "narrow it with --team, --domain or --around, or draw it with -o svg");
}

constexpr std::string_view styles =
    "  classDef service fill:#dce9f7,stroke:#2b5c8a,color:#1b1f24\n"
    "  classDef publicStream fill:#fffdf5,stroke:#8a6d1d,color:#1b1f24\n"
    "  classDef protectedStream fill:#f3e6bd,stroke:#8a6d1d,color:#1b1f24\n"
    "  classDef privateStream fill:#d9bf78,stroke:#8a6d1d,color:#1b1f24\n";

}  // namespace

Result<std::string> mermaid(const Part& part) {
  auto& graph = part.graph;
  if (graph.edges().size() > mermaid_edges) {
    return fail(limit(
        fmt::format("this part has {} edges, and Mermaid draws at most {}", graph.edges().size(), mermaid_edges)));
  }
  std::map<std::string, std::string> teams;
  for (NodeIndex at = 0; at < graph.nodes().size(); ++at) {
    teams[graph.node(at).team] += node_line(graph.node(at), at);
  }
  std::string out = "flowchart LR\n";
  std::size_t number = 0;
  for (auto& [team, lines] : teams) {
    auto title = team.empty() ? std::string("\"no owner\"") : quoted(team);
    out += fmt::format("  subgraph t{}[{}]\n{}  end\n", number++, title, lines);
  }
  auto feedback = feedback_edges(graph);
  std::set<EdgeIndex> closing(feedback.begin(), feedback.end());
  for (EdgeIndex at = 0; at < graph.edges().size(); ++at) {
    auto& edge = graph.edge(at);
    auto arrow = closing.contains(at) ? "-.->" : edge.kind == EdgeKind::writes ? "==>" : "-->";
    out += fmt::format("  n{} {} n{}\n", edge.from, arrow, edge.to);
  }
  out += styles;
  if (out.size() > mermaid_bytes) {
    return fail(
        limit(fmt::format("this part takes {} characters, and Mermaid reads at most {}", out.size(), mermaid_bytes)));
  }
  return out;
}

}  // namespace eda::topology
