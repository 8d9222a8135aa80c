#include "platform/http/json_gateway.h"

#include <catch2/catch.hpp>
#include <future>

#include "platform/http/router.h"
#include "platform/http/server.h"
#include "platform/text/json.h"
#include "tests/platform/http/raw.h"
#include "tests/platform/rpc/toy.h"

using namespace eda;
using http::Request;
using http::Response;
using test::Toy;

namespace {

struct World {
  Toy toy;
  http::JsonGateway gateway{toy.server->in_process()};

  Response post(const std::string& method, const std::string& body, const http::Headers& more = {}) const {
    Request request;
    request.method = "POST";
    request.path = "/eda.identity.v1.IdentityService/" + method;
    request.body = body;
    request.peer = "ipv4:192.0.2.7:99";
    request.headers = more;
    if (!more.contains("content-type")) request.headers.emplace("Content-Type", "application/json");
    if (!more.contains("authorization")) request.headers.emplace("Authorization", "Bearer sesame");
    return gateway.handle(request);
  }
};

Value json(const Response& response) {
  auto value = text::from_json(response.body);
  CAPTURE(response.body);
  REQUIRE(value);
  return *value;
}

std::string at(const Value& value, const std::string& key) {
  const auto* map = value.as_map();
  if (map == nullptr || !map->contains(key)) return "(absent)";
  const auto& held = map->at(key);
  return held.as_text() ? *held.as_text() : text::to_json(held);
}

}  // namespace

TEST_CASE("a unary method answers as JSON, with token, request id and caller handed on") {
  World world;
  auto answer = world.post("WhoAmI", "{}", {{"x-request-id", "req-9"}});
  CHECK(answer.status == 200);
  CHECK(answer.headers.find("content-type")->second == "application/json");
  CHECK(answer.headers.find("x-request-id")->second == "req-9");
  CHECK(at(json(answer), "subject") == "user/ada");
  CHECK(json(answer).as_map()->at("serverVersion") == Value(""));
  CHECK(world.toy.identity.gate.last_request_id == "req-9");
  CHECK(world.toy.identity.gate.last_peer == "ipv4:192.0.2.7:99");
  CHECK(world.post("WhoAmI", "", {{"content-type", "Application/JSON; charset=\"UTF-8\""}}).status == 200);
  auto drawn = world.post("WhoAmI", "{}", {{"x-request-id", "evil\r\nid"}});
  CHECK(drawn.headers.find("x-request-id")->second == world.toy.identity.gate.last_request_id);
}

TEST_CASE("fields go there and back by either of their names") {
  World world;
  auto answer =
      world.post("CreateUser",
                 R"({"user":{"name":"ädä","display_name":"A","roles":["admin"],"createdAt":"2026-11-21T08:00:00Z"}})");
  REQUIRE(answer.status == 200);
  auto body = json(answer);
  auto& user = body.as_map()->at("user");
  CHECK(at(user, "name") == "ädä");
  CHECK(at(user, "displayName") == "A");
  CHECK(at(user, "createdAt") == "2026-11-21T08:00:00Z");
  CHECK(at(user, "teams") == "[]");
}

