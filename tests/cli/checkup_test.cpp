#include "cli/checkup.h"

#include <catch2/catch.hpp>

#include "platform/rpc/convert.h"

using namespace eda;
using namespace eda::cli;
using namespace std::chrono_literals;
using State = Finding::State;

namespace {

const Instant noon = *from_rfc3339("2026-11-21T12:00:00Z");

}  // namespace

TEST_CASE("clocks that differ by more than the call can tell are told") {
  auto skew = [](std::chrono::milliseconds theirs, std::chrono::milliseconds took) {
    return judge_clock(noon, noon + theirs, noon + took).state;
  };
  CHECK(skew(5ms, 10ms) == State::ok);
  CHECK(skew(-1900ms, 10ms) == State::ok);
  CHECK(skew(3s, 10ms) == State::warning);
  CHECK(skew(-3s, 10ms) == State::warning);
  CHECK(skew(3s, 6s) == State::ok);
  CHECK(skew(40s, 10ms) == State::fault);
  CHECK(judge_clock(noon, noon - 1h, noon).found == "edad's clock is 1h behind this one");
  CHECK_FALSE(judge_clock(noon, noon - 1h, noon).next.empty());
}

TEST_CASE("a token that ends soon is a warning with the command for another one") {
  identity::v1::WhoAmIResponse me;
  me.set_subject("user/ada");
  CHECK(judge_token(me, noon).state == State::ok);
  rpc::to_proto(noon + 30 * 24h, me.mutable_token()->mutable_expires_at());
  CHECK(judge_token(me, noon).state == State::ok);
  rpc::to_proto(noon + 3 * 24h, me.mutable_token()->mutable_expires_at());
  CHECK(judge_token(me, noon).state == State::warning);
  CHECK(judge_token(me, noon).next == "edactl token create --subject user/ada, then edactl login");
}

TEST_CASE("versions of one line fit each other") {
  CHECK(judge_versions("0.1.0", "0.1.7").state == State::ok);
  CHECK(judge_versions("0.1.0", "0.2.0").state == State::warning);
  CHECK(judge_versions("1.4.0", "1.9.2").state == State::ok);
  CHECK(judge_versions("1.4.0", "2.0.0").state == State::warning);
}

TEST_CASE("a port is asked where edad is, unless it listens for its own machine only") {
  CHECK(reachable_address("127.0.0.1:7070", "127.0.0.1:8080") == "127.0.0.1:8080");
  CHECK(reachable_address("https://edad.example:7070", "0.0.0.0:8080") == "edad.example:8080");
  CHECK(reachable_address("edad.example:7070", "127.0.0.1:7071").empty());
  CHECK(reachable_address("edad.example:7070", "0.0.0.0:0").empty());
  CHECK(reachable_address("nonsense", "0.0.0.0:1").empty());
}
