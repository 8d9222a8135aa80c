#include "cli/git.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <sstream>

#include "cli/manifests.h"
#include "platform/core/time.h"

extern char** environ;

namespace eda::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t most_said = 1u << 20;

// What a program writes until `deadline`, when it ends well by then. It is killed when it does not.
class Asked {
 public:
  Asked(std::vector<std::string> arguments, Deadline deadline) : deadline_(deadline) { start(std::move(arguments)); }
  Asked(const Asked&) = delete;
  Asked& operator=(const Asked&) = delete;
  ~Asked() { end(); }

  std::optional<std::string> answer() {
    std::string text;
    std::array<char, 1 << 14> part{};
    while (pid_ > 0) {
      pollfd wait{pipe_, POLLIN, 0};
      // What came too late is not taken, so that no time to ask is no answer on the quickest machine too.
      if (deadline_.passed() || ::poll(&wait, 1, static_cast<int>(deadline_.left().count())) <= 0) return std::nullopt;
      auto count = ::read(pipe_, part.data(), part.size());
      if (count < 0 || text.size() > most_said) return std::nullopt;
      if (count == 0) break;
      text.append(part.data(), static_cast<std::size_t>(count));
    }
    return end() == 0 ? std::optional(std::move(text)) : std::nullopt;
  }

 private:
  void start(std::vector<std::string> arguments) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return;
    pipe_ = ends[0];
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    std::vector<char*> argv;
    for (auto& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    if (::posix_spawnp(&pid_, argv.front(), &actions, nullptr, argv.data(), environ) != 0) pid_ = -1;
    posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
  }

  // Its exit code; what still runs is killed. A closed pipe is taken for the end, which then is a moment away.
  int end() {
    if (pipe_ >= 0) ::close(std::exchange(pipe_, -1));
    if (pid_ <= 0) return -1;
    int status = -1;
    while (::waitpid(pid_, &status, WNOHANG) == 0) {
      if (deadline_.passed()) ::kill(pid_, SIGKILL);
      ::usleep(200);
    }
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  Deadline deadline_;
  pid_t pid_ = -1;
  int pipe_ = -1;
};

// A checkout's own configuration is not asked which programs to run. Paths are paths, never patterns.
std::vector<std::string> git(const std::string& folder, std::vector<std::string> words) {
  std::vector<std::string> out{
      "git", "-C", folder, "--no-optional-locks", "--literal-pathspecs", "-c", "core.fsmonitor=false"};
  out.insert(out.end(), std::make_move_iterator(words.begin()), std::make_move_iterator(words.end()));
  return out;
}

std::vector<std::string> lines_of(const std::optional<std::string>& text) {
  std::vector<std::string> out;
  std::istringstream in(text.value_or(""));
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

bool any_untracked(const std::string& folder, const std::vector<std::string>& files, Deadline deadline) {
  std::vector<std::string> words{"ls-files", "--others", "--exclude-standard", "--"};
  for (auto& file : files) {
    std::error_code ignored;
    if (file != "-") words.push_back(fs::absolute(file, ignored).string());
  }
  if (words.size() == 4) return false;
  auto found = lines_of(Asked(git(folder, std::move(words)), deadline).answer());
  return std::any_of(found.begin(), found.end(), [](auto& line) { return is_manifest(line); });
}

// "user:password@host:22" to "host".
std::string_view host_of(std::string_view authority) {
  if (auto at = authority.rfind('@'); at != std::string_view::npos) authority.remove_prefix(at + 1);
  auto colon = authority.rfind(':');
  bool port = colon != std::string_view::npos && colon + 1 < authority.size() &&
              std::all_of(authority.begin() + static_cast<std::ptrdiff_t>(colon) + 1, authority.end(),
                          [](unsigned char c) { return std::isdigit(c) != 0; });
  return port ? authority.substr(0, colon) : authority;
}

std::string_view trimmed_path(std::string_view path) {
  while (path.ends_with('/')) path.remove_suffix(1);
  if (path.ends_with(".git")) path.remove_suffix(4);
  while (path.ends_with('/')) path.remove_suffix(1);
  return path;
}

std::string joined(std::string_view host, std::string_view path) {
  while (path.starts_with('/')) path.remove_prefix(1);
  path = trimmed_path(path);
  if (host.empty()) return std::string(path);
  return path.empty() ? std::string(host) : std::string(host) + "/" + std::string(path);
}

}  // namespace

std::optional<Checkout> find_checkout(const std::string& folder, const std::vector<std::string>& files,
                                      std::chrono::milliseconds patience) {
  auto deadline = Deadline::in(patience);
  // Side by side: each costs a process, which is most of its time.
  Asked top(git(folder, {"rev-parse", "--show-toplevel"}), deadline);
  Asked commit(git(folder, {"rev-parse", "--short", "--verify", "--quiet", "HEAD"}), deadline);
  Asked origin(git(folder, {"config", "--get", "remote.origin.url"}), deadline);
  Asked changed(git(folder, {"status", "--porcelain", "--untracked-files=no"}), deadline);
  auto first_line = [](Asked& asked) {
    auto lines = lines_of(asked.answer());
    return lines.empty() ? std::string() : lines.front();
  };
  Checkout out;
  out.top = first_line(top);
  if (out.top.empty()) return std::nullopt;
  out.commit = first_line(commit);
  out.origin = first_line(origin);
  out.dirty = !changed.answer().value_or("").empty() || any_untracked(folder, files, deadline);
  return out;
}

std::string normal_origin(std::string_view url) {
  while (!url.empty() && std::isspace(static_cast<unsigned char>(url.front()))) url.remove_prefix(1);
  while (!url.empty() && std::isspace(static_cast<unsigned char>(url.back()))) url.remove_suffix(1);
  if (auto scheme = url.find("://"); scheme != std::string_view::npos) {
    bool local = url.substr(0, scheme) == "file";
    url.remove_prefix(scheme + 3);
    // What follows ? or # may be a token too.
    url = url.substr(0, url.find_first_of("?#"));
    if (local) return std::string(trimmed_path(url));
    auto slash = std::min(url.find('/'), url.size());
    return joined(host_of(url.substr(0, slash)), url.substr(slash));
  }
  // git@github.com:acme/shop.git; a colon behind a slash belongs to a path.
  auto colon = url.find(':');
  if (colon != std::string_view::npos && url.find('/') > colon) {
    return joined(host_of(url.substr(0, colon)), url.substr(colon + 1));
  }
  return std::string(trimmed_path(url));
}

std::string set_of(const Checkout& checkout) {
  auto origin = normal_origin(checkout.origin);
  auto name = origin.substr(origin.rfind('/') + 1);
  return name.empty() || name == "." || name == ".." ? fs::path(checkout.top).filename().string() : name;
}

std::string source_of(const Checkout& checkout) {
  auto origin = normal_origin(checkout.origin);
  auto out = origin.empty() ? fs::path(checkout.top).filename().string() : origin;
  if (!checkout.commit.empty()) out += "@" + checkout.commit;
  return checkout.dirty ? out + "+dirty" : out;
}

}  // namespace eda::cli
