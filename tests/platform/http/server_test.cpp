#include "platform/http/server.h"

#include <catch2/catch.hpp>
#include <future>
#include <thread>

#include "platform/http/client.h"
#include "tests/platform/http/raw.h"
#include "tests/platform/rpc/toy.h"

using namespace eda;
using namespace std::chrono_literals;
using http::Request;
using http::Response;
using test::Raw;

namespace {

http::ServerOptions any_port() {
  http::ServerOptions options;
  options.listen.port = 0;
  return options;
}

Response echo(const Request& request) {
  if (request.path == "/throw") throw std::runtime_error("the password is sesame");
  auto response =
      http::reply(200, "text/plain", request.method + " " + request.path + "?" + request.query + " " + request.body);
  response.headers.emplace("X-Bad", "a\r\nSet-Cookie: b");
  response.headers.emplace("X-Peer", request.peer);
  return response;
}

std::unique_ptr<http::Server> serve(const http::ServerOptions& options = any_port(), http::Handler handler = echo) {
  auto server = http::Server::start(options, std::move(handler));
  REQUIRE(server);
  return std::move(*server);
}

std::string status_line(const std::string& answer) {
  return answer.substr(0, answer.find("\r\n"));
}
bool ends(const std::string& answer, const std::string& body) {
  return answer.ends_with("\r\n\r\n" + body);
}
std::string url(const http::Server& server, const std::string& scheme = "http") {
  return scheme + "://localhost:" + std::to_string(server.port());
}

}  // namespace

