#pragma once
// A listener that speaks as much Kafka as it takes to be asked something (ApiVersions, Metadata), and then falls silent
// or hangs up. What a real broker does only in the worst second of its life, this one does every time.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace eda::test {

class HalfBroker {
 public:
  enum class Manner {
    mute,      ///< accepts connections and answers nothing at all
    silent,    ///< answers until it is asked to change something, then no more
    hangs_up,  ///< closes the connection when it is asked to change something
  };

  explicit HalfBroker(Manner manner) : manner_(manner), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 16) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      throw std::runtime_error("no loopback listener");
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~HalfBroker() {
    stop_ = true;
    thread_.join();
    for (int peer : peers_) ::close(peer);
    ::close(listener_);
  }
  HalfBroker(const HalfBroker&) = delete;
  HalfBroker& operator=(const HalfBroker&) = delete;

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  int changes_asked() const { return changes_asked_; }
  /// Its next answer knows no brokers, not even itself, as that of one which stood still and goes on.
  void forget() { forgets_ = true; }

 private:
  static constexpr std::int16_t metadata = 3, api_versions = 18, create_topics = 19;

  void serve() {
    while (!stop_) {
      std::vector<pollfd> wanted{{listener_, POLLIN, 0}};
      for (int peer : peers_) wanted.push_back({peer, POLLIN, 0});
      if (::poll(wanted.data(), wanted.size(), 20) <= 0) continue;
      if (wanted[0].revents != 0) peers_.push_back(::accept(listener_, nullptr, nullptr));
      for (std::size_t i = 1; i < wanted.size(); ++i) {
        if (wanted[i].revents == 0 || manner_ == Manner::mute || answer_one(wanted[i].fd)) continue;
        ::close(wanted[i].fd);
        std::erase(peers_, wanted[i].fd);
      }
    }
  }

  static bool read_exactly(int peer, std::string& bytes) {
    for (std::size_t at = 0; at < bytes.size();) {
      auto got = ::recv(peer, bytes.data() + at, bytes.size() - at, 0);
      if (got <= 0) return false;
      at += static_cast<std::size_t>(got);
    }
    return true;
  }

  static std::uint32_t number(const std::string& bytes, std::size_t at, int width) {
    std::uint32_t value = 0;
    for (int i = 0; i < width; ++i)
      value = value << 8 | static_cast<unsigned char>(bytes[at + static_cast<std::size_t>(i)]);
    return value;
  }
  static std::string encoded(std::uint32_t value, int width) {
    std::string bytes;
    for (int shift = (width - 1) * 8; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xff);
    return bytes;
  }
  static std::string encoded(const std::string& text) {
    return encoded(static_cast<std::uint32_t>(text.size()), 2) + text;
  }

  // False: this connection is to be closed.
  bool answer_one(int peer) {
    std::string size(4, '\0');
    if (!read_exactly(peer, size)) return false;
    std::string request(number(size, 0, 4), '\0');
    if (!read_exactly(peer, request)) return false;
    std::string body;
    switch (static_cast<std::int16_t>(number(request, 0, 2))) {
      case api_versions:
        body = versions();
        break;
      case metadata:
        body = forgets_.exchange(false) ? nobody() : cluster();
        break;
      default:
        ++changes_asked_;
        return manner_ != Manner::hangs_up;
    }
    std::string answer = request.substr(4, 4) + body;  // the correlation id comes back
    answer = encoded(static_cast<std::uint32_t>(answer.size()), 4) + answer;
    return ::send(peer, answer.data(), answer.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(answer.size());
  }

  // ApiVersions 3: no IncrementalAlterConfigs, as a broker of before 2.3.
  static std::string versions() {
    std::string body = encoded(0, 2) + encoded(4, 1);  // a compact array of 3
    for (auto [key, newest] : {std::pair{metadata, 4}, std::pair{api_versions, 3}, std::pair{create_topics, 4}}) {
      body += encoded(static_cast<std::uint32_t>(key), 2) + encoded(0, 2) +
              encoded(static_cast<std::uint32_t>(newest), 2) + encoded(0, 1);
    }
    return body + encoded(0, 4) + encoded(0, 1);
  }
  // Metadata 4: this broker, which is the controller, and no topics.
  std::string cluster() const {
    return encoded(0, 4) + encoded(1, 4) + encoded(1, 4) + encoded("127.0.0.1") + encoded(port_, 4) +
           encoded(0xffff, 2) + encoded("half-a-cluster") + encoded(1, 4) + encoded(0, 4);
  }

  static std::string nobody() {
    return encoded(0, 4) + encoded(0, 4) + encoded("half-a-cluster") + encoded(0xffffffff, 4) + encoded(0, 4);
  }

  Manner manner_;
  int listener_;
  std::uint16_t port_ = 0;
  std::vector<int> peers_;
  std::atomic<bool> stop_{false};
  std::atomic<int> changes_asked_{0};
  std::atomic<bool> forgets_{false};
  std::thread thread_;
};

}  // namespace eda::test
