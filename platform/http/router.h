#pragma once
// Method and path to handler. Pure: no sockets.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/http/message.h"

namespace eda::http {

/// Percent-decoding of one path segment or query part; nullopt for a broken escape, a NUL or invalid UTF-8.
std::optional<std::string> percent_decode(std::string_view text);

class Router {
 public:
  /// `pattern` is a path whose segments may be `{name}` (one segment, decoded, into Request::params), and whose last
  /// may be
  /// `{name...}` (the rest, still encoded). `/subjects/{subject}/versions/{version}`. The route that was added first
  /// wins.
  Router& on(std::string method, std::string_view pattern, Handler handler);

  /// Calls the handler that fits. HEAD falls back to GET. No path fits: 404 with a sentence; the path but not the
  /// method: 405 with Allow; a segment that cannot be decoded: 400.
  Response route(Request request) const;

 private:
  struct Segment {
    enum class Kind { literal, name, rest } kind = Kind::literal;
    std::string text;
  };
  struct Route {
    std::string method;
    std::vector<Segment> segments;
    Handler handler;
  };
  enum class Match { no, yes, malformed };
  static Match match(const Route& route, std::string_view path, std::map<std::string, std::string>& params);

  std::vector<Route> routes_;
};

}  // namespace eda::http
