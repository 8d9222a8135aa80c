#include "topology/cycles.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <span>

namespace eda::topology {

namespace {

constexpr NodeIndex none = std::numeric_limits<NodeIndex>::max();

// Arcs between numbers: what is left of a graph where only its shape counts.
class Net {
 public:
  struct Arc {
    NodeIndex from, to;
  };
  Net(std::size_t nodes, const std::vector<Arc>& arcs) : out_(arcs.size()), in_(arcs.size()) {
    out_begin_.assign(nodes + 1, 0);
    in_begin_.assign(nodes + 1, 0);
    for (auto& arc : arcs) {
      ++out_begin_[arc.from + 1];
      ++in_begin_[arc.to + 1];
    }
    std::partial_sum(out_begin_.begin(), out_begin_.end(), out_begin_.begin());
    std::partial_sum(in_begin_.begin(), in_begin_.end(), in_begin_.begin());
    auto next_out = out_begin_, next_in = in_begin_;
    for (auto& arc : arcs) {
      out_[next_out[arc.from]++] = arc.to;
      in_[next_in[arc.to]++] = arc.from;
    }
  }
  std::size_t size() const { return out_begin_.size() - 1; }
  std::span<const NodeIndex> out(NodeIndex at) const { return slice(out_, out_begin_, at); }
  std::span<const NodeIndex> in(NodeIndex at) const { return slice(in_, in_begin_, at); }

 private:
  static std::span<const NodeIndex> slice(const std::vector<NodeIndex>& list, const std::vector<std::uint32_t>& begin,
                                          NodeIndex at) {
    return std::span(list).subspan(begin[at], begin[at + 1] - begin[at]);
  }
  std::vector<NodeIndex> out_, in_;
  std::vector<std::uint32_t> out_begin_, in_begin_;
};

// Tarjan's algorithm with a stack of its own, for a chain of services may be long.
class Components {
 public:
  explicit Components(const Net& net)
      : net_(net), order_(net.size(), none), low_(order_.size()), on_stack_(order_.size(), false) {
    for (NodeIndex at = 0; at < order_.size(); ++at) {
      if (order_[at] == none) visit(at);
    }
    std::sort(found_.begin(), found_.end());
  }
  std::vector<std::vector<NodeIndex>> take() { return std::move(found_); }

 private:
  struct Frame {
    NodeIndex node;
    std::size_t next = 0;  ///< which of the edges that leave it is to be followed
  };

  void enter(NodeIndex node) {
    order_[node] = low_[node] = counter_++;
    stack_.push_back(node);
    on_stack_[node] = true;
    frames_.push_back({node});
  }

  void visit(NodeIndex start) {
    enter(start);
    while (!frames_.empty()) {
      auto& frame = frames_.back();
      auto node = frame.node;
      auto targets = net_.out(node);
      if (frame.next < targets.size()) {
        auto to = targets[frame.next++];
        if (order_[to] == none) {
          enter(to);
        } else if (on_stack_[to]) {
          low_[node] = std::min(low_[node], order_[to]);
        }
        continue;
      }
      frames_.pop_back();
      if (!frames_.empty()) low_[frames_.back().node] = std::min(low_[frames_.back().node], low_[node]);
      if (low_[node] == order_[node]) close(node);
    }
  }

  void close(NodeIndex root) {
    std::vector<NodeIndex> component;
    for (NodeIndex node = none; node != root;) {
      node = stack_.back();
      stack_.pop_back();
      on_stack_[node] = false;
      component.push_back(node);
    }
    if (component.size() < 2) return;
    std::sort(component.begin(), component.end());
    found_.push_back(std::move(component));
  }

  const Net& net_;
  std::vector<NodeIndex> order_, low_;
  std::vector<bool> on_stack_;
  std::vector<NodeIndex> stack_;
  std::vector<Frame> frames_;
  NodeIndex counter_ = 0;
  std::vector<std::vector<NodeIndex>> found_;
};

// Puts the nodes of one strongly connected set into a row with few edges against its direction: what has no more edge
// out goes to the end, what has none in to the beginning, else the one with the most edges out over those in. Nodes
// wait in lists by that difference, so each edge is looked at a constant number of times.
class Row {
 public:
  Row(const Net& net, const std::vector<NodeIndex>& members, const std::vector<std::uint32_t>& set_of,
      std::vector<std::uint32_t>& position)
      : net_(net), members_(members), set_of_(set_of), position_(position), set_(set_of[members.front()]) {
    std::size_t most = 0;
    for (NodeIndex i = 0; i < members.size(); ++i) {
      position[members[i]] = i;  // for the time being: the place among the members
      State state;
      for (auto to : net.out(members[i])) state.out += inside(to);
      for (auto from : net.in(members[i])) state.in += inside(from);
      most = std::max<std::size_t>(most, std::max(state.out, state.in));
      states_.push_back(state);
    }
    offset_ = static_cast<std::ptrdiff_t>(most);
    heads_.assign(2 * most + 1 + 2, none);
    for (NodeIndex i = static_cast<NodeIndex>(members.size()); i-- > 0;) link(i);
  }

