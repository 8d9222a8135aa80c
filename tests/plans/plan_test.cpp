#include "plans/plan.h"

#include <catch2/catch.hpp>

#include "plans/wish_json.h"

using namespace eda;
using namespace eda::plans;

namespace {

Risk shelf_risk(const FieldChange& change) {
  return change.path == "spec.boards" ? Risk::high : Risk::moderate;
}

std::vector<Violation> shelf_judge(const std::string&, const Wish& wish) {
  if (wished_int(wish, "spec.boards").value_or(1) > 12) {
    return {Violation{"spec.boards", "a shelf has twelve boards at most", {}, "buy another", ""}};
  }
  return {};
}

const Field shelf_fields[] = {
    {.path = "spec.boards", .type = FieldType::integer, .example = "3", .least = 1, .required = true},
    {.path = "spec.age", .type = FieldType::duration, .example = "7d"},
    {.path = "spec.colour", .type = FieldType::choice, .example = "red", .choices = {"red", "blue"}, .immutable = true},
    {.path = "spec.books", .type = FieldType::text_map},
};

const KindRules& shelf() {
  static const KindRules rules{.kind = "Shelf",
                               .plural = "shelves",
                               .rank = 5,
                               .deletion_protection = true,
                               .owned = true,
                               .fields = shelf_fields,
                               .judge = shelf_judge,
                               .risk = shelf_risk};
  return rules;
}

Document document(std::map<std::string, Said> fields) {
  Document d;
  d.kind = "Shelf";
  d.name = "hall";
  d.fields = std::move(fields);
  d.at = Position{"shelf.yaml", 1, 1};
  return d;
}

Said says(Value value, std::uint32_t line = 1) {
  return Said{std::move(value), Position{"shelf.yaml", line, 3}};
}

Draft draft_of(std::optional<Wish> before, Wish after) {
  Draft draft;
  draft.rules = &shelf();
  draft.ref = Ref{"shelf", "", "hall"};
  if (before) {
    draft.before.emplace();
    draft.before->ref = draft.ref;
    draft.before->state = State::applied;
    draft.before->generation = 3;
    draft.before->wish = std::move(*before);
  }
  draft.after = std::move(after);
  return draft;
}

WishField is(Value value) {
  return WishField{std::move(value), "default"};
}

}  // namespace

TEST_CASE("a document sets what it says and leaves the rest alone") {
  Wish before{{"spec.boards", is(3)}, {"spec.age", WishField{Value(1000), "others"}}};
  auto [after, released, conflicts] = merge(before, document({{"spec.boards", says(4)}}), "default", Conflicts::report);
  CHECK(*wished_int(after, "spec.boards") == 4);
  CHECK(*wished_int(after, "spec.age") == 1000);
  CHECK(after.at("spec.age").manager == "others");
  CHECK(released.empty());
  CHECK(conflicts.empty());
}

TEST_CASE("a field that leaves its manifest keeps its value, loses its manager, and the plan says so") {
  Wish before{{"spec.boards", is(3)}, {"spec.age", is(1000)}};
  auto [after, released, conflicts] = merge(before, document({{"spec.boards", says(3)}}), "default", Conflicts::report);
  CHECK(*wished_int(after, "spec.age") == 1000);
  CHECK(after.at("spec.age").manager.empty());
  CHECK(released == std::vector<std::string>{"spec.age"});
  CHECK(diff(before, after).empty());
}

TEST_CASE("null resets a field, and that differs from a value but not from absence") {
  Wish before{{"spec.age", is(1000)}};
  auto after = merge(before, document({{"spec.age", Said{std::nullopt, {}}}}), "default", Conflicts::report).after;
  CHECK(wished(after, "spec.age") == nullptr);
  auto changes = diff(before, after);
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].from == std::optional<Value>(1000));
  CHECK_FALSE(changes[0].to.has_value());
  CHECK(diff(Wish{}, after).empty());
}

