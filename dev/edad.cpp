#include "dev/edad.h"

#include <fmt/format.h>
#include <unistd.h>
#include <chrono>
#include <csignal>
#include <initializer_list>
#include <sstream>

#include "dev/probe.h"
#include "platform/core/value.h"
#include "platform/text/json.h"

namespace eda::dev {
namespace {

using namespace std::chrono_literals;

/// Stands in edad's metrics once its worker has looked at a cluster and found it well.
constexpr std::string_view looked = "eda_worker_rounds_total{outcome=\"ok\",worker=\"clusters\"}";

/// What stands at `path` of an answer; null when there is no such thing.
Value at(const Value& answer, std::initializer_list<const char*> path) {
  Value found = answer;
  for (const char* name : path) {
    const auto* map = found.as_map();
    if (map == nullptr || !map->contains(name)) return {};
    found = Value(map->at(name));
  }
  return found;
}

std::string text_at(const Value& answer, std::initializer_list<const char*> path) {
  Value found = at(answer, path);
  return found.as_text() != nullptr ? *found.as_text() : "";
}

Value::List list_at(const Value& answer, std::initializer_list<const char*> path) {
  Value found = at(answer, path);
  return found.as_list() != nullptr ? *found.as_list() : Value::List();
}

/// The message of an answer to a call, or why there is none.
Result<Value> message_of(const HttpAnswer& answer) {
  if (answer.status == 0) return fail(Code::unavailable, "DEV_NOT_READY", "it does not answer");
  EDA_ASSIGN(Value message, text::from_json(answer.body));
  if (answer.status != 200)
    return fail(Code::unavailable, "DEV_NOT_READY",
                fmt::format("it answers with status {}: {}", answer.status, text_at(message, {"message"})));
  return message;
}

/// Of a look that was just taken; empty when it is well.
std::string fault_of_health(const HttpAnswer& answer, int brokers) {
  auto health = message_of(answer);
  if (!health) return health.error().message;
  for (const auto& check : list_at(*health, {"checks"}))
    if (at(check, {"ok"}) != Value(true)) return text_at(check, {"name"}) + ": " + text_at(check, {"message"});
  auto there = static_cast<int>(list_at(*health, {"brokers"}).size());
  return there < brokers ? fmt::format("its cluster has {} of {} brokers", there, brokers) : "";
}

/// Of what was written down of the cluster; empty when it was well.
std::string fault_of_object(const HttpAnswer& answer) {
  auto object = message_of(answer);
  if (!object) return object.error().message;
  bool reached = false;
  for (const auto& condition : list_at(*object, {"object", "status", "conditions"})) {
    if (text_at(condition, {"status"}) == "False") return text_at(condition, {"message"});
    reached = reached || text_at(condition, {"type"}) == "Reachable";
  }
  return reached ? "" : "it has not written down that it reaches its cluster";
}

}  // namespace

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
  processes_.let_end({part()}, SIGTERM, 12s);
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

/// Whatever answers on its ports, it is this edad.
bool Edad::serves() const {
  return processes_.listens(part(), grpc_port()) && processes_.listens(part(), web_port()) &&
         processes_.listens(part(), metrics_port());
}

Result<> Edad::await(const fs::path& program, const Progress& progress) {
  // Not all of it: a broker that had to move to another port stays unreachable until it is registered anew.
  auto has_database = [this] {
    return http_get(metrics_port(), "/readyz").body.find("database: ok") != std::string::npos && serves();
  };
  EDA_TRY(processes_.await(part(), has_database, 60s, progress));
  if (!token().empty()) {
    EDA_ASSIGN(bool known, knows_token(progress));
    if (known) return {};
    progress("edad no longer takes the admin's token: making another");
  }
  std::error_code ignored;
  fs::remove(token_file(), ignored);  // empty: of a bootstrap that was interrupted, as is an admin without a token
  return processes_.run(
      {{Part{"edad-bootstrap", ""}, Command{{program.string(), "bootstrap", "--config", config().string(),
                                             "--token-file", token_file().string(), "--add-token"},
                                            ""}}});
}

Result<bool> Edad::knows_token(const Progress& progress) {
  constexpr int known = 200, unknown = 401;
  HttpAnswer answer;
  auto is_told = [&] {
    answer = call(web_port(), "eda.identity.v1.IdentityService/WhoAmI", "{}", token());
    return answer.status == known || answer.status == unknown;
  };
  EDA_TRY(processes_.await(part(), is_told, 30s, progress));
  return answer.status == known;
}

Result<> Edad::await_ready(const std::string& cluster, int brokers, const Progress& progress) {
  std::string fault;
  auto is_ready = [&] { return (fault = why_not_ready(cluster, brokers)).empty(); };
  auto ready = processes_.await(part(), is_ready, 60s, progress);
  if (!ready && ready.error().reason == "DEV_NOT_READY") ready.error().message = "edad is not ready: " + fault;
  return ready;
}

/// Empty when it is ready.
std::string Edad::why_not_ready(const std::string& cluster, int brokers) const {
  if (!serves()) return "it does not listen";
  HttpAnswer ready = http_get(metrics_port(), "/readyz");
  if (ready.status != 200) return ready.body.empty() ? "it does not answer" : ready.body;
  constexpr int no_such_cluster = 404;
  auto written = call(web_port(), "eda.catalog.v1.CatalogService/GetObject",
                      fmt::format(R"({{"object":{{"kind":"cluster","name":"{}"}}}})", cluster), token());
  if (written.status == no_such_cluster) return "";
  if (auto fault = fault_of_object(written); !fault.empty()) return fault;
  // That may be of an earlier start.
  if (http_get(metrics_port(), "/metrics").body.find(looked) == std::string::npos)
    return "it has not looked at its cluster since it started";
  return fault_of_health(call(web_port(), "eda.clusters.v1.ClusterService/GetHealth",
                              fmt::format(R"({{"cluster":"{}"}})", cluster), token()),
                         brokers);
}

bool Edad::lost_port(const Ports& ports) const {
  return !processes_.running(part()) &&
         (ports.lost(grpc_port()) || ports.lost(metrics_port()) || ports.lost(web_port()));
}

std::string Edad::token() const {
  std::string token;
  std::istringstream(read_text(token_file())) >> token;
  return token;
}

void Edad::stop() {
  processes_.stop({part()}, SIGTERM, 12s);
}

Result<> Edad::forget() {
  return remove_tree(folder());
}

}  // namespace eda::dev
