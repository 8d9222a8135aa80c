#include "cli/rows.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "cli/app.h"
#include "cli/output_shapes.h"

using namespace eda::cli;

namespace {

const std::vector<Column> columns{{"NAME"}, {"TEAM"}, {"RETENTION"}};

std::vector<std::string> sorted(std::vector<std::string> cells, RowChoice::Direction direction) {
  std::stable_sort(cells.begin(), cells.end(),
                   [&](auto& a, auto& b) { return SortKey::before(SortKey(a), SortKey(b), direction); });
  return cells;
}

}  // namespace

TEST_CASE("columns are chosen by their headers, in any case and in the order asked for") {
  auto choice = choose_rows({"retention,Name", "TEAM:desc", true}, columns);
  REQUIRE(choice);
  CHECK(choice->shown == std::vector<std::size_t>{2, 0});
  CHECK(choice->sorted == 1u);
  CHECK(choice->direction == RowChoice::Direction::down);
  CHECK_FALSE(choose_rows({}, columns)->sorted);
}

TEST_CASE("a column that there is not is usage, with the nearest one") {
  auto typo = choose_rows({"name,taem", "", true}, columns);
  REQUIRE_FALSE(typo);
  CHECK(typo.error().message == "the list has no column \"taem\"");
  CHECK(typo.error().next == "did you mean \"TEAM\"?");
  auto other = choose_rows({"zzzzzzzz", "", true}, columns);
  CHECK(other.error().next == "its columns are NAME, TEAM, RETENTION");
  CHECK_FALSE(choose_rows({",", "", true}, columns));
  CHECK_FALSE(choose_rows({"", "name:up", true}, columns));
  CHECK_FALSE(choose_rows({"", ":desc", true}, columns));
}

TEST_CASE("cells are ordered by what they amount to") {
  using D = RowChoice::Direction;
  using L = std::vector<std::string>;
  CHECK(sorted({"10", "9", "-1.5"}, D::up) == L{"-1.5", "9", "10"});
  CHECK(sorted({"7d", "unlimited", "36h", "2w"}, D::up) == L{"36h", "7d", "2w", "unlimited"});
  CHECK(sorted({"10GiB", "1TB", "500MiB"}, D::down) == L{"1TB", "10GiB", "500MiB"});
  CHECK(sorted({"2m ago", "3d ago", "in 5d"}, D::up) == L{"3d ago", "2m ago", "in 5d"});
  CHECK(sorted({"b", "a", "支付", "3"}, D::up) == L{"3", "a", "b", "支付"});
  CHECK(sorted({"", "b", "a"}, D::up) == L{"a", "b", ""});
  CHECK(sorted({"", "b", "a"}, D::down) == L{"b", "a", ""});
}

TEST_CASE("every command that lists has a schema of its output") {
  std::function<void(const std::vector<Command>&, std::string)> check = [&](auto& commands, auto words) {
    for (auto& command : commands) {
      auto here = words + (words.empty() ? "" : " ") + command.name;
      INFO(here << ": add it to cli/output_shapes.cpp");
      bool of_the_api = !here.starts_with("dev ");  // what a private world tells of itself is its own
      if (of_the_api && command.declare && command.shows == Shows::list) CHECK(output_shape(here));
      check(command.commands, here);
    }
  };
  check(all_commands(), std::string());
}
