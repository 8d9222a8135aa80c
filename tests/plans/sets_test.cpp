// Sets, overlays and ways back as pure rules.

#include <catch2/catch.hpp>

#include "plans/drafts.h"
#include "tests/plans/shelves.h"

using namespace eda;
using namespace eda::plans;
using namespace eda::plans::test;

namespace {

WishField by(const std::string& manager, std::optional<Value> value) {
  return WishField{std::move(value), manager};
}

Document says(std::map<std::string, std::optional<Value>> fields) {
  return shelf_document("hall", std::move(fields));
}

Object stored(Wish wish, Overlay overlay = {}) {
  Object object;
  object.id = 7;
  object.ref = Ref{"shelf", "prod", "hall"};
  object.generation = 3;
  object.observed_generation = 3;
  object.state = State::applied;
  object.wish = std::move(wish);
  object.overlay = std::move(overlay);
  return object;
}

const Instant tomorrow = *from_rfc3339("2026-11-22T08:00:00Z");

}  // namespace

TEST_CASE("a set manages what it says, releases what it says no more, and meets other sets only over values") {
  struct Row {
    const char* what;
    Wish before;
    std::map<std::string, std::optional<Value>> said;
    const char* manager;
    Conflicts how;
    Wish after;
    std::vector<std::string> released;
    std::vector<std::string> conflicts;  ///< "path manager"
  };
  const Row rows[] = {
      {"a new field",
       {},
       {{"spec.boards", 3}},
       "a/shop",
       Conflicts::report,
       {{"spec.boards", by("a/shop", 3)}},
       {},
       {}},
      {"the own field",
       {{"spec.boards", by("a/shop", 3)}},
       {{"spec.boards", 4}},
       "a/shop",
       Conflicts::report,
       {{"spec.boards", by("a/shop", 4)}},
       {},
       {}},
      {"an unmanaged field",
       {{"spec.boards", by("", 3)}},
       {{"spec.boards", 4}},
       "a/shop",
       Conflicts::report,
       {{"spec.boards", by("a/shop", 4)}},
       {},
       {}},
      {"a released field",
       {{"spec.boards", by("a/shop", 3)}, {"spec.age", by("a/shop", 9)}},
       {{"spec.boards", 3}},
       "a/shop",
       Conflicts::report,
       {{"spec.boards", by("a/shop", 3)}, {"spec.age", by("", 9)}},
       {"spec.age"},
       {}},
      {"another set's field, the same value",
       {{"spec.boards", by("b/shop", 3)}},
       {{"spec.boards", 3}},
       "a/shop",
       Conflicts::report,
       {{"spec.boards", by("b/shop", 3)}},
       {},
       {}},
      {"another set's field, another value",
       {{"spec.boards", by("b/shop", 3)}},
       {{"spec.boards", 4}},
       "a/shop",
       Conflicts::report,
       {{"spec.boards", by("b/shop", 3)}},
       {},
       {"spec.boards b/shop"}},
      {"another set's field, reset",
       {{"spec.boards", by("b/shop", 3)}},
       {{"spec.boards", std::nullopt}},
       "a/shop",
       Conflicts::report,
       {{"spec.boards", by("b/shop", 3)}},
       {},
       {"spec.boards b/shop"}},
      {"another set's reset, reset",
       {{"spec.boards", by("b/shop", std::nullopt)}},
       {{"spec.boards", std::nullopt}},
       "a/shop",
       Conflicts::report,
       {{"spec.boards", by("b/shop", std::nullopt)}},
       {},
       {}},
      {"another set's field, by force",
       {{"spec.boards", by("b/shop", 3)}},
       {{"spec.boards", 4}},
       "a/shop",
       Conflicts::force,
       {{"spec.boards", by("a/shop", 4)}},
       {},
       {"spec.boards b/shop"}},
      {"by hand, a field that nobody manages",
       {{"spec.boards", by("", 3)}, {"spec.age", by("", 1)}},
       {{"spec.boards", 4}},
       "",
       Conflicts::report,
       {{"spec.boards", by("", 4)}, {"spec.age", by("", 1)}},
       {},
       {}},
      {"by hand, a managed field",
       {{"spec.boards", by("b/shop", 3)}},
       {{"spec.boards", 4}},
       "",
       Conflicts::report,
       {{"spec.boards", by("b/shop", 3)}},
       {},
       {"spec.boards b/shop"}},
      {"by hand, the value that a set says",
       {{"spec.boards", by("b/shop", 3)}},
       {{"spec.boards", 3}},
       "",
       Conflicts::report,
       {{"spec.boards", by("b/shop", 3)}},
       {},
       {}},
      {"by hand, by force",
       {{"spec.boards", by("b/shop", 3)}},
       {{"spec.boards", 4}},
       "",
       Conflicts::force,
       {{"spec.boards", by("", 4)}},
       {},
       {"spec.boards b/shop"}},
      {"the same name of no team gives way to a team's",
       {{"spec.boards", by("shop", 3)}},
       {{"spec.boards", 4}},
       "a/shop",
       Conflicts::report,
       {{"spec.boards", by("a/shop", 4)}},
       {},
       {}},
      {"a team's does not give way to the same name of no team",
       {{"spec.boards", by("a/shop", 3)}},
       {{"spec.boards", 4}},
       "shop",
       Conflicts::report,
       {{"spec.boards", by("a/shop", 3)}},
       {},
       {"spec.boards a/shop"}},
  };
  for (auto& row : rows) {
    INFO(row.what);
    auto merged = merge(row.before, says(row.said), row.manager, row.how);
    CHECK(merged.after == row.after);
    CHECK(merged.released == row.released);
    std::vector<std::string> conflicts;
    for (auto& conflict : merged.conflicts) conflicts.push_back(conflict.path + " " + conflict.manager);
    CHECK(conflicts == row.conflicts);
  }
}