TEST_CASE("an error has Connect's code and status, and its details can be read") {
  World world;
  world.toy.identity.failure = Error(Code::conflict, "USER_EXISTS", "ada is there already", "choose another name");
  world.toy.identity.failure.facts = {{"owner", "team/checkout"}, {"_odd", "x"}};
  world.toy.identity.failure.violations = {{"user.name", "is taken", {"f.yaml", 3, 4}, "choose", "user/ada"}};
  auto answer = world.post("UpdateUser", "{}", {{"x-request-id", "req-1"}});
  CHECK(answer.status == 409);
  auto body = json(answer);
  CHECK(at(body, "code") == "already_exists");
  CHECK(at(body, "message") == "ada is there already");
  CHECK(at(body, "reason") == "USER_EXISTS");
  CHECK(at(body, "next") == "choose another name");
  auto& details = *body.as_map()->at("details").as_list();
  REQUIRE(details.size() == 4);
  CHECK(at(details[0], "type") == "google.rpc.ErrorInfo");
  CHECK(
      at(details[0], "debug") ==
      R"({"domain":"eda","facts":{"_odd":"x","owner":"team/checkout"},"next":"choose another name","reason":"USER_EXISTS"})");
  CHECK(at(details[1], "type") == "google.rpc.BadRequest");
  CHECK(
      at(details[2], "debug") ==
      R"({"violations":[{"at":{"column":4,"file":"f.yaml","line":3},"field":"user.name","hint":"choose","message":"is taken","object":"user/ada"}]})");
  CHECK(at(details[3], "debug") == R"({"requestId":"req-1","servingData":""})");
  CHECK(at(details[3], "value") == "CgVyZXEtMQ");

  auto stranger = world.post("WhoAmI", "{}", {{"Authorization", "Bearer guess"}});
  CHECK(stranger.status == 401);
  CHECK(stranger.headers.contains("www-authenticate"));
  CHECK(world.post("WhoAmI", "{}", {{"Authorization", ""}}).status == 401);
  CHECK(world.post("WhoAmI", "{}", {{"Authorization", "Bearer \x01\xff"}}).status == 400);
  CHECK(world.post("CreateToken", "{}").status == 500);
}

TEST_CASE("every code of ours has the HTTP status that Connect gives it") {
  World world;
  const std::pair<Code, int> table[] = {
      {Code::invalid, 400},   {Code::impossible, 400},  {Code::unauthenticated, 401}, {Code::denied, 403},
      {Code::not_found, 404}, {Code::conflict, 409},    {Code::stale, 409},           {Code::refused, 400},
      {Code::exhausted, 429}, {Code::unavailable, 503}, {Code::timeout, 504},         {Code::internal, 500},
  };
  for (auto& [code, status] : table) {
    CAPTURE(code_name(code));
    world.toy.identity.failure = Error(code, "R", "m");
    CHECK(world.post("UpdateUser", "{}").status == status);
  }
}

TEST_CASE("who is turned away because edad is busy hears when to come back") {
  World world;
  world.toy.identity.failure = Error(Code::exhausted, "R", "m").with("retry_after_ms", "1500");
  CHECK(world.post("UpdateUser", "{}").headers.find("retry-after")->second == "2");
  world.toy.identity.failure = Error(Code::exhausted, "R", "m");
  CHECK_FALSE(world.post("UpdateUser", "{}").headers.contains("retry-after"));
}

