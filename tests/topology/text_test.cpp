// What goes out as text: the outline of a terminal, Mermaid, and labels that cannot do harm.

#include <catch2/catch.hpp>
#include <sstream>

#include "platform/text/unicode.h"
#include "tests/topology/graphs.h"
#include "topology/label.h"
#include "topology/mermaid.h"
#include "topology/outline.h"

using namespace eda;
using namespace eda::topology;
using test::sketch;

namespace {

Part part_of(const test::Sketch& sketch) {
  return select(sketch.graph(), {});
}

Part around(const test::Sketch& sketch, const std::string& name) {
  auto graph = sketch.graph();
  return select(graph, Selection{Selection::Of::around, "", test::place_of(graph, name)});
}

std::size_t widest(const std::string& text) {
  std::size_t most = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) most = std::max(most, text::columns(line));
  return most;
}

}  // namespace

TEST_CASE("an outline shows each node once, with what follows from it below") {
  auto drawing = sketch({"a>x.1>b>x.2>c", "a>x.3>c", "idle"});
  drawing.at("x.2").tags = {"pii"};
  drawing.at("x.2").visibility = Visibility::private_;
  CHECK(outline(part_of(drawing), 80) ==
        "[a]  team\n"
        "├─▶ x.1  team\n"
        "│   └─▶ [b]  team\n"
        "│       └─▶ x.2  team (private · pii)\n"
        "│           └─▶ [c]  team\n"
        "└─▶ x.3  team\n"
        "    └─▶ [c]  team\n"
        "[idle]  team\n");
}

TEST_CASE("an outline around a node shows what leads to it and what follows") {
  CHECK(outline(around(sketch({"a>x.1>b>x.2>c"}), "b"), 80) ==
        "[b]  team\n"
        "└─◀ x.1  team\n"
        "    └─◀ [a]  team\n"
        "\n"
        "[b]  team\n"
        "└─▶ x.2  team\n"
        "    └─▶ [c]  team\n");
  CHECK(outline(around(sketch({"a>x.1"}), "a"), 80) == "nothing leads to it\n\n[a]  team\n└─▶ x.1  team\n");
}

TEST_CASE("a circle in an outline names what stands above") {
  CHECK(outline(part_of(sketch({"a>x.1>b>x.2>a"})), 80) ==
        "[a]  team\n"
        "└─▶ x.1  team\n"
        "    └─▶ [b]  team\n"
        "        └─▶ x.2  team\n"
        "            └─▶ [a] ↑\n");
}

TEST_CASE("no line of an outline is wider than the terminal, and nothing is lost at its edge") {
  std::string chain = "s0";
  for (int i = 1; i < 60; ++i) chain += ">x." + std::to_string(i) + ">s" + std::to_string(i);
  auto drawing = sketch({chain, "支付服务支付服务支付服务支付服务支付服务>x.退款退款退款退款退款退款"});
  for (std::size_t width : {40U, 80U, 200U}) {
    auto text = outline(part_of(drawing), width);
    INFO(text);
    CHECK(widest(text) <= width);
    for (int i = 0; i < 60; ++i) CHECK(text.find("[s" + std::to_string(i) + "]") != std::string::npos);
  }
  CHECK(widest(outline(part_of(drawing), 5)) <= 40);
}

TEST_CASE("labels lose what could do harm and keep what people read") {
  struct Case {
    std::string text, clean;
  };
  const std::string bad = "\xef\xbf\xbd";
  for (auto& each : std::vector<Case>{{"orders.placed", "orders.placed"},
                                      {"支付 ümläut", "支付 ümläut"},
                                      {"a\nb\tc\x01\x7f", "a" + bad + "b" + bad + "c" + bad + bad},
                                      {"a\u202eb\u2066c\u200fd", "a" + bad + "b" + bad + "c" + bad + "d"},
                                      {"\xff\xfe\xed\xa0\x80", bad + bad + bad + bad + bad},
                                      {"\ufffe\uffff\u0085", bad + bad + bad},
                                      {"\\N \\G </svg>", "\\N \\G </svg>"},
                                      {std::string("a\0b", 3), "a" + bad + "b"}}) {
    CHECK(cleaned(each.text, 80) == each.clean);
  }
  CHECK(text::columns(cleaned(std::string(100'000, 'x'), 60)) == 60);
  CHECK(cleaned(std::string(100'000, 'x'), 60).ends_with("…"));
  std::string zalgo = "a";
  for (int i = 0; i < 50'000; ++i) zalgo += "\u0301";
  CHECK(cleaned(zalgo, 60).size() < 4'000);
}

TEST_CASE("Mermaid gets boxes by team, arrows by kind, and names that are only shown") {
  auto drawing = sketch({"a>x.1>b>x.2>a"});
  drawing.at("x.1").tags = {"pii"};
  drawing.at("b").team = "other \"team\"; end";
  auto text = mermaid(part_of(drawing));
  REQUIRE(text);
  CHECK(text->starts_with(
      "flowchart LR\n  subgraph t0[\"other #34;team#34;#59; end\"]\n    n1[\"b\"]:::service\n  end\n"));
  CHECK(text->find("n2([\"x.1<br/>pii\"]):::protectedStream\n") != std::string::npos);
  CHECK(text->find("  n0 ==> n2\n") != std::string::npos);
  CHECK(text->find("-.->") != std::string::npos);
}

TEST_CASE("no name gets anything into Mermaid but text") {
  for (std::string name : {"\"]\nclick n0 \"javascript:alert(1)\"", "<script>alert(1)</script>", "%%{init: {}}%%",
                           "a#quot;b", "end", "`x`", "&lt;b&gt;"}) {
    auto drawing = sketch({"a>x.1"});
    drawing.at("a").name = name;
    auto text = mermaid(part_of(drawing));
    REQUIRE(text);
    INFO(*text);
    auto begin = text->find("n0[\"") + 4;
    auto label = text->substr(begin, text->find("\"]", begin) - begin);
    CHECK(label.find_first_of("\"<>\n`%&{}()[]") == std::string::npos);
    std::istringstream lines(*text);
    for (std::string line; std::getline(lines, line);) CHECK(line.find("click") != 0);
  }
}

TEST_CASE("what Mermaid would not draw is refused with another way") {
  test::Sketch drawing;
  for (int i = 0; i < 501; ++i) drawing.flow("a", "x." + std::to_string(i));
  auto refused = mermaid(select(drawing.graph(), Selection{.limit = 0}));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().reason == "MERMAID_LIMIT");
  CHECK(refused.error().message == "this part has 501 edges, and Mermaid draws at most 500");
  CHECK(refused.error().next.find("-o svg") != std::string::npos);
}
