// edad: `edad` serves; `edad config` shows the settings; `edad bootstrap` makes the first admin.

#include <fcntl.h>
#include <malloc.h>
#include <unistd.h>

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "controlplane/config.h"
#include "controlplane/edad.h"
#include "platform/process/last_words.h"
#include "platform/process/log.h"
#include "platform/process/signals.h"
#include "platform/process/supervisor.h"
#include "topology/child.h"

namespace {

using namespace eda;
using namespace eda::controlplane;

constexpr std::chrono::seconds drain_limit{8};
// glibc gives threads up to 16 heaps here and keeps what each has once held: large plans on ever other threads of the
// server would hold 250 MB. Two heaps, and large blocks that go back to the system as they are freed (glibc would raise
// that bound to the largest block that it has seen, 32 MB), hold 120.
void hold_little_memory() {
  ::mallopt(M_ARENA_MAX, 2);
  ::mallopt(M_MMAP_THRESHOLD, 512 << 10);
  ::mallopt(M_TRIM_THRESHOLD, 1 << 20);
}

constexpr const char* usage =
    "edad: the control plane for event-driven microservices on Apache Kafka\n"
    "\n"
    "  edad [FLAGS]                              serve until SIGTERM\n"
    "  edad config [FLAGS]                       show every setting, its value and where it came from, and the limits\n"
    "  edad bootstrap --token-file FILE [FLAGS]  make the first admin; the token goes into FILE (mode 0600)\n"
    "                 --add-token                when there is an admin: one more token instead of a refusal\n"
    "  edad version\n"
    "\n"
    "Settings come from the file, then the environment, then flags:\n"
    "\n";

int report(const Error& error) {
  fmt::print(stderr, "edad: {}\n", error.message);
  for (auto& violation : error.violations) {
    auto where = violation.at.known() ? violation.at.text() + ": " : std::string();
    auto hint = violation.hint.empty() ? std::string() : fmt::format(" ({})", violation.hint);
    fmt::print(stderr, "  {}{}{}{}\n", where, violation.field.empty() ? "" : violation.field + ": ", violation.message,
               hint);
  }
  if (!error.next.empty()) fmt::print(stderr, "next: {}\n", error.next);
  return error.code == Code::invalid ? 2 : 1;
}

int show_config(const process::Config& config) {
  for (auto& row : config.effective()) fmt::print("{:<18} {:<44} {}\n", row.key, row.value, row.origin);
  fmt::print("\n");
  for (auto& limit : limits_table()) fmt::print("{:<26} {:>10} {}\n", limit.name, limit.most, limit.of);
  return 0;
}

// Takes `--name VALUE` or `--name=VALUE` out of the arguments; nullopt when absent.
std::optional<std::string> take_flag(std::vector<std::string>& arguments, const std::string& name) {
  for (auto at = arguments.begin(); at != arguments.end(); ++at) {
    if (*at == name && at + 1 != arguments.end()) {
      auto value = *(at + 1);
      arguments.erase(at, at + 2);
      return value;
    }
    if (at->starts_with(name + "=")) {
      auto value = at->substr(name.size() + 1);
      arguments.erase(at);
      return value;
    }
  }
  return std::nullopt;
}

// The file is made before the token is, so that a token is never drawn that nobody can keep.
Result<> keep_token(const std::string& path, const Settings& settings, identity::Actions::IfThereIsOne then) {
  int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) {
    return fail(Code::conflict, "TOKEN_FILE", fmt::format("{} cannot be made (it must not exist yet)", path),
                "name another file, or remove this one");
  }
  auto token = bootstrap(settings, then);
  Result<> kept;
  if (token) {
    auto text = token->reveal() + "\n";
    if (::write(file, text.data(), text.size()) != static_cast<ssize_t>(text.size()) || ::fsync(file) != 0) {
      kept = fail(Code::unavailable, "TOKEN_FILE", fmt::format("{} cannot be written", path), "is the disk full?");
    }
  } else {
    kept = fail(token.error());
  }
  ::close(file);
  if (!kept) ::unlink(path.c_str());
  return kept;
}

int serve(const Settings& settings, process::Signals& signals) {
  if (auto started = process::start_log(settings.log); !started) return report(started.error());
  process::tell_last_words();
  hold_little_memory();
  auto edad = Edad::start(settings);
  if (!edad) {
    process::log_error("edad does not start", edad.error());
    return report(edad.error());
  }
  process::tell_supervisor(process::ready);
  while (signals.wait() == process::Signal::hangup)
    process::log_info("SIGHUP changes nothing: files are read anew as they change");
  process::tell_supervisor(process::stopping);
  process::log_info("draining");
  // A round that waits for its broker is left where it is: that costs no more than a crash there, which is nothing.
  std::thread([] {
    std::this_thread::sleep_for(drain_limit);
    process::log_warning("a broker or the database does not answer; edad ends without waiting for it any longer");
    std::_Exit(0);
  }).detach();
  (*edad)->stop();
  process::log_info("stopped");
  return 0;
}

int run(std::vector<std::string> arguments) {
  process::Signals signals;
  for (auto& argument : arguments) {
    if (argument == "--help" || argument == "-h" || argument == "help") {
      fmt::print("{}{}", usage, process::settings_help(settings_table()));
      return 0;
    }
  }
  auto token_file = take_flag(arguments, "--token-file");
  bool add_token = std::erase(arguments, "--add-token") > 0;
  auto config = read_config(arguments);
  if (!config) return report(config.error());
  std::string word = config->words().empty() ? "serve" : config->words().front();
  if (word == "version") {
    fmt::print("edad {}\n", EDA_VERSION);
    return 0;
  }
  if (word == "config") return show_config(*config);
  bool known = config->words().size() <= 1 && (word == "serve" || word == "bootstrap");
  if (!known)
    return report(Error(Code::invalid, "USAGE", fmt::format("\"{}\" is no command of edad", word), "edad --help"));
  auto settings = check_settings(*config);
  if (!settings) return report(settings.error());
  if (word == "serve") return serve(*settings, signals);
  if (!token_file) return report(Error(Code::invalid, "USAGE", "where shall the token go?", "give --token-file FILE"));
  using identity::Actions;
  auto kept =
      keep_token(*token_file, *settings, add_token ? Actions::IfThereIsOne::add_token : Actions::IfThereIsOne::refuse);
  if (!kept) return report(kept.error());
  fmt::print(stderr, "edad: the admin's token is in {}; log in with: edactl login --token-file {}\n", *token_file,
             *token_file);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    std::vector<std::string> arguments(argv + 1, argv + argc);
    // Started by another edad to draw one picture, under limits that it sets itself first.
    if (!arguments.empty() && arguments.front() == topology::child_word) return topology::child_main(arguments);
    return run(std::move(arguments));
  } catch (const std::exception& fault) {
    fmt::print(stderr, "edad: {}\n", fault.what());
    return 1;
  }
}
