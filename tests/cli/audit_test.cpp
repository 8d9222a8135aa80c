// audit --follow and audit verify against a small server: restarts of edad, heads that are kept.

#include <fcntl.h>
#include <grpcpp/grpcpp.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <deque>
#include <fstream>
#include <functional>
#include <map>

#include "cli/app.h"
#include "cli/head_file.h"
#include "eda/events/v1/events.grpc.pb.h"
#include "tests/platform/process/scratch.h"

using namespace eda::cli;
namespace v1 = eda::events::v1;

namespace {

class EventServer final : public v1::EventService::Service {
 public:
  EventServer() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  ~EventServer() override { server_->Shutdown(std::chrono::system_clock::now()); }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

  grpc::Status ListEvents(grpc::ServerContext*, const v1::ListEventsRequest* request,
                          v1::ListEventsResponse* response) override {
    page_size = request->page_size();
    for (auto& name : listed) *response->add_events() = event(name);
    return grpc::Status::OK;
  }
  grpc::Status FollowEvents(grpc::ServerContext*, const v1::FollowEventsRequest* request,
                            v1::FollowEventsResponse* response) override {
    horizons.push_back(request->horizon());
    if (answers.empty()) return {grpc::StatusCode::PERMISSION_DENIED, "enough"};
    auto answer = answers.front();
    answers.pop_front();
    return answer(*response);
  }
  grpc::Status VerifyTrail(grpc::ServerContext*, const v1::VerifyTrailRequest* request,
                           v1::VerifyTrailResponse* response) override {
    asked.push_back(*request);
    *response = pages.at(asked.size() - 1);
    return grpc::Status::OK;
  }

  static v1::Event event(const std::string& name) {
    v1::Event one;
    one.mutable_at()->set_seconds(1'000'000);
    one.set_actor("user/ada");
    one.set_verb("team.changed");
    one.mutable_object()->set_kind("team");
    one.mutable_object()->set_name(name);
    return one;
  }
  static std::function<grpc::Status(v1::FollowEventsResponse&)> news(std::string horizon,
                                                                     std::vector<std::string> names = {}) {
    return [=](v1::FollowEventsResponse& response) {
      response.set_horizon(horizon);
      for (auto& name : names) *response.add_events() = event(name);
      return grpc::Status::OK;
    };
  }
  static grpc::Status away(v1::FollowEventsResponse&) { return {grpc::StatusCode::UNAVAILABLE, "Socket closed"}; }

  std::vector<std::string> listed;  ///< the newest first
  std::uint32_t page_size = 0;
  std::deque<std::function<grpc::Status(v1::FollowEventsResponse&)>> answers;
  std::vector<std::string> horizons;
  std::vector<v1::VerifyTrailResponse> pages;
  std::vector<v1::VerifyTrailRequest> asked;

