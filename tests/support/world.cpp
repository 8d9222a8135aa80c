#include "tests/support/world.h"

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <pqxx/pqxx>
#include <stdexcept>

#include "platform/pg/migrate.h"

namespace eda::test {
namespace {

std::string required(const char* variable) {
  const char* value = std::getenv(variable);
  if (value == nullptr || *value == '\0')
    throw std::runtime_error(std::string(variable) +
                             " is not set: run this through `./x test` or `with_world -- COMMAND`");
  return value;
}

std::string url_of(const std::string& database) {
  std::string url = required("EDA_TEST_POSTGRES");
  auto query = url.find('?');
  std::string tail = query == std::string::npos ? "" : url.substr(query);
  url.resize(query == std::string::npos ? url.size() : query);
  return url.substr(0, url.rfind('/') + 1) + database + tail;
}

/// CREATE and DROP DATABASE cannot run in a transaction, so these are not a Pool's.
class Maintenance {
 public:
  Maintenance() : connection_(required("EDA_TEST_POSTGRES")), work_(connection_) {}
  void run(const std::string& sql) { work_.exec(sql); }
  bool exists(const std::string& database) {
    return !work_.exec("SELECT 1 FROM pg_database WHERE datname = '" + database + "'").empty();
  }

 private:
  pqxx::connection connection_;
  pqxx::nontransaction work_;
};

std::string template_name() {
  std::uint64_t hash = 14695981039346656037u;  // FNV-1a: other migrations, another template
  for (const auto& migration : pg::embedded_migrations())
    for (unsigned char byte : migration.name + migration.sql) hash = (hash ^ byte) * 1099511628211u;
  return "eda_template_" + std::to_string(hash);
}

/// The migrated template, made by whoever comes first; it gets its name only when it is complete.
const std::string& migrated_template() {
  static const std::string name = [] {
    std::string wanted = template_name();
    Maintenance maintenance;
    maintenance.run("SELECT pg_advisory_lock(7070)");
    if (maintenance.exists(wanted)) return wanted;
    std::string growing = wanted + "_new";
    maintenance.run("DROP DATABASE IF EXISTS " + growing + " WITH (FORCE)");
    maintenance.run("CREATE DATABASE " + growing);
    {
      pg::Pool pool(pg::PoolOptions{Secret(url_of(growing)), 1});
      auto migrated = pg::migrate(pool, pg::embedded_migrations());
      if (!migrated) throw std::runtime_error("the migrations fail on an empty database: " + migrated.error().message);
    }
    maintenance.run("ALTER DATABASE " + growing + " RENAME TO " + wanted);
    return wanted;
  }();
  return name;
}

std::string create_database(const std::string& from) {
  std::string name = unique_name("t");
  Maintenance().run("CREATE DATABASE \"" + name + "\" TEMPLATE " + from);
  return name;
}

void drop_database(const std::string& name) noexcept {
  try {
    Maintenance().run("DROP DATABASE IF EXISTS \"" + name + "\" WITH (FORCE)");
  } catch (const std::exception&) {
    // The world is thrown away as a whole; a test that stopped Postgres for good has its own verdict.
  }
}

kafka::Connection secured(const char* variable) {
  kafka::Connection connection;
  connection.bootstrap = required(variable);
  connection.security_protocol = "SASL_PLAINTEXT";
  connection.sasl_mechanism = "SCRAM-SHA-512";
  connection.username = required("EDA_TEST_KAFKA_USER");
  connection.password = Secret(required("EDA_TEST_KAFKA_PASSWORD"));
  return connection;
}

}  // namespace

FreshDatabase::FreshDatabase() : name_(create_database(migrated_template())), url_(url_of(name_)) {}

FreshDatabase::~FreshDatabase() {
  pool_.reset();
  drop_database(name_);
}

pg::Pool& FreshDatabase::pool() {
  if (!pool_) {
    pg::PoolOptions options;
    options.url = Secret(url_);
    pool_ = std::make_unique<pg::Pool>(std::move(options));
  }
  return *pool_;
}

BareDatabase::BareDatabase() : name_(create_database("template0")), url_(url_of(name_)) {}
BareDatabase::~BareDatabase() {
  drop_database(name_);
}

kafka::Connection kafka_4() {
  return secured("EDA_TEST_KAFKA_4");
}
kafka::Connection kafka_39() {
  return secured("EDA_TEST_KAFKA_39");
}

std::string unique_name(std::string_view prefix) {
  static std::atomic<unsigned> count{0};
  static const auto start = std::chrono::system_clock::now().time_since_epoch() / std::chrono::milliseconds(1);
  return std::string(prefix) + "-" + std::to_string(start) + "-" + std::to_string(::getpid()) + "-" +
         std::to_string(count++);
}

}  // namespace eda::test
