#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "platform/process/supervisor.h"
#include "tests/platform/process/scratch.h"

using namespace eda;
using namespace eda::process;

namespace {

// The end that a supervisor listens at, named in the environment as long as it lives.
class Supervisor {
 public:
  explicit Supervisor(const std::string& name) : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    if (name[0] == '@') address.sun_path[0] = '\0';
    auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    REQUIRE(::bind(socket_, reinterpret_cast<sockaddr*>(&address), length) == 0);
    ::setenv("NOTIFY_SOCKET", name.c_str(), 1);
  }
  ~Supervisor() {
    ::unsetenv("NOTIFY_SOCKET");
    ::close(socket_);
  }
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  /// What came; empty when nothing did.
  std::string heard() const {
    char buffer[256];
    auto got = ::recv(socket_, buffer, sizeof buffer, MSG_DONTWAIT);
    return got < 0 ? "" : std::string(buffer, static_cast<std::size_t>(got));
  }

 private:
  int socket_;
};

}  // namespace

TEST_CASE("a supervisor hears when the process serves and when it begins to end") {
  test::Scratch scratch;
  for (const std::string& name : {scratch.path("notify"), "@" + scratch.path("notify")}) {
    CAPTURE(name);
    Supervisor supervisor(name);
    CHECK(supervisor.heard().empty());
    tell_supervisor(ready);
    CHECK(supervisor.heard() == "READY=1");
    tell_supervisor(stopping);
    CHECK(supervisor.heard() == "STOPPING=1");
  }
}

TEST_CASE("a word to nobody is no fault") {
  ::unsetenv("NOTIFY_SOCKET");
  tell_supervisor(ready);
  for (const std::string& name : {std::string(), std::string("@"), std::string("notify"),
                                  std::string("/nowhere/notify"), "/" + std::string(5'000, 'x')}) {
    ::setenv("NOTIFY_SOCKET", name.c_str(), 1);
    tell_supervisor(ready);
  }
  ::unsetenv("NOTIFY_SOCKET");
  SUCCEED("nothing was thrown and nobody waited");
}