TEST_CASE("a body that is not the message is refused with the place and the nearest name") {
  World world;
  struct Row {
    std::string body, message, next;
  };
  const Row rows[] = {
      {"{\n  \"user\": x}", "line 2, column 11", ""},
      {"{\"user\":{}", "line 1", ""},
      {"[]", "the body is no JSON object", ""},
      {R"({"usr":{}})", "usr is no field of eda.identity.v1.CreateUserRequest", "did you mean \"user\"?"},
      {R"({"user":{"rolls":[]}})", "user.rolls is no field of eda.identity.v1.User", "did you mean \"roles\"?"},
      {R"({"user":{"teams":[{"team":"a"},{"tam":"b"}]}})", "user.teams[1].tam is no field of",
       "did you mean \"team\"?"},
      {R"({"user":{"disabled":"perhaps"}})", "the body is no eda.identity.v1.CreateUserRequest", ""},
      {R"({"user":{"createdAt":"yesterday"}})", "the body is no eda.identity.v1.CreateUserRequest", ""},
      {R"({"user":{},"user":{}})", "stands twice", ""},
      {"{\"reason\":\"\xff\"}", "", ""},
      {std::string(100'000, '['), "", ""},
      {"{\"user\":" + std::string(40, '[') + std::string(40, ']') + "}", "", ""},
  };
  for (auto& row : rows) {
    CAPTURE(row.body.substr(0, 80));
    auto answer = world.post("CreateUser", row.body);
    CHECK(answer.status == 400);
    auto body = json(answer);
    CHECK(at(body, "code") == "invalid_argument");
    CAPTURE(at(body, "message"));
    CHECK(at(body, "message").find(row.message) != std::string::npos);
    if (!row.next.empty()) CHECK(at(body, "next") == row.next);
  }
}

TEST_CASE("what is no call is refused before anything is called") {
  World world;
  auto post = [&](const std::string& path) {
    Request request;
    request.method = "POST";
    request.path = path;
    request.headers.emplace("Content-Type", "application/json");
    return world.gateway.handle(request).status;
  };
  for (auto* verb : {"GET", "PUT", "DELETE", "HEAD", "OPTIONS"}) {
    Request request;
    request.method = verb;
    request.path = "/eda.identity.v1.IdentityService/WhoAmI";
    request.headers.emplace("Content-Type", "application/json");
    auto answer = world.gateway.handle(request);
    CHECK(answer.status == 405);
    CHECK(answer.headers.find("allow")->second == "POST");
  }
  CHECK(post("/eda.identity.v1.IdentityService/Nothing") == 404);
  CHECK(post("/eda.identity.v1.IdentityService.WhoAmI") == 404);
  CHECK(post("/eda/identity.v1.IdentityService.WhoAmI") == 404);
  CHECK(post("/eda.identity.v1/IdentityService/WhoAmI") == 404);
  CHECK(post("/") == 404);
  CHECK(post("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo") == 501);
  CHECK(world.post("GetUser", "{}").status == 404);  // known, but not to this server
  CHECK(world.post("WhoAmI", "{}", {{"content-type", "text/plain"}}).status == 415);
  CHECK(world.post("WhoAmI", "{}", {{"content-type", "application/json; charset=latin1"}}).status == 415);
  CHECK(world.post("WhoAmI", "{}", {{"content-encoding", "gzip"}}).status == 415);
  for (auto bad : {"soon", "-1", "0", "1.5", "99999999999"})
    CHECK(world.post("WhoAmI", "{}", {{"connect-timeout-ms", bad}}).status == 400);
}

TEST_CASE("the deadline of the request is the call's") {
  World world;
  auto late = world.post("ListUsers", "{}", {{"Connect-Timeout-Ms", "100"}});
  CHECK(late.status == 504);
  CHECK(at(json(late), "code") == "deadline_exceeded");
  world.toy.identity.let_go.open();
  CHECK(world.post("WhoAmI", "{}", {{"Connect-Timeout-Ms", "5000"}}).status == 200);
  CHECK(world.toy.identity.gate.last_deadline <= std::chrono::seconds(5));
}

TEST_CASE("server, router and gateway together answer a plain POST, and refuse one above 4 MiB") {
  World world;
  http::Router router;
  router.on("POST", "/{service}/{method}", [&](const Request& request) { return world.gateway.handle(request); });
  http::ServerOptions options;
  options.listen.port = 0;
  auto server = http::Server::start(options, [&](const Request& request) { return router.route(request); });
  REQUIRE(server);
  test::Raw client((*server)->port());
  std::string head =
      "POST /eda.identity.v1.IdentityService/WhoAmI HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
  auto answer = client.ask(head + "Authorization: bearer  sesame\r\nContent-Length: 2\r\n\r\n{}");
  CHECK(answer.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(answer.find("\"subject\":\"user/ada\"") != std::string::npos);
  CHECK(world.toy.identity.gate.last_peer.starts_with("ipv4:127.0.0.1:"));
  CHECK(client.ask("GET /eda.identity.v1.IdentityService/WhoAmI HTTP/1.1\r\nHost: x\r\n\r\n")
            .starts_with("HTTP/1.1 405"));
  CHECK(client.ask(head + "Content-Length: 4194305\r\n\r\n").starts_with("HTTP/1.1 413"));
}
