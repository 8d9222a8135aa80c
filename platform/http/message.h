#pragma once
// One HTTP exchange as plain values, for handlers that know nothing of sockets.

#include <algorithm>
#include <cctype>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace eda::http {

/// Names are found whatever their case.
struct HeaderLess {
  using is_transparent = void;
  bool operator()(std::string_view a, std::string_view b) const {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
      return std::tolower(static_cast<unsigned char>(x)) < std::tolower(static_cast<unsigned char>(y));
    });
  }
};
using Headers = std::multimap<std::string, std::string, HeaderLess>;

struct Request {
  std::string method;  ///< "GET"
  std::string path;    ///< as it was sent, still percent-encoded; begins with "/"
  std::string query;   ///< after "?", still encoded
  Headers headers;
  std::string body;
  std::string peer;                           ///< "ipv4:10.0.0.1:4711", as gRPC writes it
  std::map<std::string, std::string> params;  ///< of the route's {names}, decoded; set by the Router

  /// The first value, or empty.
  std::string_view header(std::string_view name) const {
    auto found = headers.find(name);
    return found == headers.end() ? std::string_view() : std::string_view(found->second);
  }
};

struct Response {
  int status = 200;
  Headers headers;
  std::string body;
};

using Handler = std::function<Response(const Request&)>;

/// A body with its content type.
inline Response reply(int status, std::string content_type, std::string body) {
  return Response{status, {{"Content-Type", std::move(content_type)}}, std::move(body)};
}

}  // namespace eda::http
