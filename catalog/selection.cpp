#include "catalog/selection.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "platform/text/unicode.h"

namespace eda::catalog {

namespace {

Error no_selector(std::string_view flag, std::string_view said, std::string why, std::string next) {
  return Error(Code::invalid, "SELECTOR", fmt::format("{} \"{}\": {}", flag, said, why), std::move(next));
}

// "!sales" is "sales", not wanted.
struct Name {
  std::string text;
  bool wanted = true;
};

Result<Name> name_of(std::string_view flag, const std::string& said) {
  bool wanted = !said.starts_with('!');
  auto name = said.substr(wanted ? 0 : 1);
  if (name.empty())
    return fail(no_selector(flag, said, "a name is missing", "name one; ! in front: what is not wanted"));
  if (auto fault = text::name_fault(name))
    return fail(no_selector(flag, said, *fault, "names have letters, digits, \".\", \"_\" and \"-\""));
  return Name{std::move(name), wanted};
}

// A label's mark and whether it is wanted: tier=1, tier!=1, tier, !tier.
Result<Name> label_of(const std::string& said) {
  constexpr std::string_view next = "write tier=1, tier!=1, tier (any value) or !tier (without it)";
  auto equals = said.find('=');
  if (equals == std::string::npos) {
    EDA_ASSIGN(auto label, name_of("-l", said));
    return Name{"l:" + label.text, label.wanted};
  }
  bool wanted = equals == 0 || said[equals - 1] != '!';
  auto key = said.substr(0, wanted ? equals : equals - 1);
  auto value = said.substr(equals + 1);
  if (value.starts_with('=')) value.erase(0, 1);  // as in tier==1
  if (key.empty()) return fail(no_selector("-l", said, "the label's name is missing", std::string(next)));
  if (key.starts_with('!')) return fail(no_selector("-l", said, "two ways to say not", std::string(next)));
  if (auto fault = text::name_fault(key)) return fail(no_selector("-l", said, *fault, std::string(next)));
  return Name{fmt::format("l:{}={}", key, value), wanted};
}

std::optional<std::string> in_both(const std::vector<std::string>& some, const std::vector<std::string>& others) {
  auto found = std::find_first_of(some.begin(), some.end(), others.begin(), others.end());
  return found == some.end() ? std::nullopt : std::optional(*found);
}

}  // namespace

Result<Selection> parse_selection(const Terms& terms) {
  Selection out;
  auto count = terms.tags.size() + terms.labels.size() + terms.domains.size() + terms.teams.size();
  if (count > selection_terms)
    return fail(Code::invalid, "SELECTOR",
                fmt::format("the selection has {} terms; {} is the most", count, selection_terms), "name fewer");
  for (auto& said : terms.tags) {
    EDA_ASSIGN(auto tag, name_of("--tag", said));
    (tag.wanted ? out.all : out.none).push_back("t:" + tag.text);
  }
  for (auto& said : terms.labels) {
    EDA_ASSIGN(auto label, label_of(said));
    (label.wanted ? out.all : out.none).push_back(label.text);
  }
  for (auto& said : terms.domains) {
    EDA_ASSIGN(auto domain, name_of("--domain", said));
    (domain.wanted ? out.any : out.none).push_back("d:" + domain.text);
  }
  for (auto& said : terms.teams) {
    EDA_ASSIGN(auto team, name_of("--team", said));
    (team.wanted ? out.teams : out.strangers).push_back(team.text);
  }
  auto both = in_both(out.all, out.none);
  if (!both) both = in_both(out.any, out.none);
  if (both) {
    return fail(Code::invalid, "SELECTOR", fmt::format("\"{}\" is wanted and not wanted", both->substr(2)),
                "nothing can be both; leave one of them out");
  }
  return out;
}

std::vector<std::string> tags_named(const Terms& terms) {
  std::vector<std::string> names;
  for (auto& said : terms.tags) names.push_back(said.substr(said.starts_with('!') ? 1 : 0));
  return names;
}

}  // namespace eda::catalog
