#pragma once
// How a drawing looks: colours of both themes, fonts, the legend. Shapes, lines and words say everything that colours
// say, so that nothing is lost in grey.

#include <string>

#include "topology/drawing.h"

namespace eda::topology {

// Widths are measured with DejaVu Sans; a viewer without it has Verdana, which is as wide, or something else.
inline const std::string font = "DejaVu Sans,Verdana,sans-serif";
inline const std::string font_bold = "DejaVu Sans Bold,Verdana Bold,sans-serif";
inline const std::string png_inches = "80,80";  ///< at 96 dots an inch: what is larger is made smaller

struct Style {
  std::string background, text, faint;
  std::string box, box_line;
  std::string service, service_line;
  std::string public_stream, protected_stream, private_stream, stream_line;
  std::string write, read, feedback;

  const std::string& stream(Visibility visibility) const;
};
const Style& style_of(Theme theme);

/// Graphviz's own HTML, for the graph's label: the title (escaped), and what the shapes that occur mean.
std::string legend_html(const Drawing& drawing);

}  // namespace eda::topology
