#pragma once
// A sealed trail on a database of its own, and somebody who may do anything in that database.

#include <catch2/catch.hpp>
#include <memory>
#include <pqxx/pqxx>
#include <set>
#include <string>
#include <vector>

#include "events/actions.h"
#include "events/store.h"
#include "events/store_seals.h"
#include "events/worker.h"
#include "tests/platform/process/scratch.h"
#include "tests/support/world.h"

namespace eda::test {

class TrailWorld {
 public:
  TrailWorld() : key_(folder_.path()) { begin_anew("first"); }

  pg::Pool& pool() { return database_.pool(); }
  FreshDatabase& database() { return database_; }
  const Scratch& folder() const { return folder_; }
  const events::SealKeyFile& key() const { return key_; }
  events::Sealer& sealer() { return *sealer_; }
  events::HeadMemory& memory() { return *memory_; }

  /// Another process: nothing in memory, and the lease of the one before has run out.
  void begin_anew(const std::string& holder) {
    sealer_.reset();
    memory_ = std::make_unique<events::HeadMemory>();
    sealer_ = std::make_unique<events::Sealer>(pool(), key_, *memory_, clock_, holder);
    attack("delete from leases");
  }

  void append(int count, const std::string& name = "n") {
    std::vector<events::Event> many;
    for (int i = 0; i < count; ++i) {
      events::Event one;
      one.actor = "user/ada";
      one.verb = "stream.changed";
      one.object = {"stream", "local", name};
      one.after = Value::Map{{"partitions", i}};
      one.reason = "because";
      many.push_back(std::move(one));
    }
    REQUIRE(pool().transact([&](pg::Tx& tx) -> Result<> {
      events::append(tx, many);
      return {};
    }));
  }
  std::size_t seal() {
    auto sealed = sealer_->step();
    INFO((sealed ? "" : sealed.error().message));
    REQUIRE(sealed);
    return *sealed;
  }
  /// Batches of `size` events, each with a head of its own.
  void append_and_seal(int batches, int size = 3) {
    for (int i = 0; i < batches; ++i) {
      append(size);
      REQUIRE(seal() == static_cast<std::size_t>(size));
    }
  }

  /// SQL past every trigger, as whoever owns the database.
  pqxx::result attack(const std::string& sql) {
    pqxx::connection session(database_.url());
    pqxx::work work(session);
    work.exec("set session_replication_role = replica");
    auto rows = work.exec(sql);
    work.commit();
    return rows;
  }
  std::int64_t number(const std::string& sql) { return attack(sql)[0][0].as<std::int64_t>(); }

  events::Head head() {
    auto end = pool().transact([](pg::Tx& tx) -> Result<events::End> { return events::store::end_of(tx); });
    REQUIRE(end);
    REQUIRE(end->head);
    return *end->head;
  }

  /// All pages, by a process that remembers `memory`: "3 row-changed", …
  std::vector<std::string> verify(const std::optional<events::Head>& known, const events::HeadMemory& memory,
                                  std::size_t page = 0) {
    events::Verifier verifier(
        pool(), [this] { return key_.read(); }, memory);
    events::Question question{{}, known, page};
    std::vector<std::string> found;
    for (;;) {
      auto verdict = verifier.verify(question);
      INFO((verdict ? "" : verdict.error().message));
      REQUIRE(verdict);
      for (auto& fault : verdict->faults)
        found.push_back(std::to_string(fault.number) + " " + std::string(events::what_name(fault.what)));
      if (verdict->done) return found;
      REQUIRE(verdict->verified.number > question.after.number);
      question.after = verdict->verified;
    }
  }
  /// By a process that remembers nothing.
  std::vector<std::string> verify(const std::optional<events::Head>& known = std::nullopt, std::size_t page = 0) {
    return verify(known, events::HeadMemory(), page);
  }

  /// Computes all hashes anew from a number on, as edad does, in seals and in heads.
  void chain_anew(std::int64_t from) {
    auto rows = pool().transact([&](pg::Tx& tx) -> Result<std::vector<events::Sealed>> {
      return events::store::sealed(tx, from - 1, 100'000);
    });
    auto hash = pool().transact([&](pg::Tx& tx) -> Result<events::Hash> {
      return events::store::hash_at(tx, from - 1).value_or(events::genesis);
    });
    REQUIRE(rows);
    std::string sql;
    for (auto& one : *rows) {
      *hash = events::link(*hash, *one.row);
      for (auto* table : {"seals", "heads"}) {
        sql += std::string("update ") + table + " set hash = '\\x" + events::hex(*hash) +
               "' where number = " + std::to_string(one.number) + ";";
      }
    }
    attack(sql);
  }

 private:
  FreshDatabase database_;
  Scratch folder_;
  SystemClock clock_;
  events::SealKeyFile key_;
  std::unique_ptr<events::HeadMemory> memory_;
  std::unique_ptr<events::Sealer> sealer_;
};

}  // namespace eda::test
