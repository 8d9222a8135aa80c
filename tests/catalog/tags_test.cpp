// Tags: who may put them on and take them off, and which of them there are.

#include <catch2/catch.hpp>

#include "catalog/actions.h"
#include "catalog/actions_tags.h"
#include "plans/actions.h"
#include "tests/catalog/service_world.h"
#include "tests/support/world.h"

using namespace eda;
using namespace eda::catalog;

namespace {

plans::Draft draft_of(Value::List before, Value::List after) {
  plans::Draft draft;
  draft.rules = &team_rules();
  draft.ref = Ref{"stream", "local", "orders"};
  draft.before.emplace();
  draft.before->wish.emplace("spec.tags", plans::WishField{Value(std::move(before)), ""});
  draft.after.emplace("spec.tags", plans::WishField{Value(std::move(after)), ""});
  draft.action = plans::Action::change;
  return draft;
}

Standing standing(TeamRole role) {
  Standing out;
  if (role != TeamRole::none) out.roles.emplace("checkout", role);
  return out;
}

const std::map<std::string, Tag> known{{"pii", {}},
                                       {"leads", {Tag::SetBy::lead, true}},
                                       {"admins", {Tag::SetBy::admin, true}},
                                       {"stays", {Tag::SetBy::owner, false}}};

}  // namespace

TEST_CASE("a tag is put on and taken off by whom it says") {
  Standing admin;
  admin.admin = true;
  auto member = standing(TeamRole::member), lead = standing(TeamRole::lead);
  struct Row {
    Value::List before, after;
    Standing who;
    std::string refused;
  };
  const Row rows[] = {
      {{}, {"pii"}, member, ""},
      {{"pii"}, {}, member, ""},
      {{}, {"leads"}, member, "TAG_SET_BY"},
      {{}, {"leads"}, lead, ""},
      {{"leads"}, {}, member, "TAG_SET_BY"},
      {{}, {"admins"}, lead, "TAG_SET_BY"},
      {{"admins"}, {}, lead, "TAG_SET_BY"},
      {{}, {"admins"}, admin, ""},
      {{"stays"}, {}, lead, "TAG_STAYS"},
      {{"stays"}, {}, admin, "TAG_STAYS"},
      {{"stays"}, {"stays", "pii"}, member, ""},
      {{"leads", "pii"}, {"pii", "leads"}, member, ""},
      {{"gone"}, {}, member, ""},
  };
  for (auto& row : rows) {
    auto draft = draft_of(row.before, row.after);
    judge_tags(draft, known, {"pii"}, row.who, "checkout");
    CHECK((draft.refusal ? draft.refusal->reason : "") == row.refused);
    CHECK(draft.violations.empty());
    if (draft.refusal) CHECK_FALSE(draft.refusal->next.empty());
  }
}

TEST_CASE("a tag that there is not is a fault of the manifest, with the nearest that there is") {
  auto draft = draft_of({}, {"ppi", "zzz"});
  judge_tags(draft, known, {"pii", "financial"}, standing(TeamRole::lead), "checkout");
  REQUIRE(draft.violations.size() == 2);
  CHECK(draft.violations[0].field == "spec.tags");
  CHECK(draft.violations[0].message == "there is no tag \"ppi\"");
  CHECK(draft.violations[0].hint.find("pii") != std::string::npos);
  CHECK(draft.violations[1].hint == "edactl get tags lists them; admins make new ones");
}

namespace {

const plans::Field thing_fields[] = {{.path = "spec.tags", .type = plans::FieldType::text_list, .doc = "Tags."}};
const plans::KindRules thing_rules{
    .kind = "Thing", .plural = "things", .rank = 50, .doc = "A thing.", .owned = true, .fields = thing_fields};

class ThingRows final : public plans::KindRows {
 public:
  const plans::KindRules& rules() const override { return thing_rules; }
};

struct World {
  eda::test::FreshDatabase database;
  plans::Kinds kinds{{&team_rules(), &tag_rules(), &thing_rules}};
  TeamRows team_rows;
  TagRows tag_rows;
  ThingRows thing_rows_;
  OwnerBook owners;
  plans::Engine engine{database.pool(), kinds, {&team_rows, &tag_rows, &thing_rows_}, owners, [] {}};
  Reading reading{database.pool(), kinds};

  static identity::Actor actor(const std::string& name, std::set<identity::Role> roles = {}) {
    identity::Actor actor;
    actor.subject = "user/" + name;
    actor.name = name;
    actor.roles = std::move(roles);
    actor.scopes = {identity::Scope::read, identity::Scope::write, identity::Scope::administer};
    return actor;
  }
  const identity::Actor admin = actor("root", {identity::Role::admin});

