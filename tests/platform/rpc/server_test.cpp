#include "platform/rpc/server.h"

#include <google/protobuf/dynamic_message.h>
#include <grpcpp/generic/generic_stub.h>

#include <catch2/catch.hpp>
#include <future>
#include <thread>

#include "platform/process/log.h"
#include "platform/rpc/client.h"
#include "tests/platform/rpc/toy.h"

using namespace eda;
using namespace std::chrono_literals;
using test::Toy;
using Stub = test::v1::IdentityService::Stub;

namespace {

rpc::Client client_of(const std::string& address, const std::string& token = "sesame", const std::string& ca = {}) {
  auto client = rpc::Client::make({address, Secret(token), ca});
  REQUIRE(client);
  return std::move(*client);
}

Result<std::string> who_am_i(const rpc::Client& client, const rpc::CallOptions& options = {}) {
  auto stub = test::v1::IdentityService::NewStub(client.channel());
  test::v1::WhoAmIResponse response;
  EDA_TRY(client.call(*stub, &Stub::WhoAmI, test::v1::WhoAmIRequest(), &response, options));
  return response.subject();
}

/// One message out and one in, raw.
std::string raw_call(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                     const std::string& request) {
  grpc::TemplatedGenericStub<grpc::ByteBuffer, grpc::ByteBuffer> stub(channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + 10s);
  grpc::Slice slice(request);
  grpc::ByteBuffer out(&slice, 1), in;
  std::promise<grpc::Status> done;
  stub.UnaryCall(&context, method, {}, &out, &in, [&](grpc::Status status) { done.set_value(std::move(status)); });
  auto status = done.get_future().get();
  if (!status.ok()) return "status " + std::to_string(status.error_code());
  if (in.Length() == 0) return {};
  REQUIRE(in.TrySingleSlice(&slice).ok());
  return {reinterpret_cast<const char*>(slice.begin()), slice.size()};
}

std::string health(const Toy& toy) {
  auto channel = grpc::CreateChannel(toy.address(), grpc::InsecureChannelCredentials());
  return raw_call(channel, "/grpc.health.v1.Health/Check", "");
}

const std::string serving("\x08\x01", 2);
const std::string not_serving("\x08\x02", 2);

}  // namespace

TEST_CASE("a call goes through the gate with token, request id, deadline and peer") {
  Toy toy;
  auto client = client_of(toy.address());
  CHECK(who_am_i(client, {"req-7", 30s}) == "user/ada");
  CHECK(toy.identity.gate.last_request_id == "req-7");
  CHECK(toy.identity.gate.last_subject == "user/ada");
  CHECK(toy.identity.gate.last_peer.starts_with("ipv4:127.0.0.1:"));
  CHECK(toy.identity.gate.last_deadline < 31s);  // the wire rounds a little up
  CHECK(toy.identity.gate.last_deadline > 20s);

  CHECK(who_am_i(client, {"", 24h}) == "user/ada");
  CHECK(toy.identity.gate.last_deadline <= rpc::max_deadline);
  CHECK(process::is_request_id(toy.identity.gate.last_request_id));

  auto stranger = who_am_i(client_of(toy.address(), "guess"), {"req-8", 30s});
  REQUIRE_FALSE(stranger);
  CHECK(stranger.error().code == Code::unauthenticated);
  CHECK(stranger.error().next == "log in");
  CHECK(stranger.error().facts.at("request_id") == "req-8");
  CHECK(toy.identity.gate.last_reason == "TOKEN_UNKNOWN");
  CHECK_FALSE(who_am_i(client_of(toy.address(), "")));
}

TEST_CASE("an exception in a call is told to nobody but the log") {
  Toy toy;
  auto client = client_of(toy.address());
  auto stub = test::v1::IdentityService::NewStub(client.channel());
  test::v1::CreateTokenResponse response;
  auto outcome = client.call(*stub, &Stub::CreateToken, test::v1::CreateTokenRequest(), &response);
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == Code::internal);
  CHECK(outcome.error().reason == "INTERNAL");
  CHECK(outcome.error().message.find("sesame") == std::string::npos);
}

