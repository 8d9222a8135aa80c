#pragma once
// --tag, -l and --domain, which narrow every list of objects in the same way (catalog/selection.h has their meaning).

#include <string>
#include <vector>

#include "eda/catalog/v1/catalog.pb.h"

namespace CLI {
class App;
}

namespace eda::cli {

struct SelectionFlags {
  std::vector<std::string> tags, labels, domains;

  bool narrows() const { return !tags.empty() || !labels.empty() || !domains.empty(); }
};

void declare_selection(CLI::App& app, SelectionFlags& flags);
void to_proto(const SelectionFlags& flags, catalog::v1::Selection* out);

}  // namespace eda::cli