 private:
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

struct Ended {
  int exit = 0;
  std::string out;
};

/// The command with its stdout in a file.
Ended run(std::vector<std::string> arguments, const std::string& server) {
  eda::test::Scratch home;
  std::map<std::string, std::string> values{{"EDACTL_SERVER", server}, {"EDACTL_TOKEN", "x"}, {"HOME", home.path()}};
  Environment environment = [&](const char* name) -> const char* {
    auto found = values.find(name);
    return found == values.end() ? nullptr : found->second.c_str();
  };
  std::fflush(stdout);
  int before = ::dup(STDOUT_FILENO);
  int file = ::open(home.path("out").c_str(), O_CREAT | O_WRONLY, 0600);
  ::dup2(file, STDOUT_FILENO);
  ::close(file);
  Ended ended;
  {
    Terminal terminal(environment);
    arguments.emplace_back("-q");
    ended.exit = run_app(arguments, terminal, environment);
  }
  std::fflush(stdout);
  ::dup2(before, STDOUT_FILENO);
  ::close(before);
  ended.out = home.read("out");
  return ended;
}

v1::VerifyTrailResponse page(std::int64_t verified, std::int64_t head, std::vector<std::string> faults = {}) {
  v1::VerifyTrailResponse one;
  one.set_verified(verified);
  one.set_hash(std::string(64, 'a'));
  one.mutable_head()->set_number(head);
  one.mutable_head()->set_hash(std::string(64, 'b'));
  one.set_done(verified == head);
  for (auto& what : faults) {
    one.add_faults()->set_what(what);
    one.mutable_faults()->rbegin()->set_event(7);
  }
  return one;
}

}  // namespace

TEST_CASE("following shows the last events oldest first, then what comes, each once, over a restart of edad") {
  EventServer server;
  server.listed = {"c", "b", "a"};
  server.answers = {EventServer::news("1"), EventServer::news("2", {"c", "d"}), EventServer::away, EventServer::away,
                    EventServer::news("3", {"e", "c"})};
  auto ended = run({"audit", "--follow", "-o", "name"}, server.address());
  CHECK(ended.exit == 4);  // the server's last word
  CHECK(ended.out == "team/a\nteam/b\nteam/c\nteam/d\nteam/e\nteam/c\n");
  CHECK(server.page_size == 10);
  CHECK(server.horizons == std::vector<std::string>{"", "1", "2", "2", "2", "3"});
}

TEST_CASE("a follower of an edad that cannot be reached at all fails") {
  CHECK(run({"audit", "--follow", "--timeout", "2s"}, "127.0.0.1:1").exit == 1);
}

TEST_CASE("verifying asks page by page, and keeps the head when all is well") {
  EventServer server;
  server.pages = {page(10, 25), page(20, 25), page(25, 25)};
  eda::test::Scratch folder;
  auto file = folder.path("head.json");
  CHECK(run({"audit", "verify", "--head", file}, server.address()).exit == 0);
  REQUIRE(server.asked.size() == 3);
  CHECK(server.asked[0].after() == 0);
  CHECK_FALSE(server.asked[0].has_known());
  CHECK(server.asked[2].after() == 20);
  CHECK(server.asked[2].after_hash() == std::string(64, 'a'));
  REQUIRE(read_head(file));
  CHECK(read_head(file)->value().number() == 25);

  server.asked.clear();
  server.pages = {page(10, 25, {"row-unsealed"}), page(20, 25, {"row-unsealed"}), page(25, 25, {"row-changed"})};
  server.pages.back().mutable_head()->set_number(26);
  server.pages.back().set_done(true);
  auto ended = run({"audit", "verify", "--head", file, "-o", "tsv"}, server.address());
  CHECK(ended.exit == 1);
  CHECK(ended.out == "NUMBER\tEVENT\tWHAT\tMESSAGE\n\t7\trow-unsealed\t\n\t7\trow-changed\t\n");
  CHECK(server.asked[1].known().number() == 25);
  CHECK(read_head(file)->value().number() == 25);  // kept as it was
}

TEST_CASE("a trail without a sealed event is no fault, and leaves no head") {
  EventServer server;
  server.pages = {page(0, 0)};
  eda::test::Scratch folder;
  CHECK(run({"audit", "verify", "--head", folder.path("head.json")}, server.address()).exit == 0);
  CHECK_FALSE(read_head(folder.path("head.json"))->has_value());
}

TEST_CASE("a file that is no head is refused before edad is asked") {
  eda::test::Scratch folder;
  for (const char* text : {"", "x", "{}", "[]", "{\"number\": \"7\"}", "{\"number\": \"7\", \"hash\": \"ab\"}"}) {
    INFO(text);
    auto head = read_head(folder.write("head.json", text));
    REQUIRE_FALSE(head);
    CHECK(head.error().reason == "HEAD_FILE");
  }
  CHECK(run({"audit", "verify", "--head", folder.path("head.json")}, "127.0.0.1:1").exit == 2);
  CHECK(read_head(folder.path()).error().reason == "FILE_UNREADABLE");
}
