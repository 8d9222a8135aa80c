#include "dev/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace eda::dev {

Error file_error(std::string_view what, const fs::path& path) {
  return Error(Code::internal, "DEV_FILE", fmt::format("{} {}: {}", what, path.string(), std::strerror(errno)),
               "check that the directory is yours and that the disk has room");
}

Result<> make_private_directory(const fs::path& path) {
  std::error_code fault;
  fs::create_directories(path, fault);
  if (fault || ::chmod(path.c_str(), 0700) != 0) {
    if (fault) errno = fault.value();
    return fail(file_error("cannot create", path));
  }
  return {};
}

Result<> write_private(const fs::path& path, std::string_view text) {
  if (read_text(path) == text && fs::exists(path)) return {};
  fs::path beside = path.string() + fmt::format(".{}", ::getpid());
  int file = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return fail(file_error("cannot write", path));
  bool written = ::fchmod(file, 0600) == 0;
  for (std::string_view rest = text; written && !rest.empty();) {
    ssize_t count = ::write(file, rest.data(), rest.size());
    written = count > 0;
    if (written) rest.remove_prefix(static_cast<std::size_t>(count));
  }
  written = ::close(file) == 0 && written;
  if (!written || ::rename(beside.c_str(), path.c_str()) != 0) {
    Error error = file_error("cannot write", path);
    ::unlink(beside.c_str());
    return fail(std::move(error));
  }
  return {};
}

std::string read_text(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  if (in) text << in.rdbuf();
  return text.str();
}

Result<> remove_tree(const fs::path& path) {
  std::error_code fault;
  fs::remove_all(path, fault);
  if (!fault) return {};
  errno = fault.value();
  return fail(file_error("cannot remove", path));
}

std::string random_secret() {
  unsigned char bytes[16];
  if (::getrandom(bytes, sizeof bytes, 0) != sizeof bytes) throw std::runtime_error("the system gives no random bytes");
  std::string text;
  for (unsigned char byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

fs::path program_on_path(std::string_view name) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "/usr/bin:/bin" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    fs::path candidate = fs::path(folder) / name;
    if (!folder.empty() && ::access(candidate.c_str(), X_OK) == 0 && fs::is_regular_file(candidate))
      return fs::absolute(candidate);
  }
  return {};
}

std::string short_hash(std::string_view text) {
  std::uint64_t hash = 14695981039346656037u;  // FNV-1a: stable over compilers and runs
  for (unsigned char byte : text) hash = (hash ^ byte) * 1099511628211u;
  return fmt::format("{:012x}", hash >> 16);
}

Notes::Notes(fs::path file) : file_(std::move(file)) {
  std::istringstream lines(read_text(file_));
  for (std::string line; std::getline(lines, line);)
    if (auto sign = line.find('='); sign != std::string::npos) values_[line.substr(0, sign)] = line.substr(sign + 1);
}

std::string Notes::get(const std::string& name) const {
  auto found = values_.find(name);
  return found == values_.end() ? "" : found->second;
}

int Notes::number(const std::string& name, int otherwise) const {
  std::string text = get(name);
  int value = 0;
  auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  return fault == std::errc() && end == text.data() + text.size() && !text.empty() ? value : otherwise;
}

std::string Notes::secret(const std::string& name) {
  std::string& value = values_[name];
  if (value.empty()) value = random_secret();
  return value;
}

Result<> Notes::save() const {
  std::string text;
  for (const auto& [name, value] : values_) text += name + "=" + value + "\n";
  return write_private(file_, text);
}

}  // namespace eda::dev
