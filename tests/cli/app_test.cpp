// The command against a small server of its own: what it does when answers get lost. The real edad is tests/e2e's.

#include "cli/app.h"

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <thread>

#include "eda/plans/v1/plans.grpc.pb.h"
#include "tests/platform/process/scratch.h"

using namespace eda::cli;
namespace v1 = eda::plans::v1;

namespace {

/// Plans one new team; how Apply and GetPlan go is the test's business.
class PlanServer final : public v1::PlanService::Service {
 public:
  PlanServer() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  ~PlanServer() override { server_->Shutdown(std::chrono::system_clock::now()); }

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

  grpc::Status Plan(grpc::ServerContext*, const v1::PlanRequest* request, v1::PlanResponse* response) override {
    std::this_thread::sleep_for(planning);  // a broker that is away takes its time
    documents = request->documents_size();
    asked = *request;
    fill(response->mutable_plan(), "open");
    auto* change = response->add_changes();
    change->mutable_object()->set_kind("team");
    change->mutable_object()->set_name("checkout");
    change->set_action(v1::ACTION_CREATE);
    change->set_risk(v1::RISK_LOW);
    if (empty_position) change->mutable_at();
    return grpc::Status::OK;
  }
  grpc::Status Apply(grpc::ServerContext*, const v1::ApplyRequest* request, v1::ApplyResponse* response) override {
    request_ids.insert(request->request_id());
    if (applies++ < lost_applies) {
      if (lost_but_applied) state = "applied";
      return {grpc::StatusCode::UNAVAILABLE, "Socket closed"};
    }
    state = "applied";
    fill(response->mutable_plan(), state);
    return grpc::Status::OK;
  }
  grpc::Status ListChanges(grpc::ServerContext*, const v1::ListChangesRequest*, v1::ListChangesResponse*) override {
    return grpc::Status::OK;
  }
  grpc::Status GetPlan(grpc::ServerContext*, const v1::GetPlanRequest*, v1::GetPlanResponse* response) override {
    if (mute) return {grpc::StatusCode::UNAVAILABLE, "Socket closed"};
    fill(response->mutable_plan(), state);
    return grpc::Status::OK;
  }
  grpc::Status GetProgress(grpc::ServerContext*, const v1::GetProgressRequest*,
                           v1::GetProgressResponse* response) override {
    response->set_total(static_cast<std::uint32_t>(progress.size()));
    for (auto& [name, object_state] : progress) {
      auto* object = response->add_objects();
      object->mutable_object()->set_kind("team");
      object->mutable_object()->set_name(name);
      object->set_state(object_state);
      object->set_message("as the broker said");
      if (object_state == "applied" || object_state == "refused") response->set_at_rest(response->at_rest() + 1);
      if (object_state == "refused") response->set_refused(response->refused() + 1);
    }
    return grpc::Status::OK;
  }

  std::chrono::milliseconds planning{0};
  int lost_applies = 0;           ///< so many Apply calls are answered by a broken connection
  bool lost_but_applied = false;  ///< though they took effect
  bool empty_position = false;    ///< the change stands in no file
  bool mute = false;              ///< GetPlan answers nothing
  std::map<std::string, std::string> progress{{"checkout", "applied"}};
  int applies = 0, documents = 0;
  v1::PlanRequest asked;
  std::string state = "open";
  std::set<std::string> request_ids;

