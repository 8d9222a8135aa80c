#include "platform/rpc/tls_memory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace eda::rpc {
namespace {

bool write_all(int file, const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    auto written = ::write(file, text.data() + at, text.size() - at);
    if (written < 0) return false;
    at += static_cast<std::size_t>(written);
  }
  return true;
}

}  // namespace

TlsMemory::~TlsMemory() {
  if (place_ >= 0) ::close(place_);
}

Result<> TlsMemory::put(const process::TlsPair& pair) {
  int fresh = ::memfd_create("eda-tls", MFD_CLOEXEC);
  bool there = fresh >= 0 && write_all(fresh, pair.key_pem.reveal()) && write_all(fresh, "\n") &&
               write_all(fresh, pair.chain_pem);
  // The descriptor stays and means another file from one moment to the next.
  if (there && place_ >= 0) there = ::dup3(fresh, place_, O_CLOEXEC) == place_;
  int fault = errno;
  if (there && place_ < 0) {
    place_ = fresh;
  } else if (fresh >= 0) {
    ::close(fresh);
  }
  if (there) return {};
  return fail(Code::unavailable, "TLS_MEMORY",
              fmt::format("the certificate cannot be kept in memory: {}", std::generic_category().message(fault)),
              "this needs Linux with /proc");
}

std::string TlsMemory::path() const {
  return fmt::format("/proc/self/fd/{}", place_);
}

}  // namespace eda::rpc
