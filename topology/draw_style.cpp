#include "topology/draw_style.h"

#include <fmt/format.h>

#include <algorithm>

#include "topology/label.h"

namespace eda::topology {

const std::string& Style::stream(Visibility visibility) const {
  if (visibility == Visibility::public_) return public_stream;
  return visibility == Visibility::private_ ? private_stream : protected_stream;
}

const Style& style_of(Theme theme) {
  static const Style light{.background = "#ffffff",
                           .text = "#14181d",
                           .faint = "#57606a",
                           .box = "#f6f8fa",
                           .box_line = "#b6bec8",
                           .service = "#d5e6f8",
                           .service_line = "#1f5c99",
                           .public_stream = "#fffdf3",
                           .protected_stream = "#f3e3b3",
                           .private_stream = "#d3b465",
                           .stream_line = "#7d611a",
                           .write = "#22272e",
                           .read = "#7a838f",
                           .feedback = "#c62828"};
  static const Style dark{.background = "#11151a",
                          .text = "#f0f3f6",
                          .faint = "#9aa4b0",
                          .box = "#1a2027",
                          .box_line = "#46505c",
                          .service = "#1d4468",
                          .service_line = "#7ab6ee",
                          .public_stream = "#6b5c2c",
                          .protected_stream = "#463b1a",
                          .private_stream = "#241e0d",
                          .stream_line = "#d9bb62",
                          .write = "#e3e8ee",
                          .read = "#8d98a5",
                          .feedback = "#ff7b72"};
  return theme == Theme::dark ? dark : light;
}

namespace {

std::string escaped(std::string_view text) {
  std::string out;
  for (char byte : cleaned(text, tooltip_columns)) {
    if (byte == '&') {
      out += "&amp;\xe2\x80\x8b";  // so that no entity begins there when it is read the second time
    } else if (byte == '<') {
      out += "&lt;";
    } else if (byte == '>') {
      out += "&gt;";
    } else if (byte == '"') {
      out += "&quot;";
    } else if (byte == '\\') {
      out += "&#92;";
    } else {
      out += byte;
    }
  }
  return out;
}

// One entry: a small box as the shape is drawn, and what it means.
std::string entry(const std::string& fill, const std::string& line, std::string_view style, std::string_view word,
                  int border = 1) {
  return fmt::format("<TD BGCOLOR=\"{}\" COLOR=\"{}\" BORDER=\"{}\" STYLE=\"{}\">{}</TD>", fill, line, border, style,
                     word);
}

std::string words(const std::string& colour, std::string_view text) {
  return fmt::format("<TD BORDER=\"0\"><FONT COLOR=\"{}\">{}</FONT></TD>", colour, text);
}

std::string shapes(const Drawing& drawing, const Style& style) {
  auto any = [&](auto&& what) { return std::any_of(drawing.shapes.begin(), drawing.shapes.end(), what); };
  std::string out;
  if (any([](auto& shape) { return shape.kind == NodeKind::service; }))
    out += entry(style.service, style.service_line, "rounded", "service");
  for (auto visibility : {Visibility::public_, Visibility::protected_, Visibility::private_}) {
    if (any([&](auto& shape) { return shape.visibility == visibility; })) {
      out += entry(style.stream(visibility), style.stream_line, "solid",
                   fmt::format("{} stream", visibility_word(visibility)));
    }
  }
  if (any([](auto& shape) { return shape.personal; }))
    out += entry(style.background, style.stream_line, "solid", "pii, financial", 3);
  if (any([](auto& shape) { return shape.deprecated; }))
    out += entry(style.background, style.stream_line, "dashed", "deprecated");
  return out;
}

std::string lines(const Drawing& drawing, const Style& style) {
  auto any = [&](auto&& what) { return std::any_of(drawing.arrows.begin(), drawing.arrows.end(), what); };
  std::string out;
  if (any([](auto& arrow) { return !arrow.feedback && arrow.kind == EdgeKind::writes; }))
    out += words(style.write, "<B>━▶</B> writes");
  if (any([](auto& arrow) { return !arrow.feedback && arrow.kind == EdgeKind::reads; }))
    out += words(style.read, "─&gt; is read by");
  if (any([](auto& arrow) { return arrow.feedback; })) out += words(style.feedback, "╍▶ closes a circle");
  return out;
}

}  // namespace

std::string legend_html(const Drawing& drawing) {
  auto& style = style_of(drawing.theme);
  auto entries = shapes(drawing, style) + lines(drawing, style);
  auto title = fmt::format("<FONT COLOR=\"{}\">{}</FONT>", style.text, escaped(drawing.title));
  std::string row = entries.empty() ? ""
                                    : "<TR><TD BORDER=\"0\" ALIGN=\"LEFT\"><TABLE BORDER=\"0\" CELLBORDER=\"1\" "
                                      "CELLSPACING=\"8\" CELLPADDING=\"4\"><TR>" +
                                          entries + "</TR></TABLE></TD></TR>";
  return "<TABLE BORDER=\"0\" CELLBORDER=\"0\" CELLSPACING=\"2\"><TR><TD ALIGN=\"LEFT\">" + title + "</TD></TR>" + row +
         "</TABLE>";
}

}  // namespace eda::topology
