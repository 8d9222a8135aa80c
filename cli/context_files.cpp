#include "cli/context_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace eda::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t config_bytes = 1u << 20;
constexpr std::size_t token_bytes = 4096;

Error file_error(std::string_view what, const fs::path& path, int number) {
  return Error(Code::unavailable, "FILE_UNREADABLE",
               fmt::format("{} {}: {}", what, path.string(), std::strerror(number)));
}

// Beside the file, then renamed over it: a reader sees the old one or the new one.
Result<> write_private(const fs::path& path, std::string_view text) {
  std::error_code ignored;
  auto folder = path.parent_path();
  fs::create_directories(folder, ignored);
  ::chmod(folder.c_str(), 0700);
  auto beside = path;
  beside += fmt::format(".{}", ::getpid());
  int file = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return fail(file_error("cannot write", path, errno));
  bool good = ::fchmod(file, 0600) == 0;
  for (auto rest = text; good && !rest.empty();) {
    auto count = ::write(file, rest.data(), rest.size());
    good = count > 0;
    if (good) rest.remove_prefix(static_cast<std::size_t>(count));
  }
  good = good && ::fsync(file) == 0;
  int number = errno;
  ::close(file);
  if (good && ::rename(beside.c_str(), path.c_str()) == 0) return {};
  if (good) number = errno;
  ::unlink(beside.c_str());
  return fail(file_error("cannot write", path, number));
}

Secret first_line(std::string text) {
  auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos) return {};
  auto end = text.find_first_of(" \t\r\n", begin);
  return Secret(text.substr(begin, end == std::string::npos ? end : end - begin));
}

Result<Secret> token_of_file(const Setting& setting) {
  EDA_ASSIGN(auto text, read_whole(setting.value, token_bytes));
  auto token = first_line(std::move(text));
  if (token.empty()) {
    return fail(Code::unauthenticated, "TOKEN_EMPTY",
                fmt::format("{} ({}) holds no token", setting.value, setting.origin));
  }
  return token;
}

Result<Secret> token_of_command(const Setting& setting) {
  auto close = [](FILE* pipe) { ::pclose(pipe); };
  std::unique_ptr<FILE, decltype(close)> pipe(::popen(setting.value.c_str(), "r"), close);
  std::string text;
  std::array<char, 1024> part{};
  while (pipe && text.size() < token_bytes) {
    auto count = std::fread(part.data(), 1, part.size(), pipe.get());
    if (count == 0) break;
    text.append(part.data(), count);
  }
  int status = pipe ? ::pclose(pipe.release()) : -1;
  auto token = first_line(std::move(text));
  if (status == 0 && !token.empty()) return token;
  return fail(Code::unauthenticated, "TOKEN_COMMAND",
              fmt::format("the token command of {} {}", setting.origin, status == 0 ? "printed nothing" : "failed"),
              fmt::format("run it yourself: {}", setting.value));
}

}  // namespace

Result<ConfigFolder> ConfigFolder::of(const Environment& environment) {
  auto set = [&](const char* name) -> std::string {
    const char* value = environment(name);
    return value ? value : "";
  };
  if (auto folder = set("EDACTL_CONFIG_DIR"); !folder.empty()) return ConfigFolder(folder);
  if (auto folder = set("XDG_CONFIG_HOME"); !folder.empty()) return ConfigFolder(fs::path(folder) / "edactl");
  if (auto home = set("HOME"); !home.empty()) return ConfigFolder(fs::path(home) / ".config" / "edactl");
  return ConfigFolder(fs::path());
}

Result<ConfigFile> ConfigFolder::load() const {
  auto path = config_path();
  std::error_code ignored;
  if (path_.empty() || !fs::exists(path, ignored)) return ConfigFile{};
  EDA_ASSIGN(auto text, read_whole(path.string(), config_bytes));
  return parse_config(path.string(), text);
}

Result<> ConfigFolder::save(const ConfigFile& config) const {
  if (path_.empty())
    return fail(Code::unavailable, "NO_HOME", "there is nowhere to keep contexts", "set HOME or XDG_CONFIG_HOME");
  return write_private(config_path(), write_config(config));
}

Result<Secret> ConfigFolder::kept_token(const std::string& context) const {
  auto path = token_path(context);
  struct stat facts {};
  if (path_.empty() || context.empty() || ::stat(path.c_str(), &facts) != 0) return Secret();
  if ((facts.st_mode & 077) != 0) {
    return fail(Code::refused, "TOKEN_EXPOSED", fmt::format("others can read the token in {}", path.string()),
                fmt::format("chmod 600 {}; better: edactl logout, and log in anew", path.string()));
  }
  EDA_ASSIGN(auto text, read_whole(path.string(), token_bytes));
  return first_line(std::move(text));
}

Result<> ConfigFolder::keep_token(const std::string& context, const Secret& token) const {
  if (path_.empty())
    return fail(Code::unavailable, "NO_HOME", "there is nowhere to keep a token", "set HOME or XDG_CONFIG_HOME");
  return write_private(token_path(context), token.reveal() + "\n");
}

Result<> ConfigFolder::forget_token(const std::string& context) const {
  auto path = token_path(context);
  if (::unlink(path.c_str()) == 0 || errno == ENOENT) return {};
  return fail(file_error("cannot remove", path, errno));
}

Result<ProjectFile> find_project(const fs::path& start) {
  std::error_code ignored;
  for (auto folder = start; !folder.empty(); folder = folder.parent_path()) {
    auto file = folder / ".edactl.yaml";
    if (fs::is_regular_file(file, ignored)) {
      EDA_ASSIGN(auto text, read_whole(file.string(), config_bytes));
      return parse_project(file.string(), text);
    }
    if (fs::exists(folder / ".git", ignored) || folder == folder.parent_path()) break;
  }
  return ProjectFile{};
}

Result<std::string> read_whole(const std::string& path, std::size_t most) {
  int file = path == "-" ? ::dup(STDIN_FILENO) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    bool missing = errno == ENOENT;
    Error error = file_error("cannot read", path, errno);
    if (missing)
      error = Error(Code::invalid, "FILE_MISSING", fmt::format("there is no file {}", path), "check the path");
    return fail(std::move(error));
  }
  std::string text;
  std::array<char, 1 << 16> part{};
  ssize_t count = 0;
  while (text.size() <= most && (count = ::read(file, part.data(), part.size())) > 0) {
    text.append(part.data(), static_cast<std::size_t>(count));
  }
  int number = errno;
  ::close(file);
  if (count < 0) return fail(file_error("cannot read", path, number));
  if (text.size() > most) {
    return fail(Code::invalid, "FILE_TOO_LARGE",
                fmt::format("{} has more than {} bytes", path == "-" ? "stdin" : path, most), "split it");
  }
  return text;
}

Result<Secret> find_token(const Settings& settings, const ConfigFolder& folder) {
  if (!settings.token.empty()) return first_line(settings.token);
  if (!settings.token_file.value.empty()) return token_of_file(settings.token_file);
  if (!settings.token_command.value.empty()) return token_of_command(settings.token_command);
  if (settings.use_kept_token) {
    EDA_ASSIGN(auto token, folder.kept_token(settings.context.value));
    if (!token.empty()) return token;
  }
  return fail(Code::unauthenticated, "NOT_LOGGED_IN", fmt::format("not logged in to {}", settings.server.value),
              "edactl login, or set EDACTL_TOKEN");
}

}  // namespace eda::cli
