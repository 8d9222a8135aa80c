#include <unistd.h>
#include <csignal>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "dev/files.h"
#include "dev/kafka_home.h"
#include "dev/ports.h"
#include "dev/processes.h"
#include "tests/dev/listener.h"
#include "tests/dev/place.h"

using namespace eda;
using namespace eda::dev;
namespace fs = std::filesystem;

namespace {

/// Starts a process that waits, with its mark among its arguments, and waits until it is that program.
pid_t start_waiting(Processes& processes, const Part& part) {
  REQUIRE(processes.start(part, {{"/usr/bin/tail", "-f", "/dev/null", part.mark}, ""}));
  auto pid = processes.running(part);
  REQUIRE(pid);
  fs::path program = "/proc/" + std::to_string(*pid) + "/exe";
  auto is_tail = [&] { return fs::read_symlink(program).filename() == "tail"; };
  REQUIRE(processes.await(part, is_tail, std::chrono::seconds(10), [](std::string_view) {}));
  return *pid;
}

}  // namespace

TEST_CASE("a port in use gives the next free one, and that is told") {
  Listener busy;
  std::vector<std::string> told;
  Ports ports([&](std::string_view line) { told.emplace_back(line); });
  auto port = ports.take(busy.port(), "edad's gRPC");
  REQUIRE(port);
  CHECK(*port > busy.port());
  REQUIRE(told.size() == 1);
  CHECK(told[0] == "port " + std::to_string(busy.port()) + " is in use: edad's gRPC gets " + std::to_string(*port));
}

TEST_CASE("a port is given away once only") {
  Listener somewhere;
  Ports ports([](std::string_view) {});
  auto first = ports.take(somewhere.port() + 1, "one");
  auto second = ports.take(somewhere.port() + 1, "two");
  REQUIRE(first);
  REQUIRE(second);
  CHECK(*first != *second);
}

TEST_CASE("a port that another world has in hand is not given away before that one is done") {
  Listener somewhere;
  auto taken = [&](Ports& ports) { return ports.take(somewhere.port() + 1, "one").value(); };
  Ports second([](std::string_view) {});
  int first_port = 0;
  {
    Ports first([](std::string_view) {});
    first_port = taken(first);
    CHECK(taken(second) != first_port);
    first.start_over();
    CHECK(taken(first) == first_port);
  }
  Ports third([](std::string_view) {});
  CHECK(taken(third) == first_port);
}

TEST_CASE("whose a port is is told by the process that listens") {
  Place place;
  Processes processes(place.path(), Lifetime::with_parent);
  pid_t bystander = start_waiting(processes, {"bystander", "bystander=" + place.path().string()});
  int port = 0;
  {
    Listener ours;
    port = ours.port();
    CHECK(listens(::getpid(), port));
    CHECK_FALSE(listens(bystander, port));
  }
  CHECK_FALSE(listens(::getpid(), port));
  processes.stop({{"bystander", "bystander=" + place.path().string()}}, SIGKILL, std::chrono::seconds(5));
}

TEST_CASE("no free port is a sentence with what to do") {
  Ports ports([](std::string_view) {});
  auto none = ports.take(65536, "Kafka");
  REQUIRE_FALSE(none);
  CHECK(none.error().reason == "DEV_NO_PORT");
  CHECK_FALSE(none.error().next.empty());
}

TEST_CASE("a pid file whose pid is somebody else's by now is stale, and that process is left alone") {
  Place place;
  Processes processes(place.path(), Lifetime::with_parent);
  Part bystander{"bystander", "bystander=" + place.path().string()}, part{"part", "part=" + place.path().string()};
  pid_t pid = start_waiting(processes, bystander);
  // The pid is right; start time and boot are those of a process of long ago.
  REQUIRE(write_private(place.path() / "run/part.pid", std::to_string(pid) + " 1 another-boot\n"));
  CHECK_FALSE(processes.running(part));
  CHECK_FALSE(fs::exists(place.path() / "run/part.pid"));
  CHECK(processes.stop({part}, SIGKILL, std::chrono::seconds(1)) == 0);
  CHECK(processes.running(bystander) == pid);
  CHECK(processes.stop({bystander}, SIGTERM, std::chrono::seconds(5)) == 1);
  CHECK_FALSE(processes.running(bystander));
}

TEST_CASE("a process whose pid file is lost is found again by its mark") {
  Place place;
  Processes processes(place.path(), Lifetime::with_parent);
  Part part{"part", "part=" + place.path().string()};
  pid_t pid = start_waiting(processes, part);
  fs::remove(place.path() / "run/part.pid");
  CHECK(processes.running(part) == pid);
  CHECK(processes.stop({part}, SIGTERM, std::chrono::seconds(5)) == 1);
}

