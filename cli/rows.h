#pragma once
// Which columns of a list are shown and in what order its rows stand: --columns, --sort-by, --no-headers. Pure.

#include <optional>
#include <string>
#include <vector>

#include "cli/table.h"
#include "platform/core/error.h"

namespace eda::cli {

/// As the flags say it. Columns are named as their headers, in any case.
struct Rows {
  std::string columns;  ///< between commas; empty: the list's own
  std::string sort_by;  ///< COLUMN or COLUMN:desc; empty: as the server orders them
  bool headers = true;

  bool chosen() const { return !columns.empty() || !sort_by.empty() || !headers; }
};

struct RowChoice {
  std::vector<std::size_t> shown;  ///< indexes of columns, in the order asked for; empty: the list's own
  std::optional<std::size_t> sorted;
  enum class Direction { up, down } direction = Direction::up;
};

/// Errors: invalid USAGE with the nearest column, or all of them.
Result<RowChoice> choose_rows(const Rows& rows, const std::vector<Column>& columns);

/// Orders cells as people do: numbers, durations ("7d", "3h ago") and sizes by what they amount to, texts by their
/// characters; numbers before texts, empty cells last.
class SortKey {
 public:
  explicit SortKey(const std::string& text);
  /// Empty cells stay last in both directions.
  static bool before(const SortKey& a, const SortKey& b, RowChoice::Direction direction);

 private:
  enum class Class { amount, text, empty } class_;
  double amount_ = 0;
  std::string text_;
};

}  // namespace eda::cli
