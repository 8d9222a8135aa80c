#include "cli/table.h"

#include <catch2/catch.hpp>
#include <sstream>

#include "platform/text/unicode.h"

using namespace eda::cli;

namespace {

Table teams() {
  Table table({{"NAME", Column::Show::always, Column::Align::left, Column::Wrap::never},
               {"TEAM"},
               {"PARTITIONS", Column::Show::always, Column::Align::right},
               {"CHANGED", Column::Show::wide},
               {"DESCRIPTION", Column::Show::always, Column::Align::left, Column::Wrap::first}});
  table.row({"orders.placed", "结账团队", "12", "2h ago",
             "订单已被接受，包含其行项目、价格和地址，以及一切发货所需的信息，并且还有更多的说明文字"});
  table.row({"طلبات.جديدة", "المدفوعات", "3", "1d ago",
             "تم قبول الطلب مع البنود والأسعار والعنوان وكل ما يلزم للشحن والمزيد من الوصف هنا"});
  table.row({"plain", "", "6", "5m ago",
             "An order was accepted, with its lines, prices and address; and the sentence goes on and on."});
  return table;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> out;
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

}  // namespace

TEST_CASE("a table is never wider than the terminal, whatever the script") {
  for (std::size_t width : {20U, 40U, 80U, 200U}) {
    for (auto& line : lines_of(teams().text(width, Palette(), Table::Detail::wide))) {
      INFO(width << ": " << line);
      CHECK(eda::text::columns(line) <= std::max<std::size_t>(width, 28));  // five columns of four
      CHECK_FALSE(eda::text::invalid_utf8(line));
    }
  }
}

TEST_CASE("at 80 columns names stay whole and descriptions are wrapped") {
  auto text = teams().text(80, Palette(), Table::Detail::normal);
  CHECK(text.find("…") == std::string::npos);
  auto lines = lines_of(text);
  REQUIRE(lines.size() == 9);
  CHECK(lines[0].starts_with("NAME           TEAM       PARTITIONS  DESCRIPTION"));
  CHECK(lines[1].starts_with("orders.placed  结账团队           12  订单"));
  CHECK(lines[2].starts_with("                                      "));
  CHECK(lines[4].find("طلبات.جديدة") == 0);
  CHECK(lines[6].starts_with("plain          -                   6  An order"));
  CHECK(lines[8].ends_with("on and on."));
}

TEST_CASE("columns that do not stand beside each other stand below the name") {
  auto text = teams().text(40, Palette(), Table::Detail::wide);
  CHECK(text.find("…") == std::string::npos);
  CHECK(text.find("plain\n"
                  "  PARTITIONS   6\n"
                  "  CHANGED      5m ago\n"
                  "  DESCRIPTION  An order was accepted,\n"
                  "               with its lines, prices\n") != std::string::npos);
}

TEST_CASE("a name is never cut, and a word only where a line has no room for it") {
  std::string name(60, 'n'), address = "https://oncall.shop.example/checkout";
  for (std::size_t width : {30U, 80U, 200U}) {
    Table table({{"NAME", Column::Show::always, Column::Align::left, Column::Wrap::never}, {"CONTACT"}, {"STATE"}});
    table.row({name, "oncall: " + address, "applied"});
    auto text = table.text(width, Palette(), Table::Detail::normal);
    INFO(text);
    CHECK(text.find(name) != std::string::npos);
    CHECK(text.find("applied") != std::string::npos);
    CHECK((text.find(address) != std::string::npos) == (width != 30));
  }
}

TEST_CASE("at 200 columns nothing is cut") {
  CHECK(teams().text(200, Palette(), Table::Detail::normal).find("…") == std::string::npos);
}

TEST_CASE("where nobody looks nothing is cut and the columns still align") {
  auto lines = lines_of(teams().text(0, Palette(), Table::Detail::wide));
  CHECK(lines[0].find("CHANGED") != std::string::npos);
  CHECK(lines[3].ends_with("goes on and on."));
}

TEST_CASE("a hostile name cannot steer the terminal") {
  Table table({{"NAME"}});
  table.row({"evil\x1b[2J\n\u202Ename"});
  auto text = table.text(80, Palette(), Table::Detail::normal);
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.find("evil\\x1b[2J\\x0a\\u202ename") != std::string::npos);
}

TEST_CASE("colours surround the text and do not move the columns") {
  Table table({{"STATE"}, {"NAME"}});
  table.row({Cell("applied", Style::good), "a"});
  auto lines = lines_of(table.text(80, Palette(Palette::Colours::on), Table::Detail::normal));
  CHECK(lines[1] == "\x1b[32mapplied\x1b[0m  a");
}

TEST_CASE("what is not there has no colour") {
  Table table({{"NAME"}, {"DRIFT"}});
  table.row({"a", Cell("", Style::bad)});
  CHECK(lines_of(table.text(80, Palette(Palette::Colours::on), Table::Detail::normal))[1] == "a     -");
}

TEST_CASE("tab-separated cells keep their line whatever they hold") {
  CHECK(tsv_line({"a\tb", "c\nd", "e\\f", ""}) == "a\\tb\tc\\nd\te\\\\f\t\n");
}

TEST_CASE("colours follow NO_COLOR, then CLICOLOR_FORCE, then TERM, then the terminal") {
  using C = Palette::Colours;
  CHECK(choose_colours(Sink::terminal, nullptr, nullptr, "xterm") == C::on);
  CHECK(choose_colours(Sink::other, nullptr, nullptr, "xterm") == C::off);
  CHECK(choose_colours(Sink::terminal, "1", "1", "xterm") == C::off);
  CHECK(choose_colours(Sink::other, nullptr, "1", "dumb") == C::on);
  CHECK(choose_colours(Sink::other, nullptr, "0", nullptr) == C::off);
  CHECK(choose_colours(Sink::terminal, "", nullptr, "dumb") == C::off);
}
