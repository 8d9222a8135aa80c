// Pictures by the process that draws: what they show, that names are only shown, that equal graphs give equal bytes,
// and how each limit ends it. The process is the edad that lies beside this test.

#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include "platform/text/unicode.h"
#include "tests/support/world.h"
#include "tests/topology/graphs.h"
#include "topology/child.h"

using namespace eda;
using namespace eda::topology;
using test::sketch;

namespace {

namespace fs = std::filesystem;

ChildOptions beside() {
  ChildOptions options;
  options.program = (fs::read_symlink("/proc/self/exe").parent_path() / "edad").string();
  return options;
}

Drawing drawing_of(const test::Sketch& sketch, Picture picture = Picture::svg, Theme theme = Theme::light) {
  return make_drawing(select(sketch.graph(), Selection{.limit = 0}), "everything", picture, theme);
}

Result<Drawn> draw(const Drawing& drawing) {
  Children children(beside());
  return children.draw(drawing, std::chrono::seconds(20));
}

struct Checked {
  int exit = 0;
  std::vector<std::string> texts;
  std::string all;
};
// What tests/topology/svg_check.py says of it.
Checked check_svg(const std::string& svg) {
  auto file = fs::temp_directory_path() / test::unique_name("topology-svg");
  std::ofstream(file, std::ios::binary) << svg;
  auto command = "python3 -B " EDA_SOURCE_DIR "/tests/topology/svg_check.py " + file.string() + " 2>&1";
  Checked out;
  auto* pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  for (char buffer[4096]; std::fgets(buffer, sizeof buffer, pipe) != nullptr;) out.all += buffer;
  out.exit = ::pclose(pipe);
  fs::remove(file);
  for (std::size_t begin = 0; begin < out.all.size();) {
    auto end = std::min(out.all.find('\n', begin), out.all.size());
    out.texts.push_back(out.all.substr(begin, end - begin));
    begin = end + 1;
  }
  return out;
}

bool shows(const Checked& checked, const std::string& text) {
  return std::find(checked.texts.begin(), checked.texts.end(), text) != checked.texts.end();
}

test::Sketch shop() {
  auto out = sketch({"orders>orders.placed>payments>payments.made>orders", "orders>orders.old>audit"});
  out.at("orders.placed").tags = {"pii"};
  out.at("orders.old").tags = {"deprecated"};
  out.at("orders.old").visibility = Visibility::private_;
  out.at("payments").team = "";
  return out;
}

// A service that a thousand streams go through, and all of them again.
test::Sketch tangle(int size) {
  test::Sketch out;
  for (int i = 0; i < size; ++i) {
    for (int j = 0; j < size; ++j) {
      auto stream = "x." + std::to_string(i) + "." + std::to_string(j);
      out.flow("s" + std::to_string(i), stream).flow(stream, "s" + std::to_string(j));
    }
  }
  return out;
}

}  // namespace

TEST_CASE("a picture names services, streams, teams, tags, visibility and what its shapes mean") {
  for (auto theme : {Theme::light, Theme::dark}) {
    auto drawn = draw(drawing_of(shop(), Picture::svg, theme));
    REQUIRE(drawn);
    CHECK(drawn->engine == Engine::dot);
    auto checked = check_svg(drawn->bytes);
    INFO(checked.all);
    REQUIRE(checked.exit == 0);
    for (auto text : {"orders", "orders.placed", "pii", "payments", "team", "no owner", "private · deprecated",
                      "everything", "service", "protected stream", "private stream", "pii, financial", "deprecated"}) {
      INFO(text);
      CHECK(shows(checked, text));
    }
    CHECK_FALSE(shows(checked, "public stream"));  // there is none, so nobody has to learn it
  }
}

TEST_CASE("a large part is drawn by forces, without boxes, and names the team with each node") {
  auto graph = tangle(46);  // 46 services, 2,116 streams
  auto drawing = drawing_of(graph);
  CHECK(drawing.engine == Engine::sfdp);
  auto drawn = draw(drawing);
  REQUIRE(drawn);
  CHECK(drawn->engine == Engine::sfdp);
  auto checked = check_svg(drawn->bytes);
  CHECK(checked.exit == 0);
  CHECK(shows(checked, "team"));
}

