#include "dev/probe.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

namespace eda::dev {
namespace {

class Conversation {
 public:
  explicit Conversation(int port, int seconds = 1) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    timeval patience{seconds, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    open_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~Conversation() { ::close(socket_); }
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;

  bool say(std::string_view bytes) const {
    return open_ && ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
  }
  /// At most `limit` bytes, until the other side closes or falls silent.
  std::string hear(std::size_t limit) const {
    std::string all;
    char part[4096];
    while (all.size() < limit) {
      ssize_t count = ::recv(socket_, part, std::min(sizeof part, limit - all.size()), 0);
      if (count <= 0) break;
      all.append(part, static_cast<std::size_t>(count));
    }
    return all;
  }

 private:
  int socket_;
  bool open_ = false;
};

HttpAnswer converse(const Conversation& server, std::string_view request) {
  constexpr std::size_t limit = 4u << 20;
  if (!server.say(request)) return {};
  std::string answer = server.hear(limit);
  HttpAnswer parsed;
  if (answer.rfind("HTTP/1.", 0) != 0 || answer.size() < 12) return parsed;
  parsed.status = std::atoi(answer.substr(9, 3).c_str());
  if (auto blank = answer.find("\r\n\r\n"); blank != std::string::npos) parsed.body = answer.substr(blank + 4);
  return parsed;
}

}  // namespace

bool broker_answers(int port) {
  // size 10, ApiVersions (18) version 0, correlation id 1, no client id
  constexpr std::string_view request("\0\0\0\x0a\0\x12\0\0\0\0\0\x01\xff\xff", 14);
  Conversation broker(port);
  if (!broker.say(request)) return false;
  std::string answer = broker.hear(10);
  return answer.size() == 10 && answer.substr(4) == std::string_view("\0\0\0\x01\0\0", 6);
}

HttpAnswer http_get(int port, std::string_view path) {
  return converse(Conversation(port),
                  fmt::format("GET {} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", path));
}

HttpAnswer call(int port, std::string_view method, std::string_view message, const std::string& token) {
  return converse(
      Conversation(port, 15),
      fmt::format("POST /{} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nAuthorization: Bearer {}\r\n"
                  "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
                  method, token, message.size(), message));
}

}  // namespace eda::dev