TEST_CASE("a process that ignores the signal is killed after the patience") {
  Place place;
  Processes processes(place.path(), Lifetime::with_parent);
  Part part{"stubborn", "stubborn=" + place.path().string()};
  REQUIRE(processes.start(
      part, {{"/bin/sh", "-c", "trap '' TERM; echo deaf; while :; do read -r line; done < /dev/zero", part.mark}, ""}));
  auto is_deaf = [&] { return read_text(processes.log(part)) == "deaf\n"; };
  REQUIRE(processes.await(part, is_deaf, std::chrono::seconds(10), [](std::string_view) {}));
  CHECK(processes.stop({part}, SIGTERM, std::chrono::seconds(1)) == 1);
  CHECK_FALSE(processes.running(part));
}

TEST_CASE("a process that an interrupted command told to end is ended, and one that was not is left alone") {
  Place place;
  Processes processes(place.path(), Lifetime::with_parent);
  Part told{"told", "told=" + place.path().string()}, untold{"untold", "untold=" + place.path().string()};
  start_waiting(processes, told);
  pid_t left_alone = start_waiting(processes, untold);
  fs::path noted = place.path() / "run/told.pid";
  REQUIRE(write_private(noted, read_text(noted) + "told to end\n"));
  processes.let_end({told, untold}, SIGTERM, std::chrono::seconds(5));
  CHECK_FALSE(processes.running(told));
  CHECK(processes.running(untold) == left_alone);
  processes.stop({untold}, SIGKILL, std::chrono::seconds(5));
}

TEST_CASE("a part that dies at start says its last lines of this start, and where the rest is") {
  Place place;
  Processes processes(place.path(), Lifetime::with_parent);
  Part part{"broken", "broken=" + place.path().string()};
  REQUIRE(make_private_directory(place.path() / "log"));
  REQUIRE(write_private(processes.log(part), "of an earlier start\n"));
  REQUIRE(processes.start(part, {{"/bin/sh", "-c", "echo the disk is full >&2; exit 3", part.mark}, ""}));
  auto ready = processes.await(
      part, [] { return false; }, std::chrono::seconds(10), [](std::string_view) {});
  REQUIRE_FALSE(ready);
  CHECK(ready.error().reason == "DEV_DIED");
  CHECK(ready.error().message == "broken ended while starting; its last lines:\n  the disk is full");
  CHECK(ready.error().next.find(processes.log(part).string()) != std::string::npos);
}

TEST_CASE("a part's environment holds nothing that could configure or leak") {
  Place place;
  Processes processes(place.path(), Lifetime::with_parent);
  ::setenv("EDACTL_TOKEN", "secret", 1);
  ::setenv("EDAD_DATABASE_URL", "elsewhere", 1);
  Part part{"env", ""};
  REQUIRE(processes.run({{part, Command{{"/usr/bin/env"}, ""}}}));
  ::unsetenv("EDACTL_TOKEN");
  ::unsetenv("EDAD_DATABASE_URL");
  std::string variables = read_text(processes.log(part));
  CHECK(variables.find("PATH=") != std::string::npos);
  CHECK(variables.find("EDA") == std::string::npos);
}

TEST_CASE("a file of the world is its owner's alone, and whole") {
  Place place;
  REQUIRE(write_private(place.path() / "secret", "one"));
  REQUIRE(write_private(place.path() / "secret", "two"));
  CHECK(read_text(place.path() / "secret") == "two");
  CHECK((fs::status(place.path() / "secret").permissions() & fs::perms::all) ==
        (fs::perms::owner_read | fs::perms::owner_write));
}

TEST_CASE("notes are remembered, and a secret is drawn once") {
  Place place;
  std::string secret;
  {
    Notes notes(place.path() / "world");
    CHECK_FALSE(notes.exist());
    notes.set("port", "7070");
    secret = notes.secret("password");
    REQUIRE(notes.save());
  }
  Notes notes(place.path() / "world");
  CHECK(notes.number("port", 1) == 7070);
  CHECK(notes.number("password", 1) == 1);
  CHECK(notes.secret("password") == secret);
  CHECK(secret.size() == 32);
}

TEST_CASE("a Kafka that is not there is a sentence that says how to get it") {
  Place place;
  auto none = find_kafka(place.path(), "");
  REQUIRE_FALSE(none);
  CHECK(none.error().reason == "DEV_KAFKA_MISSING");
  CHECK_FALSE(none.error().next.empty());
  auto unknown = find_kafka("", "2.8");
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().reason == "DEV_KAFKA_LINE");
}

TEST_CASE("each line of Kafka is found where setup put it") {
  for (const auto& [line, version] : {std::pair("4", "4."), std::pair("3.9", "3.9.")}) {
    auto kafka = find_kafka("", line);
    REQUIRE(kafka);
    CHECK(kafka->version.rfind(version, 0) == 0);
    auto other = find_kafka(kafka->home, line == std::string("4") ? "3.9" : "4");
    REQUIRE_FALSE(other);
    CHECK(other.error().reason == "DEV_KAFKA_LINE");
  }
}
