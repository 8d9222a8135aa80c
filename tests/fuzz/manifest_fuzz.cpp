// libFuzzer entry for the manifest reader: whatever the bytes are, it answers, every fault has a sentence, and what it
// reads it also writes and reads again; and a document that is read without the YAML library is read as the library
// does.

#include <cstdio>
#include <cstdlib>

#include "plans/manifest.h"
#include "plans/manifest_plain.h"
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

bool same(const Node& a, const Node& b) {
  auto same_entry = [](const Node::Entry& x, const Node::Entry& y) {
    return x.at == y.at && (x.key == nullptr) == (y.key == nullptr) && (!x.key || same(*x.key, *y.key)) &&
           same(*x.value, *y.value);
  };
  return a.shape == b.shape && a.plain == b.plain && a.text == b.text && a.at == b.at && a.weight == b.weight &&
         std::equal(a.entries.begin(), a.entries.end(), b.entries.begin(), b.entries.end(), same_entry);
}

void check_plain_reader(std::string_view text) {
  for (const Piece& piece : split_documents(text, 100)) {
    auto plain = read_plain_yaml(piece);
    if (!plain) continue;
    auto any = read_any_yaml(piece);
    demand(any && any->root && same(*plain->root, *any->root), "the plain reader reads what the library reads");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Kinds kinds = test::small_kinds();
  std::string text(reinterpret_cast<const char*>(data), size);
  check_plain_reader(text);
  auto read = parse_manifests(kinds, {{"input", text}});
  if (!read) {
    check_error(read.error());
    return 0;
  }
  for (const Document& document : *read) check_round_trip(kinds, document);
  check_references(kinds, *read, nullptr);
  return 0;
}
