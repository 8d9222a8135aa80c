#pragma once
// A database, the engine with teams and clusters, and a real cluster to register. Header-only: the tests of streams
// build on it.

#include <catch2/catch.hpp>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "catalog/actions.h"
#include "clusters/actions.h"
#include "clusters/worker.h"
#include "plans/actions.h"
#include "tests/support/world.h"

namespace eda::test {

inline identity::Actor user(std::string name, std::set<identity::Role> roles = {}) {
  identity::Actor actor;
  actor.subject = "user/" + name;
  actor.name = std::move(name);
  actor.roles = std::move(roles);
  actor.scopes = {identity::Scope::read, identity::Scope::write, identity::Scope::administer};
  return actor;
}
inline const identity::Actor admin = user("root", {identity::Role::admin});

using Fields = std::map<std::string, std::optional<Value>>;  ///< nothing: null, a reset

inline plans::Document document(std::string kind, std::string cluster, std::string name, const Fields& fields) {
  plans::Document document;
  document.kind = std::move(kind);
  document.cluster = std::move(cluster);
  document.name = std::move(name);
  document.at = Position{"test.yaml", 1, 1};
  for (auto& [path, value] : fields) document.fields.emplace(path, plans::Said{value, Position{"test.yaml", 2, 3}});
  return document;
}

inline Value::List servers(const std::string& bootstrap) {
  Value::List list;
  for (std::size_t at = 0; at <= bootstrap.size();) {
    auto end = std::min(bootstrap.find(',', at), bootstrap.size());
    list.emplace_back(bootstrap.substr(at, end - at));
    at = end + 1;
  }
  return list;
}

/// A Cluster manifest for a connection; its password is env:EDA_SECRET_TEST.
inline plans::Document cluster_document(const std::string& name, const kafka::Connection& connection,
                                        Fields more = {}) {
  Fields fields{{"spec.bootstrap", servers(connection.bootstrap)}, {"spec.security", connection.security_protocol}};
  if (!connection.sasl_mechanism.empty()) {
    fields.emplace("spec.mechanism", connection.sasl_mechanism);
    fields.emplace("spec.username", connection.username);
    fields.emplace("spec.password", "env:EDA_SECRET_TEST");
  }
  more.merge(fields);
  return document("Cluster", "", name, more);
}

/// Nothing listens there: a port of the loopback that no process gets by chance.
inline kafka::Connection nowhere() {
  kafka::Connection connection;
  connection.bootstrap = "127.0.0.1:1";
  connection.security_protocol = "PLAINTEXT";
  return connection;
}

struct ClusterWorld {
  explicit ClusterWorld(kafka::Connection to, std::filesystem::path secrets_dir = {})
      : connection(std::move(to)), password(connection.password.reveal()), secrets_directory(std::move(secrets_dir)) {}

  kafka::Connection connection;
  std::string password;  ///< what env:EDA_SECRET_TEST holds
  std::filesystem::path secrets_directory;
  FreshDatabase database;
  SystemClock clock;
  process::Secrets secrets{secrets_directory, [this](const char* name) -> const char* {
                             return std::string_view(name) == "EDA_SECRET_TEST" ? password.c_str() : nullptr;
                           }};
  clusters::Connections connections{secrets};
  clusters::ClusterRows cluster_rows{connections};
  catalog::TeamRows team_rows;
  catalog::OwnerBook owners;
  clusters::Clusters clusters{database.pool(), connections, clock};
  clusters::Worker cluster_worker{database.pool(), connections, clock, "replica-1"};
};

/// One engine over any kinds.
struct Planner {
  plans::Engine& engine;

  Result<plans::PlanOutput> plan(const identity::Actor& actor, std::vector<plans::Document> documents,
                                 std::vector<Ref> deletions = {},
                                 plans::PlanInput::Intent intent = plans::PlanInput::Intent::apply) {
    plans::PlanInput input;
    input.documents = std::move(documents);
    input.deletions = std::move(deletions);
    input.intent = intent;
    return engine.plan(actor, std::move(input));
  }
  Result<plans::ApplyOutput> apply(const plans::PlanOutput& plan, const identity::Actor& actor = admin) {
    return engine.apply(actor, plans::ApplyInput{"", "", plan.summary.id, "because", plan.summary.confirm});
  }
  plans::PlanOutput make(std::vector<plans::Document> documents, std::vector<Ref> deletions = {}) {
    auto planned = plan(admin, std::move(documents), std::move(deletions));
    if (!planned)
      FAIL(planned.error().message << (planned.error().violations.empty()
                                           ? ""
                                           : ": " + planned.error().violations[0].message));
    auto applied = apply(*planned);
    if (!applied) FAIL(applied.error().message);
    return *planned;
  }
};

inline std::int64_t count(pg::Pool& pool, const std::string& sql) {
  return *pool.transact(
      [&](pg::Tx& tx) -> Result<std::int64_t> { return tx.exec(sql.c_str())[0][0].as<std::int64_t>(); });
}

}  // namespace eda::test
