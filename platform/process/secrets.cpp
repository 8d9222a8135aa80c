#include "platform/process/secrets.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace eda::process {

namespace {

constexpr std::size_t largest = 64u << 10;
constexpr std::string_view file_prefix = "file:";
constexpr std::string_view env_prefix = "env:";
constexpr std::string_view env_names = "EDA_SECRET_";

class Handle {
 public:
  explicit Handle(int value) : value_(value) {}
  ~Handle() {
    if (value_ >= 0) close(value_);
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  int get() const { return value_; }

 private:
  int value_;
};

tl::unexpected<Error> refuse(std::string_view reference, std::string_view why) {
  return fail(Code::invalid, "SECRET_REFERENCE", fmt::format("\"{}\" is no secret reference: {}", reference, why),
              "write file:NAME for a file below secrets.dir, or env:EDA_SECRET_NAME");
}

std::string_view name_fault(std::string_view name) {
  if (name.empty()) return "it names nothing";
  if (name.size() > 512) return "its name is longer than 512 bytes";
  for (char c : name) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F || c == '\\')
      return "its name has a character that is not allowed";
  }
  if (name.starts_with('/')) return "its name is an absolute path";
  for (std::size_t at = 0; at <= name.size();) {
    auto end = std::min(name.find('/', at), name.size());
    auto part = name.substr(at, end - at);
    if (part == "..") return "its name has \"..\"";
    if (part.empty() || part == ".") return "its name has an empty part";
    at = end + 1;
  }
  return {};
}

/// Opens `name` below `directory`, following no link that leaves it: by the kernel's own rule, or where it has none
/// (before 5.6, or forbidden) by a canonical path whose last step follows no link. Returns -1 and errno; EXDEV: it
/// left.
int open_below(int directory, const std::filesystem::path& path, const std::string& name) {
  open_how how{};
  how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  auto opened = static_cast<int>(syscall(SYS_openat2, directory, name.c_str(), &how, sizeof how));
  if (opened >= 0 || (errno != ENOSYS && errno != EPERM)) return opened;
  std::error_code fault;
  auto base = std::filesystem::canonical(path, fault);
  auto target = fault ? base : std::filesystem::canonical(path / name, fault);
  if (fault) {
    errno = fault.value();
    return -1;
  }
  if (!target.native().starts_with(base.native() + "/")) {
    errno = EXDEV;
    return -1;
  }
  return open(target.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);
}

Result<Secret> trimmed(std::string content) {
  if (content.ends_with('\n')) content.pop_back();
  if (content.ends_with('\r')) content.pop_back();
  if (content.empty()) {
    return fail(Code::invalid, "SECRET_EMPTY", "the secret is empty", "put the secret there");
  }
  return Secret(std::move(content));
}

}  // namespace

Secrets::Secrets(std::filesystem::path directory)
    : Secrets(std::move(directory), [](const char* name) { return std::getenv(name); }) {}

Secrets::Secrets(std::filesystem::path directory, Environment environment)
    : directory_(std::move(directory)), environment_(std::move(environment)) {}

Result<> Secrets::check(std::string_view reference) {
  if (reference.starts_with(file_prefix)) {
    auto fault = name_fault(reference.substr(file_prefix.size()));
    if (!fault.empty()) return refuse(reference, fault);
    return {};
  }
  if (!reference.starts_with(env_prefix)) return refuse(reference, "it begins with neither file: nor env:");
  auto name = reference.substr(env_prefix.size());
  if (!name.starts_with(env_names) || name.size() == env_names.size())
    return refuse(reference, "only variables EDA_SECRET_* are read");
  if (name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") !=
      std::string_view::npos) {
    return refuse(reference, "a variable's name has letters, digits and _ only");
  }
  return {};
}

Result<Secret> Secrets::resolve(std::string_view reference) const {
  EDA_TRY(check(reference));
  if (reference.starts_with(file_prefix)) return from_file(std::string(reference.substr(file_prefix.size())));
  return from_environment(std::string(reference.substr(env_prefix.size())));
}

Result<Secret> Secrets::from_environment(const std::string& name) const {
  const char* value = environment_(name.c_str());
  if (value == nullptr) {
    return fail(Code::not_found, "SECRET_MISSING", "the secret is not there: the variable is not set",
                "set it in edad's environment and restart edad, or use file:");
  }
  std::string content(value);
  if (content.size() > largest) {
    return fail(Code::invalid, "SECRET_TOO_LARGE", "the secret is larger than 64 KiB", "check what it holds");
  }
  return trimmed(std::move(content));
}

Result<Secret> Secrets::from_file(const std::string& name) const {
  auto unreadable = [&](std::string_view why) {
    return fail(Code::unavailable, "SECRET_UNREADABLE", fmt::format("the secret cannot be read: {}", why),
                "check the file and its permissions");
  };
  if (directory_.empty()) {
    return fail(Code::invalid, "SECRET_REFERENCE", "the secret cannot be read: secrets.dir is not configured",
                "set secrets.dir, or use env:EDA_SECRET_*");
  }
  Handle directory(open(directory_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0) return unreadable("secrets.dir: " + std::generic_category().message(errno));
  Handle file(open_below(directory.get(), directory_, name));
  if (file.get() < 0) {
    int fault = errno;
    if (fault == EXDEV || fault == ELOOP) {
      return fail(Code::refused, "SECRET_OUTSIDE", "the secret leads out of secrets.dir",
                  "put the file itself below secrets.dir");
    }
    if (fault == ENOENT || fault == ENOTDIR) {
      return fail(Code::not_found, "SECRET_MISSING", "the secret is not there: secrets.dir has no such file",
                  "put the file there, or correct the reference");
    }
    return unreadable(std::generic_category().message(fault));
  }
  struct stat what {};
  if (fstat(file.get(), &what) != 0 || !S_ISREG(what.st_mode)) return unreadable("it is no regular file");
  std::string content(largest + 1, '\0');
  std::size_t filled = 0;
  while (filled < content.size()) {
    auto got = read(file.get(), content.data() + filled, content.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return unreadable(std::generic_category().message(errno));
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  if (filled > largest) {
    return fail(Code::invalid, "SECRET_TOO_LARGE", "the secret is larger than 64 KiB", "check what the file holds");
  }
  content.resize(filled);
  return trimmed(std::move(content));
}

}  // namespace eda::process
