#include "plans/manifest_plain.h"

#include <catch2/catch.hpp>
#include <random>

using namespace eda::plans;

namespace {

// The whole tree as text, with every place.
std::string drawn(const Node& node) {
  auto at = [](Mark mark) { return std::to_string(mark.line) + ":" + std::to_string(mark.column); };
  std::string out = "@" + at(node.at) + "*" + std::to_string(node.weight);
  if (node.shape == Node::Shape::scalar) return out + (node.plain ? "'" : "\"") + node.text;
  out += node.shape == Node::Shape::map ? "{" : "[";
  for (auto& entry : node.entries) {
    if (entry.key) out += drawn(*entry.key) + ": ";
    out += drawn(*entry.value) + " at " + at(entry.at) + ", ";
  }
  return out + (node.shape == Node::Shape::map ? "}" : "]");
}

// The plain reading of a piece, when there is one, must be the library's.
bool agrees(const std::string& text, std::uint32_t line = 7) {
  Piece piece{text, line};
  auto plain = read_plain_yaml(piece);
  if (!plain) return false;
  INFO(text);
  auto any = read_any_yaml(piece);
  REQUIRE(any);
  REQUIRE(any->root);
  CHECK(drawn(*plain->root) == drawn(*any->root));
  return true;
}

}  // namespace

TEST_CASE("what a manifest usually holds is plain, and read as the library reads it") {
  const char* documents[] = {
      "apiVersion: eda/v1\nkind: Stream\nmetadata: {name: orders.placed, team: checkout}\nspec: {partitions: 3}\n",
      "---\n# what it is for\napiVersion: eda/v1\nkind: Stream\nmetadata:\n  name: orders.placed\n  labels:\n"
      "    tier: \"1\"\n\nspec:\n  partitions: 12\n  retention: 7d\n  config:\n    min.insync.replicas: '2'\n",
      "# a head\n---\nkind: Team\n",
      "spec: {}\nlist: []\nmore: [a, b, \"c d\", 12]\n",
      "spec: { partitions: 1 , retention: 7d }\n",
      "spec: {bootstrap: [\"127.0.0.1:9092\"], at: 127.0.0.1:9092, deep: {a: [{b: c}]}}\n",
      "spec:\n  partitions:\n  retention: null\n",
      "spec:\n",
      "spec:\nmetadata:\n  name:\n",
      "a: -1\nb: one two, three's\nc: 2026-11-21T08:00:00Z\nd: a@b.example\ne: x=y\n",
      "a:\n    b:\n        c: 1\n    d: 2\ne: 3",
      "a: 'it is'\nb: \"\"\nc: ''\n",
      "a:   b   \n",
  };
  for (auto* document : documents) {
    INFO(document);
    CHECK(agrees(document));
  }
}

TEST_CASE("what is not plain is left to the library") {
  const char* documents[] = {
      "",
      "# nothing\n",
      "a: b # c\n",
      "a: b ,c\n",
      "a: b,\n",
      "a: b'\n",
      "a: &x b\nc: *x\n",
      "a: |\n  b\n",
      "a: >\n  b\n",
      "a: !!str b\n",
      "a: b\n  c\n",
      "a: b: c\n",
      "a: \"b\\n\"\n",
      "a: 'b''c'\n",
      "a: 'b' c\n",
      "a: {b: c\n  }\n",
      "a: {b: c}}\n",
      "a: [b,]\n",
      "a: {b}\n",
      "a: - b\n",
      "- a\n- b\n",
      "a:\n- b\n",
      "? a\n: b\n",
      "\"a\": b\n",
      "a:\tb\n",
      "a: b\r\n",
      "a: caf\xc3\xa9\n",
      "a: b\n c: d\n",
      "a:\n  b: c\n d: e\n",
      " a: b\n",
      "a: b\n---\nc: d\n",
      "a: b\n...\n",
      "%YAML 1.2\n---\na: b\n",
      "<<: a\n",
      "a: ~\n",
      "a: .5\n",
      "a: @b\n",
      "a:b\n",
      "just text\n",
      "{a: b}\n",
  };
  for (auto* document : documents) {
    INFO(document);
    CHECK_FALSE(read_plain_yaml({document, 1}));
  }
}

TEST_CASE("whatever is taken for plain, the library reads the same") {
  const char* words[] = {"a",    "b.c",    "12",   "-1",  "7d",   "null", "\"x\"",  "'y z'",  "x y",   "",    "{",
                         "}",    "[",      "]",    ",",   ", ",   ": ",   ":",      " ",      "  ",    "#",   "-",
                         "- ",   "@",      "=",    "/",   "+",    "\"",   "'",      "\n",     "\n",    "\n",  "\n  ",
                         "\n  ", "\n    ", "a: ",  "b: ", "a:\n", "b:\n", "{a: b}", "[a, b]", "---\n", "1:2", "e",
                         "true", "1e3",    "0x1f", "_",   ".",    "..",   "(x)",    "$",      "&",     "*"};
  std::mt19937 random(20261121);
  auto pick = [&](std::size_t below) { return random() % below; };
  std::size_t plain = 0;
  for (int round = 0; round < 60'000; ++round) {
    std::string text = pick(2) ? "k: " : "k:\n  ";
    for (auto left = 1 + pick(8); left > 0; --left) text += words[pick(std::size(words))];
    plain += agrees(text) ? 1 : 0;
  }
  CHECK(plain > 500);
}
