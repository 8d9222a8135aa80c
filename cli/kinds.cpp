#include "cli/kinds.h"

#include <fmt/format.h>

#include <algorithm>

#include "catalog/services.h"
#include "catalog/tags.h"
#include "cli/errors.h"
#include "clusters/clusters.h"
#include "platform/text/distance.h"
#include "streams/streams.h"

namespace eda::cli {

const plans::Kinds& kinds() {
  static const plans::Kinds all({&catalog::team_rules(), &catalog::tag_rules(), &catalog::service_rules(),
                                 &clusters::cluster_rules(), &streams::stream_rules()});
  return all;
}

Result<const plans::KindRules*> parse_kind(const std::string& word, const Others& others) {
  if (auto* rules = kinds().find(word)) return rules;
  if (std::find(others.begin(), others.end(), word) != others.end()) {
    return fail(usage_error(fmt::format("{} stand in a list of their own", word), fmt::format("edactl get {}", word)));
  }
  auto words = kinds().words();
  words.insert(words.end(), others.begin(), others.end());
  auto hint = text::did_you_mean(word, words);
  return fail(Code::invalid, "KIND_UNKNOWN", fmt::format("there is no kind \"{}\"", word),
              hint.empty() ? "edactl api-resources lists the kinds" : hint);
}

Result<std::vector<const plans::KindRules*>> parse_kinds(const std::string& words, const Others& others) {
  std::vector<const plans::KindRules*> out;
  for (std::size_t begin = 0; begin <= words.size();) {
    auto end = std::min(words.find(',', begin), words.size());
    EDA_ASSIGN(auto* rules, parse_kind(words.substr(begin, end - begin), others));
    out.push_back(rules);
    begin = end + 1;
  }
  return out;
}

Ref ref_of(const plans::KindRules& rules, const std::string& cluster, const std::string& name) {
  return {rules.singular(), rules.scope == plans::Scope::cluster ? cluster : std::string(), name};
}

}  // namespace eda::cli
