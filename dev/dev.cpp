#include "dev/dev.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "dev/edad.h"
#include "dev/kafka.h"
#include "dev/postgres.h"
#include "dev/processes.h"

namespace eda::dev {
namespace {

constexpr const char* notes_file = "world";

fs::path normal(const fs::path& state) {
  std::error_code ignored;
  return fs::weakly_canonical(fs::absolute(state), ignored);
}

/// One command at a time works on a world; the others wait.
class Lock {
 public:
  explicit Lock(const fs::path& state, const Progress& progress)
      : file_(::open((state / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    if (::flock(file_, LOCK_EX | LOCK_NB) == 0) return;
    progress("another `edactl dev` is at work on this world: waiting for it");
    ::flock(file_, LOCK_EX);
  }
  ~Lock() { ::close(file_); }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  int file_;
};

/// All parts of a world over one set of notes.
struct Parts {
  explicit Parts(const fs::path& state)
      : notes(state / notes_file),
        processes(state, Lifetime::detached),
        postgres(state, notes, processes),
        kafka(state, notes, processes),
        edad(state, notes, processes) {}
  Notes notes;
  Processes processes;
  Postgres postgres;
  Kafka kafka;
  Edad edad;
};

std::vector<Component> components(const Parts& parts) {
  std::vector<Component> all;
  auto add = [&](const Part& part, int port) {
    all.push_back({part.name, parts.processes.running(part).value_or(0), fmt::format("127.0.0.1:{}", port),
                   parts.processes.log(part)});
  };
  add(parts.postgres.part(), parts.postgres.port());
  int broker = 0;
  for (const auto& part : parts.kafka.parts()) add(part, parts.kafka.port(++broker));
  add(parts.edad.part(), parts.edad.grpc_port());
  return all;
}

World describe(const fs::path& state, const Parts& parts) {
  World world;
  world.state = state;
  if (!parts.notes.exist()) return world;
  world.components = components(parts);
  world.server = fmt::format("127.0.0.1:{}", parts.edad.grpc_port());
  world.web_url = fmt::format("http://127.0.0.1:{}", parts.edad.web_port());
  world.metrics_url = fmt::format("http://127.0.0.1:{}", parts.edad.metrics_port());
  world.registry_url = fmt::format("http://127.0.0.1:{}", parts.edad.registry_port());
  world.postgres_url = parts.postgres.url("postgres");
  world.postgres_data = parts.postgres.data();
  world.kafka_bootstrap = parts.kafka.bootstrap();
  world.kafka_version = parts.notes.get("kafka.version");
  world.kafka_home = parts.notes.get("kafka.home");
  world.kafka_client_config = parts.kafka.client_config();
  world.token_file = parts.edad.token_file();
  world.brokers = parts.kafka.brokers();
  return world;
}

int count_running(const World& world) {
  return static_cast<int>(
      std::count_if(world.components.begin(), world.components.end(), [](const auto& one) { return one.pid != 0; }));
}

bool runs_as(const World& world, const Component& component) {
  return std::any_of(world.components.begin(), world.components.end(),
                     [&](const Component& one) { return one.name == component.name && one.pid == component.pid; });
}

/// What was asked for, else what the world was made with.
Result<KafkaHome> choose_kafka(const Options& options, const Notes& notes) {
  fs::path noted = notes.get("kafka.home");
  if (options.kafka_home.empty() && options.kafka_line.empty() && !noted.empty() && fs::exists(noted / "libs"))
    return find_kafka(noted, "");
  return find_kafka(options.kafka_home, options.kafka_line);
}

Result<int> choose_brokers(const Options& options, const Kafka& kafka) {
  int brokers = options.brokers != 0 ? options.brokers : std::max(1, kafka.brokers());
  if (brokers != 1 && brokers != 3)
    return fail(Code::invalid, "DEV_BROKERS", fmt::format("a private world has 1 broker or 3, not {}", brokers),
                "say --brokers 1 or --brokers 3");
  return brokers;
}

Result<> start_missing(Parts& parts, const KafkaHome& kafka, int brokers, const fs::path& edad, Ports& ports,
                       const Progress& progress) {
  // Postgres and edad start while the brokers, the slowest, do.
  EDA_TRY(parts.kafka.start(kafka, brokers, ports, progress));
  EDA_TRY(parts.postgres.start(ports, progress));
  EDA_TRY(parts.postgres.await(progress));
  EDA_TRY(parts.edad.start(edad, parts.postgres.url("postgres"), parts.kafka.password(cluster_user), ports, progress));
  EDA_TRY(parts.kafka.await(progress));
  return parts.edad.await(edad, progress);
}

/// A component that ran and does not any more: it was about to end when we found it.
bool one_has_ended(const World& before, const World& now) {
  return std::any_of(before.components.begin(), before.components.end(), [&](const Component& one) {
    return one.pid != 0 && std::any_of(now.components.begin(), now.components.end(), [&](const Component& other) {
             return other.name == one.name && other.pid == 0;
           });
  });
}

/// Starts what is missing until all of it runs. Once more when that failed by no fault of ours: somebody who knows
/// nothing of our reservations got a port first, or a component that we counted on ended meanwhile.
Result<> start_until_complete(const fs::path& state, Parts& parts, const KafkaHome& kafka, int brokers,
                              const fs::path& edad, const Progress& progress) {
  constexpr int attempts = 5;
  Ports ports(progress);
  for (int attempt = 1;; ++attempt) {
    World before = describe(state, parts);
    auto outcome = start_missing(parts, kafka, brokers, edad, ports, progress);
    World now = describe(state, parts);
    if (outcome && now.complete()) return {};
    bool lost_port = parts.kafka.lost_port(ports) || parts.postgres.lost_port(ports) || parts.edad.lost_port(ports);
    bool again = outcome || (outcome.error().reason == "DEV_DIED" && (lost_port || one_has_ended(before, now)));
    if (!outcome && (!again || attempt == attempts)) return outcome;
    if (attempt == attempts)
      return fail(Code::unavailable, "DEV_DIED", fmt::format("a part of the world ended {} times in a row", attempts),
                  "edactl dev status says which, and names its log");
    progress(lost_port ? "somebody else listens where a part of the world should: starting it elsewhere"
                       : "a part of the world ended meanwhile: starting it again");
    ports.start_over();
  }
}

int stop_all(Parts& parts, const World& world, const Progress& progress) {
  int running = count_running(world);
  if (running == 0) return 0;
  progress("stopping edad, Kafka and Postgres");
  parts.edad.stop();
  parts.kafka.stop();
  parts.postgres.stop();
  return running;
}

}  // namespace

bool World::complete() const {
  return exists() && count_running(*this) == static_cast<int>(components.size());
}

fs::path default_state() {
  const char* state = std::getenv("XDG_STATE_HOME");
  const char* home = std::getenv("HOME");
  fs::path base =
      state != nullptr && *state != '\0' ? fs::path(state) : fs::path(home == nullptr ? "/" : home) / ".local/state";
  return base / "edactl" / "dev";
}

Result<World> up(const Options& options, const Progress& progress) {
  fs::path state = normal(options.state);
  EDA_TRY(make_private_directory(state));
  Lock lock(state, progress);
  Parts parts(state);
  EDA_ASSIGN(KafkaHome kafka, choose_kafka(options, parts.notes));
  EDA_ASSIGN(int brokers, choose_brokers(options, parts.kafka));
  EDA_ASSIGN(fs::path edad, Edad::find(options.edad));
  World before = describe(state, parts);
  EDA_TRY(start_until_complete(state, parts, kafka, brokers, edad, progress));
  World world = describe(state, parts);
  for (const auto& component : world.components) world.started += runs_as(before, component) ? 0 : 1;
  EDA_TRY(write_private(state / "env", shell_assignments(world)));
  return world;
}

Result<> await_ready(const fs::path& state, const Progress& progress) {
  Parts parts(normal(state));
  return parts.edad.await_ready(cluster_name, parts.kafka.brokers(), progress);
}

World status(const fs::path& state) {
  fs::path place = normal(state);
  return describe(place, Parts(place));
}

Result<int> down(const fs::path& state, const Progress& progress) {
  fs::path place = normal(state);
  if (!fs::exists(place / notes_file)) return 0;
  Lock lock(place, progress);
  Parts parts(place);
  return stop_all(parts, describe(place, parts), progress);
}

Result<> reset(const fs::path& state, const Progress& progress) {
  fs::path place = normal(state);
  if (!fs::exists(place / notes_file))
    return fail(Code::not_found, "DEV_NO_WORLD", fmt::format("there is no private world in {}", place.string()),
                "start one with edactl dev up, or name another with --state DIR");
  Lock lock(place, progress);
  Parts parts(place);
  stop_all(parts, describe(place, parts), progress);
  EDA_TRY(parts.edad.forget());
  EDA_TRY(parts.kafka.forget());
  EDA_TRY(parts.postgres.forget());
  std::error_code ignored;
  for (const char* left : {"env", "log", "run", notes_file}) fs::remove_all(place / left, ignored);
  return {};
}

std::vector<std::pair<std::string, std::string>> environment(const World& world) {
  std::string token = read_text(world.token_file);
  while (!token.empty() && std::isspace(static_cast<unsigned char>(token.back())) != 0) token.pop_back();
  return {{"EDACTL_SERVER", world.server},
          {"EDACTL_TOKEN", token},
          {"EDACTL_CLUSTER", cluster_name},
          {"EDA_WEB_URL", world.web_url},
          {"EDA_METRICS_URL", world.metrics_url},
          {"EDA_REGISTRY_URL", world.registry_url},
          {"EDA_POSTGRES_URL", world.postgres_url},
          {"EDA_KAFKA_BOOTSTRAP", world.kafka_bootstrap},
          {"EDA_KAFKA_HOME", world.kafka_home.string()},
          {"EDA_KAFKA_CLIENT_CONFIG", world.kafka_client_config.string()}};
}

std::string shell_assignments(const World& world) {
  std::string text;
  for (const auto& [name, value] : environment(world)) {
    std::string quoted;
    for (char letter : value) quoted += letter == '\'' ? std::string("'\\''") : std::string(1, letter);
    text += fmt::format("export {}='{}'\n", name, quoted);
  }
  return text;
}

}  // namespace eda::dev