TEST_CASE("a conflict names the object, both sets, and where the other was applied from") {
  auto draft =
      said(shelf(), says({{"spec.boards", 4}, {"spec.age", 5}}),
           stored({{"spec.boards", by("b/web", 3)}, {"spec.age", by("c/infra", 1)}}), "a/shop", Conflicts::report);
  tell_conflicts(draft, ApplySet{"shop", "a"}, Conflicts::report,
                 {{"b/web", "by user/bob from github.com/acme/web@4f2a9c1, 2026-11-21T08:00:00Z"}});
  REQUIRE(draft.refusal);
  CHECK(draft.refusal->code == Code::conflict);
  CHECK(draft.refusal->reason == "FIELD_MANAGED");
  for (auto* part : {"shelf/prod/hall", "\"a/shop\"", "spec.boards by the set \"b/web\"", "github.com/acme/web@4f2a9c1",
                     "spec.age by the set \"c/infra\""}) {
    INFO(draft.refusal->message);
    CHECK(draft.refusal->message.find(part) != std::string::npos);
  }
  REQUIRE(draft.refusal->violations.size() == 2);
  CHECK(draft.refusal->violations[0].at.known());
  CHECK(draft.refusal->next.find("--force-conflicts") != std::string::npos);

  auto forced =
      said(shelf(), says({{"spec.boards", 4}}), stored({{"spec.boards", by("b/web", 3)}}), "a/shop", Conflicts::force);
  tell_conflicts(forced, ApplySet{"shop", "a"}, Conflicts::force, {});
  CHECK_FALSE(forced.refusal);
  REQUIRE(forced.notes.size() == 1);
  CHECK(forced.notes[0].find("taken over from the set \"b/web\"") != std::string::npos);
  CHECK(forced.hands_over);
}

TEST_CASE("what changes only who manages is no change, and is written all the same") {
  auto taken =
      said(shelf(), says({{"spec.boards", 3}}), stored({{"spec.boards", by("", 3)}}), "a/shop", Conflicts::report);
  CHECK(taken.action == Action::unchanged);
  CHECK(writes(taken));
  auto released = said(shelf(), says({}), stored({{"spec.boards", by("a/shop", 3)}}), "a/shop", Conflicts::report);
  CHECK(released.action == Action::unchanged);
  CHECK(writes(released));
  REQUIRE(released.notes.size() == 1);
  CHECK(released.notes[0].find("spec.boards is no longer in the manifest") == 0);
  auto same = said(shelf(), says({{"spec.boards", 3}}), stored({{"spec.boards", by("a/shop", 3)}}), "a/shop",
                   Conflicts::report);
  CHECK_FALSE(writes(same));
}