TEST_CASE("the action and the risk come from what differs") {
  struct Row {
    std::string what;
    std::optional<Wish> before;
    Wish after;
    Action action;
    Risk risk;
  };
  const Row rows[] = {
      {"nothing there", std::nullopt, {{"spec.boards", is(3)}}, Action::create, Risk::low},
      {"the same", Wish{{"spec.boards", is(3)}}, {{"spec.boards", is(3)}}, Action::unchanged, Risk::low},
      {"a plain field",
       Wish{{"spec.boards", is(3)}},
       {{"spec.boards", is(3)}, {"spec.age", is(1)}},
       Action::change,
       Risk::moderate},
      {"a risky field", Wish{{"spec.boards", is(3)}}, {{"spec.boards", is(4)}}, Action::change, Risk::high},
      {"a label",
       Wish{{"spec.boards", is(3)}},
       {{"spec.boards", is(3)}, {"metadata.labels[\"a\"]", is("b")}},
       Action::change,
       Risk::moderate},
      {"the owner",
       Wish{{"spec.boards", is(3)}, {"metadata.team", is("a")}},
       {{"spec.boards", is(3)}, {"metadata.team", is("b")}},
       Action::change,
       Risk::high},
      {"protection",
       Wish{{"spec.boards", is(3)}},
       {{"spec.boards", is(3)}, {"metadata.deletionProtection", is(false)}},
       Action::change,
       Risk::moderate},
      {"a plain and a risky one",
       Wish{{"spec.boards", is(3)}},
       {{"spec.boards", is(4)}, {"spec.age", is(1)}},
       Action::change,
       Risk::high},
      {"only who manages it",
       Wish{{"spec.boards", is(3)}},
       {{"spec.boards", WishField{Value(3), "others"}}},
       Action::unchanged,
       Risk::low},
      {"a reset of what was never said",
       Wish{{"spec.boards", is(3)}},
       {{"spec.boards", is(3)}, {"spec.age", WishField{std::nullopt, "default"}}},
       Action::unchanged,
       Risk::low},
  };
  for (auto& row : rows) {
    INFO(row.what);
    auto draft = draft_of(row.before, row.after);
    settle(draft);
    CHECK(draft.violations.empty());
    CHECK(draft.action == row.action);
    CHECK(draft.risk == row.risk);
  }
}

TEST_CASE("a merged wish is judged: required, immutable, and the kind's own rules, with the position of the field") {
  auto missing = draft_of(std::nullopt, {{"spec.age", is(1)}});
  settle(missing);
  REQUIRE(missing.violations.size() == 1);
  CHECK(missing.violations[0].field == "spec.boards");

  auto repainted = draft_of(Wish{{"spec.boards", is(1)}, {"spec.colour", is("red")}},
                            {{"spec.boards", is(1)}, {"spec.colour", is("blue")}});
  settle(repainted);
  REQUIRE(repainted.violations.size() == 1);
  CHECK(repainted.violations[0].field == "spec.colour");

  auto tall = draft_of(std::nullopt, {{"spec.boards", is(13)}});
  tall.positions.emplace("spec.boards", Position{"shelf.yaml", 7, 11});
  settle(tall);
  REQUIRE(tall.violations.size() == 1);
  CHECK(tall.violations[0].at.text() == "shelf.yaml:7:11");
}

TEST_CASE("deletion is critical, and refused while protection is on") {
  auto kept = draft_of(Wish{{"spec.boards", is(1)}}, {});
  settle_deletion(kept);
  REQUIRE(kept.refusal);
  CHECK(kept.refusal->code == Code::refused);
  auto freed = draft_of(Wish{{"spec.boards", is(1)}, {"metadata.deletionProtection", is(false)}}, {});
  settle_deletion(freed);
  CHECK_FALSE(freed.refusal);
  CHECK(freed.risk == Risk::critical);
}

TEST_CASE("an object that is being deleted takes no new wish") {
  auto draft = draft_of(Wish{{"spec.boards", is(1)}}, {{"spec.boards", is(2)}});
  draft.before->state = State::deleting;
  settle(draft);
  REQUIRE(draft.refusal);
  CHECK(draft.refusal->reason == "BEING_DELETED");
}

TEST_CASE("unknown fields, wrong types and ranges are told with their position") {
  auto faults = check_document(
      shelf(), document({{"spec.bords", says(3, 4)}, {"spec.age", says("7d", 5)}, {"spec.boards", says(0, 6)}}));
  REQUIRE(faults.size() == 3);
  for (auto& fault : faults) {
    INFO(fault.field << ": " << fault.message);
    CHECK(fault.at.known());
    if (fault.field == "spec.bords") CHECK(fault.hint.find("spec.boards") != std::string::npos);
  }
}

