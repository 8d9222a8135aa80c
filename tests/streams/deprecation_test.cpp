// What tags of a stream forbid, and how a stream goes.

#include <catch2/catch.hpp>

#include "streams/deprecation.h"
#include "streams/streams.h"

using namespace eda;
using namespace eda::streams;

namespace {

plans::Wish wish(Value::List tags, const std::string& visibility = {}) {
  plans::Wish out;
  out.emplace("spec.tags", plans::WishField{Value(std::move(tags)), ""});
  if (!visibility.empty()) out.emplace("spec.visibility", plans::WishField{Value(visibility), ""});
  return out;
}

plans::Draft draft(plans::Wish after, std::optional<plans::Wish> before = {}) {
  plans::Draft out;
  out.rules = &stream_rules();
  out.ref = Ref{"stream", "local", "orders"};
  out.after = std::move(after);
  out.action = before ? plans::Action::change : plans::Action::create;
  if (before) {
    out.before.emplace();
    out.before->wish = std::move(*before);
  }
  return out;
}

}  // namespace

TEST_CASE("a stream that has pii is not public, neither for good nor for a while") {
  CHECK_FALSE(against_tags(draft(wish({"pii"}))));
  CHECK_FALSE(against_tags(draft(wish({"pii"}, "protected"))));
  CHECK_FALSE(against_tags(draft(wish({"financial"}, "public"))));
  for (auto& refused :
       {draft(wish({"pii"}, "public")), draft(wish({"financial", "pii"}, "public"), wish({}, "public"))}) {
    auto refusal = against_tags(refused);
    REQUIRE(refusal);
    CHECK(refusal->code == Code::refused);
    CHECK(refusal->reason == "PII_PUBLIC");
  }
  auto for_a_while = draft(wish({"pii"}));
  for_a_while.overlay.emplace("spec.visibility", plans::OverlayField{Value("public"), {}, "", ""});
  CHECK(against_tags(for_a_while));
  auto gone = draft(wish({"pii"}, "public"));
  gone.action = plans::Action::remove;
  CHECK_FALSE(against_tags(gone));
}

TEST_CASE("a sunset is a day, and a successor another stream") {
  struct Row {
    std::string sunset, successor;
    std::size_t faults;
  };
  const Row rows[] = {{"", "", 0},           {"2027-06-30", "orders.v2", 0},
                      {"2028-02-29", "", 0}, {"2027-02-29", "", 1},
                      {"2027-13-01", "", 1}, {"tomorrow", "", 1},
                      {"2027-6-3", "", 1},   {"2027-06-30T00:00:00Z", "", 1},
                      {"", "orders", 1},     {"20270630--", "orders", 2}};
  for (auto& row : rows) {
    CAPTURE(row.sunset, row.successor);
    plans::Wish said;
    if (!row.sunset.empty()) said.emplace("spec.sunset", plans::WishField{Value(row.sunset), ""});
    if (!row.successor.empty()) said.emplace("spec.successor", plans::WishField{Value(row.successor), ""});
    CHECK(judge_deprecation("orders", said).size() == row.faults);
  }
}

TEST_CASE("a stream becomes deprecated once") {
  CHECK(becomes_deprecated(draft(wish({"deprecated"}))));
  CHECK(becomes_deprecated(draft(wish({"pii", "deprecated"}), wish({"pii"}))));
  CHECK_FALSE(becomes_deprecated(draft(wish({"deprecated", "pii"}), wish({"deprecated"}))));
  CHECK_FALSE(becomes_deprecated(draft(wish({}), wish({"deprecated"}))));
}
