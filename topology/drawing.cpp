#include "topology/drawing.h"

#include <fmt/format.h>

#include <charconv>
#include <map>
#include <set>

#include "topology/cycles.h"
#include "topology/label.h"

namespace eda::topology {

std::string_view engine_word(Engine engine) {
  switch (engine) {
    case Engine::dot:
      return "dot";
    case Engine::dot_flat:
      return "dot-flat";
    case Engine::sfdp:
      break;
  }
  return "sfdp";
}

namespace {

std::string tooltip_of(const Node& node) {
  std::string out = fmt::format("{} {}", kind_word(node.kind), node.name);
  if (!node.cluster.empty()) out += " on " + node.cluster;
  out += node.team.empty() ? " · no owner" : " · team " + node.team;
  if (!node.domain.empty()) out += " · domain " + node.domain;
  if (node.visibility != Visibility::none) out += fmt::format(" · {}", visibility_word(node.visibility));
  for (auto& tag : node.tags) out += " · " + tag;
  return cleaned(out, tooltip_columns);
}

std::string tooltip_of(const Graph& graph, const Edge& edge) {
  auto& from = graph.node(edge.from);
  auto& to = graph.node(edge.to);
  auto out = edge.kind == EdgeKind::writes ? fmt::format("{} writes {}", from.name, to.name)
                                           : fmt::format("{} reads {}", to.name, from.name);
  if (!edge.group.empty()) out += " as group " + edge.group;
  return cleaned(out, tooltip_columns);
}

Drawing::Shape shape_of(const Node& node) {
  Drawing::Shape shape;
  shape.kind = node.kind;
  shape.visibility = node.visibility;
  shape.personal = node.tagged("pii") || node.tagged("financial");
  shape.deprecated = node.tagged("deprecated");
  shape.name = cleaned(node.name, label_columns);
  shape.note = cleaned(note_of(node), label_columns);
  shape.tooltip = tooltip_of(node);
  return shape;
}

}  // namespace

Drawing make_drawing(const Part& part, const std::string& title, Picture picture, Theme theme) {
  auto& graph = part.graph;
  Drawing drawing;
  drawing.picture = picture;
  drawing.theme = theme;
  drawing.title = cleaned(title, tooltip_columns);
  std::map<std::string, std::uint32_t> groups;
  for (auto& node : graph.nodes()) groups.emplace(node.team, 0);
  for (auto& [team, number] : groups) {
    number = static_cast<std::uint32_t>(drawing.groups.size());
    drawing.groups.push_back(team.empty() ? "no owner" : cleaned(team, label_columns));
  }
  for (auto& node : graph.nodes()) {
    drawing.shapes.push_back(shape_of(node));
    drawing.shapes.back().group = groups.at(node.team);
  }
  if (part.centre) drawing.shapes[*part.centre].centre = true;
  auto feedback = feedback_edges(graph);
  std::set<EdgeIndex> closing(feedback.begin(), feedback.end());
  for (EdgeIndex at = 0; at < graph.edges().size(); ++at) {
    auto& edge = graph.edge(at);
    drawing.arrows.push_back({edge.from, edge.to, edge.kind, closing.contains(at), tooltip_of(graph, edge)});
  }
  drawing.engine = ladder(drawing).front().engine;
  return drawing;
}

std::vector<Rung> ladder(const Drawing& drawing) {
  constexpr std::size_t readable = 300, boxed = 2000;
  constexpr std::size_t dense = 4;  // edges a node beyond which layers only cost time
  auto nodes = drawing.shapes.size(), edges = drawing.arrows.size();
  if (nodes > boxed || edges > boxed * dense) return {{Engine::sfdp, 20}};
  if (nodes > readable || edges > readable * dense) return {{Engine::dot, 8}, {Engine::sfdp, 20}};
  return {{Engine::dot, 5}, {Engine::dot_flat, 5}, {Engine::sfdp, 20}};
}

// --- the text: numbers and texts one after the other, "12 " and "5:hello"

namespace {

constexpr std::string_view magic = "eda-drawing-1\n";

class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}
  template <class Number>
  void number(Number value) {
    out_ += std::to_string(static_cast<std::uint64_t>(value));
    out_ += ' ';
  }
  void text(const std::string& value) {
    out_ += std::to_string(value.size());
    out_ += ':';
    out_ += value;
  }

