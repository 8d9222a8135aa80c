#include "platform/http/router.h"

#include <catch2/catch.hpp>

using namespace eda::http;

namespace {

Handler says(const std::string& what) {
  return [what](const Request& request) {
    std::string body = what;
    for (auto& [name, value] : request.params) body += " " + name + "=" + value;
    return reply(200, "text/plain", body);
  };
}

Response ask(const Router& router, const std::string& method, const std::string& path) {
  Request request;
  request.method = method;
  request.path = path;
  return router.route(request);
}

}  // namespace

TEST_CASE("a route is found by method and path, its names decoded") {
  Router router;
  router.on("GET", "/", says("root"))
      .on("GET", "/subjects", says("list"))
      .on("GET", "/subjects/{subject}/versions/{version}", says("one"))
      .on("POST", "/subjects/{subject}/versions", says("register"))
      .on("GET", "/assets/{path...}", says("asset"))
      .on("POST", "/{service}/{method}", says("rpc"));
  struct Row {
    std::string method, path;
    int status;
    std::string body;
  };
  const Row rows[] = {
      {"GET", "/", 200, "root"},
      {"HEAD", "/subjects", 200, "list"},
      {"GET", "/subjects/a%2Fb%20%C3%BC/versions/3", 200, "one subject=a/b ü version=3"},
      {"GET", "/s%75bjects", 200, "list"},
      {"POST", "/subjects/x/versions", 200, "register subject=x"},
      {"GET", "/assets/js/app.js", 200, "asset path=js/app.js"},
      {"POST", "/eda.x.v1.X/Do", 200, "rpc method=Do service=eda.x.v1.X"},
      {"GET", "/nothing", 404, ""},
      {"GET", "/subjects/", 404, ""},
      {"GET", "/subjects//versions/3", 404, ""},
      {"GET", "", 404, ""},
      {"DELETE", "/subjects", 405, ""},
      {"GET", "/subjects/%zz/versions/3", 400, ""},
      {"GET", "/subjects/%00/versions/3", 400, ""},
      {"GET", "/subjects/%ff/versions/3", 400, ""},
      {"GET", "/subjects/%2/versions/3", 400, ""},
      {"GET", "/%zz", 404, ""},
  };
  for (auto& row : rows) {
    CAPTURE(row.method, row.path);
    auto response = ask(router, row.method, row.path);
    CHECK(response.status == row.status);
    if (row.status == 200) CHECK(response.body == row.body);
  }
  auto refused = ask(router, "PUT", "/subjects");
  CHECK(refused.headers.find("allow")->second == "GET");
  CHECK(refused.body == "{\"code\":\"unimplemented\",\"message\":\"PUT is not possible here\",\"next\":\"use GET\"}\n");
}

TEST_CASE("headers are found whatever their case") {
  Request request;
  request.headers.emplace("Content-Type", "a");
  CHECK(request.header("content-TYPE") == "a");
  CHECK(request.header("content").empty());
}
