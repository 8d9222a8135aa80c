#pragma once
// A drawing as a value: what stands in it and how it looks, before anybody has laid it out. It goes to the process that
// draws as one text. Which engine draws what is decided here too.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "topology/selection.h"

namespace eda::topology {

enum class Theme { light, dark };
enum class Picture { svg, png, dot };
enum class Engine {
  dot,       ///< in layers, a box for each team
  dot_flat,  ///< in layers, without boxes: where dot cannot rank them
  sfdp,      ///< by forces: the only one that keeps its time with thousands
};
std::string_view engine_word(Engine engine);

struct Drawing {
  struct Shape {
    NodeKind kind = NodeKind::service;
    Visibility visibility = Visibility::none;
    std::uint32_t group = 0;
    bool personal = false;    ///< tagged pii or financial: drawn with a heavy border
    bool deprecated = false;  ///< drawn with a dashed border
    bool centre = false;      ///< what the picture was asked around
    std::string name, note, tooltip;
    friend bool operator==(const Shape&, const Shape&) = default;
  };
  struct Arrow {
    NodeIndex from = 0, to = 0;
    EdgeKind kind = EdgeKind::writes;
    bool feedback = false;  ///< closes a circle; handed to the engine the other way round, drawn as it is
    std::string tooltip;
    friend bool operator==(const Arrow&, const Arrow&) = default;
  };

  Engine engine = Engine::dot;
  Picture picture = Picture::svg;
  Theme theme = Theme::light;
  std::string title;
  std::vector<std::string> groups;  ///< teams in order; "no owner" for none
  std::vector<Shape> shapes;
  std::vector<Arrow> arrows;
  friend bool operator==(const Drawing&, const Drawing&) = default;
};

/// Everything that people wrote is cleaned and cut to what a picture holds.
Drawing make_drawing(const Part& part, const std::string& title, Picture picture, Theme theme);

/// The engines to try, best first; the last one always ends. Seconds of processor time that each may take.
struct Rung {
  Engine engine = Engine::dot;
  int seconds = 0;
};
std::vector<Rung> ladder(const Drawing& drawing);

std::string encode(const Drawing& drawing);
/// Errors: invalid DRAWING_SYNTAX. No input makes it read beyond its end or point at a node that is not there.
Result<Drawing> decode_drawing(std::string_view text);

}  // namespace eda::topology
