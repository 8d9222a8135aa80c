#include "cli/errors.h"

#include <catch2/catch.hpp>

#include "cli/confirm.h"

using namespace eda;
using namespace eda::cli;

TEST_CASE("every code has the exit code that the product promises") {
  struct Row {
    Code code;
    int exit;
  };
  auto row = GENERATE(values<Row>({{Code::invalid, 2},
                                   {Code::impossible, 2},
                                   {Code::unauthenticated, 4},
                                   {Code::denied, 4},
                                   {Code::not_found, 5},
                                   {Code::conflict, 6},
                                   {Code::stale, 6},
                                   {Code::refused, 7},
                                   {Code::needs_approval, 8},
                                   {Code::exhausted, 1},
                                   {Code::unavailable, 1},
                                   {Code::timeout, 124},
                                   {Code::unknown_outcome, 11},
                                   {Code::unhealthy, 10},
                                   {Code::partial, 9},
                                   {Code::internal, 1}}));
  CHECK(static_cast<int>(exit_of(row.code)) == row.exit);
}

TEST_CASE("positions come first, then the sentence, then the next step") {
  Error error(Code::invalid, "MANIFEST_INVALID", "the manifests have 2 faults", "correct them");
  error.violations.push_back(
      {"spec.partitons", "unknown field", {"a.yaml", 4, 3}, "did you mean \"partitions\"?", "stream/x"});
  error.violations.push_back({"", "nobody owns it", {}, "", "stream/y"});
  CHECK(error_text(error, Palette()) ==
        "a.yaml:4:3: spec.partitons: unknown field (did you mean \"partitions\"?)\n"
        "stream/y: nobody owns it\n"
        "error: the manifests have 2 faults\n"
        "next: correct them\n");
}

TEST_CASE("what a server or a file says cannot steer the terminal") {
  Error error(Code::internal, "X", "bad \x1b[31m thing\nsecond line");
  CHECK(error_text(error, Palette()) == "error: bad \\x1b[31m thing\n  second line\n");
}

// --- what has to be agreed to

namespace {
const std::vector<Risky> deletion{{"orders", "delete stream/orders"}};
const std::vector<Risky> growth{{"carts", "change stream/carts"}};

Consent consent(Consent::Yes yes, std::vector<std::string> names, Consent::Asking asking) {
  return {yes, std::move(names), asking};
}
constexpr auto no = Consent::Yes::no;
constexpr auto yes = Consent::Yes::given;
constexpr auto alone = Consent::Asking::impossible;
constexpr auto terminal = Consent::Asking::possible;
}  // namespace

TEST_CASE("a plan of LOW risk needs no agreement anywhere") {
  auto questions = what_to_ask({}, {}, consent(no, {}, alone));
  REQUIRE(questions);
  CHECK(questions->names.empty());
  CHECK_FALSE(questions->yes_or_no);
}

TEST_CASE("without a terminal a risky plan is refused unless --yes is given") {
  auto refused = what_to_ask({}, growth, consent(no, {}, alone));
  REQUIRE_FALSE(refused);
  CHECK(static_cast<int>(exit_of(refused.error().code)) == 2);
  CHECK(refused.error().message.find("change stream/carts") != std::string::npos);
  CHECK(what_to_ask({}, growth, consent(yes, {}, alone)));
}

TEST_CASE("--yes is never enough for a deletion, its name is") {
  auto refused = what_to_ask(deletion, {}, consent(yes, {}, alone));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().next == "--confirm orders");
  CHECK(what_to_ask(deletion, {}, consent(no, {"orders"}, alone)));
  CHECK_FALSE(what_to_ask(deletion, {}, consent(yes, {"order"}, alone)));
}

TEST_CASE("a deletion beside a risky change needs both, and says so") {
  auto refused = what_to_ask(deletion, growth, consent(no, {}, alone));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().next == "--confirm orders --yes");
}

TEST_CASE("on a terminal the names are typed and the rest is asked once") {
  auto questions = what_to_ask({{"a", "delete stream/a"}, {"b", "delete stream/b"}, {"a", "delete team/a"}}, growth,
                               consent(no, {"b"}, terminal));
  REQUIRE(questions);
  CHECK(questions->names == std::vector<std::string>{"a"});
  CHECK(questions->yes_or_no);
  CHECK_FALSE(what_to_ask({}, growth, consent(yes, {}, terminal))->yes_or_no);
}
