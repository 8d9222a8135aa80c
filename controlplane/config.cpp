#include "controlplane/config.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>

#include "platform/core/limits.h"
#include "platform/text/distance.h"
#include "platform/text/units.h"

namespace eda::controlplane {

namespace {

using process::Exposure;

constexpr process::Setting settings[] = {
    {"config", "EDAD_CONFIG", "--config", "/etc/edad/edad.yaml", "the file with the settings below"},
    {"database.url", "EDAD_DATABASE_URL", "", "", "Postgres, as postgresql://user:password@host:port/name",
     Exposure::masked},
    {"database.pool", "EDAD_DATABASE_POOL", "--database-pool", "16", "connections at most, 2 to 500"},
    {"secrets.dir", "EDAD_SECRETS_DIR", "--secrets-dir", "", "folder that `file:NAME` references are looked up in"},
    {"listen.grpc", "EDAD_LISTEN_GRPC", "--listen-grpc", "127.0.0.1:7070", "host:port of gRPC"},
    {"listen.metrics", "EDAD_LISTEN_METRICS", "--listen-metrics", "127.0.0.1:7071",
     "host:port of /healthz, /readyz and /metrics"},
    {"listen.web", "EDAD_LISTEN_WEB", "--listen-web", "127.0.0.1:8080", "host:port of the JSON API"},
    {"tls.certificate", "EDAD_TLS_CERTIFICATE", "--tls-certificate", "",
     "PEM file with the certificate chain; needed beyond loopback"},
    {"tls.key", "EDAD_TLS_KEY", "--tls-key", "", "PEM file with the certificate's key"},
    {"log.level", "EDAD_LOG_LEVEL", "--log-level", "info", "debug, info, warning or error"},
    {"log.format", "EDAD_LOG_FORMAT", "--log-format", "text", "text or json, one line an event"},
    {"threads", "EDAD_THREADS", "--threads", "64", "gRPC calls served at once, 4 to 1000"},
    {"drift.interval", "EDAD_DRIFT_INTERVAL", "--drift-interval", "60s",
     "how often all streams are compared with the brokers, 5s to 1h"},
};

constexpr Limit limits_shown[] = {
    {"limits.manifest_bytes", limits::manifest_bytes, "bytes of all files of one call"},
    {"limits.manifest_documents", limits::manifest_documents, "documents of one call"},
    {"limits.manifest_fields", limits::manifest_fields, "fields of all documents of one call"},
    {"limits.document_values", limits::document_values, "names and values of one document"},
    {"limits.document_aliases", limits::document_aliases, "aliases in one document"},
    {"limits.message_bytes", limits::message_bytes, "bytes of one gRPC message or one document"},
    {"limits.http_body_bytes", limits::http_body_bytes, "bytes of one JSON request"},
    {"limits.http_header_bytes", limits::http_header_bytes, "bytes of its headers"},
    {"limits.staged_documents", limits::staged_documents, "documents of one Stage call"},
    {"limits.fields_per_document", limits::fields_per_document, "fields of one document"},
    {"limits.list_items", limits::list_items, "items of one list"},
    {"limits.labels", limits::labels, "labels, or annotations, of one object"},
    {"limits.key_bytes", limits::key_bytes, "bytes of one key of a map"},
    {"limits.text_bytes", limits::text_bytes, "bytes of one text"},
    {"limits.name_code_points", limits::name_code_points, "characters of the name of a team, service, tag or domain"},
    {"limits.topic_name_bytes", limits::topic_name_bytes, "characters of a stream's name"},
    {"limits.nesting", limits::nesting, "levels of YAML and JSON"},
};

class Checker {
 public:
  explicit Checker(const process::Config& config) : config_(config) {}

  template <class T>
  T take(std::string_view key, Result<T> value) {
    if (value) return std::move(*value);
    auto error = value.error();
    refuse(error.reason == "CONFIG_VALUE" ? error : config_.refuse(key, error.message, error.next));
    return T{};
  }
  void refuse(Error error) {
    if (!first_) first_ = Error(error.code, error.reason, error.message, error.next);
    violations_.push_back(Violation{"", error.message, {}, error.next, ""});
  }
  std::optional<Error> error() {
    if (first_ && violations_.size() > 1) first_->violations = violations_;
    return first_;
  }

 private:
  const process::Config& config_;
  std::optional<Error> first_;
  std::vector<Violation> violations_;
};

Result<std::chrono::milliseconds> drift_interval(const process::Config& config) {
  EDA_ASSIGN(auto ms, text::parse_duration_ms(config.text("drift.interval")));
  if (ms >= 5'000 && ms <= 3'600'000) return std::chrono::milliseconds(ms);
  return fail(Code::invalid, "DRIFT_INTERVAL", "is not between 5s and 1h", "60s is the usual interval");
}

}  // namespace

std::span<const process::Setting> settings_table() {
  return settings;
}

std::span<const Limit> limits_table() {
  return limits_shown;
}

Result<process::Config> read_config(std::vector<std::string> arguments) {
  process::ConfigSources sources;
  sources.arguments = std::move(arguments);
  sources.environment = [](const char* name) -> const char* { return std::getenv(name); };
  sources.did_you_mean = text::did_you_mean;
  return process::Config::load(settings, sources);
}

Result<Settings> check_settings(const process::Config& config) {
  Checker check(config);
  Settings out;
  out.database_url = Secret(config.text("database.url"));
  if (out.database_url.empty()) {
    check.refuse(
        config.refuse("database.url", "is not set", "write database: {url: postgresql://…} or set EDAD_DATABASE_URL"));
  }
  out.database_pool = static_cast<std::size_t>(check.take("database.pool", config.integer("database.pool", 2, 500)));
  out.threads = static_cast<int>(check.take("threads", config.integer("threads", 4, 1000)));
  out.drift_interval = check.take("drift.interval", drift_interval(config));
  out.secrets_dir = config.text("secrets.dir");
  if (!out.secrets_dir.empty() && ::access((out.secrets_dir + "/.").c_str(), R_OK | X_OK) != 0) {
    check.refuse(config.refuse("secrets.dir", fmt::format("{} is no folder that edad can read", out.secrets_dir),
                               "make it, and let it belong to edad's user"));
  }
  out.grpc = check.take("listen.grpc", process::parse_endpoint(config.text("listen.grpc")));
  out.metrics = check.take("listen.metrics", process::parse_endpoint(config.text("listen.metrics")));
  out.web = check.take("listen.web", process::parse_endpoint(config.text("listen.web")));
  out.log.level = check.take("log.level", process::parse_log_level(config.text("log.level")));
  out.log.format = check.take("log.format", process::parse_log_format(config.text("log.format")));
  process::TlsFiles tls{config.text("tls.certificate"), config.text("tls.key")};
  if (tls.certificate.empty() != tls.key.empty()) {
    auto* missing = tls.key.empty() ? "tls.key" : "tls.certificate";
    check.refuse(config.refuse(missing, "is not set", "tls.certificate and tls.key go together"));
  } else if (!tls.key.empty()) {
    out.tls = tls;
  }
  for (auto& [key, endpoint] :
       {std::pair{"listen.grpc", out.grpc}, {"listen.metrics", out.metrics}, {"listen.web", out.web}}) {
    if (auto may = process::may_listen(endpoint, out.tls); !may) {
      check.refuse(config.refuse(key, may.error().message, may.error().next));
    }
  }
  if (auto error = check.error()) return fail(*error);
  return out;
}

}  // namespace eda::controlplane
