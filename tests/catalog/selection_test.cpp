// Selections: what terms mean, and that the marks which the database makes of wishes are those that terms ask for.

#include <catch2/catch.hpp>

#include "catalog/actions.h"
#include "plans/actions.h"
#include "tests/support/world.h"

using namespace eda;
using namespace eda::catalog;

namespace {

using Texts = std::vector<std::string>;

const plans::Field thing_fields[] = {
    {.path = "spec.tags", .type = plans::FieldType::text_list, .doc = "Tags."},
    {.path = "spec.description", .type = plans::FieldType::text, .doc = "What it is."},
};
const plans::KindRules thing_rules{
    .kind = "Thing", .plural = "things", .rank = 50, .doc = "A thing.", .owned = true, .fields = thing_fields};

class ThingRows final : public plans::KindRows {
 public:
  const plans::KindRules& rules() const override { return thing_rules; }
};

struct World {
  test::FreshDatabase database;
  plans::Kinds kinds{{&team_rules(), &thing_rules}};
  TeamRows team_rows;
  ThingRows thing_rows;
  OwnerBook owners;
  plans::Engine engine{database.pool(), kinds, {&team_rows, &thing_rows}, owners, [] {}};
  Reading reading{database.pool(), kinds};
  identity::Actor admin;

  World() {
    admin.subject = "user/root";
    admin.name = "root";
    admin.roles = {identity::Role::admin};
    admin.scopes = {identity::Scope::read, identity::Scope::write, identity::Scope::administer};
  }
  void make(const std::string& kind, const std::string& name, std::map<std::string, Value> fields) {
    plans::Document document;
    document.kind = kind;
    document.name = name;
    document.at = Position{"things.yaml", 1, 1};
    for (auto& [path, value] : fields) document.fields.emplace(path, plans::Said{value, Position{"things.yaml", 2, 3}});
    plans::PlanInput input;
    input.documents = {document};
    input.intent = plans::PlanInput::Intent::apply;
    auto plan = engine.plan(admin, std::move(input));
    REQUIRE(plan);
    REQUIRE(engine.apply(admin, plans::ApplyInput{"", "", plan->summary.id, "because", {}}));
  }
  Texts names(const Terms& terms, const std::string& kind = "thing") {
    auto page = reading.list(admin, {kind, "", parse_selection(terms).value()}, {});
    REQUIRE(page);
    Texts out;
    for (auto& entry : page->rows) out.push_back(entry.object.ref.name);
    return out;
  }
};

}  // namespace

TEST_CASE("a selection is which marks there must be and which must not") {
  struct Row {
    Terms terms;
    Texts all, any, none, teams, strangers;
  };
  const Row rows[] = {
      {{}, {}, {}, {}, {}, {}},
      {{.tags = {"pii", "!deprecated"}}, {"t:pii"}, {}, {"t:deprecated"}, {}, {}},
      {{.labels = {"tier=1", "tier!=2", "owner", "!draft", "a==b=c", "empty="}},
       {"l:tier=1", "l:owner", "l:a=b=c", "l:empty="},
       {},
       {"l:tier=2", "l:draft"},
       {},
       {}},
      {{.domains = {"sales", "!payments", "订单"}}, {}, {"d:sales", "d:订单"}, {"d:payments"}, {}, {}},
      {{.teams = {"checkout", "!payments"}}, {}, {}, {}, {"checkout"}, {"payments"}},
  };
  for (auto& row : rows) {
    auto selection = parse_selection(row.terms);
    REQUIRE(selection);
    CHECK(selection->all == row.all);
    CHECK(selection->any == row.any);
    CHECK(selection->none == row.none);
    CHECK(selection->teams == row.teams);
    CHECK(selection->strangers == row.strangers);
    CHECK(selection->everything() ==
          (row.all.size() + row.any.size() + row.none.size() + row.teams.size() + row.strangers.size() == 0));
  }
}

