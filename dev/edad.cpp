#include "dev/edad.h"

#include <fmt/format.h>
#include <unistd.h>
#include <csignal>

#include "dev/probe.h"

namespace eda::dev {

Edad::Edad(const fs::path& state, Notes& notes, Processes& processes)
    : state_(state), notes_(notes), processes_(processes) {}

Result<fs::path> Edad::find(const fs::path& given) {
  std::error_code ignored;
  fs::path edad = given.empty() ? fs::canonical("/proc/self/exe", ignored).parent_path() / "edad" : fs::absolute(given);
  if (::access(edad.c_str(), X_OK) == 0 && fs::is_regular_file(edad)) return fs::canonical(edad, ignored);
  return fail(Code::unavailable, "DEV_EDAD_MISSING", fmt::format("there is no edad at {}", edad.string()),
              "build it (./x build), or name it with --edad FILE");
}

std::string Edad::configuration(const std::string& database) const {
  return fmt::format(
      "database:\n  url: \"{}\"\nsecrets:\n  dir: \"{}\"\nlisten:\n  grpc: 127.0.0.1:{}\n"
      "  metrics: 127.0.0.1:{}\n  web: 127.0.0.1:{}\n",
      database, secrets().string(), grpc_port(), metrics_port(), web_port());
}

Result<> Edad::start(const fs::path& program, const std::string& database, const std::string& kafka_password,
                     Ports& ports, const Progress& progress) {
  if (auto pid = processes_.running(part())) {
    std::error_code ignored;
    bool built_anew = fs::read_symlink(fmt::format("/proc/{}/exe", *pid), ignored) != program;
    if (!built_anew && read_text(config()) == configuration(database)) return {};
    progress(built_anew ? "edad has been built anew: restarting it" : "the database has moved: restarting edad");
    stop();
  }
  struct {
    const char* note;
    int wanted;
    const char* what;
  } const listeners[] = {{"edad.grpc", grpc_port(), "edad's gRPC"},
                         {"edad.metrics", metrics_port(), "edad's health and metrics"},
                         {"edad.web", web_port(), "edad's JSON API"},
                         {"edad.registry", registry_port(), "edad's schema registry"}};
  for (const auto& listener : listeners) {
    EDA_ASSIGN(int port, ports.take(listener.wanted, listener.what));
    notes_.set(listener.note, std::to_string(port));
  }
  EDA_TRY(notes_.save());
  EDA_TRY(make_private_directory(folder()));
  EDA_TRY(make_private_directory(secrets()));
  EDA_TRY(write_private(secrets() / "kafka-local", kafka_password));
  EDA_TRY(write_private(config(), configuration(database)));
  progress(fmt::format("starting edad on 127.0.0.1:{}", grpc_port()));
  return processes_.start(part(), Command{{program.string(), part().mark}, ""});
}

Result<> Edad::await(const fs::path& program, const Progress& progress) {
  // Not all of it: a broker that had to move to another port stays unreachable until it is registered anew.
  auto has_database = [this] {
    return http_get(metrics_port(), "/readyz").body.find("database: ok") != std::string::npos;
  };
  EDA_TRY(processes_.await(part(), has_database, std::chrono::seconds(60), progress));
  if (!read_text(token_file()).empty()) return {};
  std::error_code ignored;
  fs::remove(token_file(), ignored);  // empty: of a bootstrap that was interrupted, as is an admin without a token
  return processes_.run(
      {{Part{"edad-bootstrap", ""}, Command{{program.string(), "bootstrap", "--config", config().string(),
                                             "--token-file", token_file().string(), "--add-token"},
                                            ""}}});
}

Result<> Edad::await_ready(const Progress& progress) {
  HttpAnswer answer;
  auto is_ready = [&] { return (answer = http_get(metrics_port(), "/readyz")).status == 200; };
  auto ready = processes_.await(part(), is_ready, std::chrono::seconds(60), progress);
  if (!ready && !answer.body.empty()) ready.error().message = "edad is not ready: " + answer.body;
  return ready;
}

void Edad::stop() {
  processes_.stop({part()}, SIGTERM, std::chrono::seconds(12));
}

Result<> Edad::forget() {
  return remove_tree(folder());
}

}  // namespace eda::dev
