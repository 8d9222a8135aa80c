#include "topology/draw.h"

#include <fmt/format.h>
#include <graphviz/gvc.h>

#include <cstdio>
#include <cstdlib>
#include <memory>

#include "platform/text/unicode.h"
#include "topology/draw_style.h"
#include "topology/label.h"

namespace eda::topology {

namespace {

// cgraph keeps a copy of every text that it is given; its interface only forgot to say const.
char* c(const std::string& text) {
  return const_cast<char*>(text.c_str());  // NOLINT
}

// As a label of Graphviz: a backslash begins an escape, and & an entity that would go into the XML as it is. What
// nobody sees stands behind it so that it begins none.
std::string label(std::string_view text, std::size_t columns) {
  std::string out;
  for (char byte : cleaned(text, columns)) {
    out += byte;
    if (byte == '\\') out += '\\';
    if (byte == '&') out += "\xe2\x80\x8b";  // U+200B
  }
  return out;
}

class Canvas {
 public:
  explicit Canvas(const Drawing& drawing) : drawing_(drawing), style_(style_of(drawing.theme)) {
    graph_ = agopen(c("topology"), Agdirected, nullptr);
    settings();
    boxes();
    for (NodeIndex at = 0; at < drawing.shapes.size(); ++at) add(drawing.shapes[at], at);
    for (std::size_t at = 0; at < drawing.arrows.size(); ++at) add(drawing.arrows[at], at);
  }
  ~Canvas() { agclose(graph_); }
  Canvas(const Canvas&) = delete;
  Canvas& operator=(const Canvas&) = delete;

  Agraph_t* graph() const { return graph_; }

 private:
  void set(void* object, const char* name, const std::string& value) {
    agsafeset(object, const_cast<char*>(name), c(value), c(""));  // NOLINT
  }
  // Of every node or edge that says nothing else.
  void fallback(int kind, const char* name, const std::string& value) {
    agattr(graph_, kind, const_cast<char*>(name), c(value));  // NOLINT
  }

  void settings() {
    auto large = drawing_.shapes.size() > 300;
    bool layers = drawing_.engine != Engine::sfdp;
    set(graph_, "charset", "UTF-8");
    set(graph_, "rankdir", "LR");
    set(graph_, "bgcolor", style_.background);
    set(graph_, "pad", "0.3");
    set(graph_, "fontname", font);
    set(graph_, "fontsize", "11");
    set(graph_, "fontcolor", style_.text);
    set(graph_, "outputorder", layers ? "breadthfirst" : "edgesfirst");
    // Where dot spends its time (docs/decisions/0012); feedback edges are turned before it sees them.
    set(graph_, "nslimit", large ? "1" : "2");
    set(graph_, "mclimit", large ? "0.1" : "0.5");
    set(graph_, "splines", large || !layers ? "line" : "polyline");
    set(graph_, "nodesep", "0.18");
    set(graph_, "ranksep", "0.7");
    if (!layers) {
      bool crowd = drawing_.shapes.size() > 2000;
      set(graph_, "overlap", crowd ? "scale" : "prism");
      set(graph_, "quadtree", crowd ? "fast" : "normal");
    }
    if (drawing_.picture == Picture::png) set(graph_, "size", png_inches);
    set(graph_, "labelloc", "b");
    set(graph_, "labeljust", "l");
    auto legend = legend_html(drawing_);
    agsafeset(graph_, c("label"), agstrdup_html(graph_, c(legend)), c(""));
    set(graph_, "tooltip", label(drawing_.title, tooltip_columns));

    fallback(AGNODE, "shape", "box");
    fallback(AGNODE, "style", "filled");
    fallback(AGNODE, "fontname", font);
    fallback(AGNODE, "fontsize", "11");
    fallback(AGNODE, "margin", "0.12,0.06");
    fallback(AGNODE, "height", "0.32");
    fallback(AGEDGE, "color", style_.read);
    fallback(AGEDGE, "arrowsize", "0.7");
  }

  void boxes() {
    boxes_.assign(drawing_.groups.size(), graph_);
    if (drawing_.engine != Engine::dot) return;
    for (std::size_t at = 0; at < drawing_.groups.size(); ++at) {
      auto* box = agsubg(graph_, c(fmt::format("cluster_t{}", at)), 1);
      set(box, "label", label(drawing_.groups[at], label_columns));
      set(box, "labelloc", "t");
      set(box, "labeljust", "l");
      set(box, "fontname", font_bold);
      set(box, "fontsize", "12");
      set(box, "fontcolor", style_.text);
      set(box, "style", "rounded,filled");
      set(box, "color", style_.box_line);
      set(box, "fillcolor", style_.box);
      set(box, "tooltip", label("team " + drawing_.groups[at], tooltip_columns));
      set(box, "id", fmt::format("t{}", at));
      boxes_[at] = box;
    }
  }

