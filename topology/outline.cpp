#include "topology/outline.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>

#include "platform/text/unicode.h"
#include "topology/label.h"

namespace eda::topology {

namespace {

constexpr std::size_t least_width = 40;
constexpr std::size_t step = 4;            // columns of one step to the right
constexpr std::size_t room_for_name = 24;  // columns that a name has at least
constexpr std::size_t deepest = 64;        // steps where the width sets no limit

class Outline {
 public:
  Outline(const Graph& graph, Direction direction, std::size_t width)
      : graph_(graph), direction_(direction), width_(width), shown_(graph.nodes().size(), false) {
    auto least = width_ == 0 ? 0 : std::max(width_, least_width);
    width_ = least;
    depth_ = width_ == 0 ? deepest : (width_ - room_for_name) / step;
  }

  void tree(NodeIndex root) {
    waiting_.push_back(root);
    while (!waiting_.empty()) {
      auto next = waiting_.front();
      waiting_.pop_front();
      if (shown_[next]) continue;
      line("", next, "");
      branch(next);
    }
  }
  bool shown(NodeIndex node) const { return shown_[node]; }
  std::string take() { return std::move(out_); }

 private:
  struct Level {
    std::vector<NodeIndex> children;
    std::size_t next = 0;
  };

  std::vector<NodeIndex> children(NodeIndex node) const {
    bool down = direction_ == Direction::downstream;
    std::vector<NodeIndex> found;
    for (auto edge : down ? graph_.out(node) : graph_.in(node)) {
      found.push_back(down ? graph_.edge(edge).to : graph_.edge(edge).from);
    }
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
  }

  void line(const std::string& prefix, NodeIndex node, std::string_view mark) {
    auto& it = graph_.node(node);
    shown_[node] = true;
    auto name = cleaned(it.name, 1000);
    auto text = prefix + (it.kind == NodeKind::service ? "[" + name + "]" : name);
    if (mark.empty()) {
      auto note = note_of(it);
      if (!it.team.empty()) text += "  " + it.team;
      if (!note.empty()) text += " (" + note + ")";
    } else {
      text += mark;
    }
    text = cleaned(text, 4000);
    out_ += (width_ == 0 ? text : text::cut(text, width_)) + "\n";
  }

  void branch(NodeIndex root) {
    std::vector<Level> levels{{children(root)}};
    auto arrow = direction_ == Direction::downstream ? "─▶ " : "─◀ ";
    while (!levels.empty()) {
      auto& level = levels.back();
      if (level.next == level.children.size()) {
        levels.pop_back();
        continue;
      }
      auto child = level.children[level.next++];
      std::string prefix;
      for (std::size_t i = 0; i + 1 < levels.size(); ++i)
        prefix += levels[i].next < levels[i].children.size() ? "│   " : "    ";
      prefix += (level.next < level.children.size() ? "├" : "└") + std::string(arrow);
      auto below = children(child);
      if (shown_[child]) {
        line(prefix, child, below.empty() ? "" : " ↑");
      } else if (!below.empty() && levels.size() >= depth_) {
        line(prefix, child, " ↓");
        shown_[child] = false;
        waiting_.push_back(child);
      } else {
        line(prefix, child, "");
        levels.push_back({std::move(below)});
      }
    }
  }

  const Graph& graph_;
  Direction direction_;
  std::size_t width_;
  std::size_t depth_ = deepest;
  std::vector<bool> shown_;
  std::deque<NodeIndex> waiting_;
  std::string out_;
};

std::string around(const Graph& graph, NodeIndex centre, std::size_t width) {
  std::string out;
  for (auto direction : {Direction::upstream, Direction::downstream}) {
    bool up = direction == Direction::upstream;
    if ((up ? graph.in(centre) : graph.out(centre)).empty()) {
      out += up ? "nothing leads to it\n" : "nothing follows from it\n";
    } else {
      Outline outline(graph, direction, width);
      outline.tree(centre);
      out += outline.take();
    }
    if (up) out += "\n";
  }
  return out;
}

}  // namespace

std::string outline(const Part& part, std::size_t width) {
  auto& graph = part.graph;
  if (part.centre) return around(graph, *part.centre, width);
  Outline outline(graph, Direction::downstream, width);
  auto count = static_cast<NodeIndex>(graph.nodes().size());
  for (NodeIndex at = 0; at < count; ++at) {
    if (graph.in(at).empty() && !graph.out(at).empty()) outline.tree(at);
  }
  // What is left are circles, and what stands alone.
  for (NodeIndex at = 0; at < count; ++at) {
    if (graph.degree(at) > 0 && !outline.shown(at)) outline.tree(at);
  }
  for (NodeIndex at = 0; at < count; ++at) {
    if (graph.degree(at) == 0) outline.tree(at);
  }
  return outline.take();
}

}  // namespace eda::topology
