#pragma once
// The columns in which each kind is listed.

#include <string>
#include <vector>

#include "cli/table.h"
#include "cli/terminal.h"
#include "eda/catalog/v1/catalog.pb.h"
#include "plans/kind.h"

namespace eda::cli {

/// How one kind's objects become rows.
class ObjectColumns {
 public:
  /// `rules` null: several kinds in one table.
  explicit ObjectColumns(const plans::KindRules* rules);
  std::vector<Column> columns() const;
  std::vector<Cell> cells(const Terminal& terminal, const eda::catalog::v1::Object& object) const;

 private:
  struct Extra {
    Column column;
    /// Where the value stands: "spec.partitions", else "observed.partitions".
    std::string wished, observed;
    std::string fallback;
  };
  std::vector<Extra> extras_;
  bool many_kinds_, on_cluster_, owned_, live_, is_team_;
};

/// A dot path in a Struct as text; empty when absent. Lists are joined by ", ".
std::string text_at(const google::protobuf::Struct& data, std::string_view path);
Cell state_cell(const std::string& state);
std::string object_name(const eda::catalog::v1::Object& object, const std::string& cluster);

}  // namespace eda::cli