 private:
  std::string& out_;
};

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}
  bool good() const { return good_; }
  bool at_end() const { return text_.empty(); }

  /// Anything at or above `below` spoils the reading; 0 is given then.
  std::uint64_t number(std::uint64_t below) {
    auto value = digits(' ');
    if (value >= below) good_ = false;
    return good_ ? value : 0;
  }
  std::string text() {
    auto size = digits(':');
    if (size > text_.size()) good_ = false;
    if (!good_) return {};
    std::string value(text_.substr(0, size));
    text_.remove_prefix(size);
    return value;
  }
  /// How many of something follow; each takes at least one byte.
  std::size_t count() { return static_cast<std::size_t>(number(text_.size() + 1)); }

 private:
  std::uint64_t digits(char end) {
    std::uint64_t value = 0;
    auto [stop, fault] = std::from_chars(text_.data(), text_.data() + text_.size(), value);
    if (fault != std::errc() || stop == text_.data() + text_.size() || *stop != end) {
      good_ = false;
      return 0;
    }
    text_.remove_prefix(static_cast<std::size_t>(stop - text_.data()) + 1);
    return value;
  }

  std::string_view text_;
  bool good_ = true;
};

}  // namespace

std::string encode(const Drawing& drawing) {
  std::string out(magic);
  Writer to(out);
  to.number(drawing.engine);
  to.number(drawing.picture);
  to.number(drawing.theme);
  to.text(drawing.title);
  to.number(drawing.groups.size());
  for (auto& group : drawing.groups) to.text(group);
  to.number(drawing.shapes.size());
  for (auto& shape : drawing.shapes) {
    to.number(shape.kind);
    to.number(shape.visibility);
    to.number(shape.group);
    to.number((shape.personal ? 1 : 0) + (shape.deprecated ? 2 : 0) + (shape.centre ? 4 : 0));
    to.text(shape.name);
    to.text(shape.note);
    to.text(shape.tooltip);
  }
  to.number(drawing.arrows.size());
  for (auto& arrow : drawing.arrows) {
    to.number(arrow.from);
    to.number(arrow.to);
    to.number(arrow.kind);
    to.number(arrow.feedback);
    to.text(arrow.tooltip);
  }
  return out;
}

Result<Drawing> decode_drawing(std::string_view text) {
  bool begins = text.starts_with(magic);
  Reader from(begins ? text.substr(magic.size()) : std::string_view());
  Drawing drawing;
  drawing.engine = static_cast<Engine>(from.number(3));
  drawing.picture = static_cast<Picture>(from.number(3));
  drawing.theme = static_cast<Theme>(from.number(2));
  drawing.title = from.text();
  for (auto left = from.count(); left > 0 && from.good(); --left) drawing.groups.push_back(from.text());
  for (auto left = from.count(); left > 0 && from.good(); --left) {
    Drawing::Shape shape;
    shape.kind = static_cast<NodeKind>(from.number(2));
    shape.visibility = static_cast<Visibility>(from.number(4));
    shape.group = static_cast<std::uint32_t>(from.number(drawing.groups.size()));
    auto flags = from.number(8);
    shape.personal = (flags & 1) != 0;
    shape.deprecated = (flags & 2) != 0;
    shape.centre = (flags & 4) != 0;
    shape.name = from.text();
    shape.note = from.text();
    shape.tooltip = from.text();
    drawing.shapes.push_back(std::move(shape));
  }
  for (auto left = from.count(); left > 0 && from.good(); --left) {
    Drawing::Arrow arrow;
    arrow.from = static_cast<NodeIndex>(from.number(drawing.shapes.size()));
    arrow.to = static_cast<NodeIndex>(from.number(drawing.shapes.size()));
    arrow.kind = static_cast<EdgeKind>(from.number(2));
    arrow.feedback = from.number(2) == 1;
    arrow.tooltip = from.text();
    drawing.arrows.push_back(std::move(arrow));
  }
  if (!begins || !from.good() || !from.at_end()) {
    return fail(Code::invalid, "DRAWING_SYNTAX", "this is no drawing", "edad alone starts what draws");
  }
  return drawing;
}

}  // namespace eda::topology
