#include "streams/deprecation.h"

#include <fmt/format.h>

#include <chrono>

#include "catalog/tags.h"

namespace eda::streams {

namespace {

// 2027-06-30 and nothing else.
bool is_day(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  int parts[] = {0, 0, 0};
  std::size_t part = 0;
  for (char c : text) {
    if (c == '-') {
      ++part;
    } else if (c >= '0' && c <= '9' && part < 3) {
      parts[part] = parts[part] * 10 + (c - '0');
    } else {
      return false;
    }
  }
  return std::chrono::year_month_day{std::chrono::year{parts[0]}, std::chrono::month{static_cast<unsigned>(parts[1])},
                                     std::chrono::day{static_cast<unsigned>(parts[2])}}
      .ok();
}

}  // namespace

std::vector<Violation> judge_deprecation(const std::string& name, const plans::Wish& wish) {
  std::vector<Violation> found;
  if (auto day = plans::wished_text(wish, "spec.sunset"); !day.empty() && !is_day(day)) {
    found.push_back({"spec.sunset", fmt::format("\"{}\" is no day", day), {}, "write it like 2027-06-30", {}});
  }
  if (auto successor = plans::wished_text(wish, "spec.successor"); !successor.empty() && successor == name) {
    found.push_back(
        {"spec.successor", "a stream does not take its own place", {}, "name the stream to read instead", {}});
  }
  return found;
}

std::optional<Error> against_tags(const plans::Draft& draft) {
  if (draft.action == plans::Action::remove) return std::nullopt;
  auto wish = plans::effective(draft.after, draft.overlay);
  bool open = plans::wished_text(wish, "spec.visibility") == "public";
  return open && catalog::has_tag(wish, catalog::pii) ? std::optional(errors::pii_public(draft.ref)) : std::nullopt;
}

bool becomes_deprecated(const plans::Draft& draft) {
  bool was = draft.before && catalog::has_tag(draft.before->wish, catalog::deprecated);
  return draft.action != plans::Action::remove && !was && catalog::has_tag(draft.after, catalog::deprecated);
}

namespace errors {

Error pii_public(const Ref& stream) {
  return Error(Code::refused, "PII_PUBLIC", fmt::format("{} has tag/pii and cannot be public", stream.text()),
               "keep it protected and grant who may read it, or take the tag off if it holds nothing about people");
}

}  // namespace errors

}  // namespace eda::streams
