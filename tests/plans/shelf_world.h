#pragma once
// The engine over teams and shelves, with real rows. The world outside edad is a map that a test changes by hand.

#include <catch2/catch.hpp>

#include <set>
#include <string>
#include <vector>

#include "catalog/actions.h"
#include "events/store.h"
#include "plans/actions.h"
#include "tests/plans/shelves.h"
#include "tests/support/world.h"

namespace eda::plans::test {

inline identity::Actor user(std::string name, std::set<identity::Role> roles = {}) {
  identity::Actor actor;
  actor.subject = "user/" + name;
  actor.name = std::move(name);
  actor.roles = std::move(roles);
  actor.scopes = {identity::Scope::read, identity::Scope::write, identity::Scope::administer};
  return actor;
}

class ShelfRows final : public KindRows {
 public:
  explicit ShelfRows(const KindRules& rules) : rules_(rules) {}
  const KindRules& rules() const override { return rules_; }
  Result<> observe(const std::vector<Draft*>& drafts, Look, Deadline) override {
    for (auto* draft : drafts) draft->fingerprint = facts[draft->ref.name];
    return {};
  }
  std::map<std::string, std::string> facts;  ///< by shelf, as JSON text

 private:
  const KindRules& rules_;
};

/// Teams a (lead ada) and b (lead bob), and the cluster prod.
struct ShelfWorld {
  eda::test::FreshDatabase database;
  KindRules rules = shelf();  ///< a copy, for tests that change them
  Kinds kinds{{&catalog::team_rules(), &room(), &rules}};
  catalog::TeamRows team_rows;
  ShelfRows shelf_rows{rules};
  catalog::OwnerBook owners;
  std::atomic<int> woken{0};
  Engine engine{database.pool(), kinds, {&team_rows, &shelf_rows}, owners, [this] { ++woken; }, {&owners}};
  const identity::Actor admin = user("root", {identity::Role::admin});
  const identity::Actor ada = user("ada");
  const identity::Actor bob = user("bob");

  ShelfWorld() {
    PlanInput input;
    for (auto [name, lead] : {std::pair("a", "ada"), std::pair("b", "bob")}) {
      input.documents.push_back(plain("Team", name));
      input.documents.back().fields.emplace(keyed_path("spec.members", lead), Said{Value("lead"), {}});
    }
    input.documents.push_back(plain("Cluster", "prod"));
    apply(admin, must(engine.plan(admin, input)));
  }

  static Document plain(std::string kind, std::string name) {
    Document document;
    document.kind = std::move(kind);
    document.name = std::move(name);
    return document;
  }
  /// A shelf of a team that may be deleted.
  static Document shelf_of(const std::string& team, const std::string& name,
                           std::map<std::string, std::optional<Value>> fields = {}) {
    fields.try_emplace("metadata.team", Value(team));
    fields.try_emplace("metadata.deletionProtection", Value(false));
    return shelf_document(name, std::move(fields));
  }
  static PlanInput input(std::vector<Document> documents, std::string set = "", std::string team = "") {
    PlanInput input;
    input.documents = std::move(documents);
    input.cluster = "prod";
    input.set = ApplySet{std::move(set), std::move(team)};
    input.source = input.set.name.empty() ? "" : "github.com/acme/" + input.set.name + "@4f2a9c1";
    input.intent = PlanInput::Intent::apply;
    return input;
  }

  template <class T>
  static T must(Result<T> result) {
    if (!result) FAIL(result.error().reason << ": " << result.error().message << " " << faults(result.error()));
    return std::move(*result);
  }
  static std::string faults(const Error& error) {
    std::string text;
    for (auto& one : error.violations) text += one.field + " " + one.message + "; ";
    return text;
  }
  static ApplyInput of(const PlanOutput& plan, std::string request_id = "") {
    return ApplyInput{std::move(request_id), "apply", plan.summary.id, "because", plan.summary.confirm};
  }
  ApplyOutput apply(const identity::Actor& actor, const PlanOutput& plan) {
    return must(engine.apply(actor, of(plan)));
  }
  PlanOutput make(const identity::Actor& actor, PlanInput what) {
    auto plan = must(engine.plan(actor, std::move(what)));
    apply(actor, plan);
    return plan;
  }

  template <class Body>
  auto rows(Body body) {
    return *database.pool().transact(
        [&](pg::Tx& tx) -> Result<std::invoke_result_t<Body, pg::Tx&>> { return body(tx); });
  }
  std::int64_t count(const char* sql) {
    return rows([&](pg::Tx& tx) { return tx.exec(sql)[0][0].template as<std::int64_t>(); });
  }
  static Ref ref(const std::string& name) { return Ref{"shelf", "prod", name}; }
  std::optional<Object> find(const std::string& name) {
    auto found = rows([&](pg::Tx& tx) { return store::load(tx, {ref(name)}); });
    return found.empty() ? std::nullopt : std::optional(found.begin()->second);
  }
  /// What a worker would write after its round.
  void come_to_rest(const std::string& name, State state = State::applied) {
    auto object = *find(name);
    rows([&](pg::Tx& tx) {
      store::write_back(tx, {{object.id, object.generation, state, {}, {}, shelf_rows.facts[name]}});
      return 0;
    });
  }
  events::Event last_event(const std::string& verb) {
    events::Filter filter;
    filter.verb = verb;
    auto page = rows([&](pg::Tx& tx) { return *events::list(tx, filter, {}); });
    if (page.rows.empty()) FAIL("no event " << verb);
    return page.rows.front();
  }
};

}  // namespace eda::plans::test
