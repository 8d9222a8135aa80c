#include "topology/child.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "platform/text/unicode.h"
#include "topology/draw.h"

namespace eda::topology {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr const char* narrow = "narrow it with --team, --domain or --around, or take -o json, dot or text";

// A descriptor that is closed with its owner.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  int get() const { return number_; }

 private:
  int number_;
};

Descriptor memory_file(const char* name) {
  return Descriptor(::memfd_create(name, MFD_CLOEXEC));
}

bool write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    auto written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

std::string read_all(int file) {
  std::string out;
  std::array<char, 1 << 16> buffer;
  for (;;) {
    auto got = ::read(file, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return out;
    out.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

Error cannot_start(std::string_view what) {
  return Error(Code::unhealthy, "RENDER_FAILED", fmt::format("the process that draws cannot be started: {}", what),
               "edad's log and its machine's memory say more; -o json, mermaid and text need no such process");
}

Error met_limit(const std::string& which) {
  return Error(Code::exhausted, "RENDER_LIMIT", "this part is too much to draw: " + which, narrow).with("limit", which);
}

// How the child ended, once it has. The engines' own words go to the caller: they say which node or edge it was not.
struct End {
  int status = 0;
  bool too_long = false;
};

Result<> judge(const End& end, const ChildLimits& limits, const std::string& said) {
  if (end.too_long) return fail(met_limit(fmt::format("{} ms by the clock", limits.wall.count())));
  if (WIFSIGNALED(end.status)) {
    switch (WTERMSIG(end.status)) {
      case SIGXCPU:
        return fail(met_limit(fmt::format("{} s of processor time", limits.cpu_seconds)));
      case SIGXFSZ:
        return fail(met_limit(fmt::format("a picture of {} MiB", limits.output_bytes >> 20)));
      case SIGSEGV:  // what Graphviz and the libraries below it do when memory ends
      case SIGTRAP:
      case SIGABRT:
      case SIGBUS:
      case SIGKILL:
        return fail(met_limit(fmt::format("{} MiB of memory", limits.memory_bytes >> 20)));
      default:
        return fail(Code::unhealthy, "RENDER_FAILED",
                    fmt::format("the process that draws ended by signal {}", WTERMSIG(end.status)), narrow);
    }
  }
  // Graphviz writes a part of the picture and ends well enough after some of its errors.
  bool complained = said.starts_with("Error") || said.find("\nError") != std::string::npos;
  if (WEXITSTATUS(end.status) == 0 && !complained) return {};
  if (said.find("out of memory") != std::string::npos) {
    return fail(met_limit(fmt::format("{} MiB of memory", limits.memory_bytes >> 20)));
  }
  auto line = text::printable(text::cut(said.substr(0, said.find('\n')), 200));
  return fail(Code::unhealthy, "RENDER_FAILED",
              line.empty() ? "the picture could not be drawn" : "the picture could not be drawn: " + line, narrow);
}

// Started with nothing but these three files: no descriptor and no variable of edad's. SERVER_NAME keeps Graphviz from
// opening files that a graph names.
Result<pid_t> spawn(const std::string& program, const ChildLimits& limits, const std::array<int, 3>& files) {
  std::vector<std::string> arguments{"edad", child_word, std::to_string(limits.cpu_seconds),
                                     std::to_string(limits.memory_bytes), std::to_string(limits.output_bytes)};
  std::vector<std::string> variables{"SERVER_NAME=edad", "LC_ALL=C.UTF-8"};
  auto pointers = [](std::vector<std::string>& texts) {
    std::vector<char*> out;
    for (auto& text : texts) out.push_back(text.data());
    out.push_back(nullptr);
    return out;
  };
  auto argv = pointers(arguments), env = pointers(variables);
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawnattr_init(&attributes);
  for (int at = 0; at < 3; ++at) ::posix_spawn_file_actions_adddup2(&actions, files[static_cast<std::size_t>(at)], at);
  ::posix_spawn_file_actions_addclosefrom_np(&actions, 3);
  sigset_t none, all;
  ::sigemptyset(&none);
  ::sigfillset(&all);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  pid_t child = -1;
  int fault = ::posix_spawn(&child, program.c_str(), &actions, &attributes, argv.data(), env.data());
  ::posix_spawn_file_actions_destroy(&actions);
  ::posix_spawnattr_destroy(&attributes);
  if (fault != 0) return fail(cannot_start(fmt::format("error {}", fault)));
  return child;
}

End wait_for(pid_t child, milliseconds wall) {
  End end;
  Descriptor handle(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
  auto until = steady_clock::now() + wall;
  for (;;) {
    auto left = std::chrono::duration_cast<milliseconds>(until - steady_clock::now());
    if (left.count() <= 0 || handle.get() < 0) break;
    pollfd waited{handle.get(), POLLIN, 0};
    if (::poll(&waited, 1, static_cast<int>(std::min<std::int64_t>(left.count() + 1, 60'000))) > 0) break;
  }
  if (::waitpid(child, &end.status, WNOHANG) == 0) {
    end.too_long = true;
    ::kill(child, SIGKILL);
    while (::waitpid(child, &end.status, 0) < 0 && errno == EINTR) {
    }
  }
  return end;
}

}  // namespace

Result<> Children::enter(milliseconds patience) {
  std::unique_lock lock(guard_);
  auto busy = Error(Code::exhausted, "RENDER_BUSY", "edad draws as many pictures as it may at once",
                    "try again in some seconds; -o json, mermaid and text need not wait");
  if (in_line_ >= options_.waiting) return fail(std::move(busy));
  ++in_line_;
  bool free = freed_.wait_for(lock, std::min(patience, options_.wait), [&] { return running_ < options_.at_once; });
  --in_line_;
  if (!free) return fail(std::move(busy));
  ++running_;
  return {};
}

void Children::leave() {
  {
    std::lock_guard lock(guard_);
    --running_;
  }
  freed_.notify_one();
}

Result<std::string> Children::run(const Drawing& drawing, const ChildLimits& limits) {
  auto in = memory_file("drawing"), out = memory_file("picture"), words = memory_file("words");
  if (in.get() < 0 || out.get() < 0 || words.get() < 0) return fail(cannot_start("no memory for its files"));
  if (!write_all(in.get(), encode(drawing))) return fail(cannot_start("no memory for the drawing"));
  ::lseek(in.get(), 0, SEEK_SET);
  EDA_TRY(enter(limits.wall));
  auto child = spawn(options_.program, limits, {in.get(), out.get(), words.get()});
  auto end = child ? wait_for(*child, limits.wall) : End{};
  leave();
  EDA_TRY(child);
  ::lseek(words.get(), 0, SEEK_SET);
  EDA_TRY(judge(end, limits, read_all(words.get())));
  ::lseek(out.get(), 0, SEEK_SET);
  return read_all(out.get());
}

Result<Drawn> Children::draw(Drawing drawing, milliseconds wall) {
  auto until = steady_clock::now() + wall;
  Error last;
  for (auto& rung : ladder(drawing)) {
    drawing.engine = rung.engine;
    ChildLimits limits;
    limits.cpu_seconds = rung.seconds;
    if (drawing.picture == Picture::png) limits.memory_bytes = std::size_t{3} << 29;  // a bitmap of 7,680 dots each way
    limits.wall = std::chrono::duration_cast<milliseconds>(until - steady_clock::now());
    if (limits.wall.count() <= 0) break;
    auto picture = run(drawing, limits);
    if (picture) return Drawn{std::move(*picture), rung.engine};
    last = std::move(picture).error();
    if (last.reason == "RENDER_BUSY") break;
  }
  return fail(std::move(last));
}

int child_main(const std::vector<std::string>& arguments) {
  auto limit = [&](std::size_t at, __rlimit_resource what) {
    rlim_t value = 0;
    auto& text = arguments.at(at);
    std::from_chars(text.data(), text.data() + text.size(), value);
    // A second more before SIGKILL, so that SIGXCPU says which limit it was.
    rlimit both{value, what == RLIMIT_CPU ? value + 1 : value};
    return value > 0 && ::setrlimit(what, &both) == 0;
  };
  rlimit none{0, 0};
  if (arguments.size() != 4 || ::setrlimit(RLIMIT_CORE, &none) != 0 || !limit(1, RLIMIT_CPU) || !limit(2, RLIMIT_AS) ||
      !limit(3, RLIMIT_FSIZE)) {
    std::fputs("Error: this draws for edad, and only edad starts it\n", stderr);
    return 2;
  }
  auto drawing = decode_drawing(read_all(STDIN_FILENO));
  auto picture = drawing ? draw(*drawing) : Result<std::string>(fail(drawing.error()));
  if (!picture) {
    std::fprintf(stderr, "%s\n", picture.error().message.c_str());
    return 1;
  }
  return write_all(STDOUT_FILENO, *picture) ? 0 : 1;
}

}  // namespace eda::topology