TEST_CASE("a large error arrives through a real connection") {
  Toy toy;
  toy.identity.failure = Error(Code::invalid, "MANIFEST", "many faults");
  for (int i = 0; i < 300; ++i)
    toy.identity.failure.violations.push_back({"spec.x", std::string(1'000, 'x'), {"file.yaml", 3, 4}, "", ""});
  auto client = client_of(toy.address());
  auto stub = test::v1::IdentityService::NewStub(client.channel());
  test::v1::UpdateUserResponse response;
  auto outcome = client.call(*stub, &Stub::UpdateUser, test::v1::UpdateUserRequest(), &response);
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().reason == "MANIFEST");
  REQUIRE(outcome.error().violations.size() == rpc::max_violations);
  CHECK(outcome.error().violations.back().at.column == 4);
}

TEST_CASE("a message above 4 MiB is refused and the connection lives on") {
  Toy toy;
  auto client = client_of(toy.address());
  auto stub = test::v1::IdentityService::NewStub(client.channel());
  test::v1::CreateUserRequest request;
  request.set_reason(std::string(5 << 20, 'x'));
  grpc::ClientContext context;
  client.prepare(context);
  test::v1::CreateUserResponse response;
  auto roomy = grpc::CreateChannel(toy.address(), grpc::InsecureChannelCredentials());
  auto refused = test::v1::IdentityService::NewStub(roomy)->CreateUser(&context, request, &response);
  CHECK(refused.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED);
  CHECK(rpc::from_status(refused).code == Code::exhausted);
  CHECK(who_am_i(client) == "user/ada");
}

TEST_CASE("health follows readiness and reflection lists the services") {
  Toy toy;
  CHECK(health(toy) == not_serving);
  toy.server->set_readiness(rpc::Readiness::ready);
  CHECK(health(toy) == serving);
  toy.server->set_readiness(rpc::Readiness::not_ready);
  CHECK(health(toy) == not_serving);

  auto* pool = google::protobuf::DescriptorPool::generated_pool();
  auto* method = pool->FindMethodByName("grpc.reflection.v1alpha.ServerReflection.ServerReflectionInfo");
  REQUIRE(method);
  google::protobuf::DynamicMessageFactory factory;
  std::unique_ptr<google::protobuf::Message> request(factory.GetPrototype(method->input_type())->New());
  request->GetReflection()->SetString(request.get(), method->input_type()->FindFieldByName("list_services"), "*");
  // A stream with one message either way.
  grpc::GenericStub stub(grpc::CreateChannel(toy.address(), grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + 10s);
  grpc::CompletionQueue queue;
  auto next = [&] {
    void* tag = nullptr;
    bool ok = false;
    return queue.Next(&tag, &ok) && ok;
  };
  auto stream = stub.PrepareCall(&context, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", &queue);
  stream->StartCall(nullptr);
  REQUIRE(next());
  grpc::Slice slice(request->SerializeAsString());
  stream->Write(grpc::ByteBuffer(&slice, 1), nullptr);
  REQUIRE(next());
  grpc::ByteBuffer answer;
  stream->Read(&answer, nullptr);
  REQUIRE(next());
  REQUIRE(answer.TrySingleSlice(&slice).ok());
  std::string text(reinterpret_cast<const char*>(slice.begin()), slice.size());
  CHECK(text.find("eda.identity.v1.IdentityService") != std::string::npos);
  grpc::Status end;
  stream->WritesDone(nullptr);
  next();
  stream->Finish(&end, nullptr);
  next();
}

TEST_CASE("a port in use and an address beyond loopback are refused in a sentence") {
  Toy first;
  auto options = Toy::any_port();
  options.listen.port = first.server->port();
  auto second = rpc::Server::start(options, {});
  REQUIRE_FALSE(second);
  CHECK(second.error().reason == "PORT_IN_USE");
  CHECK(second.error().message == "cannot listen on " + first.address() + ": the port is in use by another program");

  options.listen = {"0.0.0.0", 0};
  auto open = rpc::Server::start(options, {});
  REQUIRE_FALSE(open);
  CHECK(open.error().reason == "TLS_REQUIRED");
}

TEST_CASE("draining lets a call finish, takes no new one, and cancels what lasts too long") {
  {
    Toy toy;
    toy.server->set_readiness(rpc::Readiness::ready);
    auto client = client_of(toy.address());
    auto slow = std::async(std::launch::async, [&] {
      auto stub = test::v1::IdentityService::NewStub(client.channel());
      test::v1::ListUsersResponse response;
      return client.call(*stub, &Stub::ListUsers, test::v1::ListUsersRequest(), &response, {"", 30s});
    });
    toy.identity.begun.wait();
    auto drained = std::async(std::launch::async, [&] { toy.server->drain(10s); });
    // A channel of its own: the listener is closed before the calls are done.
    while (who_am_i(client_of(toy.address()), {"", 1s})) std::this_thread::yield();
    CHECK(drained.wait_for(0s) == std::future_status::timeout);
    toy.identity.let_go.open();
    CHECK(slow.get());
    drained.get();
  }
  Toy toy;
  auto client = client_of(toy.address());
  auto stuck = std::async(std::launch::async, [&] {
    auto stub = test::v1::IdentityService::NewStub(client.channel());
    test::v1::ListUsersResponse response;
    return client.call(*stub, &Stub::ListUsers, test::v1::ListUsersRequest(), &response, {"", 30s});
  });
  toy.identity.begun.wait();
  auto drained = std::async(std::launch::async, [&] { toy.server->drain(100ms); });
  auto outcome = stuck.get();
  REQUIRE_FALSE(outcome);
  CHECK((outcome.error().reason == "CANCELLED" || outcome.error().reason == "SERVER_LOST"));
  toy.identity.let_go.open();
  drained.get();
}

TEST_CASE("a server that is away and a deadline that passes are told apart") {
  Toy toy;
  auto address = toy.address();
  auto client = client_of(address);
  auto stub = test::v1::IdentityService::NewStub(client.channel());
  test::v1::ListUsersResponse response;
  auto late = client.call(*stub, &Stub::ListUsers, test::v1::ListUsersRequest(), &response, {"", 200ms});
  REQUIRE_FALSE(late);
  CHECK(late.error().code == Code::timeout);
  toy.identity.let_go.open();
  toy.server->drain();
  auto away = who_am_i(client_of(address));
  REQUIRE_FALSE(away);
  CHECK(away.error().code == Code::unavailable);
  CHECK(away.error().reason == "SERVER_AWAY");
  CHECK(away.error().facts.at("address") == address);
}

TEST_CASE("a token is never sent in the clear to another machine") {
  auto plain = rpc::Client::make({"http://edad.example:7070", Secret("sesame"), {}});
  REQUIRE_FALSE(plain);
  CHECK(plain.error().reason == "PLAIN_TOKEN");
  CHECK(plain.error().message.find("sesame") == std::string::npos);
  CHECK(rpc::Client::make({"http://edad.example:7070", Secret(), {}}));
  CHECK(rpc::Client::make({"https://edad.example:7070/", Secret("sesame"), {}}));
  CHECK(rpc::Client::make({"http://127.0.0.1:7070", Secret("sesame"), {}}));
  CHECK(rpc::Client::make({"edad.example", Secret(), {}}).error().reason == "ENDPOINT_SYNTAX");
  CHECK(rpc::Client::make({"localhost:1", Secret(), "/nonexistent/ca.pem"}).error().reason == "CA_FILE");
}

TEST_CASE("TLS is spoken, and a renewed certificate is served without a restart") {
  test::Scratch scratch;
  auto options = Toy::any_port();
  options.listen.host = "0.0.0.0";
  options.tls = test::make_certificate(scratch);
  auto old_ca = scratch.write("old.pem", scratch.read("tls.crt"));
  Toy toy(options);
  auto address = "https://localhost:" + std::to_string(toy.server->port());
  CHECK(who_am_i(client_of(address, "sesame", old_ca)) == "user/ada");

  // Half of a renewal is there for a while: what was served goes on.
  auto log = scratch.path("log");
  REQUIRE(process::start_log({process::LogLevel::info, process::LogFormat::text, log}));
  auto old_key = scratch.read("tls.key");
  test::make_certificate(scratch, "half");
  scratch.write("tls.key", old_key);
  auto half_seen = [&] {
    return scratch.read("log").find("does not serve a changed certificate") != std::string::npos;
  };
  for (auto end = std::chrono::steady_clock::now() + 10s; !half_seen() && std::chrono::steady_clock::now() < end;)
    CHECK(who_am_i(client_of(address, "sesame", old_ca)) == "user/ada");
  REQUIRE(half_seen());
  REQUIRE(process::start_log({}));

  test::make_certificate(scratch, "renewed");
  auto new_ca = scratch.write("new.pem", scratch.read("tls.crt"));
  auto give_up = std::chrono::steady_clock::now() + 10s;
  Result<std::string> renewed;
  do {
    renewed = who_am_i(client_of(address, "sesame", new_ca), {"", 5s});
  } while (!renewed && std::chrono::steady_clock::now() < give_up);
  CHECK(renewed == "user/ada");
  auto stranger = who_am_i(client_of(address, "sesame", old_ca), {"", 5s});
  REQUIRE_FALSE(stranger);
  CHECK(stranger.error().code == Code::unavailable);

  auto plain = who_am_i(client_of("http://127.0.0.1:" + std::to_string(toy.server->port())), {"", 5s});
  CHECK_FALSE(plain);
}
