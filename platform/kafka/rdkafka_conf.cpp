#include "platform/kafka/rdkafka_conf.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include "platform/kafka/fault.h"
#include "platform/text/distance.h"

namespace eda::kafka::rdkafka {
namespace {

Error wrong(std::string_view what, std::string next) {
  return Error(Code::invalid, "CONNECTION_SETTING", std::string(what), std::move(next));
}

Result<void> one_of(std::string_view setting, const std::string& value, const std::vector<std::string>& known) {
  for (const auto& word : known)
    if (word == value) return {};
  std::string hint = text::did_you_mean(value, known);
  return fail(wrong(fmt::format("\"{}\" is no {} that works here", clause(value), setting),
                    hint.empty() ? fmt::format("use one of {}", fmt::join(known, ", ")) : hint));
}

Result<void> check(const Connection& connection) {
  if (connection.bootstrap.empty()) {
    return fail(wrong("the cluster has no bootstrap address", "give at least one as host:port"));
  }
  EDA_TRY(
      one_of("security protocol", connection.security_protocol, {"PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"}));
  if (connection.security_protocol.starts_with("SASL_")) {
    EDA_TRY(one_of("mechanism", connection.sasl_mechanism, {"SCRAM-SHA-256", "SCRAM-SHA-512", "PLAIN"}));
    if (connection.username.empty() || connection.password.empty()) {
      return fail(wrong("a login needs a user and a password", "give both, or use SSL or PLAINTEXT"));
    }
  }
  if (connection.certificate_pem.empty() != connection.key_pem.empty()) {
    return fail(wrong("a client certificate needs its key, and a key its certificate", "give both or neither"));
  }
  return {};
}

}  // namespace

Error setting_refused(std::string_view words) {
  return wrong("the cluster's connection cannot be set up: " + clause(words), "correct the setting that is named");
}

Result<Conf> make_conf(const Connection& connection) {
  EDA_TRY(check(connection));
  const bool sasl = connection.security_protocol.starts_with("SASL_");
  const bool tls = connection.security_protocol.ends_with("SSL");
  std::vector<std::pair<const char*, std::string>> settings = {
      {"bootstrap.servers", connection.bootstrap}, {"security.protocol", connection.security_protocol},
      {"client.id", connection.client_id},         {"enable.metrics.push", "false"},
      {"socket.keepalive.enable", "true"},         {"socket.connection.setup.timeout.ms", "10000"},
      {"reconnect.backoff.max.ms", "1000"},  // a broker that is back is found within a second
  };
  if (sasl)
    settings.insert(settings.end(),
                    {{"sasl.mechanism", connection.sasl_mechanism}, {"sasl.username", connection.username}});
  if (tls && !connection.ca_pem.empty()) settings.emplace_back("ssl.ca.pem", connection.ca_pem);
  if (tls && !connection.certificate_pem.empty()) {
    settings.emplace_back("ssl.certificate.pem", connection.certificate_pem);
  }

  Conf conf(rd_kafka_conf_new());
  std::array<char, 512> words{};
  auto set = [&](const char* name, const std::string& value) {
    return rd_kafka_conf_set(conf.get(), name, value.c_str(), words.data(), words.size()) == RD_KAFKA_CONF_OK;
  };
  for (const auto& [name, value] : settings) {
    if (!set(name, value)) return fail(setting_refused(words.data()));
  }
  // librdkafka's words may quote the value, so they are not told here.
  if (sasl && !set("sasl.password", connection.password.reveal())) return fail(setting_refused("sasl.password"));
  if (tls && !connection.key_pem.empty() && !set("ssl.key.pem", connection.key_pem.reveal())) {
    return fail(setting_refused("ssl.key.pem"));
  }
  return conf;
}

Result<Instance> start(rd_kafka_type_t type, Conf conf, std::shared_ptr<const void> used) {
  std::array<char, 512> words{};
  Instance instance(rd_kafka_new(type, conf.get(), words.data(), words.size()));
  const bool runs_on = !instance && rd_kafka_last_error() == RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE && errno == EDEADLK;
  if (!instance && !runs_on) return fail(setting_refused(words.data()));
  static_cast<void>(conf.release());  // the instance has it now
  if (!runs_on) return instance;
  static_cast<void>(new std::shared_ptr<const void>(std::move(used)));
  return fail(Code::unavailable, "CLIENT_STALLED", "the client library did not start in time",
              "it is tried again; a clock that jumps or a machine that stands still causes it");
}

}  // namespace eda::kafka::rdkafka