TEST_CASE("a name is shown and does nothing else") {
  const std::string bad = "\xef\xbf\xbd";
  struct Case {
    std::string name, shown;
  };
  for (auto& each : std::vector<Case>{
           {"</svg><script>alert(1)</script>", "</svg><script>alert(1)</script>"},
           {"\" onclick=\"alert(1)", "\" onclick=\"alert(1)"},
           {"' onload='x", "' onload='x"},
           {"<b>bold</b>", "<b>bold</b>"},
           {"\\N \\G \\E \\l \\n \\\\", "\\N \\G \\E \\l \\n \\\\"},
           {"\x01\x1b[31m\x7f", bad + bad + "[31m" + bad},
           {"\xff\xc0\xaf", bad + bad + bad},
           {"\u202eevil\u2066", bad + "evil" + bad},
           {"\ufffe", bad},
           {"a\nb", "a" + bad + "b"},
           {"مرحبا", "مرحبا"},
           {"支付服务", "支付服务"},
           {"🚀👩‍🚀", "🚀👩‍🚀"},
           {"{|}[]<f0>", "{|}[]<f0>"},
           {"javascript:alert(1)", "javascript:alert(1)"},
           {"]]>", "]]>"},
           {"<!ENTITY x SYSTEM \"file:///etc/passwd\">", "<!ENTITY x SYSTEM \"file:///etc/passwd\">"},
       }) {
    auto graph = shop();
    graph.at("audit").name = each.name;
    graph.at("audit").team = each.name;
    graph.at("audit").domain = each.name;
    graph.at("orders.old").tags = {each.name};
    for (auto& edge : graph.edges) edge.group = each.name;
    auto drawing = make_drawing(select(graph.graph(), {}), each.name, Picture::svg, Theme::light);
    auto drawn = draw(drawing);
    INFO(each.name);
    REQUIRE(drawn);
    auto checked = check_svg(drawn->bytes);
    INFO(checked.all);
    CHECK(checked.exit == 0);
    CHECK(shows(checked, each.shown));
    for (auto picture : {Picture::png, Picture::dot}) {
      drawing.picture = picture;
      CHECK(draw(drawing));
    }
  }
}

TEST_CASE("entities in a name are letters of the name") {
  for (std::string name : {"&#1;", "&amp;", "&lt;x&gt;", "&#x202e;", "&eacute;", "&", "a&b;"}) {
    auto graph = shop();
    graph.at("audit").name = name;
    graph.at("audit").team = name;
    auto drawn = draw(make_drawing(select(graph.graph(), {}), name, Picture::svg, Theme::light));
    REQUIRE(drawn);
    auto checked = check_svg(drawn->bytes);
    INFO(name << "\n" << checked.all);
    CHECK(checked.exit == 0);
    // What nobody sees keeps it from being read as one.
    std::string shown;
    for (char c : name) shown += c == '&' ? std::string("&\u200b") : std::string(1, c);
    CHECK(shows(checked, shown));
  }
}