  void add(const Drawing::Shape& shape, NodeIndex at) {
    auto* node = agnode(boxes_[shape.group], c(fmt::format("n{}", at)), 1);
    nodes_.push_back(node);
    bool service = shape.kind == NodeKind::service;
    auto text = label(shape.name, label_columns);
    if (!shape.note.empty()) text += "\n" + label(shape.note, label_columns);
    // Without boxes the team has to stand with the node.
    if (drawing_.engine != Engine::dot) text += "\n" + label(drawing_.groups[shape.group], label_columns);
    set(node, "label", text);
    set(node, "tooltip", label(shape.tooltip, tooltip_columns));
    set(node, "id", fmt::format("n{}", at));
    set(node, "shape", service ? "box" : "cylinder");
    set(node, "style", fmt::format("filled{}{}", service ? ",rounded" : "", shape.deprecated ? ",dashed" : ""));
    set(node, "fillcolor", service ? style_.service : style_.stream(shape.visibility));
    set(node, "color", service ? style_.service_line : style_.stream_line);
    set(node, "fontcolor", style_.text);
    set(node, "penwidth", shape.centre ? "4" : shape.personal ? "2.6" : "1.1");
    if (shape.centre) set(node, "fontname", font_bold);
  }

  void add(const Drawing::Arrow& arrow, std::size_t at) {
    auto* tail = nodes_[arrow.feedback ? arrow.to : arrow.from];
    auto* head = nodes_[arrow.feedback ? arrow.from : arrow.to];
    auto* edge = agedge(graph_, tail, head, c(fmt::format("e{}", at)), 1);
    bool writes = arrow.kind == EdgeKind::writes;
    set(edge, "id", fmt::format("e{}", at));
    set(edge, "tooltip", label(arrow.tooltip, tooltip_columns));
    set(edge, "color", arrow.feedback ? style_.feedback : writes ? style_.write : style_.read);
    set(edge, "penwidth", arrow.feedback ? "2" : writes ? "1.8" : "1");
    set(edge, "style", arrow.feedback ? "dashed" : "solid");
    if (arrow.feedback) set(edge, "dir", "back");
    set(edge, arrow.feedback ? "arrowtail" : "arrowhead", writes ? "normal" : "vee");
  }

  const Drawing& drawing_;
  const Style& style_;
  Agraph_t* graph_ = nullptr;
  std::vector<Agraph_t*> boxes_;
  std::vector<Agnode_t*> nodes_;
};

Error failed(std::string_view what) {
  return Error(Code::unhealthy, "DRAWING_FAILED", fmt::format("Graphviz could not {}", what));
}

Result<std::string> as_dot(Agraph_t* graph) {
  char* text = nullptr;
  std::size_t size = 0;
  std::FILE* file = ::open_memstream(&text, &size);
  bool written = file != nullptr && agwrite(graph, file) == 0;
  if (file != nullptr) std::fclose(file);
  std::unique_ptr<char, decltype(&std::free)> held(text, &std::free);
  if (!written) return fail(failed("write the graph"));
  return std::string(text, size);
}

}  // namespace

Result<std::string> draw(const Drawing& drawing) {
  std::unique_ptr<GVC_t, decltype(&gvFreeContext)> context(gvContext(), &gvFreeContext);
  Canvas canvas(drawing);
  if (drawing.picture == Picture::dot) return as_dot(canvas.graph());
  agreseterrors();
  const char* engine = drawing.engine == Engine::sfdp ? "sfdp" : "dot";
  if (gvLayout(context.get(), canvas.graph(), engine) != 0 || agerrors() >= AGERR) return fail(failed("lay it out"));
  char* bytes = nullptr;
  unsigned size = 0;
  const char* format = drawing.picture == Picture::png ? "png" : "svg";
  int done = gvRenderData(context.get(), canvas.graph(), format, &bytes, &size);
  if (done != 0 || bytes == nullptr || agerrors() >= AGERR) return fail(failed("draw it"));
  std::string out(bytes, size);
  gvFreeRenderData(bytes);
  gvFreeLayout(context.get(), canvas.graph());
  return out;
}

}  // namespace eda::topology
