#include "clusters/clusters.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "platform/text/unicode.h"

namespace eda::clusters {

using plans::Field;
using plans::FieldType;
using plans::Risk;

namespace {

const Field cluster_fields[] = {
    {.path = "spec.bootstrap",
     .type = FieldType::text_list,
     .doc = "Brokers to ask first, each host:port. The others are found through them.",
     .example = "[kafka-1.shop.example:9093, kafka-2.shop.example:9093]",
     .required = true},
    {.path = "spec.security",
     .type = FieldType::choice,
     .fallback = "PLAINTEXT",
     .doc = "How the connection is secured.",
     .example = "SASL_SSL",
     .choices = {"PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"}},
    {.path = "spec.mechanism",
     .type = FieldType::choice,
     .doc = "How edad logs in where spec.security begins with SASL.",
     .example = "SCRAM-SHA-512",
     .choices = {"SCRAM-SHA-256", "SCRAM-SHA-512", "PLAIN"}},
    {.path = "spec.username",
     .type = FieldType::text,
     .doc = "The name under which edad logs in.",
     .example = "edad",
     .confidential = true},
    {.path = "spec.password",
     .type = FieldType::text,
     .doc = "Reference to the password: file:NAME below secrets.dir, or env:EDA_SECRET_NAME.",
     .example = "file:kafka-password",
     .confidential = true},
    {.path = "spec.ca",
     .type = FieldType::text,
     .doc = "Reference to the certificates that sign the brokers' (PEM). Without it the system's hold.",
     .example = "file:kafka-ca.pem",
     .confidential = true},
    {.path = "spec.certificate",
     .type = FieldType::text,
     .doc = "Reference to edad's own certificate (PEM), where brokers ask for one.",
     .example = "file:edad.pem",
     .confidential = true},
    {.path = "spec.key",
     .type = FieldType::text,
     .doc = "Reference to the key of spec.certificate (PEM).",
     .example = "file:edad.key",
     .confidential = true},
    {.path = "spec.clusterId",
     .type = FieldType::text,
     .doc = "The id that the cluster must have. Another one is never written to.",
     .example = "q1Sh-9_ISia_zwGINzRvyQ"},
    {.path = "spec.environment",
     .type = FieldType::name,
     .doc = "What it is for: production, staging, …",
     .example = "production"},
    {.path = "spec.registryContext",
     .type = FieldType::text,
     .fallback = ".",
     .doc = "The schema registry's context that its streams' subjects are in.",
     .example = "\".\""},
    {.path = "spec.description", .type = FieldType::text, .doc = "What it is.", .example = "Brokers of the web shop."},
};

constexpr std::string_view secret_paths[] = {"spec.password", "spec.ca", "spec.certificate", "spec.key"};

void judge_login(const plans::Wish& wish, std::vector<Violation>& found) {
  auto security = plans::wished_text(wish, "spec.security", "PLAINTEXT");
  auto report = [&](std::string_view path, std::string message, std::string hint) {
    found.push_back(Violation{std::string(path), std::move(message), {}, std::move(hint), {}});
  };
  if (security.starts_with("SASL")) {
    for (std::string_view path : {"spec.mechanism", "spec.username", "spec.password"}) {
      if (!plans::wished(wish, path)) report(path, fmt::format("{} needs this field", security), "give it");
    }
  } else {
    for (std::string_view path : {"spec.mechanism", "spec.username", "spec.password"}) {
      if (plans::wished(wish, path)) {
        report(path, fmt::format("{} has no login with a name", security),
               "leave it out, or set spec.security to SASL_SSL or SASL_PLAINTEXT");
      }
    }
  }
  bool encrypted = security.ends_with("SSL");
  for (std::string_view path : {"spec.ca", "spec.certificate", "spec.key"}) {
    if (!encrypted && plans::wished(wish, path)) {
      report(path, fmt::format("{} uses no certificates", security),
             "leave it out, or set spec.security to SSL or SASL_SSL");
    }
  }
  if (encrypted && !plans::wished(wish, "spec.certificate") != !plans::wished(wish, "spec.key")) {
    report(plans::wished(wish, "spec.key") ? "spec.certificate" : "spec.key",
           "a certificate and its key belong together", "give both or neither");
  }
}

std::vector<Violation> judge_cluster(const std::string&, const plans::Wish& wish) {
  std::vector<Violation> found;
  if (auto* servers = plans::wished(wish, "spec.bootstrap"); servers && servers->as_list()) {
    if (servers->as_list()->empty()) found.push_back({"spec.bootstrap", "the list is empty", {}, "give host:port", {}});
    for (auto& server : *servers->as_list()) {
      auto fault = server.as_text() ? bootstrap_fault(*server.as_text()) : std::nullopt;
      if (fault) found.push_back({"spec.bootstrap", *fault, {}, "write each as host:port", {}});
    }
  }
  for (auto path : secret_paths) {
    auto* value = plans::wished(wish, path);
    auto fault = value && value->as_text() ? secret_reference_fault(*value->as_text()) : std::nullopt;
    if (fault) {
      found.push_back({std::string(path),
                       *fault,
                       {},
                       "put the secret into a file below secrets.dir and write file:NAME, or env:EDA_SECRET_NAME",
                       {}});
    }
  }
  judge_login(wish, found);
  return found;
}

Risk cluster_risk(const plans::FieldChange& change) {
  if (change.path == "spec.environment" || change.path == "spec.description") return Risk::moderate;
  return Risk::high;
}

}  // namespace

const plans::KindRules& cluster_rules() {
  static const plans::KindRules rules{.kind = "Cluster",
                                      .plural = "clusters",
                                      .scope = plans::Scope::global,
                                      .rank = 10,
                                      .doc = "A Kafka cluster. It is observed until an admin lets edad manage it.",
                                      .fields = cluster_fields,
                                      .name_fault = text::name_fault,
                                      .judge = judge_cluster,
                                      .risk = cluster_risk};
  return rules;
}

std::string_view mode_name(Mode mode) {
  return mode == Mode::manage ? "manage" : "observe";
}

Result<Mode> parse_mode(std::string_view text) {
  if (text == "observe") return Mode::observe;
  if (text == "manage") return Mode::manage;
  return fail(Code::invalid, "CLUSTER_MODE", fmt::format("\"{}\" is no mode", text), "write observe or manage");
}

std::optional<std::string> secret_reference_fault(std::string_view reference) {
  constexpr std::string_view variables = "env:EDA_SECRET_";
  if (reference.starts_with("file:") && reference.size() > 5) {
    auto name = reference.substr(5);
    bool leaves = name.front() == '/' || name.find("..") != std::string_view::npos;
    return leaves ? std::optional<std::string>("the file has to lie below secrets.dir") : std::nullopt;
  }
  if (reference.starts_with(variables) && reference.size() > variables.size()) return std::nullopt;
  if (reference.starts_with("env:")) return "only variables that begin with EDA_SECRET_ are read";
  return "a secret stands in no manifest, only a reference to it";
}

std::optional<std::string> bootstrap_fault(std::string_view server) {
  auto colon = server.rfind(':');
  auto shown = text::printable(server.substr(0, 100));
  if (colon == std::string_view::npos || colon == 0) return fmt::format("\"{}\" has no port", shown);
  auto host = server.substr(0, colon);
  auto port = server.substr(colon + 1);
  int number = 0;
  auto [end, fault] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (fault != std::errc() || end != port.data() + port.size() || number < 1 || number > 65535) {
    return fmt::format("\"{}\" has no port between 1 and 65535", shown);
  }
  bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  auto inside = bracketed ? host.substr(1, host.size() - 2) : host;
  bool legal = std::all_of(inside.begin(), inside.end(), [&](unsigned char c) {
    return std::isalnum(c) || c == '.' || c == '-' || c == '_' || (bracketed && (c == ':' || c == '%'));
  });
  if (!legal) return fmt::format("\"{}\" has no legal host name", shown);
  return std::nullopt;
}

bool is_connection_field(std::string_view path) {
  return path == "spec.bootstrap" || path == "spec.security" || path == "spec.mechanism" || path == "spec.username" ||
         path == "spec.clusterId" ||
         std::find(std::begin(secret_paths), std::end(secret_paths), path) != std::end(secret_paths);
}

namespace errors {

Error unknown(const std::string& name) {
  return Error(Code::not_found, "CLUSTER_UNKNOWN", fmt::format("there is no cluster/{}", name),
               "edactl get clusters lists them");
}

Error needed(const std::vector<std::string>& known) {
  if (known.empty()) {
    return Error(Code::not_found, "CLUSTER_UNKNOWN", "no cluster is registered yet",
                 "an admin registers one: edactl apply -f a Cluster manifest");
  }
  return Error(Code::invalid, "CLUSTER_NEEDED", fmt::format("which cluster? there are {}", fmt::join(known, ", ")),
               "give --cluster NAME");
}

Error other_cluster(const std::string& name, const std::string& expected, const std::string& found) {
  return Error(Code::conflict, "CLUSTER_OTHER",
               fmt::format("cluster/{} must have the id {}, but what answers there has {}", name, expected, found),
               "correct spec.bootstrap or spec.clusterId; nothing was written to it")
      .with("expected", expected)
      .with("found", found);
}

Error only_observed(const std::string& name) {
  return Error(Code::refused, "CLUSTER_OBSERVED",
               fmt::format("cluster/{} is only observed: edad writes nothing to it", name),
               fmt::format("an admin lets edad write: edactl cluster manage {}", name))
      .with("cluster", name);
}

Error managed_already(const std::string& name, const std::string& other, const std::string& cluster_id) {
  return Error(Code::refused, "CLUSTER_MANAGED_TWICE",
               fmt::format("cluster/{} is the Kafka cluster {}, which edad manages as cluster/{} already", name,
                           cluster_id, other),
               fmt::format("keep one of the two managed: edactl cluster observe {}", other))
      .with("cluster", other);
}

Error secret_unusable(const std::string& name, std::string_view field, const Error& why) {
  auto fault = why.reason == "SECRET_MISSING" ? "is not there"
               : why.reason == "SECRET_EMPTY" ? "is empty"
                                              : "cannot be read";
  return Error(Code::unhealthy, why.reason,
               fmt::format("cluster/{}: the secret that its {} refers to {}", name, field, fault),
               fmt::format("an admin puts it there, or corrects {}: edactl get cluster {} -o yaml shows the reference",
                           field, name));
}

Error unfit(const std::string& name, const std::vector<Check>& failed) {
  Error error(Code::refused, "CLUSTER_UNFIT", fmt::format("cluster/{} cannot be managed yet", name),
              fmt::format("mend what is listed; edactl cluster health {} shows it again", name));
  for (auto& check : failed) error.violations.push_back({check.name, check.message, {}, check.next, "cluster/" + name});
  if (!failed.empty()) error.message += ": " + failed.front().message;
  return error;
}

Error has_streams(const std::string& name, const std::vector<std::string>& some, std::int64_t total) {
  auto rest = total - static_cast<std::int64_t>(some.size());
  return Error(Code::refused, "CLUSTER_IN_USE",
               fmt::format("cluster/{} still has {}{}", name, fmt::join(some, ", "),
                           rest > 0 ? fmt::format(" and {} more", rest) : ""),
               "delete them first");
}

}  // namespace errors

}  // namespace eda::clusters
