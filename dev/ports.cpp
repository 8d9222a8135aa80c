#include "dev/ports.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace eda::dev {
namespace {

/// The sockets that listen on `port` here, as /proc/PID/fd names them.
std::set<std::string> listeners_on(int port) {
  constexpr const char* listening = "0A";
  std::set<std::string> found;
  for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    std::ifstream rows(table);
    for (std::string row; std::getline(rows, row);) {
      std::istringstream fields(row);
      std::string number, local, remote, state, queues, timer, retransmits, user, timeout, inode;
      fields >> number >> local >> remote >> state >> queues >> timer >> retransmits >> user >> timeout >> inode;
      auto colon = local.rfind(':');
      if (state == listening && colon != std::string::npos && std::strtol(&local[colon + 1], nullptr, 16) == port)
        found.insert("socket:[" + inode + "]");
    }
  }
  return found;
}

}  // namespace

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

bool listens(pid_t pid, int port) {
  auto sockets = listeners_on(port);
  if (sockets.empty()) return false;
  std::error_code ignored;
  for (const auto& file : std::filesystem::directory_iterator(fmt::format("/proc/{}/fd", pid), ignored))
    if (sockets.contains(std::filesystem::read_symlink(file.path(), ignored).string())) return true;
  return false;
}

Ports::~Ports() {
  for (const auto& [port, holder] : reservations_) ::close(holder);
}

/// By a socket in the abstract namespace: it is there for whom the port is (a network namespace, all users of it), one
/// process has it at a time, and the system gives it up for a process that ends, however it ends.
bool Ports::reserve(int port) {
  if (reservations_.contains(port)) return true;
  int holder = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (holder < 0) return false;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::string name = fmt::format("edactl-dev-port-{}", port);
  name.copy(address.sun_path + 1, sizeof address.sun_path - 1);
  auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  if (::bind(holder, reinterpret_cast<sockaddr*>(&address), size) != 0) {
    ::close(holder);
    return false;
  }
  reservations_[port] = holder;
  return true;
}

void Ports::release(int port) {
  ::close(reservations_.at(port));
  reservations_.erase(port);
}

void Ports::keep(int port) {
  taken_.insert(port);
  reserve(port);  // it may still be on its way to listening; a port that another reserves is one that it will not get
}

Result<int> Ports::take(int wanted, std::string_view what) {
  constexpr int reach = 200;
  for (int port = wanted; port < wanted + reach && port <= 65535; ++port) {
    if (taken_.contains(port) || !reserve(port)) continue;
    if (!port_is_free(port)) {
      release(port);
      continue;
    }
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
