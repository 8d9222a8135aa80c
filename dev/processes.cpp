#include "dev/processes.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>

#include <algorithm>
#include <cstring>
#include <sstream>
#include <thread>

namespace eda::dev {
namespace {

using namespace std::chrono_literals;
constexpr std::uintmax_t log_limit = 16u << 20;  ///< a log larger than this is put aside at the next start

/// What /proc/PID/stat says, with proc(5)'s numbers of its fields.
struct Stat {
  std::vector<std::string> fields;
  const std::string& field(std::size_t number) const {
    return fields[number - 3];
  }  // those before stand before the name's end
  std::uint64_t bits(std::size_t number) const { return std::strtoull(field(number).c_str(), nullptr, 10); }
};

std::optional<Stat> read_stat(pid_t pid) {
  std::string text = read_text(fmt::format("/proc/{}/stat", pid));
  auto name_end = text.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream fields(text.substr(name_end + 1));
  Stat stat{{std::istream_iterator<std::string>(fields), {}}};
  if (stat.fields.size() < 31 || stat.field(3) == "X") return std::nullopt;
  return stat;
}

/// Killed, and still holding its ports and files: the signal waits to be taken, the first thread is at its end, or it
/// has ended and others have not.
bool is_dying(pid_t pid) {
  auto stat = read_stat(pid);
  if (!stat) return false;
  if (stat->field(3) == "Z") return stat->bits(20) > 1;
  constexpr std::uint64_t exiting = 0x4;  // the kernel's PF_EXITING
  return (stat->bits(9) & exiting) != 0 || (stat->bits(31) >> (SIGKILL - 1) & 1) != 0;
}

/// When a process started; nothing when there is none or it has ended.
std::optional<std::string> start_time(pid_t pid) {
  auto stat = read_stat(pid);
  if (!stat || stat->field(3) == "Z") return std::nullopt;
  return stat->field(22);
}

const std::string& boot_id() {
  static const std::string id = [] {
    std::string text = read_text("/proc/sys/kernel/random/boot_id");
    return text.substr(0, text.find('\n'));
  }();
  return id;
}

std::string identity_of(pid_t pid, const std::string& started) {
  return fmt::format("{} {} {}\n", pid, started, boot_id());
}

/// Java deals with a signal in a thread of this name, which lasts as long as the program takes to shut down.
bool java_deals_with_signal(pid_t pid) {
  std::error_code ignored;
  for (const auto& thread : fs::directory_iterator(fmt::format("/proc/{}/task", pid), ignored)) {
    std::string name = read_text(thread.path() / "comm");
    if (name.starts_with("SIG") && name.ends_with(" handler\n")) return true;
  }
  return false;
}

constexpr std::string_view told_to_end = "told to end\n";  ///< the second line of a pid file

/// The oldest process that has `mark` among its arguments.
std::optional<pid_t> find_by_argument(const std::string& mark) {
  std::optional<pid_t> oldest;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
    pid_t pid = std::atoi(entry.path().filename().c_str());
    if (pid <= 0 || pid == ::getpid()) continue;
    std::istringstream arguments(read_text(entry.path() / "cmdline"));
    bool marked = false;
    for (std::string argument; !marked && std::getline(arguments, argument, '\0');) marked = argument == mark;
    if (marked && start_time(pid) && (!oldest || pid < *oldest)) oldest = pid;
  }
  return oldest;
}

/// What a daemon needs of our environment, and nothing that could configure or leak.
std::vector<std::string> environment() {
  std::vector<std::string> kept;
  for (const char* name :
       {"PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "JAVA_HOME", "ASAN_OPTIONS", "TSAN_OPTIONS"})
    if (const char* value = std::getenv(name)) kept.push_back(fmt::format("{}={}", name, value));
  return kept;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (auto& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

std::vector<std::string> full_argv(const Command& command, Lifetime lifetime) {
  std::vector<std::string> argv;
  if (!command.user.empty() || lifetime == Lifetime::with_parent) {
    argv = {"/usr/bin/setpriv"};  // util-linux; it becomes the program, so the pid stays
    if (!command.user.empty())
      argv.insert(argv.end(), {"--reuid", command.user, "--regid", command.user, "--init-groups"});
    if (lifetime == Lifetime::with_parent) argv.insert(argv.end(), {"--pdeathsig", "KILL"});
    argv.emplace_back("--");
  }
  argv.insert(argv.end(), command.argv.begin(), command.argv.end());
  return argv;
}

}  // namespace

Processes::Processes(fs::path state, Lifetime lifetime) : state_(std::move(state)), lifetime_(lifetime) {}

std::optional<pid_t> Processes::running(const Part& part) const {
  std::string noted = read_text(pid_file(part));
  if (pid_t pid = std::atoi(noted.c_str()); pid > 0) {
    for (int patience = 1000; patience > 0 && is_dying(pid); --patience) std::this_thread::sleep_for(5ms);
    ::waitpid(pid, nullptr, WNOHANG);  // our own child that died would stay a zombie
    auto started = start_time(pid);
    if (started && noted.starts_with(identity_of(pid, *started))) return pid;
    std::error_code ignored;
    fs::remove(pid_file(part), ignored);
  }
  auto found = find_by_argument(part.mark);
  if (found)
    if (auto started = start_time(*found)) (void)write_private(pid_file(part), identity_of(*found, *started));
  return found;
}

Result<pid_t> Processes::spawn(const Part& part, const Command& command) {
  EDA_TRY(make_private_directory(state_ / "log"));
  EDA_TRY(make_private_directory(state_ / "run"));
  fs::path output = log(part);
  std::error_code absent;
  auto size = fs::file_size(output, absent);
  if (!absent && size > log_limit) fs::rename(output, output.string() + ".1", absent);
  log_starts_[part.name] = absent || size > log_limit ? 0 : size;

  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, 1, output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_adddup2(&files, 1, 2);
  posix_spawn_file_actions_addclosefrom_np(&files, 3);
  posix_spawn_file_actions_addchdir_np(&files, "/");
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);

  auto argv = full_argv(command, lifetime_);
  auto variables = environment();
  pid_t pid = 0;
  int fault =
      ::posix_spawn(&pid, argv[0].c_str(), &files, &attributes, pointers(argv).data(), pointers(variables).data());
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  if (fault != 0)
    return fail(Code::internal, "DEV_SPAWN", fmt::format("cannot start {}: {}", command.argv[0], std::strerror(fault)));
  return pid;
}

Result<> Processes::start(const Part& part, const Command& command) {
  EDA_ASSIGN(pid_t pid, spawn(part, command));
  auto started = start_time(pid);
  return write_private(pid_file(part), identity_of(pid, started.value_or("0")));
}

bool Processes::listens(const Part& part, int port) const {
  auto pid = running(part);
  return pid && dev::listens(*pid, port);
}

void Processes::let_end(const std::vector<Part>& parts, int signal, std::chrono::seconds patience) {
  std::vector<Part> ending;
  for (const auto& part : parts)
    if (auto pid = running(part);
        pid && (read_text(pid_file(part)).ends_with(told_to_end) || java_deals_with_signal(*pid)))
      ending.push_back(part);
  stop(ending, signal, patience);
}

Result<> Processes::await(const Part& part, const std::function<bool()>& ready, std::chrono::seconds patience,
                          const Progress& progress) {
  auto begin = std::chrono::steady_clock::now();
  auto next_word = begin + 3s;
  while (!ready()) {
    auto now = std::chrono::steady_clock::now();
    auto waited = std::chrono::duration_cast<std::chrono::seconds>(now - begin);
    if (!running(part))
      return fail(Code::unavailable, "DEV_DIED", fmt::format("{} ended while starting{}", part.name, last_words(part)),
                  fmt::format("all of its output: {}", log(part).string()));
    if (waited >= patience)
      return fail(Code::timeout, "DEV_NOT_READY",
                  fmt::format("{} runs, but is not ready after {} s{}", part.name, waited.count(), last_words(part)),
                  fmt::format("all of its output: {}", log(part).string()));
    if (now >= next_word) {
      progress(fmt::format("waiting for {} ({} s; log {})", part.name, waited.count(), log(part).string()));
      next_word = now + 3s;
    }
    std::this_thread::sleep_for(30ms);
  }
  return {};
}

int Processes::stop(const std::vector<Part>& parts, int signal, std::chrono::seconds patience) {
  std::vector<std::pair<Part, pid_t>> left;
  for (const auto& part : parts)
    if (auto pid = running(part)) left.emplace_back(part, *pid);
  int count = static_cast<int>(left.size());
  for (const auto& [part, pid] : left) {
    if (auto started = start_time(pid))
      (void)write_private(pid_file(part), identity_of(pid, *started).append(told_to_end));
    ::kill(pid, signal);
  }
  auto end = std::chrono::steady_clock::now() + patience;
  auto gone = [this](const auto& entry) { return running(entry.first) != entry.second; };
  while (std::erase_if(left, gone), !left.empty()) {
    if (std::chrono::steady_clock::now() >= end)
      for (const auto& [part, pid] : left) ::kill(pid, SIGKILL);
    std::this_thread::sleep_for(20ms);
  }
  return count;
}

Result<> Processes::run(const std::vector<std::pair<Part, Command>>& programs) {
  std::vector<std::pair<Part, pid_t>> started;
  Result<> outcome;
  for (const auto& [part, command] : programs) {
    auto pid = spawn(part, command);
    if (pid) started.emplace_back(part, *pid);
    if (!pid && outcome) outcome = fail(std::move(pid).error());
  }
  for (const auto& [part, pid] : started) {
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (status != 0 && outcome)
      outcome = fail(Code::unavailable, "DEV_FAILED", fmt::format("{} failed{}", part.name, last_words(part)),
                     fmt::format("all of its output: {}", log(part).string()));
  }
  return outcome;
}

std::string Processes::last_words(const Part& part) const {
  constexpr std::size_t end_lines = 10, cause_lines = 3;
  std::string text = read_text(log(part));
  auto begin = log_starts_.find(part.name);
  if (begin != log_starts_.end() && begin->second <= text.size()) text.erase(0, begin->second);
  std::istringstream stream(text);
  std::vector<std::string> lines;
  std::size_t cause = std::string::npos;  // a broker says why, and then a hundred lines of how it shuts down
  for (std::string line; std::getline(stream, line); lines.push_back(line))
    if (cause == std::string::npos &&
        (line.find(" ERROR ") != std::string::npos || line.find("FATAL") != std::string::npos))
      cause = lines.size();
  if (lines.empty()) return "; it wrote nothing";
  std::size_t end = lines.size() - std::min(lines.size(), end_lines);
  std::string words = "; its last lines:";
  for (std::size_t at = std::min(cause, end); at < end && at < cause + cause_lines; ++at) words += "\n  " + lines[at];
  if (cause < end) words += "\n  …";
  for (std::size_t at = end; at < lines.size(); ++at) words += "\n  " + lines[at];
  return words;
}

}  // namespace eda::dev
