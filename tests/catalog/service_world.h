#pragma once
// The engine over teams, services and streams that lie on no broker: real rows, real owners.

#include <catch2/catch.hpp>

#include <set>
#include <string>
#include <vector>

#include "catalog/actions.h"
#include "catalog/actions_services.h"
#include "catalog/actions_tags.h"
#include "catalog/actions_transfers.h"
#include "plans/actions.h"
#include "tests/support/world.h"

namespace eda::catalog::test {

inline identity::Actor user(std::string name, std::set<identity::Role> roles = {}) {
  identity::Actor actor;
  actor.subject = "user/" + name;
  actor.name = std::move(name);
  actor.roles = std::move(roles);
  actor.scopes = {identity::Scope::read, identity::Scope::write, identity::Scope::administer};
  return actor;
}

inline const plans::Field stream_fields[] = {
    {.path = "spec.producer",
     .type = plans::FieldType::name,
     .example = "orders",
     .refers = "service",
     .gives_owner = true},
    {.path = "spec.visibility",
     .type = plans::FieldType::choice,
     .example = "protected",
     .choices = {"private", "protected", "public"}},
    {.path = "spec.tags", .type = plans::FieldType::text_list, .example = "[pii]"},
    {.path = "spec.successor", .type = plans::FieldType::text, .example = "orders.v2"},
};
inline const plans::KindRules stream_kind{.kind = "Stream",
                                          .plural = "streams",
                                          .scope = plans::Scope::cluster,
                                          .rank = 30,
                                          .owned = true,
                                          .fields = stream_fields,
                                          .name_fault = topic_name_fault};
inline const plans::KindRules cluster_kind{.kind = "Cluster", .plural = "clusters", .rank = 10};

class PlainRows final : public plans::KindRows {
 public:
  explicit PlainRows(const plans::KindRules& rules) : rules_(rules) {}
  const plans::KindRules& rules() const override { return rules_; }

 private:
  const plans::KindRules& rules_;
};

/// Teams checkout (lead ada, member tom) and payments (lead bob), and the clusters prod and test.
struct ServiceWorld {
  eda::test::FreshDatabase database;
  plans::Kinds kinds{{&team_rules(), &service_rules(), &cluster_kind, &stream_kind}};
  TeamRows team_rows;
  ServiceRows service_rows;
  PlainRows cluster_rows{cluster_kind}, stream_rows{stream_kind};
  OwnerBook owners;
  Readers readers;
  PrivateReads private_reads;
  NoNewConsumers no_new_consumers;
  plans::Engine engine{database.pool(),
                       kinds,
                       {&team_rows, &service_rows, &cluster_rows, &stream_rows},
                       owners,
                       [] {},
                       {&owners, &readers},
                       {&private_reads, &no_new_consumers}};
  SystemClock clock;
  Transfers transfers{database.pool(), engine, clock};
  Reading reading{database.pool(), kinds};
  const identity::Actor admin = user("root", {identity::Role::admin});
  const identity::Actor ada = user("ada"), tom = user("tom"), bob = user("bob");

  ServiceWorld() {
    auto checkout = document("Team", "checkout"), payments = document("Team", "payments");
    checkout.fields.emplace("spec.members[\"ada\"]", plans::Said{Value("lead"), {}});
    checkout.fields.emplace("spec.members[\"tom\"]", plans::Said{Value("member"), {}});
    payments.fields.emplace("spec.members[\"bob\"]", plans::Said{Value("lead"), {}});
    make(admin, {checkout, payments, document("Cluster", "prod"), document("Cluster", "test")});
  }

  static plans::Document document(std::string kind, std::string name) {
    plans::Document out;
    out.kind = std::move(kind);
    out.name = std::move(name);
    out.at = Position{"shop.yaml", 1, 1};
    return out;
  }
  static plans::Document with(plans::Document out, const std::string& path, Value value) {
    out.fields.insert_or_assign(path, plans::Said{std::move(value), Position{"shop.yaml", 2, 3}});
    return out;
  }
  static plans::Document of_team(std::string kind, std::string name, const std::string& team) {
    return with(document(std::move(kind), std::move(name)), "metadata.team", team);
  }
  /// "orders.placed", or "orders.placed with:group", or "prod/orders.placed".
  static plans::Document service(const std::string& name, const std::string& team,
                                 const std::vector<std::string>& streams = {}) {
    Value::List reads;
    for (auto& stream : streams) {
      auto with_group = stream.find(" with:");
      Value::Map read{{"stream", stream.substr(0, with_group)}};
      if (with_group != std::string::npos) read.emplace("group", stream.substr(with_group + 6));
      reads.emplace_back(std::move(read));
    }
    return with(of_team("Service", name, team), "spec.consumes", std::move(reads));
  }
  static plans::Document produced(const std::string& name, const std::string& producer,
                                  const std::string& cluster = "prod") {
    auto out = with(document("Stream", name), "spec.producer", producer);
    out.cluster = cluster;
    return out;
  }
  static plans::Document stream(const std::string& name, const std::string& team,
                                const std::string& visibility = "protected") {
    auto out = with(of_team("Stream", name, team), "spec.visibility", visibility);
    out.cluster = "prod";
    return out;
  }

  Result<plans::PlanOutput> plan(const identity::Actor& actor, std::vector<plans::Document> documents,
                                 std::vector<Ref> deletions = {}, const std::string& set = "") {
    plans::PlanInput input;
    input.documents = std::move(documents);
    input.deletions = std::move(deletions);
    input.set.name = set;
    input.intent = plans::PlanInput::Intent::apply;
    return engine.plan(actor, std::move(input));
  }
  template <class T>
  static T must(Result<T> result) {
    if (!result) {
      std::string faults;
      for (auto& one : result.error().violations) faults += " | " + one.field + " " + one.message;
      FAIL(result.error().reason << ": " << result.error().message << faults);
    }
    return std::move(*result);
  }
  void apply(const identity::Actor& actor, const plans::PlanOutput& plan) {
    must(engine.apply(actor, plans::ApplyInput{"", "", plan.summary.id, "because", plan.summary.confirm}));
  }
  plans::PlanOutput make(const identity::Actor& actor, std::vector<plans::Document> documents,
                         const std::string& set = "") {
    auto planned = must(plan(actor, std::move(documents), {}, set));
    apply(actor, planned);
    return planned;
  }
  std::string reason(const identity::Actor& actor, std::vector<plans::Document> documents) {
    auto planned = plan(actor, std::move(documents));
    return planned ? "" : planned.error().reason;
  }
  Owner owner(const std::string& kind, const std::string& name) {
    return must(reading.get(admin, Ref{kind, kind == "stream" ? "prod" : "", name})).owner;
  }
  std::int64_t count(const char* sql) {
    return *database.pool().transact(
        [&](pg::Tx& tx) -> Result<std::int64_t> { return tx.exec(sql)[0][0].as<std::int64_t>(); });
  }
};

inline const plans::Draft& draft_of(const plans::PlanOutput& plan, const std::string& name) {
  for (auto& draft : plan.drafts) {
    if (draft.ref.name == name) return draft;
  }
  FAIL("no draft of " << name);
  throw std::logic_error("unreachable");
}

}  // namespace eda::catalog::test
