// with_world -- COMMAND…: runs COMMAND with a private Postgres (no fsync) and one secured broker of each Kafka line in
// EDA_TEST_*, and answers with its exit code. Nothing outlives this program, however it ends.

#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <string>
#include <string_view>

#include "dev/kafka.h"
#include "dev/postgres.h"

namespace {

using namespace eda;
namespace fs = std::filesystem;

/// Postgres and brokers, each with a state directory of its own below one that goes away with them.
class World {
 public:
  explicit World(const fs::path& state) : state_(state) {}
  ~World() {
    for (auto* cluster : {&kafka_4_, &kafka_39_})
      cluster->processes.stop(cluster->kafka.parts(), SIGKILL, std::chrono::seconds(5));
    processes_.stop({postgres_.part()}, SIGQUIT, std::chrono::seconds(5));
    (void)postgres_.forget();
    std::error_code ignored;
    fs::remove_all(state_, ignored);
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  Result<> start() {
    dev::Ports ports([](std::string_view) {});
    EDA_TRY(kafka_4_.start("4", ports));
    EDA_TRY(kafka_39_.start("3.9", ports));
    EDA_TRY(postgres_.start(ports, say));
    EDA_TRY(postgres_.await(say));
    EDA_TRY(kafka_4_.kafka.await(say));
    EDA_TRY(kafka_39_.kafka.await(say));
    auto set = [](const char* name, const std::string& value) { ::setenv(name, value.c_str(), 1); };
    set("EDA_TEST_POSTGRES", postgres_.url("postgres"));
    set("EDA_TEST_KAFKA_4", kafka_4_.kafka.bootstrap());
    set("EDA_TEST_KAFKA_39", kafka_39_.kafka.bootstrap());
    set("EDA_TEST_KAFKA_USER", "admin");
    set("EDA_TEST_KAFKA_PASSWORD", kafka_4_.kafka.password("admin"));
    return {};
  }

 private:
  static void say(std::string_view line) {
    std::fprintf(stderr, "with_world: %.*s\n", static_cast<int>(line.size()), line.data());
  }

  struct Cluster {
    Cluster(const fs::path& state, const std::string& password)
        : notes(state / "world"),
          processes(state, dev::Lifetime::with_parent),
          kafka(state, notes, processes, dev::Training::never),
          state_(state) {
      notes.set("kafka.admin", password);  // the same for both, for there is one EDA_TEST_KAFKA_PASSWORD
    }
    Result<> start(const std::string& line, dev::Ports& ports) {
      EDA_TRY(dev::make_private_directory(state_));
      EDA_ASSIGN(dev::KafkaHome home, dev::find_kafka("", line));
      return kafka.start(home, 1, ports, say);
    }
    dev::Notes notes;
    dev::Processes processes;
    dev::Kafka kafka;

   private:
    fs::path state_;
  };

  fs::path state_;
  dev::Notes notes_{state_ / "world"};
  dev::Processes processes_{state_, dev::Lifetime::with_parent};
  dev::Postgres postgres_{state_, notes_, processes_, dev::Durability::none};
  std::string password_ = dev::random_secret();
  Cluster kafka_4_{state_ / "kafka-4", password_};
  Cluster kafka_39_{state_ / "kafka-39", password_};
};

pid_t command_pid = 0;

int run(char** command) {
  ::signal(SIGINT, SIG_IGN);  // the terminal sends it to the command, too, and we clean up behind it
  ::signal(SIGQUIT, SIG_IGN);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t usual;
  sigemptyset(&usual);
  sigaddset(&usual, SIGINT);
  sigaddset(&usual, SIGQUIT);
  posix_spawnattr_setsigdefault(&attributes, &usual);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  int fault = ::posix_spawnp(&command_pid, command[0], nullptr, &attributes, command, environ);
  posix_spawnattr_destroy(&attributes);
  if (fault != 0) {
    std::fprintf(stderr, "with_world: cannot run %s: %s\n", command[0], std::strerror(fault));
    return 127;
  }
  ::signal(SIGTERM, [](int signal) { ::kill(command_pid, signal); });
  int status = 0;
  while (::waitpid(command_pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 3 || std::string_view(argv[1]) != "--") {
    std::fprintf(stderr, "usage: with_world -- COMMAND [ARGUMENT…]\n");
    return 2;
  }
  const char* temporary = std::getenv("TMPDIR");
  std::string state = std::string(temporary == nullptr ? "/tmp" : temporary) + "/eda-world-XXXXXX";
  if (::mkdtemp(state.data()) == nullptr) {
    std::fprintf(stderr, "with_world: cannot create %s: %s\n", state.c_str(), std::strerror(errno));
    return 1;
  }
  World world(state);
  if (auto started = world.start(); !started) {
    std::fprintf(stderr, "with_world: %s\n%s\n", started.error().message.c_str(), started.error().next.c_str());
    return 1;
  }
  return run(argv + 2);
} catch (const std::exception& fault) {
  std::fprintf(stderr, "with_world: %s\n", fault.what());
  return 1;
}