TEST_CASE("what its set names no more is deleted, unless another set manages a field of it or it is protected") {
  struct Row {
    const char* what;
    Wish wish;
    Action action;
    const char* reason;
  };
  const auto open = by("a/shop", false);
  const Row rows[] = {
      {"only this set", {{"spec.boards", by("a/shop", 3)}, {"metadata.deletionProtection", open}}, Action::remove, ""},
      {"this set, and a field by hand",
       {{"spec.boards", by("a/shop", 3)}, {"spec.age", by("", 3)}, {"metadata.deletionProtection", open}},
       Action::remove,
       ""},
      {"protected", {{"spec.boards", by("a/shop", 3)}}, Action::remove, "DELETION_PROTECTED"},
      {"another set too",
       {{"spec.boards", by("a/shop", 3)}, {"spec.age", by("b/shop", 3)}, {"metadata.deletionProtection", open}},
       Action::unchanged,
       ""},
  };
  for (auto& row : rows) {
    INFO(row.what);
    auto draft = unnamed(shelf(), stored(row.wish), "a/shop");
    CHECK(draft.action == row.action);
    CHECK((draft.refusal ? draft.refusal->reason : "") == row.reason);
    CHECK((draft.because == Draft::Because::pruned) == (row.action == Action::remove));
    CHECK(draft.risk == (row.action == Action::remove ? Risk::critical : Risk::low));
    if (row.action == Action::remove) continue;
    CHECK(writes(draft));
    CHECK(draft.after.at("spec.boards").manager.empty());
    CHECK(draft.after.at("spec.age").manager == "b/shop");
    REQUIRE(draft.notes.size() == 1);
    CHECK(draft.notes[0].find("b/shop") != std::string::npos);
  }
}

TEST_CASE("all that is pruned is confirmed by the set's name, once; what is deleted by name by each name") {
  std::vector<Draft> drafts;
  for (auto* name : {"one", "two"}) {
    auto object = stored({{"spec.boards", by("a/shop", 3)}, {"metadata.deletionProtection", by("a/shop", false)}});
    object.ref.name = name;
    drafts.push_back(unnamed(shelf(), object, "a/shop"));
    object.ref.name = std::string("named-") + name;
    drafts.push_back(removal(shelf(), object));
  }
  Summary summary;
  summary.set = ApplySet{"shop", "a"};
  count(summary, drafts);
  CHECK(summary.deletes == 4);
  CHECK(summary.prunes == 2);
  CHECK(summary.confirm == std::vector<std::string>{"named-one", "named-two", "shop"});
}

TEST_CASE("a change for a while leaves the wish and its manager alone and differs by its effect") {
  OverlayField terms{std::nullopt, tomorrow, "user/ada", "a flood"};
  auto draft = said_for_a_while(shelf(), says({{"spec.boards", 5}}), stored({{"spec.boards", by("a/shop", 3)}}), terms);
  CHECK(draft.violations.empty());
  CHECK_FALSE(draft.refusal);
  CHECK(draft.action == Action::change);
  CHECK(draft.risk == Risk::high);
  CHECK(draft.after.at("spec.boards") == by("a/shop", 3));
  CHECK(draft.overlay.at("spec.boards") == OverlayField{Value(5), tomorrow, "user/ada", "a flood"});
  REQUIRE(draft.fields.size() == 1);
  CHECK(draft.fields[0].from == Value(3));
  CHECK(draft.fields[0].to == Value(5));
  CHECK(draft.notes.at(0).find("2026-11-22T08:00:00Z") != std::string::npos);

  auto longer =
      said_for_a_while(shelf(), says({{"spec.boards", 5}}), stored({{"spec.boards", by("a/shop", 3)}}, draft.overlay),
                       OverlayField{std::nullopt, tomorrow + std::chrono::hours(1), "user/ada", ""});
  CHECK(longer.action == Action::change);

  CHECK(said_for_a_while(shelf(), says({{"spec.boards", 5}}), std::nullopt, terms).refusal->code == Code::not_found);
  CHECK(said_for_a_while(shelf(), says({{"metadata.domain", "x"}}), stored({}), terms).violations.size() == 1);
  CHECK(said_for_a_while(shelf(), says({{"spec.colour", "blue"}}), stored({{"spec.colour", by("", "red")}}), terms)
            .violations.size() == 1);
}

