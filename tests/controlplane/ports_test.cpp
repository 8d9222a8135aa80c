// The ports beside gRPC, settings, and starting.

#include <catch2/catch.hpp>

#include "controlplane/config.h"
#include "tests/controlplane/running_edad.h"

using namespace eda;
using namespace eda::controlplane;

TEST_CASE("health, readiness and metrics answer on their port") {
  test::RunningEdad edad;
  CHECK(edad.get_metrics("/healthz").status == 200);
  auto ready = edad.get_metrics("/readyz");
  CHECK(ready.status == 200);
  CHECK(ready.body.find("database: ok") != std::string::npos);
  edad.post("/eda.identity.v1.IdentityService/WhoAmI", "{}", edad.admin_token());
  auto metrics = edad.get_metrics("/metrics").body;
  for (auto name : {"eda_requests_total{", "eda_request_seconds_bucket{", "eda_database_connections{", "eda_ready{"}) {
    INFO(name);
    CHECK(metrics.find(name) != std::string::npos);
  }
}

TEST_CASE("settings that are wrong are each told with where they came from") {
  auto wrong = [](std::vector<std::string> flags) {
    auto config = read_config(flags);
    REQUIRE(config);
    auto settings = check_settings(*config);
    REQUIRE_FALSE(settings);
    return settings.error();
  };
  ::setenv("EDAD_DATABASE_URL", "postgresql://x", 1);
  CHECK(wrong({"--listen-grpc", "0.0.0.0:7070"}).message.find("--listen-grpc") != std::string::npos);
  CHECK(wrong({"--listen-web", "nonsense"}).message.find("listen.web") != std::string::npos);
  CHECK(wrong({"--tls-key", "/nowhere"}).message.find("tls.certificate") != std::string::npos);
  CHECK(wrong({"--threads", "1"}).message.find("threads") != std::string::npos);
  ::unsetenv("EDAD_DATABASE_URL");
  CHECK(wrong({}).message.find("database.url") != std::string::npos);
}

TEST_CASE("two edads start at once on one empty database") {
  test::BareDatabase database;
  auto start = [&] {
    Settings settings;
    settings.database_url = Secret(database.url());
    settings.database_pool = 4;
    settings.threads = 4;
    settings.grpc = settings.metrics = settings.web = process::Endpoint{"127.0.0.1", 0};
    return Edad::start(settings);
  };
  Result<std::unique_ptr<Edad>> one, two;
  std::thread first([&] { one = start(); });
  two = start();
  first.join();
  CHECK(one);
  CHECK(two);
}