TEST_CASE("one connection carries many requests, and a HEAD has no body") {
  auto server = serve();
  Raw client(server->port());
  auto first = client.ask("GET /a%20b?x=1 HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(status_line(first) == "HTTP/1.1 200 OK");
  CHECK(ends(first, "GET /a%20b?x=1 "));
  CHECK(first.find("Set-Cookie") == std::string::npos);
  CHECK(first.find("X-Peer: ipv4:127.0.0.1:") != std::string::npos);
  CHECK(first.find("X-Content-Type-Options: nosniff") != std::string::npos);
  CHECK(ends(client.ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"), "POST /? hello"));
  CHECK(ends(client.ask("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
             "POST /? abc"));
  client.send("HEAD /h HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  auto head = client.rest();
  CHECK(head.find("Content-Length: 9\r\n") != std::string::npos);
  CHECK(ends(head, ""));
}

TEST_CASE("pipelined requests are answered in their order") {
  auto server = serve();
  Raw client(server->port());
  client.send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  auto both = client.rest();
  CHECK(both.find("GET /1") < both.find("GET /2"));
  CHECK(ends(both, "GET /2? "));
}

TEST_CASE("a client that waits for 100 Continue gets it") {
  auto server = serve();
  Raw client(server->port());
  client.send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n");
  client.send("ok");
  auto answer = client.rest();
  CHECK(answer.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"));
}

TEST_CASE("what is too large or no HTTP gets its status and the end of the connection") {
  auto options = any_port();
  options.header_bytes = 4'096;
  options.body_bytes = 10'000;
  auto server = serve(options);
  struct Row {
    std::string sent, status;
  };
  const Row rows[] = {
      {"GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(5'000, 'x') + "\r\n\r\n",
       "HTTP/1.1 431 Request Header Fields Too Large"},
      {"GET /" + std::string(200'000, 'x') + " HTTP/1.1\r\n\r\n", "HTTP/1.1 431 Request Header Fields Too Large"},
      {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10001\r\n\r\n", "HTTP/1.1 413 Payload Too Large"},
      {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n" + std::string(3'000'000, 'x'),
       "HTTP/1.1 413 Payload Too Large"},
      {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4000\r\n" + std::string(0x4000, 'x') +
           "\r\n0\r\n\r\n",
       "HTTP/1.1 413 Payload Too Large"},
      {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx", "HTTP/1.1 400 Bad Request"},
      {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       "HTTP/1.1 400 Bad Request"},
      {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 400 Bad Request"},
      {"hello\r\n\r\n", "HTTP/1.1 400 Bad Request"},
      {"GET / HTTP/9.9\r\n\r\n", "HTTP/1.1 400 Bad Request"},
      {"\x16\x03\x01\x02\x01\x01\xfc\x03\x03 a TLS hello\r\n\r\n", "HTTP/1.1 400 Bad Request"},
      {"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 400 Bad Request"},
      {"GET http://other/ HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 400 Bad Request"},
  };
  for (auto& row : rows) {
    CAPTURE(row.sent.substr(0, 60));
    Raw client(server->port());
    client.send(row.sent);
    auto answer = client.answer();
    CHECK(status_line(answer) == row.status);
    CHECK(answer.find("\"message\":\"") != std::string::npos);
  }
  CHECK(http::get(url(*server))->status == 200);
}

TEST_CASE("a slow client is cut, in its header, in its body and while it is idle") {
  auto options = any_port();
  options.header_bytes = 4 << 20;
  options.header_time = 300ms;
  options.body_time = 300ms;
  auto server = serve(options);
  Raw idle(server->port()), slow(server->port()), stuck(server->port());
  slow.send("GET / HTTP/1.1\r\n");
  stuck.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc");
  // Byte by byte does not buy time.
  auto cut = std::async(std::launch::async, [&] {
    auto started = std::chrono::steady_clock::now();
    while (slow.send("X") && std::chrono::steady_clock::now() - started < 10s) std::this_thread::yield();
    return std::chrono::steady_clock::now() - started;
  });
  CHECK(idle.rest().empty());
  CHECK(stuck.rest().empty());
  CHECK(cut.get() < 5s);
  CHECK(http::get(url(*server))->status == 200);
}

TEST_CASE("connections beyond the limit are closed, and room is made again") {
  auto options = any_port();
  options.connections = 2;
  auto server = serve(options);
  {
    Raw first(server->port()), second(server->port());
    CHECK(status_line(first.ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n")) == "HTTP/1.1 200 OK");
    CHECK(status_line(second.ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n")) == "HTTP/1.1 200 OK");
    Raw third(server->port());
    CHECK(third.rest().empty());
  }
  auto give_up = std::chrono::steady_clock::now() + 10s;
  while (!http::get(url(*server)) && std::chrono::steady_clock::now() < give_up) std::this_thread::yield();
  CHECK(http::get(url(*server))->status == 200);
}

TEST_CASE("an exception in a handler is a 500 that says nothing of it") {
  auto server = serve();
  auto answer = http::get(url(*server) + "/throw");
  REQUIRE(answer);
  CHECK(answer->status == 500);
  CHECK(answer->body.find("sesame") == std::string::npos);
}

TEST_CASE("draining answers the request under way, closes idle connections and listens no more") {
  test::Latch begun, let_go;
  auto server = serve(any_port(), [&](const Request&) {
    begun.open();
    let_go.wait();
    return http::reply(200, "text/plain", "done");
  });
  auto port = server->port();
  Raw idle(port), busy(port);
  busy.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  begun.wait();
  auto drained = std::async(std::launch::async, [&] { server->drain(10s); });
  CHECK(idle.rest().empty());
  CHECK_THROWS(Raw(port));
  CHECK(drained.wait_for(0s) == std::future_status::timeout);
  let_go.open();
  auto answer = busy.rest();
  CHECK(ends(answer, "done"));
  CHECK(answer.find("Connection: close") != std::string::npos);
  drained.get();
  server->drain();
}

TEST_CASE("draining ends at its limit, whatever clients do") {
  auto server = serve();
  Raw stuck(server->port());
  stuck.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc");
  Raw other(server->port());
  CHECK(status_line(other.ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n")) == "HTTP/1.1 200 OK");
  auto started = std::chrono::steady_clock::now();
  server->drain(100ms);
  CHECK(std::chrono::steady_clock::now() - started < 5s);
  CHECK(stuck.rest().empty());
}

TEST_CASE("many clients at once are all answered") {
  auto server = serve();
  std::vector<std::future<int>> clients;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(std::async(std::launch::async, [&] {
      int good = 0;
      Raw client(server->port());
      for (int k = 0; k < 200; ++k)
        good += ends(client.ask("POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi"), "POST /x? hi") ? 1 : 0;
      return good;
    }));
  }
  for (auto& client : clients) CHECK(client.get() == 200);
}

TEST_CASE("HTTPS is spoken, and a renewed certificate is served without a restart") {
  test::Scratch scratch;
  auto options = any_port();
  options.listen.host = "0.0.0.0";
  options.tls = test::make_certificate(scratch);
  auto old_ca = scratch.write("old.pem", scratch.read("tls.crt"));
  auto server = serve(options);
  auto answer = http::get(url(*server, "https") + "/tls", {5s, old_ca});
  REQUIRE(answer);
  CHECK(answer->body == "GET /tls? ");
  CHECK(http::get("https://127.0.0.1:" + std::to_string(server->port()), {5s, old_ca})->status == 200);
  CHECK(http::get(url(*server, "https")).error().reason == "HTTP_TLS");
  CHECK(http::get("http://localhost:" + std::to_string(server->port())).error().reason == "HTTP_AWAY");

  scratch.write("tls.key", "half a key");  // a renewal seen half-way must not hurt
  CHECK(http::get(url(*server, "https"), {5s, old_ca})->status == 200);
  test::make_certificate(scratch, "renewed");
  auto new_ca = scratch.write("new.pem", scratch.read("tls.crt"));
  auto give_up = std::chrono::steady_clock::now() + 10s;
  while (!http::get(url(*server, "https"), {5s, new_ca}) && std::chrono::steady_clock::now() < give_up)
    std::this_thread::yield();
  CHECK(http::get(url(*server, "https"), {5s, new_ca})->status == 200);
  CHECK(http::get(url(*server, "https"), {5s, old_ca}).error().reason == "HTTP_TLS");
}

TEST_CASE("a server that cannot start says why") {
  auto first = serve();
  auto options = any_port();
  options.listen.port = first->port();
  CHECK(http::Server::start(options, echo).error().reason == "PORT_IN_USE");
  options.listen = {"0.0.0.0", 0};
  CHECK(http::Server::start(options, echo).error().reason == "TLS_REQUIRED");
  test::Scratch scratch;
  auto tls = test::make_certificate(scratch);
  tls.key = scratch.write("other.key", "no key");
  options.tls = tls;
  auto refused = http::Server::start(options, echo);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().reason == "TLS_INVALID");
  test::make_certificate(scratch);
  options.tls = process::TlsFiles{scratch.path("tls.crt"), scratch.path("absent.key")};
  CHECK(http::Server::start(options, echo).error().reason == "TLS_FILE");
}

TEST_CASE("a GET tells a wrong URL, a server that is away and one that is silent apart") {
  CHECK(http::get("ftp://x").error().reason == "URL_SYNTAX");
  CHECK(http::get("http://").error().reason == "URL_SYNTAX");
  CHECK(http::get("http://a:b/").error().reason == "URL_SYNTAX");
  CHECK(http::get("http://a/ b").error().reason == "URL_SYNTAX");
  std::uint16_t port = 0;
  {
    auto server = serve();
    port = server->port();
  }
  CHECK(http::get("http://127.0.0.1:" + std::to_string(port)).error().reason == "HTTP_AWAY");
  test::Latch let_go;
  auto silent = serve(any_port(), [&](const Request&) {
    let_go.wait();
    return Response{};
  });
  CHECK(http::get(url(*silent), {100ms, {}}).error().reason == "HTTP_TIMEOUT");
  let_go.open();
}
