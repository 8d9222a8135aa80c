#include "cli/table.h"

#include <algorithm>

#include "cli/wrap.h"
#include "platform/text/unicode.h"

namespace eda::cli {

namespace {

constexpr std::size_t gap = 2;
constexpr std::size_t readable_columns = 28;  // a description has, while other columns have words to break between
constexpr std::size_t crowded_columns = 20;   // it has at least
constexpr std::size_t whole_columns = 12;     // of a column that is not worth wrapping
constexpr std::size_t longest_word = 20;      // that is not broken on a narrow terminal
constexpr std::size_t least_columns = 10;     // of what stands below its row's name

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

// Descriptions give way first, as long as they stay readable; then the others, word by word; then descriptions again.
bool Table::fit(std::vector<std::size_t>& widths, const Indexes& indexes, const Texts& texts, std::size_t limit) const {
  Widths readable, words, least;
  std::vector<bool> descriptions, others;
  for (std::size_t at = 0; at < indexes.size(); ++at) {
    auto& column = columns_[indexes[at]];
    std::size_t word = 0;
    for (auto& row : texts) word = std::max(word, widest_word(row[at]));
    auto floor = [&](std::size_t columns) {
      return std::min(widths[at], std::max(columns, text::columns(column.header)));
    };
    readable.push_back(floor(readable_columns));
    words.push_back(widths[at] <= whole_columns ? widths[at] : floor(std::min(word, longest_word)));
    least.push_back(floor(crowded_columns));
    descriptions.push_back(column.wrap == Column::Wrap::first);
    others.push_back(column.wrap == Column::Wrap::normal);
  }
  shrink(widths, readable, descriptions, limit);
  shrink(widths, words, others, limit);
  shrink(widths, least, descriptions, limit);
  return total(widths) <= limit;
}

// Rows as lines; a wrapped cell makes its row as many lines high.
std::string Table::beside(const Widths& widths, const Indexes& indexes, const Texts& texts, const Palette& palette,
                          Headers headers) const {
  const std::string nothing;
  std::string out;
  auto row = [&](auto&& lines_of, auto&& style_of) {
    std::vector<std::vector<std::string>> cells;
    std::size_t height = 0;
    for (std::size_t at = 0; at < indexes.size(); ++at) {
      cells.push_back(lines_of(at));
      height = std::max(height, cells.back().size());
    }
    for (std::size_t line = 0; line < height; ++line) {
      auto last = cells.size();
      while (last > 1 && cells[last - 1].size() <= line) --last;
      for (std::size_t at = 0; at < last; ++at) {
        if (at > 0) out += std::string(gap, ' ');
        auto& shown = cells[at].size() > line ? cells[at][line] : nothing;
        out += padded(shown, widths[at], columns_[indexes[at]].align, style_of(at), palette, at + 1 == last);
      }
      out += "\n";
    }
  };
  if (headers == Headers::shown) {
    row([&](std::size_t at) { return std::vector{columns_[indexes[at]].header}; },
        [](std::size_t) { return Style::bold; });
  }
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    row([&](std::size_t at) { return wrapped(texts[r][at], widths[at]); },
        [&](std::size_t at) {
          auto& cell = rows_[r][indexes[at]];
          return cell.text.empty() ? Style::plain : cell.style;
        });
  }
  return out;
}

// Each row as its name, and under it what else is known, a line for each cell that says something.
std::string Table::below(std::size_t width, const Indexes& indexes, const Texts& texts, const Palette& palette) const {
  auto name = std::find_if(indexes.begin(), indexes.end(),
                           [&](std::size_t i) { return columns_[i].wrap == Column::Wrap::never; });
  if (name == indexes.end()) name = indexes.begin();
  std::size_t labels = 0;
  for (auto i : indexes) labels = std::max(labels, i == *name ? 0 : text::columns(columns_[i].header));
  auto before = gap + labels + gap;
  auto room = std::max(least_columns, width > before ? width - before : 0);
  std::string out;
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    if (r > 0) out += "\n";
    out += palette.paint(Style::bold, texts[r][static_cast<std::size_t>(name - indexes.begin())]) + "\n";
    for (std::size_t at = 0; at < indexes.size(); ++at) {
      auto& cell = rows_[r][indexes[at]];
      if (indexes[at] == *name || cell.text.empty()) continue;
      auto label = padded(columns_[indexes[at]].header, labels, Column::Align::left, Style::plain, palette, false);
      for (auto& line : wrapped(texts[r][at], room)) {
        out += std::string(gap, ' ') + label + std::string(gap, ' ') + palette.paint(cell.style, line) + "\n";
        label = std::string(labels, ' ');
      }
    }
  }
  return out;
}

std::string Table::text(std::size_t width, const Palette& palette, Detail detail, Headers headers) const {
  auto indexes = shown(detail);
  Texts texts;
  Widths widths;
  for (auto i : indexes) widths.push_back(headers == Headers::shown ? text::columns(columns_[i].header) : 0);
  for (auto& row : rows_) {
    auto& line = texts.emplace_back();
    for (std::size_t at = 0; at < indexes.size(); ++at) {
      auto& cell = row[indexes[at]];
      line.push_back(cell.text.empty() ? "-" : text::printable(cell.text));
      widths[at] = std::max(widths[at], text::columns(line.back()));
    }
  }
  bool fits = width == 0 || total(widths) <= width || fit(widths, indexes, texts, width);
  return fits ? beside(widths, indexes, texts, palette, headers) : below(width, indexes, texts, palette);
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
