#pragma once
// A list of API messages on stdout in every format, page by page where the format allows it.

#include <google/protobuf/message.h>

#include <string>
#include <vector>

#include "cli/format.h"
#include "cli/table.h"
#include "cli/terminal.h"

namespace eda::cli {

class Listing {
 public:
  /// `key` is the list's name in JSON ("objects"). The columns are those of the table; wide and tsv show all. What
  /// `output` says about rows holds for table, wide and tsv; a column that there is not makes the command fail (usage).
  Listing(Terminal& terminal, const Output& output, std::string key, std::vector<Column> columns);

  /// One item: its message (json, yaml), its cells (table, wide, tsv), its name.
  void add(const google::protobuf::Message& message, std::vector<Cell> cells, const std::string& name);
  /// Ends the list. An empty table is a sentence on stderr instead.
  void finish(std::string_view when_empty);

 private:
  struct Row {
    SortKey key;
    std::vector<Cell> cells;
  };
  std::vector<Cell> chosen(std::vector<Cell> cells) const;
  void emit(std::vector<Cell> cells);

  Terminal& terminal_;
  Format format_;
  bool headers_;
  std::string key_;
  RowChoice choice_;
  std::vector<Column> columns_;  ///< those that are shown
  Table table_;
  std::vector<Row> unsorted_;
  std::string text_;  ///< of one item; kept, for a long list needs it as often
  std::size_t count_ = 0;
};

/// One message alone: json, yaml or its name; false for the other formats, which the caller writes.
bool show_message(Terminal& terminal, Format format, const google::protobuf::Message& message, const std::string& name);

}  // namespace eda::cli
