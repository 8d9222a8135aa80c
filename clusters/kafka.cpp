#include "clusters/kafka.h"

#include <fmt/format.h>

#include <algorithm>

#include "platform/process/log.h"

namespace eda::clusters {

namespace {

bool same(const kafka::Connection& a, const kafka::Connection& b) {
  return a.bootstrap == b.bootstrap && a.security_protocol == b.security_protocol &&
         a.sasl_mechanism == b.sasl_mechanism && a.username == b.username &&
         a.password.reveal() == b.password.reveal() && a.ca_pem == b.ca_pem && a.certificate_pem == b.certificate_pem &&
         a.key_pem.reveal() == b.key_pem.reveal();
}

void count_partitions(const std::vector<kafka::TopicFact>& topics, Facts& facts) {
  facts.topics = static_cast<int>(topics.size());
  for (auto& topic : topics) {
    facts.partitions += static_cast<int>(topic.partitions.size());
    for (auto& partition : topic.partitions) {
      if (partition.leader < 0) ++facts.offline;
      if (partition.isr.size() < partition.replicas.size()) ++facts.under_replicated;
    }
  }
}

// Topics of users first: a principal that is confined to a prefix has no rights on the brokers' own.
std::vector<std::string> sample(const std::vector<kafka::TopicFact>& topics) {
  constexpr std::size_t most = 20;
  std::vector<std::string> names;
  for (bool internal : {false, true}) {
    for (auto& topic : topics) {
      if (names.size() < most && topic.internal == internal && (!internal || names.empty()))
        names.push_back(topic.name);
    }
  }
  return names;
}

bool denied(const std::optional<Error>& error) {
  return error && error->code == Code::denied;
}

template <class Item>
bool denied(const Result<std::vector<Item>>& outcomes) {
  return outcomes && !outcomes->empty() && denied(outcomes->front().error);
}

// Where no topic can tell: brokers judge rights before they look whether a topic exists. Deletion has no such request.
Rights probe(kafka::Admin& admin, Deadline deadline) {
  const std::string topic = "__eda-probe";
  Rights rights{"DESCRIBE", "DELETE", "CREATE", "ALTER", "ALTER_CONFIGS", "DESCRIBE_CONFIGS"};
  std::vector<kafka::NewTopic> creation{{topic, 1, 1, {}}};
  std::vector<kafka::MorePartitions> growth{{topic, 2}};
  std::vector<kafka::ConfigChange> change{{topic, {{"retention.ms", "1"}}, {}}};
  if (denied(admin.create_topics(creation, kafka::Mode::validate_only, deadline))) rights.erase("CREATE");
  if (denied(admin.create_partitions(growth, kafka::Mode::validate_only, deadline))) rights.erase("ALTER");
  if (denied(admin.alter_configs(change, kafka::Mode::validate_only, deadline))) rights.erase("ALTER_CONFIGS");
  if (denied(admin.describe_configs({topic}, deadline))) rights.erase("DESCRIBE_CONFIGS");
  return rights;
}

// Conditions and health tell people; these lines are for whoever looks into a connection.
kafka::WarningSink warn(const std::string& name) {
  return [name](std::string_view line) { process::log_debug("kafka client", {{"cluster", name}, {"line", line}}); };
}

}  // namespace

void Connections::Vain::note(std::string_view outcome) {
  auto never = std::chrono::steady_clock::time_point();
  if (outcome != "BROKER_AWAY") return since_.store(never);
  since_.compare_exchange_strong(never, std::chrono::steady_clock::now());
}

bool Connections::Vain::lasts(Duration patience) const {
  auto since = since_.load();
  return since != std::chrono::steady_clock::time_point() && std::chrono::steady_clock::now() - since >= patience;
}

Connections::Connections(const process::Secrets& secrets, Observer observer, Duration patience)
    : secrets_(secrets), observer_(std::move(observer)), patience_(patience) {}

kafka::CallObserver Connections::observe(const std::string& name, std::shared_ptr<Vain> vain) const {
  return [observer = observer_, name, vain = std::move(vain)](std::string_view call, Duration took,
                                                              std::string_view outcome) {
    if (vain) vain->note(outcome);
    if (observer) observer(name, call, took, outcome);
  };
}

Result<kafka::Connection> Connections::settings_of(const std::string& name, const plans::Wish& wish) const {
  kafka::Connection settings;
  if (auto* servers = plans::wished(wish, "spec.bootstrap"); servers && servers->as_list()) {
    for (auto& server : *servers->as_list()) {
      if (!settings.bootstrap.empty()) settings.bootstrap += ',';
      if (server.as_text()) settings.bootstrap += *server.as_text();
    }
  }
  settings.security_protocol = plans::wished_text(wish, "spec.security", "PLAINTEXT");
  settings.sasl_mechanism = plans::wished_text(wish, "spec.mechanism");
  settings.username = plans::wished_text(wish, "spec.username");
  auto secret = [&](std::string_view path) -> Result<Secret> {
    auto reference = plans::wished_text(wish, path);
    if (reference.empty()) return Secret();
    auto found = secrets_.resolve(reference);
    if (!found) return fail(errors::secret_unusable(name, path, found.error()));
    return found;
  };
  EDA_ASSIGN(settings.password, secret("spec.password"));
  EDA_ASSIGN(settings.key_pem, secret("spec.key"));
  EDA_ASSIGN(Secret ca, secret("spec.ca"));
  EDA_ASSIGN(Secret certificate, secret("spec.certificate"));
  settings.ca_pem = ca.reveal();
  settings.certificate_pem = certificate.reveal();
  return settings;
}

Result<std::shared_ptr<kafka::Admin>> Connections::to(const std::string& name, const plans::Wish& wish) {
  EDA_ASSIGN(auto settings, settings_of(name, wish));
  std::shared_ptr<kafka::Admin> outgoing;  // closed after the lock, for closing waits for its threads
  std::lock_guard lock(mutex_);
  auto& open = open_[name];
  if (open.admin && same(open.settings, settings) && !open.vain->lasts(patience_)) return open.admin;
  auto vain = std::make_shared<Vain>();
  EDA_ASSIGN(auto fresh, kafka::connect(settings, observe(name, vain), warn(name)));
  outgoing = std::move(open.admin);
  open = Open{std::move(settings), std::move(fresh), std::move(vain)};
  return open.admin;
}

Result<std::unique_ptr<kafka::Admin>> Connections::try_out(const std::string& name, const plans::Wish& wish) {
  EDA_ASSIGN(auto settings, settings_of(name, wish));
  return kafka::connect(settings, observe(name), warn(name));
}

void Connections::retain(const std::vector<std::string>& names) {
  std::vector<Open> outgoing;
  std::lock_guard lock(mutex_);
  for (auto open = open_.begin(); open != open_.end();) {
    if (std::find(names.begin(), names.end(), open->first) != names.end()) {
      ++open;
      continue;
    }
    outgoing.push_back(std::move(open->second));
    open = open_.erase(open);
  }
}

Look look_at(kafka::Admin& admin, Deadline deadline) {
  EDA_ASSIGN(auto cluster, admin.describe_cluster(deadline));
  EDA_ASSIGN(auto topics, admin.list_topics(deadline));
  Facts facts;
  facts.cluster_id = cluster.cluster_id;
  facts.controller = cluster.controller;
  for (auto& broker : cluster.brokers) facts.brokers.push_back({broker.id, broker.host, broker.port, broker.rack});
  facts.version = cluster.version_hint;
  facts.authorizer = cluster.authorizer;
  if (cluster.rights) facts.cluster_rights = *cluster.rights;
  count_partitions(topics, facts);
  if (!facts.authorizer) return facts;
  auto names = sample(topics);
  if (names.empty()) {
    facts.topic_rights.push_back(probe(admin, deadline));
    return facts;
  }
  EDA_ASSIGN(auto sampled, admin.describe_topics(names, deadline));
  for (auto& topic : sampled) {
    if (topic.rights) facts.topic_rights.push_back(*topic.rights);
  }
  return facts;
}

}  // namespace eda::clusters
