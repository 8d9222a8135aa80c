#include "cli/write_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

namespace eda::cli {

namespace {

bool write_all(int file, std::string_view rest) {
  while (!rest.empty()) {
    auto count = ::write(file, rest.data(), rest.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    rest.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

}  // namespace

Result<> write_file(const std::string& path, std::string_view text) {
  // Its name does not grow with the file's, which may be as long as the folder takes.
  auto beside = (std::filesystem::path(path).parent_path() / fmt::format(".{}.part", ::getpid())).string();
  int file = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
  bool good = file >= 0 && write_all(file, text);
  int number = errno;
  if (file >= 0) ::close(file);
  if (good && ::rename(beside.c_str(), path.c_str()) == 0) return {};
  if (good) number = errno;
  if (file >= 0) ::unlink(beside.c_str());
  return fail(Code::unavailable, "FILE_UNWRITABLE", fmt::format("cannot write {}: {}", path, std::strerror(number)),
              "check the path and its rights");
}

}  // namespace eda::cli
