#pragma once
// Does it answer? Asked over plain sockets on the loopback interface, each within a second, but for calls.

#include <string>
#include <string_view>

namespace eda::dev {

/// A broker answers ApiVersions (which every listener does before a login).
bool broker_answers(int port);

struct HttpAnswer {
  int status = 0;  ///< 0: nobody answered
  std::string body;
};
HttpAnswer http_get(int port, std::string_view path);
/// A call of edad's JSON gateway, within 15 s: "eda.clusters.v1.ClusterService/GetHealth".
HttpAnswer call(int port, std::string_view method, std::string_view message, const std::string& token);

}  // namespace eda::dev
