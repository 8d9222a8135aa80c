#include "dev/postgres.h"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>
#include <csignal>

#include <chrono>
#include <cstdlib>
#include <sstream>
#include <thread>
#include <utility>
#include <vector>

namespace eda::dev {
namespace {

using namespace std::chrono_literals;

constexpr const char* unprivileged = "postgres";
bool as_root() {
  return ::geteuid() == 0;
}
std::string server_user() {
  return as_root() ? unprivileged : "";
}

/// The socket's path has to fit into 107 bytes, with "/.s.PGSQL.65535" behind it.
std::string socket_directory(const fs::path& home) {
  return home.string().size() <= 90 ? home.string() : "";
}

/// What a server writes of itself: data/postmaster.pid, a fact a line.
struct LockFile {
  explicit LockFile(const fs::path& data) {
    std::istringstream text(read_text(data / "postmaster.pid"));
    for (std::string line; std::getline(text, line);) lines.push_back(line);
  }
  std::string line(std::size_t number) const { return number <= lines.size() ? lines[number - 1] : ""; }
  pid_t pid() const { return std::atoi(line(1).c_str()); }
  int port() const { return std::atoi(line(4).c_str()); }
  /// The id of the System V segment that all of its processes are attached to.
  std::string shared_memory() const {
    std::istringstream words(line(7));
    std::string key, id;
    words >> key >> id;
    return id;
  }
  bool says(std::string_view status) const { return line(8).starts_with(status); }
  std::vector<std::string> lines;
};

/// How many processes of the server that wrote `lock` are left.
int left_processes(const LockFile& lock) {
  std::istringstream segments(read_text("/proc/sysvipc/shm"));
  for (std::string row; std::getline(segments, row);) {
    std::istringstream fields(row);
    std::string key, id, mode, size, creator, last, attached;
    fields >> key >> id >> mode >> size >> creator >> last >> attached;
    if (id == lock.shared_memory() && creator == std::to_string(lock.pid())) return std::atoi(attached.c_str());
  }
  return 0;
}

/// Of a process that is gone, while its pid is somebody else's or not yet given back; or cut off as it was written.
/// Postgres starts over neither.
bool is_stale(const fs::path& lock) {
  std::string text = read_text(lock);
  std::error_code ignored;
  return fs::exists(lock, ignored) && (text.empty() || fs::exists("/proc/" + text.substr(0, text.find('\n')), ignored));
}

Result<> give_to_server(const fs::path& path) {
  if (!as_root()) return {};
  const passwd* user = ::getpwnam(unprivileged);
  if (user == nullptr)
    return fail(Code::unavailable, "DEV_POSTGRES_MISSING",
                "Postgres does not run as root, and there is no user postgres here",
                "install Postgres with ./x setup, or run this as an ordinary user");
  if (::chown(path.c_str(), user->pw_uid, user->pw_gid) != 0) return fail(file_error("cannot hand over", path));
  return {};
}

}  // namespace

Postgres::Postgres(const fs::path& state, Notes& notes, Processes& processes, Durability durability)
    : state_(state), notes_(notes), processes_(processes), durability_(durability) {}

fs::path Postgres::home() const {
  if (std::string noted = notes_.get("postgres.home"); !noted.empty()) return noted;
  return as_root() ? fs::path("/var/lib/edactl") / ("dev-" + short_hash(state_.string())) : state_ / "postgres";
}

std::string Postgres::url(const std::string& database) const {
  return fmt::format("postgresql://eda:{}@127.0.0.1:{}/{}", notes_.get("postgres.password"), port(), database);
}

Result<fs::path> Postgres::program(const std::string& name) const {
  // An existing database needs the server of its own major version.
  std::string version = read_text(data() / "PG_VERSION");
  version = version.substr(0, version.find('\n'));
  fs::path best;
  int newest = 0;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", ignored)) {
    int major = std::atoi(entry.path().filename().c_str());
    fs::path candidate = entry.path() / "bin" / name;
    if (fs::exists(candidate) && (version.empty() ? major > newest : version == entry.path().filename())) {
      newest = major;
      best = candidate;
    }
  }
  if (best.empty() && version.empty()) best = program_on_path(name);
  if (best.empty())
    return fail(Code::unavailable, "DEV_POSTGRES_MISSING",
                version.empty()
                    ? fmt::format("Postgres is not installed: there is no {} in /usr/lib/postgresql or on PATH", name)
                    : fmt::format("this world's database was made by Postgres {}, which is not installed", version),
                version.empty() ? "run ./x setup, or apt-get install postgresql"
                                : fmt::format("install postgresql-{}, or forget the data: edactl dev reset", version));
  return best;
}

