#include "catalog/search.h"

#include <fmt/format.h>

#include <algorithm>

#include "platform/text/unicode.h"

namespace eda::catalog {

Result<std::string> check_query(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  auto from = text.find_first_not_of(blanks);
  auto trimmed =
      from == std::string_view::npos ? std::string_view() : text.substr(from, text.find_last_not_of(blanks) - from + 1);
  bool says_something = std::any_of(trimmed.begin(), trimmed.end(), [](char c) {
    auto byte = static_cast<unsigned char>(c);
    return byte >= 0x80 || (byte >= '0' && byte <= '9') || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z');
  });
  if (!says_something) {
    return fail(Code::invalid, "SEARCH_EMPTY",
                fmt::format("there is nothing to search for in \"{}\"", text::printable(trimmed)),
                "name a word, or how it begins: edactl search orders");
  }
  if (auto count = text::code_points(trimmed); count > query_code_points) {
    return fail(Code::invalid, "SEARCH_TOO_LONG",
                fmt::format("the search has {} characters; {} is the most", count, query_code_points),
                "a few words do");
  }
  if (auto odd = text::control_character(trimmed)) {
    return fail(Code::invalid, "SEARCH_EMPTY", fmt::format("the search holds {}", odd->what), "a few words do");
  }
  return std::string(trimmed);
}

namespace {

// The word, and each with two neighbours exchanged; the first letter is seldom wrong.
std::vector<std::string> spellings(const std::string& word) {
  std::vector<std::string> points, out{word};
  for (std::string_view rest = word; !rest.empty();) {
    auto bytes = text::decode(rest).bytes;
    points.emplace_back(rest.substr(0, bytes));
    rest.remove_prefix(bytes);
  }
  constexpr std::size_t longest = 30;
  for (std::size_t i = 1; i + 1 < points.size() && points.size() <= longest; ++i) {
    if (points[i] == points[i + 1]) continue;
    auto other = points;
    std::swap(other[i], other[i + 1]);
    out.push_back(fmt::format("{}", fmt::join(other, "")));
  }
  return out;
}

}  // namespace

Spellings as_they_are(const std::vector<std::string>& words) {
  Spellings all;
  for (auto& word : words) all.push_back({word});
  return all;
}

Spellings transposed(const std::vector<std::string>& words) {
  Spellings all;
  for (auto& word : words) all.push_back(spellings(word));
  return all;
}

std::string text_query(const Spellings& words) {
  std::vector<std::string> all;
  for (auto ways : words) {
    for (auto& way : ways) way = fmt::format("'{}':*", way);  // the database left no quote and no backslash in them
    all.push_back(fmt::format("({})", fmt::join(ways, " | ")));
  }
  return fmt::format("{}", fmt::join(all, " & "));
}

std::string_view match_name(Match match) {
  constexpr std::string_view names[] = {"name", "words", "spelling"};
  return names[static_cast<std::size_t>(match)];
}

std::string next_step(const Hit& hit) {
  bool deprecated = std::find(hit.tags.begin(), hit.tags.end(), "deprecated") != hit.tags.end();
  auto look = fmt::format("edactl describe {} {}{}", hit.object.kind, hit.object.name,
                          hit.object.cluster.empty() ? "" : " --cluster " + hit.object.cluster);
  if (hit.object.kind == "stream" && deprecated) return look + ": it is deprecated, and names its successor";
  if (hit.owner.team.empty() || hit.object.kind == "team") return look;
  auto ask = hit.owner.contact.empty() ? fmt::format("team/{}", hit.owner.team)
                                       : fmt::format("{} ({})", hit.owner.team, hit.owner.contact);
  return fmt::format("{}; ask {}", look, ask);
}

}  // namespace eda::catalog
