#include "platform/http/router.h"

#include <fmt/format.h>

#include "platform/http/failure.h"
#include "platform/text/unicode.h"

namespace eda::http {

namespace {

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Takes the first segment of "/a/b" off, leaving "/b".
std::string_view take_segment(std::string_view& path) {
  path.remove_prefix(1);
  auto segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

}  // namespace

std::optional<std::string> percent_decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size() || hex(text[i + 1]) < 0 || hex(text[i + 2]) < 0) return std::nullopt;
      c = static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
      i += 2;
    }
    if (c == '\0') return std::nullopt;
    out += c;
  }
  if (text::invalid_utf8(out)) return std::nullopt;
  return out;
}

Router& Router::on(std::string method, std::string_view pattern, Handler handler) {
  Route route{std::move(method), {}, std::move(handler)};
  while (!pattern.empty()) {
    auto segment = take_segment(pattern);
    if (segment.starts_with('{') && segment.ends_with("...}")) {
      route.segments.push_back({Segment::Kind::rest, std::string(segment.substr(1, segment.size() - 5))});
    } else if (segment.starts_with('{') && segment.ends_with('}')) {
      route.segments.push_back({Segment::Kind::name, std::string(segment.substr(1, segment.size() - 2))});
    } else {
      route.segments.push_back({Segment::Kind::literal, std::string(segment)});
    }
  }
  routes_.push_back(std::move(route));
  return *this;
}

Router::Match Router::match(const Route& route, std::string_view path, std::map<std::string, std::string>& params) {
  auto outcome = Match::yes;
  for (auto& segment : route.segments) {
    if (path.empty()) return Match::no;
    if (segment.kind == Segment::Kind::rest) {
      params[segment.text] = std::string(path.substr(1));
      return outcome;
    }
    auto decoded = percent_decode(take_segment(path));
    if (!decoded) {
      outcome = Match::malformed;  // of this route only if the rest fits, too
      if (segment.kind == Segment::Kind::literal) return Match::no;
    } else if (segment.kind == Segment::Kind::literal) {
      if (*decoded != segment.text) return Match::no;
    } else {
      if (decoded->empty()) return Match::no;
      params[segment.text] = std::move(*decoded);
    }
  }
  return path.empty() ? outcome : Match::no;
}

Response Router::route(Request request) const {
  std::string allowed;
  const Route* fallback = nullptr;
  std::map<std::string, std::string> fallback_params;
  for (auto& route : routes_) {
    std::map<std::string, std::string> params;
    auto outcome = match(route, request.path, params);
    if (outcome == Match::no) continue;
    if (outcome == Match::malformed) {
      return failure(400, "invalid_argument",
                     fmt::format("the path {} is not well encoded", text::printable(request.path)));
    }
    if (route.method == request.method) {
      request.params = std::move(params);
      return route.handler(request);
    }
    if (route.method == "GET" && request.method == "HEAD" && fallback == nullptr) {
      fallback = &route;
      fallback_params = std::move(params);
    }
    if (allowed.find(route.method) == std::string::npos) allowed += (allowed.empty() ? "" : ", ") + route.method;
  }
  if (fallback != nullptr) {
    request.params = std::move(fallback_params);
    return fallback->handler(request);
  }
  if (allowed.empty())
    return failure(404, "not_found",
                   fmt::format("there is nothing at {}", text::cut(text::printable(request.path), 200)));
  auto refused = failure(405, "unimplemented",
                         fmt::format("{} is not possible here", text::cut(text::printable(request.method), 40)),
                         fmt::format("use {}", allowed));
  refused.headers.emplace("Allow", allowed);
  return refused;
}

}  // namespace eda::http