 private:
  static void fill(v1::Plan* plan, const std::string& state) {
    plan->set_id("pl-1");
    plan->set_state(state);
    plan->set_hash("h1");
    plan->set_creates(1);
    plan->set_risk(v1::RISK_LOW);
  }
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

int run(std::vector<std::string> arguments, const std::string& server = "127.0.0.1:1") {
  eda::test::Scratch home;
  std::map<std::string, std::string> values{{"EDACTL_SERVER", server}, {"EDACTL_TOKEN", "x"}, {"HOME", home.path()}};
  Environment environment = [&](const char* name) -> const char* {
    auto found = values.find(name);
    return found == values.end() ? nullptr : found->second.c_str();
  };
  Terminal terminal(environment);
  arguments.emplace_back("-q");
  return run_app(arguments, terminal, environment);
}

int apply(PlanServer& server, const std::string& timeout = "20s") {
  eda::test::Scratch scratch;
  auto file = scratch.write("team.yaml", "apiVersion: eda/v1\nkind: Team\nmetadata: {name: checkout}\n");
  return run({"apply", "-f", file, "--timeout", timeout}, server.address());
}

}  // namespace

TEST_CASE("an apply that is answered is applied once") {
  PlanServer server;
  CHECK(apply(server) == 0);
  CHECK(server.applies == 1);
  CHECK(server.documents == 1);
}

TEST_CASE("an apply whose answer was lost is found applied, and not sent again") {
  PlanServer server;
  server.lost_applies = 1;
  server.lost_but_applied = true;
  CHECK(apply(server) == 0);
  CHECK(server.applies == 1);
}

TEST_CASE("an apply that never arrived is sent again under the same request id") {
  PlanServer server;
  server.lost_applies = 1;
  CHECK(apply(server) == 0);
  CHECK(server.applies == 2);
  CHECK(server.request_ids.size() == 1);
}

TEST_CASE("an apply of which nothing can be learnt is unknown, not failed") {
  PlanServer server;
  server.lost_applies = 1'000;
  server.mute = true;
  CHECK(apply(server, "1s") == 11);
}

TEST_CASE("what is refused and what is not decide the exit code") {
  PlanServer server;
  server.progress = {{"a", "applied"}, {"b", "refused"}};
  CHECK(apply(server) == 9);
  server.progress = {{"a", "refused"}, {"b", "refused"}};
  server.state = "open";
  CHECK(apply(server) == 1);
  server.progress = {{"a", "applied"}, {"b", "pending"}};
  server.state = "open";
  CHECK(apply(server, "600ms") == 124);
  server.progress = {{"a", "applied"}, {"b", "unknown"}};
  server.state = "open";
  CHECK(apply(server, "600ms") == 11);
}

TEST_CASE("--timeout is for the planning, and then for the apply and its wait") {
  PlanServer server;
  server.planning = std::chrono::milliseconds(1'000);
  server.progress = {{"a", "pending"}};
  auto begun = std::chrono::steady_clock::now();
  CHECK(apply(server, "2s") == 124);
  auto took = std::chrono::steady_clock::now() - begun;
  CHECK(took >= std::chrono::milliseconds(2'600));
  CHECK(took < std::chrono::milliseconds(3'900));
  CHECK(server.applies == 1);
  CHECK(apply(server, "300ms") == 124);
  CHECK(server.applies == 1);
}

TEST_CASE("manifests are applied as the set of their folder, unless another is named") {
  PlanServer server;
  eda::test::Scratch scratch;
  auto file = scratch.write("team.yaml", "apiVersion: eda/v1\nkind: Team\nmetadata: {name: checkout}\n");
  auto folder = std::filesystem::path(file).parent_path();
  CHECK(run({"plan", "-f", file}, server.address()) == 0);
  CHECK(server.asked.set() == folder.filename());
  CHECK(server.asked.source() == folder);
  CHECK(server.asked.set_team().empty());
  CHECK(run({"plan", "-f", file, "--set", "shop", "--team", "checkout", "--source", "here", "--prune",
             "--force-conflicts", "--reason", "why"},
            server.address()) == 0);
  CHECK(server.asked.set() == "shop");
  CHECK(server.asked.set_team() == "checkout");
  CHECK(server.asked.source() == "here");
  CHECK(server.asked.reason() == "why");
  CHECK(server.asked.prune());
  CHECK(server.asked.force_conflicts());
}

TEST_CASE("what no file says has no position in a plan's JSON") {
  PlanServer server;
  eda::test::Scratch scratch;
  auto file = scratch.write("team.yaml", "apiVersion: eda/v1\nkind: Team\nmetadata: {name: checkout}\n");
  auto plan = scratch.path("plan.json");
  server.empty_position = true;
  REQUIRE(run({"plan", "-f", file, "--out", plan}, server.address()) == 0);
  std::ifstream written(plan);
  std::string text{std::istreambuf_iterator<char>(written), {}};
  CHECK(text.find("\"object\"") != std::string::npos);
  CHECK(text.find("\"at\"") == std::string::npos);
}

TEST_CASE("a plan's file is applied without the manifests, and once") {
  PlanServer server;
  eda::test::Scratch scratch;
  auto file = scratch.write("team.yaml", "apiVersion: eda/v1\nkind: Team\nmetadata: {name: checkout}\n");
  auto plan = scratch.path("plan.json");
  REQUIRE(run({"plan", "-f", file, "--out", plan}, server.address()) == 0);
  CHECK(run({"apply", "--plan", plan, "-f", file}, server.address()) == 2);
  CHECK(server.applies == 0);
  CHECK(run({"apply", "--plan", plan}, server.address()) == 0);
  CHECK(server.applies == 1);
  CHECK(run({"apply", "--plan", plan}, server.address()) == 0);
  CHECK(server.applies == 1);
  server.state = "expired";
  CHECK(run({"apply", "--plan", plan}, server.address()) == 6);
}

TEST_CASE("a plan's file that is not the server's plan is refused") {
  PlanServer server;
  eda::test::Scratch scratch;
  auto other = scratch.write("plan.json",
                             R"({"apiVersion": "eda/plan/v1", "server": "x", "plan": {"id": "pl-1", "hash": "h2"}})");
  CHECK(run({"apply", "--plan", other}, server.address()) == 6);
  CHECK(server.applies == 0);
}

TEST_CASE("Markdown is for plans") {
  CHECK(run({"get", "teams", "-o", "markdown"}) == 2);
  CHECK(run({"describe", "team", "x", "-o", "markdown"}) == 2);
  CHECK(run({"stream", "drift", "-o", "markdown"}) == 2);
}

TEST_CASE("a format that a command does not have is refused, not ignored") {
  CHECK(run({"export", "-o", "json"}) == 2);
  CHECK(run({"describe", "team", "x", "-o", "tsv"}) == 2);
  CHECK(run({"whoami", "-o", "tsv"}) == 2);
  CHECK(run({"validate", "-f", "x", "-o", "json"}) == 2);
  CHECK(run({"dev", "env", "-o", "yaml"}) == 2);
  CHECK(run({"stream", "adopt", "--list", "-o", "markdown"}) == 2);
  CHECK(formats_text(Shows::document) == "table, json, yaml or name");
  CHECK(formats_text(Shows::words).empty());
  auto refused = check_format(Format::json, Shows::words, "edactl login");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message == "edactl login writes no data that -o json could shape");
}

TEST_CASE("--version and help are no errors") {
  CHECK(run({"--version"}) == 0);
  CHECK(run({"help"}) == 0);
  CHECK(run({"help", "stream", "set"}) == 0);
  CHECK(run({"help", "streams"}) == 2);
}

TEST_CASE("a typo and a wrong value are usage, a server that is away is a failure") {
  CHECK(run({"gett", "teams"}) == 2);
  CHECK(run({"get"}) == 2);
  CHECK(run({"get", "steams"}) == 2);
  CHECK(run({"get", "teams", "-o", "xml"}) == 2);
  CHECK(run({"get", "teams", "--timeout", "soon"}) == 2);
  CHECK(run({"get", "teams", "--teem", "x"}) == 2);
  CHECK(run({"delete", "stream"}) == 2);
  CHECK(run({"token"}) == 2);
  CHECK(run({"stream", "set", "a", "retenton=1d"}) == 2);
  CHECK(run({"stream", "set", "a", "retention=1d", "--for", "soon"}) == 2);
  CHECK(run({"stream", "drift", "accept"}) == 2);
  CHECK(run({"stream", "adopt", "a", "--team", "b", "--request", "--dry-run"}) == 2);
  CHECK(run({"rollback", "stream", "a"}) == 2);
  CHECK(run({"cluster", "import", "prod"}) == 2);
  CHECK(run({"get", "teams", "--timeout", "2s"}) == 1);
}

TEST_CASE("an object that is named like a command is still an argument") {
  CHECK(run({"describe", "team", "export", "--timeout", "2s"}) ==
        1);  // the server is away; it was not taken for `export`
}

TEST_CASE("every command ends its help with examples") {
  for (auto& command : all_commands()) {
    INFO(command.name);
    CHECK_FALSE(command.summary.empty());
    CHECK((command.declare ? !command.examples.empty() : !command.commands.empty()));
    for (auto& inner : command.commands) {
      INFO(inner.name);
      CHECK_FALSE(inner.examples.empty());
    }
  }
}
