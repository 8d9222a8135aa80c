#pragma once
// YAML and JSON manifests to Documents, with the position of every value, and back. Reads everything and reports
// every error of every file at once; nothing of a call with an error is used.

#include <string>
#include <string_view>
#include <vector>

#include "plans/kind.h"
#include "platform/core/error.h"

namespace eda::plans {

struct Source {
  std::string name;  ///< as the caller named it: "shop/streams.yaml", "<stdin>"
  std::string text;
};

/// Parses all sources by the kinds' tables. Errors: invalid MANIFEST_INVALID with one violation for each fault (syntax,
/// unknown kind or field with did-you-mean, wrong type, duplicate key, name or document, missing name, limits, aliases
/// that grow beyond the limits, invalid UTF-8), in the order of the files given and of their places; at most 200, then
/// a line that counts the rest. A BOM and CRLF are accepted, tabs as indentation are not. YAML 1.2 core schema; merge
/// keys are refused.
Result<std::vector<Document>> parse_manifests(const Kinds& kinds, const std::vector<Source>& sources);

/// References among documents that name neither another document nor anything on the server, and circles.
/// `known` answers for the server; offline it is empty and unknown references are counted, not reported.
struct ReferenceReport {
  std::vector<Violation> violations;
  std::size_t unchecked = 0;
};
ReferenceReport check_references(const Kinds& kinds, const std::vector<Document>& documents,
                                 const std::function<bool(const Ref&)>* known);

/// The fields as a manifest in YAML (one document, no leading `---`), in the order of the tables; values as people
/// write them, resets as null. What it writes, parse_manifests reads back to the same fields.
std::string write_manifest(const KindRules& rules, const std::string& cluster, const std::string& name,
                           const Wish& wish);

}  // namespace eda::plans
