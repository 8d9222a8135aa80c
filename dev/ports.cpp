#include "dev/ports.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>

namespace eda::dev {

bool port_is_free(int port) {
  int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0) return false;
  int yes = 1;  // as servers do: a closed connection that lingers is no obstacle
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  bool is_free =
      ::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 && ::listen(listener, 1) == 0;
  ::close(listener);
  return is_free;
}

Result<int> Ports::take(int wanted, std::string_view what) {
  constexpr int reach = 200;
  for (int port = wanted; port < wanted + reach && port <= 65535; ++port) {
    if (taken_.contains(port) || !port_is_free(port)) continue;
    if (port != wanted && !taken_.contains(wanted))
      progress_(fmt::format("port {} is in use: {} gets {}", wanted, what, port));
    taken_.insert(port);
    return port;
  }
  return fail(Code::exhausted, "DEV_NO_PORT",
              fmt::format("no port from {} to {} is free for {}", wanted, wanted + reach - 1, what),
              "see what listens there (ss -ltnp) and stop it");
}

}  // namespace eda::dev
