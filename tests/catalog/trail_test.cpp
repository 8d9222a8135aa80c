// Who sees what of the trail, and how one waits for it.

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <future>
#include <thread>

#include "catalog/actions_events.h"
#include "tests/support/world.h"

using namespace eda;
using namespace std::chrono_literals;
using Names = std::vector<std::string>;

namespace {

identity::Actor caller(std::string subject, std::set<identity::Role> roles = {}) {
  identity::Actor actor;
  actor.kind = identity::SubjectKind::user;
  actor.subject = std::move(subject);
  actor.name = actor.subject.substr(actor.subject.find('/') + 1);
  actor.roles = std::move(roles);
  return actor;
}

struct World {
  test::FreshDatabase database;
  events::HeadMemory memory;
  events::Verifier verifier{database.pool(), [] { return std::optional<events::SealKey>(); }, memory};
  catalog::Trail trail{database.pool(), verifier};

  void happened(const std::string& actor, const std::string& name, const std::string& team = {}) {
    events::Event one;
    one.actor = actor;
    one.verb = "stream.changed";
    one.object = {"stream", "local", name};
    one.team = team;
    REQUIRE(database.pool().transact([&](pg::Tx& tx) -> Result<> {
      events::append(tx, {one});
      return {};
    }));
  }
  events::News follow(const identity::Actor& actor, const std::string& horizon, std::chrono::milliseconds wait = 0ms) {
    auto news = trail.follow(actor, {}, horizon, wait, [] { return false; });
    REQUIRE(news);
    return *news;
  }
};

Names names(const std::vector<events::Event>& events) {
  Names found;
  for (auto& one : events) found.push_back(one.object.name);
  return found;
}

}  // namespace

TEST_CASE("following shows what listing shows: auditors all, others their own acts and their teams' objects") {
  World world;
  auto ci = caller("ci/checkout/build");
  ci.kind = identity::SubjectKind::ci;
  ci.team = "checkout";
  auto begin = world.follow(ci, "").horizon;
  world.happened("user/ada", "ours", "checkout");
  world.happened("user/ada", "theirs", "payments");
  world.happened("user/eve", "nobody's");
  world.happened("ci/checkout/build", "elsewhere", "payments");
  for (auto& [actor, sees] : std::vector<std::pair<identity::Actor, Names>>{
           {ci, {"ours", "elsewhere"}},
           {caller("user/eve"), {"nobody's"}},
           {caller("user/mallory"), {}},
           {caller("user/eve", {identity::Role::operator_}), {"nobody's"}},
           {caller("user/carl", {identity::Role::auditor}), {"ours", "theirs", "nobody's", "elsewhere"}},
           {caller("user/root", {identity::Role::admin}), {"ours", "theirs", "nobody's", "elsewhere"}}}) {
    INFO(actor.subject);
    CHECK(names(world.follow(actor, begin).events) == sees);
    auto listed = world.trail.list(actor, {}, {});
    REQUIRE(listed);
    auto newest_first = names(listed->rows);
    CHECK(Names(newest_first.rbegin(), newest_first.rend()) == sees);
  }
}

TEST_CASE("who waits is answered when something happens that they may see, and not before") {
  World world;
  auto auditor = caller("user/carl", {identity::Role::auditor});
  auto horizon = world.follow(auditor, "").horizon;
  auto waiting = std::async(std::launch::async, [&] { return names(world.follow(auditor, horizon, 10s).events); });
  auto in_vain = std::async(std::launch::async, [&] { return world.follow(caller("user/eve"), horizon, 1s); });
  CHECK(waiting.wait_for(400ms) == std::future_status::timeout);
  world.happened("user/ada", "new", "checkout");
  CHECK(waiting.get() == Names{"new"});
  auto nothing = in_vain.get();
  CHECK(nothing.events.empty());
  CHECK(world.follow(auditor, nothing.horizon).events.empty());  // its horizon went on all the same
}

TEST_CASE("nobody waits for a caller that is gone, nor for edad's end, nor beyond the seats there are") {
  World world;
  auto auditor = caller("user/carl", {identity::Role::auditor});
  auto horizon = world.follow(auditor, "").horizon;
  CHECK(world.trail.follow(auditor, {}, horizon, 10s, [] { return true; }).has_value());

  std::vector<std::future<Result<events::News>>> seated;
  std::vector<std::atomic<bool>> sits(catalog::followers_waiting);
  for (auto& one : sits) {
    auto wait = [&] { return world.trail.follow(auditor, {}, horizon, 10s, [&] { return one = true, false; }); };
    seated.push_back(std::async(std::launch::async, wait));
  }
  auto deadline = Deadline::in(5s);
  auto all_sit = [&] { return std::all_of(sits.begin(), sits.end(), [](auto& one) { return one.load(); }); };
  while (!all_sit() && !deadline.passed()) std::this_thread::yield();
  REQUIRE(all_sit());
  auto asked = std::chrono::steady_clock::now();
  CHECK(world.follow(auditor, horizon, 10s).events.empty());
  CHECK(std::chrono::steady_clock::now() - asked < 5s);
  world.trail.stop_waiting();
  for (auto& one : seated) CHECK(one.get().value().events.empty());
  CHECK(std::chrono::steady_clock::now() - asked < 8s);
}
