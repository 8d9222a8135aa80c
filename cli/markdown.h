#pragma once
// A plan for a pull request: GitHub's flavour of Markdown, which GitLab reads too.

#include <string>
#include <string_view>

#include "cli/plan_words.h"

namespace eda::cli {

/// A text of others as text: nothing in it is taken for markup, a table's edge, a link or a call to a person.
std::string markdown_escaped(std::string_view text);
/// As code, whatever it holds; fit for a table's cell.
std::string markdown_code(std::string_view text);

/// A summary, then a table for each action; long tables are folded. Stays below the 65,536 characters that a comment on
/// GitHub may have: what does not fit is counted.
std::string plan_markdown(const WholePlan& plan, const std::string& cluster);

}  // namespace eda::cli