TEST_CASE("violations win over refusals, and a denial over other refusals") {
  std::vector<Draft> drafts(3);
  drafts[0].refusal = Error(Code::impossible, "SHRINK", "cannot shrink");
  drafts[1].refusal = Error(Code::denied, "NOT_OWNER", "not yours");
  CHECK(refusal_of(drafts)->code == Code::denied);
  CHECK(refusal_of(drafts)->violations.size() == 2);
  drafts[2].violations.push_back(Violation{"spec.x", "wrong", {}, "", ""});
  CHECK(refusal_of(drafts)->code == Code::invalid);
  CHECK_FALSE(refusal_of({}).has_value());
}

TEST_CASE("changes come by rank and name, deletions after them, unchanged last") {
  static const KindRules low{.kind = "Low", .plural = "lows", .rank = 0};
  static const KindRules high{.kind = "High", .plural = "highs", .rank = 9};
  auto make = [](const KindRules& rules, std::string name, Action action) {
    Draft draft;
    draft.rules = &rules;
    draft.ref = Ref{rules.singular(), "", std::move(name)};
    draft.action = action;
    return draft;
  };
  std::vector<Draft> drafts{make(low, "gone", Action::remove), make(high, "gone", Action::remove),
                            make(high, "b", Action::create),   make(low, "same", Action::unchanged),
                            make(high, "a", Action::change),   make(low, "z", Action::create)};
  order(drafts);
  std::string text;
  for (auto& draft : drafts) text += draft.ref.text() + " ";
  CHECK(text == "low/z high/a high/b high/gone low/gone low/same ");
}

TEST_CASE("two plans share a hash text only when they do the same to the same basis") {
  auto one = draft_of(Wish{{"spec.boards", is(1)}}, {{"spec.boards", is(2)}});
  settle(one);
  auto same = one;
  CHECK(canonical({one}) == canonical({same}));
  same.before->generation = 4;
  CHECK(canonical({one}) != canonical({same}));
  auto other = one;
  other.fingerprint = "moved";
  CHECK(canonical({one}) != canonical({other}));
  auto manager = one;
  manager.after["spec.boards"].manager = "others";
  CHECK(canonical({one}) != canonical({manager}));
}

TEST_CASE("what the store writes of a wish and a draft, it reads back") {
  Wish wish{{"spec.boards", is(3)},
            {"spec.age", WishField{std::nullopt, "default"}},
            {"spec.books[\"a \\\"b\\\"\"]", is("ü\n")},
            {"spec.x", is(Value::List{"a", 1, true})},
            {"spec.big", is(std::int64_t{9007199254740993})}};
  CHECK(wish_from_json(wish_to_json(wish)) == wish);
  auto draft = draft_of(Wish{{"spec.boards", is(1)}}, wish);
  draft.before->id = 77;
  settle(draft);
  draft.notes = {"a note"};
  draft.affected = {"team"};
  draft.raise(Risk::critical, "because");
  draft.fingerprint = "f";
  Draft back;
  back.ref = draft.ref;
  draft_from_json(draft_to_json(draft), back);
  CHECK(back.after == draft.after);
  CHECK(back.before->id == 77);
  CHECK(back.before->generation == 3);
  CHECK(back.risk == Risk::critical);
  CHECK(back.notes == draft.notes);
  CHECK(back.affected == draft.affected);
  CHECK(back.fields.size() == draft.fields.size());
}

TEST_CASE("a document by itself is judged by what it says, when it says enough") {
  auto odd = judge_document(shelf(), document({{"spec.boards", says(Value(13), 7)}}));
  REQUIRE(odd.size() == 1);
  CHECK(odd[0].field == "spec.boards");
  CHECK(odd[0].at == Position{"shelf.yaml", 7, 3});
  CHECK(odd[0].object == "shelf/hall");
  CHECK(judge_document(shelf(), document({{"spec.boards", says(Value(12))}})).empty());
  CHECK(judge_document(shelf(), document({{"spec.colour", says(Value("red"))}})).empty());
}
