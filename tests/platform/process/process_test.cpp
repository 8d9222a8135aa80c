#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <limits>
#include <set>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

#include "platform/process/last_words.h"
#include "platform/process/listen.h"
#include "platform/process/log.h"
#include "platform/process/metrics.h"
#include "platform/process/request_id.h"
#include "platform/process/secrets.h"
#include "platform/process/signals.h"
#include "tests/platform/process/scratch.h"

using namespace eda;
using namespace eda::process;

TEST_CASE("an address is host and port, and only loopback goes without TLS") {
  struct Row {
    std::string text, host;
    int port;
    bool loopback;
  };
  const Row rows[] = {
      {"127.0.0.1:7070", "127.0.0.1", 7070, true},
      {"localhost:0", "localhost", 0, true},
      {"[::1]:80", "::1", 80, true},
      {"0.0.0.0:1", "0.0.0.0", 1, false},
      {":7070", "0.0.0.0", 7070, false},
      {"[::]:7070", "::", 7070, false},
      {"edad.example:443", "edad.example", 443, false},
  };
  for (auto& row : rows) {
    CAPTURE(row.text);
    auto endpoint = parse_endpoint(row.text);
    REQUIRE(endpoint);
    CHECK(endpoint->host == row.host);
    CHECK(endpoint->port == row.port);
    CHECK(endpoint->loopback() == row.loopback);
    CHECK(may_listen(*endpoint, std::nullopt).has_value() == row.loopback);
  }
  for (std::string text : {"", "7070", "host:", "host:70000", "host:x", "::1:80", "ho st:1", "h/a:1"}) {
    CAPTURE(text);
    REQUIRE_FALSE(parse_endpoint(text));
    CHECK(parse_endpoint(text).error().reason == "ENDPOINT_SYNTAX");
  }
  auto missing = may_listen({"0.0.0.0", 1}, TlsFiles{"/nonexistent/crt", "/nonexistent/key"});
  CHECK(missing.error().message == "the TLS file /nonexistent/crt cannot be read: No such file or directory");
  CHECK(can_bind({"192.0.2.1", 0}).error().reason == "ADDRESS_NOT_HERE");
}

