#pragma once
// Colours, by meaning. Whether there are any is decided once for each of stdout and stderr (cli/terminal).

#include <string>
#include <string_view>

namespace eda::cli {

enum class Style { plain, bold, dim, good, warning, bad, alarm };

class Palette {
 public:
  enum class Colours { off, on };
  explicit Palette(Colours colours = Colours::off) : colours_(colours) {}

  bool on() const { return colours_ == Colours::on; }
  /// `text` between the escape sequences of a style, or just `text`.
  std::string paint(Style style, std::string_view text) const;

 private:
  Colours colours_;
};

/// By NO_COLOR (any text), CLICOLOR_FORCE (other than "0"), TERM=dumb, and whether it is a terminal; in that order.
enum class Sink { terminal, other };
Palette::Colours choose_colours(Sink sink, const char* no_color, const char* force, const char* term);

}  // namespace eda::cli
