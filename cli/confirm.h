#pragma once
// What has to be agreed to before a plan is applied. Pure; cli/change asks the questions.

#include <string>
#include <vector>

#include "platform/core/error.h"

namespace eda::cli {

/// What the caller said beforehand.
struct Consent {
  enum class Yes { no, given } yes = Yes::no;                              ///< --yes
  std::vector<std::string> names;                                          ///< --confirm
  enum class Asking { impossible, possible } asking = Asking::impossible;  ///< a terminal is there
};

/// One change above LOW, as the plan tells it.
struct Risky {
  std::string name;
  std::string sentence;  ///< "delete stream/orders.placed", for the refusal
};

struct Questions {
  std::vector<std::string> names;  ///< to be typed, one by one
  bool yes_or_no = false;          ///< to be asked after them
};

/// `critical`: the names that the plan wants confirmed one by one (deletions, data loss); --yes is never enough for
/// them. `risky`: MODERATE and HIGH changes; --yes is. Errors: invalid CONFIRM_NEEDED when something has to be asked
/// and nobody can be.
Result<Questions> what_to_ask(const std::vector<Risky>& critical, const std::vector<Risky>& risky,
                              const Consent& consent);

}  // namespace eda::cli