  /// Leaves each member's place in the row in `position`.
  void settle() {
    std::vector<NodeIndex> begin, end;
    for (std::size_t left = members_.size(); left > 0; --left) {
      if (auto sink = head(sinks()); sink != none) {
        end.push_back(sink);
        remove(sink);
      } else if (auto source = head(sources()); source != none) {
        begin.push_back(source);
        remove(source);
      } else {
        while (heads_[top_] == none) --top_;
        begin.push_back(heads_[top_]);
        remove(heads_[top_]);
      }
    }
    begin.insert(begin.end(), end.rbegin(), end.rend());
    std::vector<std::uint32_t> places(members_.size());
    for (std::uint32_t at = 0; at < begin.size(); ++at) places[begin[at]] = at;
    for (NodeIndex i = 0; i < members_.size(); ++i) position_[members_[i]] = places[i];
  }

 private:
  struct State {
    std::uint32_t in = 0, out = 0;
    std::size_t list = 0;
    NodeIndex before = none, after = none;
    bool gone = false;
  };

  std::uint32_t inside(NodeIndex node) const { return set_of_[node] == set_ ? 1 : 0; }
  std::size_t sinks() const { return heads_.size() - 2; }
  std::size_t sources() const { return heads_.size() - 1; }
  NodeIndex head(std::size_t list) const { return heads_[list]; }

  void link(NodeIndex i) {
    auto& state = states_[i];
    if (state.out == 0) {
      state.list = sinks();
    } else if (state.in == 0) {
      state.list = sources();
    } else {
      state.list = static_cast<std::size_t>(offset_ + static_cast<std::ptrdiff_t>(state.out) - state.in);
      top_ = std::max(top_, state.list);
    }
    state.before = none;
    state.after = heads_[state.list];
    if (state.after != none) states_[state.after].before = i;
    heads_[state.list] = i;
  }

  void unlink(NodeIndex i) {
    auto& state = states_[i];
    (state.before == none ? heads_[state.list] : states_[state.before].after) = state.after;
    if (state.after != none) states_[state.after].before = state.before;
  }

  void remove(NodeIndex i) {
    unlink(i);
    states_[i].gone = true;
    auto relink = [&](NodeIndex node, std::uint32_t State::*count) {
      if (inside(node) == 0 || states_[position_[node]].gone) return;
      unlink(position_[node]);
      --(states_[position_[node]].*count);
      link(position_[node]);
    };
    for (auto to : net_.out(members_[i])) relink(to, &State::in);
    for (auto from : net_.in(members_[i])) relink(from, &State::out);
  }

  const Net& net_;
  const std::vector<NodeIndex>& members_;
  const std::vector<std::uint32_t>& set_of_;
  std::vector<std::uint32_t>& position_;
  std::uint32_t set_;
  std::vector<State> states_;     ///< by place among the members
  std::vector<NodeIndex> heads_;  ///< of the lists, by difference; then sinks, then sources
  std::ptrdiff_t offset_ = 0;
  std::size_t top_ = 0;  ///< no list above it holds anything
};

// A stream with one writer counts as a part of it, so that only its readings can be cut: that is where a circle is
// closed, and streams stay beside what writes them.
std::vector<NodeIndex> joined_with_writers(const Graph& graph) {
  std::vector<NodeIndex> part_of(graph.nodes().size());
  for (NodeIndex at = 0; at < part_of.size(); ++at) {
    bool has_writer = graph.node(at).kind == NodeKind::stream && graph.in(at).size() == 1;
    part_of[at] = has_writer ? graph.edge(graph.in(at).front()).from : at;
  }
  return part_of;
}

}  // namespace

std::vector<std::vector<NodeIndex>> cycles(const Graph& graph) {
  std::vector<Net::Arc> arcs;
  for (auto& edge : graph.edges()) arcs.push_back({edge.from, edge.to});
  Net net(graph.nodes().size(), arcs);
  return Components(net).take();
}

std::vector<EdgeIndex> feedback_edges(const Graph& graph) {
  auto part_of = joined_with_writers(graph);
  std::vector<Net::Arc> arcs;
  for (auto& edge : graph.edges()) {
    if (part_of[edge.from] != part_of[edge.to]) arcs.push_back({part_of[edge.from], part_of[edge.to]});
  }
  Net net(graph.nodes().size(), arcs);
  auto sets = Components(net).take();
  std::vector<std::uint32_t> set_of(net.size(), 0), position(net.size(), 0);
  for (std::uint32_t at = 0; at < sets.size(); ++at) {
    for (auto node : sets[at]) set_of[node] = at + 1;
  }
  for (auto& set : sets) Row(net, set, set_of, position).settle();
  std::vector<EdgeIndex> found;
  for (EdgeIndex at = 0; at < graph.edges().size(); ++at) {
    auto& edge = graph.edge(at);
    auto from = part_of[edge.from], to = part_of[edge.to];
    bool to_itself = from == to && edge.kind == EdgeKind::reads;  // a service that reads what it writes
    bool within = from != to && set_of[from] != 0 && set_of[from] == set_of[to];
    if (to_itself || (within && position[from] >= position[to])) found.push_back(at);
  }
  return found;
}

}  // namespace eda::topology
