#include "platform/process/listen.h"

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <system_error>

namespace eda::process {

bool Endpoint::loopback() const {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

std::string Endpoint::text() const {
  return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port) : fmt::format("[{}]:{}", host, port);
}

Result<Endpoint> parse_endpoint(std::string_view text) {
  auto refuse = [&](std::string_view why) {
    return fail(Code::invalid, "ENDPOINT_SYNTAX", fmt::format("\"{}\" is no address: {}", text, why),
                "write host:port, for example 127.0.0.1:7070 or [::1]:7070");
  };
  auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return refuse("it has no port");
  Endpoint endpoint;
  auto host = text.substr(0, colon), port = text.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return refuse("an IPv6 address stands in brackets");
  }
  if (host.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-:_%") !=
      std::string_view::npos) {
    return refuse("its host has a character that hosts do not have");
  }
  auto [end, fault] = std::from_chars(port.data(), port.data() + port.size(), endpoint.port);
  if (port.empty() || fault != std::errc() || end != port.data() + port.size()) {
    return refuse("its port is no number from 0 to 65535");
  }
  endpoint.host = host.empty() ? "0.0.0.0" : std::string(host);
  return endpoint;
}

Result<> may_listen(const Endpoint& endpoint, const std::optional<TlsFiles>& tls) {
  if (!tls) {
    if (endpoint.loopback()) return {};
    return fail(Code::invalid, "TLS_REQUIRED",
                fmt::format("{} is reachable from other machines, and there is no TLS", endpoint.text()),
                "give a certificate and its key, or listen on 127.0.0.1");
  }
  for (auto* path : {&tls->certificate, &tls->key}) {
    errno = 0;
    std::ifstream file(*path);
    if (!file || file.peek() == std::ifstream::traits_type::eof()) {
      auto why = errno != 0 ? std::generic_category().message(errno) : "it is empty";
      return fail(Code::unavailable, "TLS_FILE", fmt::format("the TLS file {} cannot be read: {}", *path, why),
                  "check the path and its permissions");
    }
  }
  return {};
}

Result<> can_bind(const Endpoint& endpoint) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (int fault = getaddrinfo(endpoint.host.c_str(), std::to_string(endpoint.port).c_str(), &hints, &found);
      fault != 0) {
    return fail(Code::invalid, "ADDRESS_NOT_HERE",
                fmt::format("cannot listen on {}: {}", endpoint.text(), gai_strerror(fault)),
                "use an address of this machine");
  }
  int fault = 0;
  if (int handle = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0); handle >= 0) {
    int on = 1;
    setsockopt(handle, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(handle, found->ai_addr, found->ai_addrlen) != 0 || listen(handle, 1) != 0) fault = errno;
    close(handle);
  }
  freeaddrinfo(found);
  if (fault == 0) return {};
  if (fault == EADDRINUSE) {
    return fail(Code::unavailable, "PORT_IN_USE",
                fmt::format("cannot listen on {}: the port is in use by another program", endpoint.text()),
                "stop that program, or choose another port");
  }
  if (fault == EACCES) {
    return fail(Code::denied, "PORT_DENIED",
                fmt::format("cannot listen on {}: this user may not use the port", endpoint.text()),
                "choose a port above 1023");
  }
  return fail(Code::invalid, "ADDRESS_NOT_HERE",
              fmt::format("cannot listen on {}: {}", endpoint.text(), std::generic_category().message(fault)),
              "use an address of this machine");
}

}  // namespace eda::process
