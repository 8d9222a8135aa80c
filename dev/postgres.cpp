#include "dev/postgres.h"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>
#include <csignal>

#include <cstdlib>

namespace eda::dev {
namespace {

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
  if (fs::exists(data())) return {};
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

/// Postgres sees for itself that the process in its lock file is gone, but not that its pid is somebody else's by now.
void Postgres::remove_stale_lock() const {
  fs::path lock = data() / "postmaster.pid";
  std::string text = read_text(lock);
  std::error_code ignored;
  if (!text.empty() && fs::exists("/proc/" + text.substr(0, text.find('\n')), ignored)) fs::remove(lock, ignored);
}

Result<> Postgres::start(Ports& ports, const Progress& progress) {
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
  remove_stale_lock();
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
  return processes_.await(
      part(),
      [&] {
        return processes_.run({{asking, ask}}).has_value();
      },
      std::chrono::seconds(60), progress);
}

void Postgres::stop() {
  processes_.stop({part()}, SIGINT, std::chrono::seconds(20));
}

Result<> Postgres::forget() {
  EDA_TRY(remove_tree(home()));
  if (as_root()) ::rmdir(home().parent_path().c_str());  // unless another world lies there
  return {};
}

}  // namespace eda::dev
