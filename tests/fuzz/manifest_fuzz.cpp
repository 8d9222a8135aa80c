// libFuzzer entry for the manifest reader: whatever the bytes are, it answers, every fault has a sentence, and what it
// reads it also writes and reads again.

#include <cstdio>
#include <cstdlib>

#include "plans/manifest.h"
#include "platform/text/unicode.h"
#include "tests/plans/small_kinds.h"

using namespace eda;
using namespace eda::plans;

namespace {

void demand(bool held, const char* what) {
  if (held) return;
  std::fprintf(stderr, "broken promise: %s\n", what);
  std::abort();
}

void check_error(const Error& error) {
  demand(!error.violations.empty(), "an error has violations");
  for (const Violation& violation : error.violations) {
    demand(!violation.message.empty(), "a violation has a sentence");
    std::string words = violation.field + violation.message + violation.hint + violation.object;
    demand(text::printable(words) == words, "a violation cannot steer a terminal");
  }
}

void check_round_trip(const Kinds& kinds, const Document& document) {
  const KindRules& rules = *kinds.find(document.kind);
  Wish wish;
  for (const auto& [path, said] : document.fields) wish[path].value = said.value;
  std::string text = write_manifest(rules, document.cluster, document.name, wish);
  auto again = parse_manifests(kinds, {{"again", text}});
  demand(again && again->size() == 1, "what is written is read");
  Wish read;
  for (const auto& [path, said] : again->front().fields) read[path].value = said.value;
  demand(read == wish, "what is written is read to the same fields");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Kinds kinds = test::small_kinds();
  auto read = parse_manifests(kinds, {{"input", std::string(reinterpret_cast<const char*>(data), size)}});
  if (!read) {
    check_error(read.error());
    return 0;
  }
  for (const Document& document : *read) check_round_trip(kinds, document);
  check_references(kinds, *read, nullptr);
  return 0;
}