Result<> Postgres::create_data(const Progress& progress) {
  bool ours = !notes_.get("postgres.password").empty();
  if (fs::exists(data()) && ours) return {};
  if (fs::exists(data())) {
    // As root the data lies apart from the state: who deleted the state by hand left it, and its password is lost.
    progress(fmt::format("making anew what a world left whose state is gone: {}", data().string()));
    EDA_TRY(remove_tree(data()));
  }
  EDA_ASSIGN(fs::path initdb, program("initdb"));
  progress(fmt::format("creating a database in {}", data().string()));
  if (as_root()) {
    std::error_code ignored;
    fs::create_directories(home().parent_path(), ignored);  // 0755: the server's user has to pass
  }
  EDA_TRY(make_private_directory(home()));
  EDA_TRY(give_to_server(home()));
  // Made beside and renamed, so that what an interrupted start leaves is never taken for a database.
  fs::path growing = home() / "data.new", password = home() / "password";
  std::error_code ignored;
  fs::remove_all(growing, ignored);
  EDA_TRY(write_private(password, notes_.secret("postgres.password")));
  EDA_TRY(give_to_server(password));
  auto made = processes_.run(
      {{Part{"initdb", growing.string()},
        Command{{initdb.string(), "-D", growing.string(), "-U", "eda", "--pwfile", password.string(), "-A",
                 "scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"},
                server_user()}}});
  fs::remove(password, ignored);
  EDA_TRY(made);
  if (::rename(growing.c_str(), data().c_str()) != 0) return fail(file_error("cannot create", data()));
  return {};
}

/// Told to end, it answers until its last client has gone.
void Postgres::let_end() {
  if (auto pid = processes_.running(part()); pid && LockFile(data()).pid() == *pid && LockFile(data()).says("stopping"))
    stop();
  processes_.let_end({part()}, SIGINT, 20s);
}

/// Two servers on one data directory would ruin it. Postgres itself refuses to start as long as one process of another
/// is left, unless its lock file is gone.
Result<> Postgres::await_left_processes(const Progress& progress) const {
  constexpr auto patience = 30s;
  auto end = std::chrono::steady_clock::now() + patience;
  bool told = false;
  while (int left = left_processes(LockFile(data()))) {
    if (std::chrono::steady_clock::now() >= end)
      return fail(Code::timeout, "DEV_POSTGRES_LEFT",
                  fmt::format("{} process(es) of the Postgres that was killed are still at work on {} after {} s", left,
                              data().string(), patience.count()),
                  "let their statements end, or end them (ps -C postgres), and run edactl dev up again");
    if (!std::exchange(told, true)) progress("waiting for what is left of the Postgres that was killed");
    std::this_thread::sleep_for(10ms);
  }
  return {};
}

void Postgres::remove_stale_locks() const {
  std::error_code ignored;
  if (fs::path lock = data() / "postmaster.pid"; is_stale(lock)) fs::remove(lock, ignored);
  std::vector<fs::path> sockets;
  for (const auto& entry : fs::directory_iterator(home(), ignored))
    if (entry.path().filename().string().starts_with(".s.PGSQL.") && entry.path().extension() == ".lock")
      sockets.push_back(entry.path());
  for (const auto& lock : sockets)
    if (is_stale(lock)) fs::remove(lock, ignored);
}

Result<> Postgres::start(Ports& ports, const Progress& progress) {
  let_end();
  if (processes_.running(part())) {
    ports.keep(port());
    return {};
  }
  notes_.set("postgres.home", home().string());
  EDA_TRY(create_data(progress));
  EDA_ASSIGN(int port, ports.take(this->port(), "Postgres"));
  notes_.set("postgres.port", std::to_string(port));
  EDA_TRY(notes_.save());
  EDA_ASSIGN(fs::path server, program("postgres"));
  EDA_TRY(await_left_processes(progress));
  remove_stale_locks();
  Command command{{server.string(), "-D", data().string(), "-p", std::to_string(port)}, server_user()};
  for (const std::string& setting :
       {part().mark, std::string("listen_addresses=127.0.0.1"), "unix_socket_directories=" + socket_directory(home()),
        std::string("max_connections=200"), std::string("logging_collector=off")})
    command.argv.insert(command.argv.end(), {"-c", setting});
  if (durability_ == Durability::none)
    for (const char* setting : {"fsync=off", "synchronous_commit=off", "full_page_writes=off"})
      command.argv.insert(command.argv.end(), {"-c", setting});
  progress(fmt::format("starting Postgres on 127.0.0.1:{}", port));
  return processes_.start(part(), command);
}

Result<> Postgres::await(const Progress& progress) {
  EDA_ASSIGN(fs::path pg_isready, program("pg_isready"));
  Command ask{{pg_isready.string(), "-q", "-h", "127.0.0.1", "-p", std::to_string(port()), "-d", "postgres"}, ""};
  Part asking{"pg_isready", ""};
  // Somebody else may answer on the port: the server itself says whose it is. (Its sockets are another user's for
  // root.)
  auto is_ready = [&] {
    LockFile server(data());
    return server.pid() == processes_.running(part()).value_or(-1) && server.port() == port() && server.says("ready") &&
           processes_.run({{asking, ask}}).has_value();
  };
  return processes_.await(part(), is_ready, 60s, progress);
}

bool Postgres::lost_port(const Ports& ports) const {
  return !processes_.running(part()) && ports.lost(port());
}

void Postgres::stop() {
  processes_.stop({part()}, SIGINT, 20s);
}

Result<> Postgres::forget() {
  EDA_TRY(remove_tree(home()));
  if (as_root()) ::rmdir(home().parent_path().c_str());  // unless another world lies there
  return {};
}

}  // namespace eda::dev
