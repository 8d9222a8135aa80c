#pragma once
// One object in full, as describe shows it.

#include <string>
#include <vector>

#include "cli/terminal.h"
#include "eda/catalog/v1/catalog.pb.h"
#include "plans/kind.h"

namespace eda::cli {

/// `Label:  value` lines under headings.
class Sheet {
 public:
  explicit Sheet(const Terminal& terminal) : terminal_(terminal) {}
  void heading(std::string_view text);
  /// Nothing for an empty value.
  void line(std::string_view label, std::string_view value, Style style = Style::plain);
  std::string text() const;

 private:
  struct Line {
    std::string label, value;
    Style style = Style::plain;
    bool heading = false;
  };
  const Terminal& terminal_;
  std::vector<Line> lines_;
};

std::string describe_object(const Terminal& terminal, const plans::KindRules& rules,
                            const eda::catalog::v1::Object& object);

}  // namespace eda::cli