TEST_CASE("a manifest sees what holds for a while as a note, and its change beneath it as a change") {
  Overlay overlay{{"spec.boards", OverlayField{Value(5), tomorrow, "user/ada", "a flood"}}};
  auto same = said(shelf(), says({{"spec.boards", 3}}), stored({{"spec.boards", by("a/shop", 3)}}, overlay), "a/shop",
                   Conflicts::report);
  CHECK(same.action == Action::unchanged);
  CHECK_FALSE(writes(same));
  REQUIRE(same.notes.size() == 1);
  CHECK(same.notes[0] == "spec.boards is 5 until 2026-11-22T08:00:00Z, by user/ada: a flood");

  auto other = said(shelf(), says({{"spec.boards", 4}}), stored({{"spec.boards", by("a/shop", 3)}}, overlay), "a/shop",
                    Conflicts::report);
  CHECK(other.action == Action::change);
  CHECK(other.overlay == overlay);
  REQUIRE(other.fields.size() == 1);
  CHECK(other.fields[0].to == Value(4));
  REQUIRE(other.notes.size() == 2);
  CHECK(other.notes[1] == "spec.boards becomes 4 when that ends");
}

TEST_CASE("the way back takes older values, resets what was not said, and says what cannot come back") {
  Wish then{{"spec.boards", by("a/shop", 3)},
            {"spec.age", by("a/shop", 86'400'000)},
            {"metadata.domain", by("a/shop", "sales")}};
  Wish now{{"spec.boards", by("a/shop", 6)},
           {"spec.age", by("b/web", 1'000)},
           {"spec.books[\"x\"]", by("", "y")},
           {"metadata.labels[\"tier\"]", by("", "gold")},
           {"metadata.domain", by("a/shop", "sales")}};
  auto back = roll_back(shelf(), now, then);
  Wish expected{{"spec.boards", by("a/shop", 6)},  // boards only grow
                {"spec.age", by("b/web", 86'400'000)},
                {"spec.books[\"x\"]", by("", std::nullopt)},
                {"metadata.domain", by("a/shop", "sales")}};
  CHECK(back.after == expected);
  auto noted = [&](const std::string& text) {
    return std::any_of(back.notes.begin(), back.notes.end(),
                       [&](auto& note) { return note.find(text) != std::string::npos; });
  };
  CHECK(noted("spec.boards: a shelf keeps the boards it has"));
  CHECK(noted("spec.age is managed by the set \"b/web\""));
  CHECK(noted("spec.age: the books that were thrown away stay away"));
  CHECK(noted("spec.books[\"x\"] was not said then"));
  CHECK(roll_back(shelf(), now, now).after == now);
  CHECK(roll_back(shelf(), now, now).notes.empty());
}

TEST_CASE("what moved is told by fields and by facts, from what to what") {
  CHECK(moved_fields(shelf(), {{"spec.boards", by("", 3)}, {"spec.age", by("", 86'400'000)}},
                     {{"spec.boards", by("", 6)}}) ==
        std::vector<std::string>{"spec.boards: 3 -> 6", "spec.age: 1d -> the default"});
  struct Row {
    const char* planned;
    const char* now;
    std::vector<std::string> moved;
  };
  const Row rows[] = {
      {R"({"partitions":3})", R"({"partitions":6})", {"partitions: 3 -> 6"}},
      {R"({"config":{"a":"1","b":"2"}})", R"({"config":{"b":"3"}})", {"config.a: 1 -> none", "config.b: 2 -> 3"}},
      {R"({"topicId":"x"})", "absent", {"it is gone"}},
      {"absent", R"({"topicId":"x"})", {"it is there now"}},
      {"one", "two", {"what was seen there"}},
  };
  for (auto& row : rows) CHECK(moved_facts(row.planned, row.now) == row.moved);
  CHECK(told({"a", "b", "c", "d", "e", "f", "g"}) == "a, b, c, d, e and 2 more");
}

TEST_CASE("the hash text knows overlays and the version of the rules") {
  OverlayField terms{std::nullopt, tomorrow, "user/ada", ""};
  auto one = said_for_a_while(shelf(), says({{"spec.boards", 5}}), stored({{"spec.boards", by("a/shop", 3)}}), terms);
  auto other = one;
  other.overlay.at("spec.boards").until += std::chrono::hours(1);
  CHECK(canonical({one}) != canonical({other}));
  KindRules newer = shelf();
  newer.version = 2;
  auto judged = one;
  judged.rules = &newer;
  CHECK(canonical({one}) != canonical({judged}));
  CHECK(rules_of({one}) == "shelf:1");
  CHECK(rules_of({judged}) == "shelf:2");
}