TEST_CASE("a term that says nothing is refused with what was typed") {
  const Terms wrong[] = {{.tags = {""}},
                         {.tags = {"!"}},
                         {.tags = {"a b"}},
                         {.tags = {"!!pii"}},
                         {.labels = {"=1"}},
                         {.labels = {"!=1"}},
                         {.labels = {"!tier=1"}},
                         {.labels = {""}},
                         {.labels = {"a b=1"}},
                         {.domains = {"sa/les"}},
                         {.teams = {"\x1b[31m"}},
                         {.tags = {"pii", "!pii"}},
                         {.domains = {"sales", "!sales"}},
                         {.labels = {"tier=1", "tier!=1"}},
                         {.tags = Texts(51, "pii")}};
  for (auto& terms : wrong) {
    auto selection = parse_selection(terms);
    REQUIRE_FALSE(selection);
    CHECK(selection.error().reason == "SELECTOR");
    CHECK_FALSE(selection.error().next.empty());
  }
}

TEST_CASE("lists are narrowed by tags, labels, domain and owner, and by what is not so") {
  World world;
  for (std::string team : {"checkout", "payments"}) world.make("Team", team, {});
  auto thing = [&](std::string name, std::string team, std::string domain, Value::List tags, std::string tier) {
    std::map<std::string, Value> fields{
        {"metadata.team", team}, {"metadata.domain", domain}, {"spec.tags", Value(tags)}};
    if (!tier.empty()) fields.emplace("metadata.labels[\"tier\"]", tier);
    world.make("Thing", name, std::move(fields));
  };
  thing("a", "checkout", "sales", {"pii"}, "1");
  thing("b", "checkout", "sales", {"pii", "deprecated"}, "2");
  thing("c", "payments", "billing", {}, "1");
  thing("d", "payments", "sales", {"deprecated"}, "");
  struct Row {
    Terms terms;
    Texts found;
  };
  const Row rows[] = {
      {{}, {"a", "b", "c", "d"}},
      {{.tags = {"pii"}}, {"a", "b"}},
      {{.tags = {"!pii"}}, {"c", "d"}},
      {{.tags = {"pii", "!deprecated"}}, {"a"}},
      {{.labels = {"tier=1"}}, {"a", "c"}},
      {{.labels = {"tier!=1"}}, {"b", "d"}},
      {{.labels = {"tier"}}, {"a", "b", "c"}},
      {{.labels = {"!tier"}}, {"d"}},
      {{.domains = {"sales"}}, {"a", "b", "d"}},
      {{.domains = {"!sales"}}, {"c"}},
      {{.domains = {"sales", "billing"}}, {"a", "b", "c", "d"}},
      {{.teams = {"payments"}}, {"c", "d"}},
      {{.teams = {"!payments"}}, {"a", "b"}},
      {{.tags = {"!deprecated"}, .labels = {"tier=1"}, .domains = {"sales"}, .teams = {"checkout"}}, {"a"}},
      {{.tags = {"pii"}, .teams = {"payments"}}, {}},
  };
  for (auto& row : rows) CHECK(world.names(row.terms) == row.found);
  CHECK(world.names({.teams = {"payments"}}, "") == Texts{"payments", "c", "d"});

  auto unknown = world.reading.list(world.admin, {"thing", "", parse_selection({.teams = {"!paymnets"}}).value()}, {});
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code == Code::not_found);
  CHECK(unknown.error().next.find("payments") != std::string::npos);

  PageRequest by_one{1, ""};
  Texts paged;
  do {
    auto page = world.reading.list(world.admin, {"thing", "", parse_selection({.labels = {"tier"}}).value()}, by_one);
    REQUIRE(page);
    for (auto& entry : page->rows) paged.push_back(entry.object.ref.name);
    by_one.token = page->next_token;
  } while (!by_one.token.empty());
  CHECK(paged == Texts{"a", "b", "c"});
}
