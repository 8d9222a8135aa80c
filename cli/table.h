#pragma once
// Rows of cells, fitted to a terminal.

#include <string>
#include <string_view>
#include <vector>

#include "cli/palette.h"

namespace eda::cli {

struct Cell {
  std::string text;
  Style style = Style::plain;

  Cell(std::string value = {}, Style how = Style::plain)
      : text(std::move(value)), style(how) {}  // NOLINT: a text is a cell
  Cell(const char* value) : text(value) {}     // NOLINT
};

struct Column {
  std::string header;
  /// filled: where a row has something to say; wide and tsv have it always.
  enum class Show { always, wide, filled } show = Show::always;
  enum class Align { left, right } align = Align::left;
  /// Who gives way on a narrow terminal. first: descriptions, wrapped before the others are; never: names.
  enum class Wrap { first, normal, never } wrap = Wrap::normal;
};

class Table {
 public:
  enum class Detail { normal, wide };
  enum class Headers { shown, hidden };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  /// As many cells as columns; empty ones are shown as "-".
  void row(std::vector<Cell> cells) { rows_.push_back(std::move(cells)); }
  bool empty() const { return rows_.empty(); }

  /// Lines no wider than `width` columns (0: as wide as they are). Nothing is cut: cells are wrapped, and where the
  /// columns do not stand beside each other even so, each row is its name with a line for each cell below. Controls in
  /// a cell are shown, never sent.
  std::string text(std::size_t width, const Palette& palette, Detail detail, Headers headers = Headers::shown) const;

 private:
  using Indexes = std::vector<std::size_t>;
  using Texts = std::vector<std::vector<std::string>>;
  Indexes shown(Detail detail) const;
  bool fit(std::vector<std::size_t>& widths, const Indexes& indexes, const Texts& texts, std::size_t limit) const;
  std::string beside(const std::vector<std::size_t>& widths, const Indexes& indexes, const Texts& texts,
                     const Palette& palette, Headers headers) const;
  std::string below(std::size_t width, const Indexes& indexes, const Texts& texts, const Palette& palette) const;
  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

/// Cells between tabs, one line; a tab, line break or backslash inside is written \t, \n, \\.
std::string tsv_line(const std::vector<Cell>& cells);

}  // namespace eda::cli
