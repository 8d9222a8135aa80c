#pragma once
// A client that sends exactly the bytes it is told to.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <string>

namespace eda::test {

class Raw {
 public:
  explicit Raw(std::uint16_t port) : handle_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(handle_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) throw std::runtime_error("cannot connect");
  }
  ~Raw() { close(handle_); }
  Raw(const Raw&) = delete;
  Raw& operator=(const Raw&) = delete;

  /// False when the other side has closed.
  bool send(const std::string& bytes) {
    return ::send(handle_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
  }

  /// Until the other side closes; fails the test by an exception after 20 s of silence.
  std::string rest() {
    while (more()) {
    }
    return std::exchange(text_, {});
  }
  /// One answer with a Content-Length; the connection stays.
  std::string answer() {
    for (;;) {
      auto end = text_.find("\r\n\r\n");
      auto at = text_.find("Content-Length: ");
      if (end != std::string::npos && at < end) {
        auto whole = end + 4 + std::stoul(text_.substr(at + 16));
        if (text_.size() >= whole) {
          auto one = text_.substr(0, whole);
          text_.erase(0, whole);
          return one;
        }
      }
      if (!more()) return std::exchange(text_, {});
    }
  }
  std::string ask(const std::string& bytes) {
    send(bytes);
    return answer();
  }

 private:
  bool more() {
    pollfd watched{handle_, POLLIN, 0};
    if (poll(&watched, 1, 20'000) != 1) throw std::runtime_error("the server is silent");
    char piece[65'536];
    auto got = recv(handle_, piece, sizeof piece, 0);
    if (got > 0) text_.append(piece, static_cast<std::size_t>(got));
    return got > 0;
  }
  int handle_;
  std::string text_;
};

}  // namespace eda::test
