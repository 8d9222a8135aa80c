#include "cli/confirm.h"

#include <fmt/format.h>

#include <algorithm>

namespace eda::cli {

namespace {

constexpr std::size_t shown_names = 10;

std::string flags_for(const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < std::min(names.size(), shown_names); ++i) {
    out += fmt::format("{}--confirm {}", i == 0 ? "" : " ", names[i]);
  }
  return names.size() > shown_names ? out + fmt::format(" … ({} names)", names.size()) : out;
}

}  // namespace

Result<Questions> what_to_ask(const std::vector<Risky>& critical, const std::vector<Risky>& risky,
                              const Consent& consent) {
  Questions out;
  std::vector<std::string> acts;
  for (auto& change : critical) {
    bool named = std::find(consent.names.begin(), consent.names.end(), change.name) != consent.names.end();
    bool asked = std::find(out.names.begin(), out.names.end(), change.name) != out.names.end();
    if (!named && !asked) {
      out.names.push_back(change.name);
      acts.push_back(change.sentence);
    }
  }
  out.yes_or_no = !risky.empty() && consent.yes == Consent::Yes::no;
  if (consent.asking == Consent::Asking::possible) return out;
  if (!out.names.empty()) {
    auto more = acts.size() > 1 ? fmt::format(" and {} more", acts.size() - 1) : std::string();
    return fail(Code::invalid, "CONFIRM_NEEDED",
                fmt::format("to {}{}, the name has to be confirmed; nothing was changed", acts.front(), more),
                flags_for(out.names) + (out.yes_or_no ? " --yes" : ""));
  }
  if (out.yes_or_no) {
    auto more = risky.size() > 1 ? fmt::format(" and {} more", risky.size() - 1) : std::string();
    return fail(Code::invalid, "CONFIRM_NEEDED",
                fmt::format("to {}{} is more than a LOW risk, and there is no terminal to ask on; nothing was changed",
                            risky.front().sentence, more),
                "look at the plan, then give --yes");
  }
  return out;
}

}  // namespace eda::cli