TEST_CASE("a log line stays one line whatever its fields hold") {
  test::Scratch scratch;
  REQUIRE(start_log({LogLevel::info, LogFormat::text, scratch.path("text.log")}));
  log_debug("not written");
  {
    RequestScope outer("outer");
    RequestScope inner("req-1");
    log_info("hello",
             {{"user", "ada"}, {"count", 3}, {"ok", true}, {"ratio", 0.5}, {"words", "a \"b\"\nc"}, {"empty", ""}});
  }
  log_warning("bad \x1b[31m bytes \xff \xe2\x80\xae", {{"ü", "grün"}, {"half", "\xe2\x82"}});
  auto text = scratch.read("text.log");
  CHECK(
      text.find(
          "info    hello user=ada count=3 ok=true ratio=0.5 words=\"a \\\"b\\\"\\nc\" empty=\"\" request_id=req-1\n") !=
      std::string::npos);
  CHECK(text.find("warning bad \\u001b[31m bytes \\ufffd \\u202e ü=\"grün\" half=\"\\ufffd\\ufffd\"\n") !=
        std::string::npos);
  CHECK(text.find("not written") == std::string::npos);
  CHECK(std::count(text.begin(), text.end(), '\n') == 2);

  REQUIRE(start_log({LogLevel::debug, LogFormat::json, scratch.path("json.log")}));
  log_debug("hello \"you\"",
            {{"count", 3}, {"nan", std::numeric_limits<double>::quiet_NaN()}, {"long", std::string(20'000, 'x')}});
  log_error("it failed", Error(Code::conflict, "TAKEN", "it is taken", "take another"), {{"user", "ada"}});
  auto json = scratch.read("json.log");
  CHECK(json.find(R"("level":"debug","message":"hello \"you\"","count":3,"nan":"nan","long":"xxx)") !=
        std::string::npos);
  CHECK(json.find(
            R"("message":"it failed","user":"ada","reason":"TAKEN","error":"it is taken","next":"take another"})") !=
        std::string::npos);
  CHECK(json.size() < 10'000);

  CHECK(start_log({LogLevel::info, LogFormat::text, scratch.path("json.log/x.log")}).error().reason == "LOG_FILE");
  REQUIRE(start_log({}));
  CHECK(parse_log_level("warning") == LogLevel::warning);
  CHECK(parse_log_level("loud").error().reason == "LOG_LEVEL");
  CHECK(parse_log_format("json") == LogFormat::json);
  CHECK_FALSE(parse_log_format("xml"));
}

TEST_CASE("request ids are drawn apart and hostile ones are not taken") {
  std::set<std::string> drawn;
  for (int i = 0; i < 1000; ++i) drawn.insert(draw_request_id());
  CHECK(drawn.size() == 1000);
  CHECK(is_request_id(*drawn.begin()));
  CHECK(is_request_id("a.B-9_"));
  for (const std::string& text :
       {std::string(), std::string("a b"), std::string("a\n"), std::string(65, 'a'), std::string("ü")})
    CHECK_FALSE(is_request_id(text));
  CHECK(RequestScope::current().empty());
}

TEST_CASE("metrics come out in the text format, refreshed before") {
  Metrics metrics;
  auto requests = metrics.counter("eda_requests_total", "Requests.", {{"method", "a\"b"}});
  requests.add();
  metrics.counter("eda_requests_total", "Requests.", {{"method", "a\"b"}}).add(2);
  auto pool = metrics.gauge("eda_pool", "Connections.");
  metrics.before_render([pool] { pool.set(7); });
  metrics.histogram("eda_seconds", "Latency.", {}, {0.1, 1}).observe(0.5);
  auto text = metrics.render();
  CHECK(text.find("# TYPE eda_requests_total counter\neda_requests_total{method=\"a\\\"b\"} 3") != std::string::npos);
  CHECK(text.find("eda_pool 7") != std::string::npos);
  CHECK(text.find("eda_seconds_bucket{le=\"0.1\"} 0") != std::string::npos);
  CHECK(text.find("eda_seconds_bucket{le=\"1\"} 1") != std::string::npos);
  CHECK_THROWS_AS(metrics.gauge("eda_requests_total", "Requests."), std::invalid_argument);
  CHECK_THROWS_AS(metrics.gauge("1 bad name", ""), std::invalid_argument);
}

TEST_CASE("signals arrive at whoever waits, and a wake ends the wait") {
  Signals signals;
  CHECK(signals.wait_for(std::chrono::milliseconds(0)) == std::nullopt);
  std::thread([&] { signals.wake(); }).join();
  CHECK(signals.wait() == Signal::woken);
  CHECK(signals.wait_for(std::chrono::milliseconds(0)) == std::nullopt);
  kill(getpid(), SIGHUP);
  CHECK(signals.wait() == Signal::hangup);
  kill(getpid(), SIGTERM);
  CHECK(signals.wait() == Signal::terminate);
  kill(getpid(), SIGINT);
  CHECK(signals.wait_for(std::chrono::seconds(5)) == Signal::interrupt);
  raise(SIGPIPE);
}

TEST_CASE("a secret is read below its folder and nowhere else") {
  test::Scratch scratch;
  namespace fs = std::filesystem;
  fs::create_directories(scratch.path("secrets/sub"));
  scratch.write("outside", "not yours");
  scratch.write("secrets/broker", "sesame\r\n");
  scratch.write("secrets/sub/two", "a\nb\n\n");
  scratch.write("secrets/empty", "\n");
  scratch.write("secrets/large", std::string((64 << 10) + 1, 'x'));
  scratch.write("secrets/just", std::string(64 << 10, 'x'));
  fs::create_symlink("sub/two", scratch.path("secrets/inner"));
  fs::create_symlink("../outside", scratch.path("secrets/leaving"));
  fs::create_symlink(scratch.path("outside"), scratch.path("secrets/absolute"));
  fs::create_directory_symlink("..", scratch.path("secrets/up"));
  fs::create_symlink("loop", scratch.path("secrets/loop"));
  Secrets secrets(scratch.path("secrets"),
                  [](const char* name) { return std::string(name) == "EDA_SECRET_A" ? "alpha" : nullptr; });

  CHECK(secrets.resolve("file:broker")->reveal() == "sesame");
  CHECK(secrets.resolve("file:sub/two")->reveal() == "a\nb\n");
  CHECK(secrets.resolve("file:inner")->reveal() == "a\nb\n");
  CHECK(secrets.resolve("file:just")->reveal().size() == 64 << 10);
  CHECK(secrets.resolve("env:EDA_SECRET_A")->reveal() == "alpha");

  struct Row {
    std::string reference, reason;
  };
  const Row rows[] = {
      {"file:../outside", "SECRET_REFERENCE"},  {"file:sub/../../outside", "SECRET_REFERENCE"},
      {"file:/etc/passwd", "SECRET_REFERENCE"}, {"file:", "SECRET_REFERENCE"},
      {"file:sub//two", "SECRET_REFERENCE"},    {"file:./broker", "SECRET_REFERENCE"},
      {"file:a\nb", "SECRET_REFERENCE"},        {std::string("file:broker\0x", 13), "SECRET_REFERENCE"},
      {"broker", "SECRET_REFERENCE"},           {"env:PATH", "SECRET_REFERENCE"},
      {"env:EDA_SECRET_", "SECRET_REFERENCE"},  {"env:EDA_SECRET_B", "SECRET_MISSING"},
      {"vault:x", "SECRET_REFERENCE"},          {"file:leaving", "SECRET_OUTSIDE"},
      {"file:absolute", "SECRET_OUTSIDE"},      {"file:up/outside", "SECRET_OUTSIDE"},
      {"file:loop", "SECRET_OUTSIDE"},          {"file:sub", "SECRET_UNREADABLE"},
      {"file:missing", "SECRET_MISSING"},       {"file:broker/x", "SECRET_MISSING"},
      {"file:empty", "SECRET_EMPTY"},           {"file:large", "SECRET_TOO_LARGE"},
  };
  for (auto& row : rows) {
    CAPTURE(row.reference);
    auto secret = secrets.resolve(row.reference);
    REQUIRE_FALSE(secret);
    CHECK(secret.error().reason == row.reason);
    CHECK_FALSE(secret.error().next.empty());
  }
  CHECK(Secrets("").resolve("file:broker").error().message.find("secrets.dir is not configured") != std::string::npos);
}

TEST_CASE("an exception that nobody catches ends the process with its name and place in the log") {
  test::Scratch scratch;
  pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    for (int number : {SIGABRT, SIGSEGV}) std::signal(number, SIG_DFL);  // Catch's own would tell of them
    if (!start_log({LogLevel::info, LogFormat::text, scratch.path("log")})) ::_exit(1);
    tell_last_words();
    std::thread([] { throw std::runtime_error("the sky fell"); }).join();
    ::_exit(2);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGABRT);
  auto log = scratch.read("log");
  CAPTURE(log);
  CHECK(log.find("the process ends by a fault that nobody caught") != std::string::npos);
  CHECK(log.find("what=\"the sky fell\"") != std::string::npos);
  CHECK(log.find("test_process+0x") != std::string::npos);
}
