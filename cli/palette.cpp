#include "cli/palette.h"

namespace eda::cli {

std::string Palette::paint(Style style, std::string_view text) const {
  if (!on() || style == Style::plain || text.empty()) return std::string(text);
  const char* code = "";
  switch (style) {
    case Style::plain:
      break;
    case Style::bold:
      code = "\x1b[1m";
      break;
    case Style::dim:
      code = "\x1b[2m";
      break;
    case Style::good:
      code = "\x1b[32m";
      break;
    case Style::warning:
      code = "\x1b[33m";
      break;
    case Style::bad:
      code = "\x1b[31m";
      break;
    case Style::alarm:
      code = "\x1b[1;37;41m";
      break;
  }
  return code + std::string(text) + "\x1b[0m";
}

Palette::Colours choose_colours(Sink sink, const char* no_color, const char* force, const char* term) {
  if (no_color != nullptr && *no_color != '\0') return Palette::Colours::off;
  if (force != nullptr && *force != '\0' && std::string_view(force) != "0") return Palette::Colours::on;
  if (term != nullptr && std::string_view(term) == "dumb") return Palette::Colours::off;
  return sink == Sink::terminal ? Palette::Colours::on : Palette::Colours::off;
}

}  // namespace eda::cli
