#include "cli/selection.h"

#include <CLI/CLI.hpp>

namespace eda::cli {

void declare_selection(CLI::App& app, SelectionFlags& flags) {
  // One value each: what follows is a name, not another term.
  auto term = [&](const char* flag, std::vector<std::string>& terms, const char* doc, const char* type) {
    app.add_option(flag, terms, doc)
        ->type_name(type)
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  };
  term("--tag", flags.tags, "with this tag; '!pii': without it. Repeatable: all must hold", "TAG");
  term("-l,--label", flags.labels, "tier=1, tier!=1, tier (any value), '!tier'. Repeatable: all must hold", "LABEL");
  term("--domain", flags.domains, "of this domain, or one of several; '!sales': not of it", "NAME");
}

void to_proto(const SelectionFlags& flags, catalog::v1::Selection* out) {
  out->mutable_tags()->Add(flags.tags.begin(), flags.tags.end());
  out->mutable_labels()->Add(flags.labels.begin(), flags.labels.end());
  out->mutable_domains()->Add(flags.domains.begin(), flags.domains.end());
}

}  // namespace eda::cli
