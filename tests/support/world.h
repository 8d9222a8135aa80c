#pragma once
// The real Postgres and the real brokers that tests run against. with_world starts them and sets EDA_TEST_POSTGRES,
// EDA_TEST_KAFKA_4, EDA_TEST_KAFKA_39, EDA_TEST_KAFKA_USER and EDA_TEST_KAFKA_PASSWORD; one that is missing is an
// exception, so the test fails: nothing is skipped.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "platform/kafka/admin.h"
#include "platform/pg/pool.h"

namespace eda::test {

/// A migrated, empty database of its own, dropped at the end. Copied from a template that is migrated once a world.
class FreshDatabase {
 public:
  FreshDatabase();
  ~FreshDatabase();
  FreshDatabase(const FreshDatabase&) = delete;
  FreshDatabase& operator=(const FreshDatabase&) = delete;

  const std::string& url() const { return url_; }
  /// Opened at the first call.
  pg::Pool& pool();

 private:
  std::string name_;
  std::string url_;
  std::unique_ptr<pg::Pool> pool_;
};

inline FreshDatabase fresh_database() {
  return FreshDatabase();
}

/// An empty database without any migration, for tests of the migrations themselves; dropped at the end.
class BareDatabase {
 public:
  BareDatabase();
  ~BareDatabase();
  BareDatabase(const BareDatabase&) = delete;
  BareDatabase& operator=(const BareDatabase&) = delete;

  const std::string& url() const { return url_; }

 private:
  std::string name_;
  std::string url_;
};

/// The secured brokers: SASL_PLAINTEXT, SCRAM-SHA-512, StandardAuthorizer; the user is a super user.
kafka::Connection kafka_4();
kafka::Connection kafka_39();

/// `prefix` with a suffix that no other test, process or run has used; letters, digits and "-" only.
std::string unique_name(std::string_view prefix);

}  // namespace eda::test
