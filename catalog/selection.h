#pragma once
// What a list is narrowed to, as people write it: `--tag pii -l tier=1 --domain sales --team checkout`, each also with
// "!" in front for what is not wanted. Objects carry marks, made by the database out of their wishes (migrations/0055):
// a selection is which marks they must and must not have.

#include <string>
#include <string_view>
#include <vector>

#include "platform/core/error.h"

namespace eda::catalog {

/// As it was said.
struct Terms {
  std::vector<std::string> tags = {};  ///< "pii": has it; "!pii": has it not. All must hold
  std::vector<std::string> labels =
      {};  ///< "tier=1", "tier!=1" (also without the label), "tier", "!tier". All must hold
  std::vector<std::string> domains = {};  ///< one of "sales", "payments"; none of "!sales"
  std::vector<std::string> teams = {};    ///< one of these owns it; none of those with "!"
};

struct Selection {
  std::vector<std::string> all;        ///< marks: every one
  std::vector<std::string> any;        ///< marks: one of them, when there are some
  std::vector<std::string> none;       ///< marks: not one
  std::vector<std::string> teams;      ///< owned by one of them, when there are some
  std::vector<std::string> strangers;  ///< teams: owned by none of them

  bool everything() const { return all.empty() && any.empty() && none.empty() && teams.empty() && strangers.empty(); }
};

/// Terms of one selection; more are refused.
inline constexpr std::size_t selection_terms = 50;

/// invalid SELECTOR: a term that says nothing, a name that cannot be one, a tag that is wanted and not wanted.
Result<Selection> parse_selection(const Terms& terms);

/// The tags that a selection names, wanted or not, to look for those that there are not.
std::vector<std::string> tags_named(const Terms& terms);

}  // namespace eda::catalog
