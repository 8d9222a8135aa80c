// The steps of a deletion, as they judge what the brokers say.

#include "streams/deletion.h"

#include <catch2/catch.hpp>

using namespace eda;
using namespace eda::streams;
using operations::Outcome;
using How = operations::Outcome::How;

namespace {

const Instant noon = *from_rfc3339("2026-11-21T12:00:00Z");
constexpr auto seconds = [](int n) { return std::chrono::seconds(n); };

operations::Operation operation(const std::string& step, const std::map<std::string, Value>& evidence = {}) {
  operations::Operation made;
  made.id = "op-1";
  made.target = Ref{"stream", "prod", "orders"};
  made.step = step;
  for (auto& name : deletion_steps()) {
    auto known = evidence.find(name);
    made.steps.push_back({name, operations::Step::State::open, {}, known == evidence.end() ? Value() : known->second});
  }
  return made;
}

}  // namespace

TEST_CASE("who reads the topic is named, is asked for again, and after a day it is given up until somebody resumes") {
  auto asked = judge_readers(operation("members"), {{"payments", {"c1 /10.0.0.1", "c2 /10.0.0.2"}}}, noon);
  CHECK(asked.how == How::again);
  CHECK(asked.after == seconds(5));
  CHECK(asked.trouble == "the topic is being read: group payments (c1 /10.0.0.1, c2 /10.0.0.2)");
  CHECK(asked.next.find("edactl operation abort op-1") != std::string::npos);
  auto later = operation("members", {{"members", asked.evidence}});
  CHECK(judge_readers(later, {{"payments", {"c1"}}}, noon + std::chrono::hours(23)).how == How::again);
  auto given_up = judge_readers(later, {{"payments", {"c1"}}}, noon + std::chrono::hours(24));
  CHECK(given_up.how == How::failed);
  auto resumed = operation("members", {{"members", given_up.evidence}});
  CHECK(judge_readers(resumed, {{"payments", {"c1"}}}, noon + std::chrono::hours(25)).how == How::again);
  CHECK(judge_readers(later, {}, noon).how == How::done);
}

TEST_CASE("a topic is idle when its ends have not moved for ten seconds") {
  auto first = judge_idle(operation("idle"), {5, 7}, noon);
  CHECK(first.how == How::again);
  CHECK(first.after == seconds(10));
  auto seen = operation("idle", {{"idle", first.evidence}});
  auto early = judge_idle(seen, {5, 7}, noon + seconds(4));
  CHECK(early.how == How::again);
  CHECK(early.after == seconds(6));
  CHECK(judge_idle(seen, {5, 7}, noon + seconds(10)).how == How::done);
  auto written = judge_idle(seen, {5, 9}, noon + seconds(10));
  CHECK(written.how == How::again);
  CHECK(written.trouble.find("2 records arrived") != std::string::npos);
  auto moved = operation("idle", {{"idle", written.evidence}});
  CHECK(judge_idle(moved, {5, 9}, noon + seconds(12)).how == How::again);
  CHECK(judge_idle(moved, {5, 9}, noon + seconds(20)).how == How::done);
  CHECK(judge_idle(moved, {6, 9}, noon + std::chrono::hours(25)).how == How::failed);
}

TEST_CASE("the last look compares with what was idle, and waits anew when something was written since") {
  auto idle = judge_idle(operation("idle", {{"idle", judge_idle(operation("idle"), {5}, noon).evidence}}), {5},
                         noon + seconds(10));
  auto last = operation("delete", {{"idle", idle.evidence}});
  CHECK(judge_last_look(last, {5}, noon + seconds(11)).how == How::done);
  auto written = judge_last_look(last, {6}, noon + seconds(11));
  CHECK(written.how == How::again);
  auto again = operation("delete", {{"idle", idle.evidence}, {"delete", written.evidence}});
  CHECK(judge_last_look(again, {6}, noon + seconds(15)).how == How::again);
  CHECK(judge_last_look(again, {6}, noon + seconds(21)).how == How::done);
}

TEST_CASE("a restored database and an observed cluster stand in the way of a deletion, each with the ways out") {
  auto restored = judge_restored(operation("idle"), noon);
  CHECK(restored.how == How::failed);
  CHECK(restored.trouble.find("2026-11-21T12:00:00Z") != std::string::npos);
  auto observed = judge_observed(operation("delete"));
  CHECK(observed.how == How::again);
  CHECK(observed.evidence.is_null());
  for (auto& outcome : {restored, observed}) {
    CHECK(outcome.next.find("edactl operation abort op-1 keeps the stream") != std::string::npos);
  }
}

TEST_CASE("brokers that are away are asked again, and what was seen before stays") {
  auto outcome = ask_again(Error(Code::unavailable, "BROKER_AWAY", "no broker answers", "look after it"));
  CHECK(outcome.how == How::again);
  CHECK(outcome.evidence.is_null());
  CHECK(outcome.trouble == "no broker answers");
}