  static plans::Document document(const std::string& kind, const std::string& name,
                                  std::map<std::string, Value> fields) {
    plans::Document out;
    out.kind = kind;
    out.name = name;
    out.at = Position{"tags.yaml", 1, 1};
    for (auto& [path, value] : fields) out.fields.emplace(path, plans::Said{value, Position{"tags.yaml", 2, 3}});
    return out;
  }
  /// "": applied; else the reason why not.
  std::string put(const identity::Actor& who, std::vector<plans::Document> documents, std::vector<Ref> deletions = {}) {
    plans::PlanInput input;
    input.documents = std::move(documents);
    input.deletions = std::move(deletions);
    std::vector<std::string> confirm;
    for (auto& ref : input.deletions) confirm.push_back(ref.name);
    input.intent = plans::PlanInput::Intent::apply;
    auto plan = engine.plan(who, std::move(input));
    if (!plan) return plan.error().reason;
    auto done = engine.apply(who, plans::ApplyInput{"", "", plan->summary.id, "because", confirm});
    return done ? "" : done.error().reason;
  }
};

}  // namespace

TEST_CASE("tags that are built in are there from the start, and stay") {
  World world;
  for (std::string name : {"pii", "financial", "deprecated"}) {
    auto tag = world.reading.get(world.admin, Ref{"tag", "", name});
    REQUIRE(tag);
    CHECK_FALSE(plans::wished_text(tag->object.wish, "spec.description").empty());
    CHECK(tag->object.state == plans::State::applied);
    CHECK(world.put(world.admin, {}, {Ref{"tag", "", name}}) == "TAG_BUILT_IN");
  }
  CHECK(world.put(world.admin, {World::document("Tag", "pii", {{"spec.setBy", "lead"}})}).empty());
}

TEST_CASE("the organisation's own tags are admins' to make, and stay while something has them") {
  World world;
  auto ada = World::actor("ada");
  REQUIRE(world.put(world.admin, {World::document("Team", "checkout", {{"spec.members[\"ada\"]", "lead"}})}).empty());
  CHECK(world.put(ada, {World::document("Tag", "health", {})}) == "ADMINS_ONLY");
  auto thing = [&](Value::List tags) {
    return World::document("Thing", "a", {{"metadata.team", "checkout"}, {"spec.tags", Value(std::move(tags))}});
  };
  CHECK_FALSE(world.put(ada, {thing({"health"})}).empty());
  // In one plan: the tag, and what has it.
  CHECK(world.put(world.admin, {World::document("Tag", "health", {{"spec.removable", false}}), thing({"health"})})
            .empty());
  CHECK(world.put(world.admin, {}, {Ref{"tag", "", "health"}}) == "TAG_IN_USE");
  CHECK(world.put(ada, {thing({})}) == "TAG_STAYS");
  CHECK(world.put(world.admin, {World::document("Tag", "health", {{"spec.removable", true}})}).empty());
  CHECK(world.put(ada, {thing({})}).empty());
  CHECK(world.put(world.admin, {}, {Ref{"tag", "", "health"}}).empty());
  auto gone = world.reading.list(world.admin, {"thing", "", parse_selection({.tags = {"health"}}).value()}, {});
  REQUIRE_FALSE(gone);
  CHECK(gone.error().code == Code::not_found);
}

TEST_CASE("a deprecated stream takes no new consumers, and keeps those that it has") {
  using Services = eda::catalog::test::ServiceWorld;
  Services world;
  auto going = [&](Value::List tags) {
    auto out = Services::with(Services::stream("orders", "checkout"), "spec.tags", Value(std::move(tags)));
    return Services::with(std::move(out), "spec.successor", Value("orders.v2"));
  };
  world.make(world.ada, {Services::stream("orders", "checkout"), Services::stream("carts", "checkout")});
  world.make(world.bob, {Services::service("ledger", "payments", {"orders"})});
  world.make(world.ada, {going({"deprecated"})});

  auto refused = world.plan(world.bob, {Services::service("audit", "payments", {"carts", "orders"})});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::refused);
  CHECK(refused.error().reason == "STREAM_DEPRECATED");
  CHECK(refused.error().next == "read stream/orders.v2 instead, its successor");
  // Who reads it goes on, also with another group and more to read.
  CHECK(world.reason(world.bob, {Services::service("ledger", "payments", {"orders with:other", "carts"})}).empty());
  CHECK(world.reason(world.bob, {Services::service("audit", "payments", {"carts"})}).empty());
  // One plan that does both is judged as it leaves things.
  CHECK(world.reason(world.admin, {Services::with(Services::stream("carts", "checkout"), "spec.tags",
                                                  Value(Value::List{"deprecated"})),
                                   Services::service("audit", "payments", {"carts"})}) == "STREAM_DEPRECATED");
  CHECK(world.reason(world.admin, {going({}), Services::service("audit", "payments", {"orders"})}).empty());
}
