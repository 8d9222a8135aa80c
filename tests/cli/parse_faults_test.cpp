#include "cli/parse_faults.h"

#include <catch2/catch.hpp>

using namespace eda::cli;

namespace {

// What a command with an argument, a number and a flag says to these words.
eda::Error fault_of(const std::vector<std::string>& words) {
  CLI::App app("", "edactl");
  auto* rollback = app.add_subcommand("rollback", "the way back");
  std::string name;
  int to = 0;
  bool yes = false;
  rollback->add_option("name", name, "the stream")->type_name("NAME")->required();
  rollback->add_option("--to", to, "the generation to go back to")->type_name("GENERATION");
  rollback->add_flag("-y,--yes", yes, "agree");
  try {
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
  } catch (const CLI::ParseError& fault) {
    return parse_fault(app, *rollback, fault, "edactl rollback orders --to 3   # the way back");
  }
  FAIL("the words are right");
  std::abort();
}

void check(const std::vector<std::string>& words, const std::string& message, const std::string& next) {
  auto error = fault_of(words);
  CHECK(error.message == message);
  CHECK(error.next == next);
}

}  // namespace

TEST_CASE("what is missing is asked for with its meaning and an example") {
  check({"rollback"}, "edactl rollback needs NAME: the stream", "for example: edactl rollback orders --to 3");
  check({"rollback", "a", "--to"}, "--to stands without its GENERATION",
        "--to GENERATION: the generation to go back to");
}

TEST_CASE("what is no number is quoted, with what is expected") {
  check({"rollback", "a", "--to", "x"}, "--to takes a whole number, \"x\" is none",
        "--to GENERATION: the generation to go back to");
  check({"rollback", "a", "--to", "99999999999999999999"}, "99999999999999999999 is larger than --to takes",
        "--to GENERATION: the generation to go back to");
  check({"rollback", "a", "--yes=maybe"}, "--yes is a flag and takes no value; \"maybe\" was given",
        "--yes, or leave it out");
}

TEST_CASE("a word that is nothing gets the nearest one") {
  check({"rollback", "a", "--too", "3"}, "edactl rollback has no flag --too", "did you mean \"--to\"?");
  check({"rollback", "a", "b"}, "edactl rollback: \"b\" is one argument too many", "edactl rollback --help");
}