TEST_CASE("a name of a hundred thousand characters is cut, and a picture comes of it") {
  auto graph = shop();
  graph.at("audit").name = std::string(100'000, '{');
  graph.at("audit").team = std::string(100'000, 'x');
  graph.at("orders.old").tags = std::vector<std::string>(1000, std::string(4000, '|'));
  auto drawn = draw(make_drawing(select(graph.graph(), {}), std::string(100'000, '<'), Picture::svg, Theme::light));
  REQUIRE(drawn);
  CHECK(drawn->bytes.size() < 100'000);
  CHECK(check_svg(drawn->bytes).exit == 0);
}

TEST_CASE("the same graph gives the same bytes in every process, whatever was drawn meanwhile") {
  Children children(beside());
  for (auto picture : {Picture::svg, Picture::png, Picture::dot}) {
    auto drawing = drawing_of(shop(), picture);
    auto first = children.draw(drawing, std::chrono::seconds(20));
    REQUIRE(first);
    REQUIRE(children.draw(drawing_of(tangle(6)), std::chrono::seconds(20)));
    auto second = children.draw(drawing, std::chrono::seconds(20));
    REQUIRE(second);
    CHECK(first->bytes == second->bytes);
  }
}

TEST_CASE("a drawing survives its way to the process, and nothing else is taken for one") {
  auto drawing = drawing_of(shop(), Picture::png, Theme::dark);
  auto text = encode(drawing);
  auto back = decode_drawing(text);
  REQUIRE(back);
  CHECK(*back == drawing);
  for (std::size_t size = 0; size < text.size(); ++size) CHECK_FALSE(decode_drawing(text.substr(0, size)));
  CHECK_FALSE(decode_drawing(text + " "));
  CHECK_FALSE(decode_drawing("eda-drawing-1\n0 0 0 99999999999999:"));
  CHECK_FALSE(decode_drawing("eda-drawing-1\n0 0 0 0:18446744073709551615 "));
  // Whatever stands in it, it is refused or read, and points nowhere outside.
  for (std::size_t at = 0; at < text.size(); ++at) {
    auto spoilt = text;
    spoilt[at] = '9';
    if (auto read = decode_drawing(spoilt)) {
      for (auto& arrow : read->arrows) CHECK(std::max(arrow.from, arrow.to) < read->shapes.size());
      for (auto& shape : read->shapes) CHECK(shape.group < read->groups.size());
    }
  }
}

TEST_CASE("each limit ends the process that meets it, and says which it was and what to do") {
  struct Case {
    ChildLimits limits;
    std::string limit;
  };
  auto heavy = drawing_of(tangle(30));
  heavy.engine = Engine::dot_flat;
  ChildLimits cpu, memory, output, wall;
  cpu.cpu_seconds = 1;
  memory.memory_bytes = std::size_t{128} << 20;
  memory.cpu_seconds = 60;  // a busy machine takes long to get there
  memory.wall = std::chrono::minutes(2);
  output.output_bytes = std::size_t{10} << 10;
  wall.wall = std::chrono::milliseconds(50);
  auto large = drawing_of(tangle(40));
  large.engine = Engine::sfdp;
  auto bitmap = large;  // thousands of dots each way
  bitmap.picture = Picture::png;
  for (auto& [drawing, each] : std::vector<std::pair<Drawing, Case>>{{heavy, {cpu, "1 s of processor time"}},
                                                                     {bitmap, {memory, "128 MiB of memory"}},
                                                                     {large, {output, "a picture of 0 MiB"}},
                                                                     {heavy, {wall, "50 ms by the clock"}}}) {
    Children children(beside());
    INFO(each.limit);
    auto picture = children.run(drawing, each.limits);
    REQUIRE_FALSE(picture);
    INFO(picture.error().message);
    CHECK(picture.error().reason == "RENDER_LIMIT");
    CHECK(picture.error().facts.at("limit") == each.limit);
    CHECK(picture.error().next.find("--around") != std::string::npos);
  }
}

TEST_CASE("when one way of drawing meets its limit the next one is tried") {
  auto drawing = drawing_of(tangle(18));  // 342 nodes and 648 edges: layers first
  REQUIRE(ladder(drawing).size() == 2);
  Children children(beside());
  auto drawn = children.draw(drawing, std::chrono::seconds(60));
  REQUIRE(drawn);
  CHECK(check_svg(drawn->bytes).exit == 0);
}

TEST_CASE("a process that cannot be started is a sentence") {
  auto options = beside();
  options.program = "/nowhere/edad";
  Children children(options);
  auto drawn = children.draw(drawing_of(shop()), std::chrono::seconds(5));
  REQUIRE_FALSE(drawn);
  CHECK(drawn.error().reason == "RENDER_FAILED");
}

TEST_CASE("more callers than places in line are told to come back") {
  auto options = beside();
  options.at_once = 1;
  options.waiting = 1;
  Children children(options);
  auto heavy = drawing_of(tangle(30));
  heavy.engine = Engine::dot_flat;
  ChildLimits limits;
  limits.wall = std::chrono::milliseconds(2000);
  std::vector<std::future<Result<std::string>>> callers;
  for (int i = 0; i < 6; ++i)
    callers.push_back(std::async(std::launch::async, [&] { return children.run(heavy, limits); }));
  int busy = 0;
  for (auto& caller : callers) {
    auto got = caller.get();
    busy += !got && got.error().reason == "RENDER_BUSY";
    if (!got && got.error().reason == "RENDER_BUSY") CHECK(got.error().code == Code::exhausted);
  }
  CHECK(busy >= 4);
  CHECK(children.draw(drawing_of(shop()), std::chrono::seconds(20)));  // places are free again
}

TEST_CASE("without limits nothing is drawn") {
  CHECK(child_main({child_word}) == 2);
  CHECK(child_main({child_word, "0", "0", "0"}) == 2);
  CHECK(child_main({child_word, "x", "1000", "1000"}) == 2);
}
