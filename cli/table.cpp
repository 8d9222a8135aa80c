#include "cli/table.h"

#include <algorithm>

#include "platform/text/unicode.h"

namespace eda::cli {

namespace {

constexpr std::size_t gap = 2;
constexpr std::size_t narrowest = 4;

using Widths = std::vector<std::size_t>;

std::size_t total(const Widths& widths) {
  std::size_t sum = widths.empty() ? 0 : gap * (widths.size() - 1);
  for (auto width : widths) sum += width;
  return sum;
}

// Lowers the widest of the chosen columns, but none below its floor, until all fit or all are at their floors.
void shrink(Widths& widths, const Widths& floors, const std::vector<bool>& chosen, std::size_t limit) {
  while (total(widths) > limit) {
    std::size_t widest = widths.size(), second = 0;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      if (!chosen[i] || widths[i] <= floors[i]) continue;
      if (widest == widths.size() || widths[i] > widths[widest]) {
        if (widest != widths.size()) second = std::max(second, widths[widest]);
        widest = i;
      } else {
        second = std::max(second, widths[i]);
      }
    }
    if (widest == widths.size()) return;
    // Down to the next widest in one step; one below it where they are equal.
    auto target = std::max(floors[widest], second < widths[widest] ? second : widths[widest] - 1);
    auto needed = widths[widest] - std::min(widths[widest], total(widths) - limit);
    widths[widest] = std::max(target, needed);
  }
}

std::string padded(const std::string& shown, std::size_t width, Column::Align align, Style style,
                   const Palette& palette, bool is_last) {
  auto columns = text::columns(shown);
  std::string margin(width > columns ? width - columns : 0, ' ');
  auto painted = palette.paint(style, shown);
  if (align == Column::Align::right) return margin + painted;
  return is_last ? painted : painted + margin;
}

}  // namespace

std::vector<std::size_t> Table::shown(Detail detail) const {
  std::vector<std::size_t> out;
  auto filled = [&](std::size_t i) {
    return std::any_of(rows_.begin(), rows_.end(), [&](auto& row) { return !row[i].text.empty(); });
  };
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    auto show = columns_[i].show;
    bool wanted = detail == Detail::wide || show == Column::Show::always;
    if (wanted || (show == Column::Show::filled && filled(i))) out.push_back(i);
  }
  return out;
}

// Descriptions give way first, then all but names, down to their headers; then headers are cut too, and names last.
void Table::fit(std::vector<std::size_t>& widths, const std::vector<std::size_t>& indexes, std::size_t limit) const {
  Widths headers, least;
  std::vector<bool> descriptions, others, names;
  for (std::size_t at = 0; at < indexes.size(); ++at) {
    auto& column = columns_[indexes[at]];
    headers.push_back(std::min(widths[at], std::max(narrowest, text::columns(column.header))));
    least.push_back(std::min(widths[at], narrowest));
    descriptions.push_back(column.cut == Column::Cut::first);
    others.push_back(column.cut != Column::Cut::last);
    names.push_back(true);
  }
  shrink(widths, headers, descriptions, limit);
  shrink(widths, headers, others, limit);
  shrink(widths, least, others, limit);
  shrink(widths, least, names, limit);
}

std::string Table::text(std::size_t width, const Palette& palette, Detail detail) const {
  auto indexes = shown(detail);
  std::vector<std::vector<std::string>> texts;
  Widths widths;
  for (auto i : indexes) widths.push_back(text::columns(columns_[i].header));
  for (auto& row : rows_) {
    auto& line = texts.emplace_back();
    for (std::size_t at = 0; at < indexes.size(); ++at) {
      auto& cell = row[indexes[at]];
      line.push_back(cell.text.empty() ? "-" : text::printable(cell.text));
      widths[at] = std::max(widths[at], text::columns(line.back()));
    }
  }
  if (width > 0) fit(widths, indexes, width);
  std::string out;
  auto line = [&](auto&& text_of, auto&& style_of) {
    std::string one;
    for (std::size_t at = 0; at < indexes.size(); ++at) {
      if (at > 0) one += std::string(gap, ' ');
      one += padded(text::cut(text_of(at), widths[at]), widths[at], columns_[indexes[at]].align, style_of(at), palette,
                    at + 1 == indexes.size());
    }
    out += one + "\n";
  };
  line([&](std::size_t at) { return columns_[indexes[at]].header; }, [](std::size_t) { return Style::bold; });
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    line([&](std::size_t at) { return texts[r][at]; }, [&](std::size_t at) { return rows_[r][indexes[at]].style; });
  }
  return out;
}

std::string tsv_line(const std::vector<Cell>& cells) {
  std::string out;
  for (auto& cell : cells) {
    if (&cell != &cells.front()) out += '\t';
    for (char c : cell.text) {
      switch (c) {
        case '\t':
          out += "\\t";
          break;
        case '\n':
          out += "\\n";
          break;
        case '\r':
          out += "\\r";
          break;
        case '\\':
          out += "\\\\";
          break;
        default:
          out += c;
      }
    }
  }
  return out + "\n";
}

}  // namespace eda::cli
