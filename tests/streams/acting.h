#pragma once
// Operations of streams on the caller's thread, and what their tests do over and over.

#include "operations/actions.h"
#include "operations/worker.h"
#include "streams/worker_claims.h"
#include "streams/worker_deletion.h"
#include "tests/streams/stream_world.h"

namespace eda::test {

/// Moves when it is told to.
class HandClock final : public Clock {
 public:
  Instant now() const override { return SystemClock().now() + ahead; }
  Duration ahead{0};
};

/// Operations of streams, run on the caller's thread.
struct Acting {
  explicit Acting(StreamWorld& at) : world(at) {}
  StreamWorld& world;
  HandClock clock;
  catalog::TeamBook teams;
  streams::DeletionRunner deletions{world.database.pool(), world.connections, clock};
  streams::AdoptionRunner adoptions{world.streams, world.engine};
  operations::Actions actions{world.database.pool(), clock, teams, {&deletions, &adoptions}};
  operations::Worker worker{world.database.pool(), clock, {&deletions, &adoptions}, {.holder = "replica-1"}};

  operations::Operation only() {
    auto page = actions.list(admin, {}, {10, ""});
    REQUIRE(page);
    REQUIRE(page->rows.size() == 1);
    return page->rows.front();
  }
  /// The next step, whenever it would be due.
  operations::Operation step() {
    REQUIRE(world.database.pool().transact([](pg::Tx& tx) -> Result<> {
      tx.exec("UPDATE operations SET due = now()");
      return {};
    }));
    worker.step();
    return only();
  }
};

inline void delete_stream(StreamWorld& world, const std::string& name) {
  world.planner.make({world.stream(name, {{"metadata.deletionProtection", false}})});
  world.worker.step("prod");
  world.planner.make({}, {world.ref(name)});
}

inline void append(StreamWorld& world, const std::string& name, int records) {
  for (int i = 0; i < records; ++i) {
    auto written = world.broker->append(world.named(name), "k", "v", StreamWorld::soon());
    if (!written) FAIL(written.error().message);
  }
}

}  // namespace eda::test
