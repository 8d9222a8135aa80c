#include "dev/kafka.h"

#include <fmt/format.h>
#include <csignal>

#include <cstdlib>
#include <utility>

#include "dev/probe.h"

namespace eda::dev {
namespace {

constexpr const char* cluster_users[] = {"admin", "edad"};  ///< super users; `admin` is the brokers' own, too
constexpr int first_port = 19092, first_controller_port = 19192;

/// The archive of this Kafka's classes as this Java loads them: another path or another Java, another archive.
fs::path class_archive(const KafkaHome& kafka) {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  const char* home = std::getenv("HOME");
  fs::path base =
      cache != nullptr && *cache != '\0' ? fs::path(cache) : fs::path(home == nullptr ? "/" : home) / ".cache";
  std::error_code ignored;
  fs::path java = fs::canonical(java_program(), ignored);
  auto changed = fs::last_write_time(java, ignored).time_since_epoch().count();
  return base / "edactl" /
         fmt::format("kafka-{}-{}.jsa", kafka.version,
                     short_hash(fmt::format("{} {} {}", kafka.home.string(), java.string(), changed)));
}

constexpr const char* log4j2 = R"(Configuration:
  status: warn
  Appenders:
    Console:
      name: STDOUT
      target: SYSTEM_OUT
      PatternLayout: { pattern: "%d{yyyy-MM-dd HH:mm:ss.SSS} %-5p %c{1} [%t] %m%n" }
  Loggers:
    Root: { level: INFO, AppenderRef: { ref: STDOUT } }
)";

constexpr const char* log4j1 = R"(log4j.rootLogger=INFO, stdout
log4j.appender.stdout=org.apache.log4j.ConsoleAppender
log4j.appender.stdout.layout=org.apache.log4j.PatternLayout
log4j.appender.stdout.layout.ConversionPattern=%d{yyyy-MM-dd HH:mm:ss.SSS} %-5p %c{1} [%t] %m%n
)";

}  // namespace

Kafka::Kafka(const fs::path& state, Notes& notes, Processes& processes, Training training, Additions additions)
    : state_(state), notes_(notes), processes_(processes), training_(training), additions_(std::move(additions)) {}

int Kafka::port(int broker) const {
  return notes_.number(fmt::format("kafka.{}.port", broker), first_port + broker - 1);
}

int Kafka::controller_port(int broker) const {
  return notes_.number(fmt::format("kafka.{}.controller", broker), first_controller_port + broker - 1);
}

Part Kafka::part(int broker) const {
  return {brokers() > 1 ? fmt::format("kafka-{}", broker) : "kafka", "-Deda.world=" + folder(broker).string()};
}

std::vector<Part> Kafka::parts() const {
  std::vector<Part> all;
  for (int broker = 1; broker <= brokers(); ++broker) all.push_back(part(broker));
  return all;
}

std::string Kafka::bootstrap() const {
  std::string all;
  for (int broker = 1; broker <= brokers(); ++broker)
    all += fmt::format("{}127.0.0.1:{}", broker > 1 ? "," : "", port(broker));
  return all;
}

Result<> Kafka::start(const KafkaHome& kafka, int brokers, Ports& ports, const Progress& progress) {
  std::string made_by = notes_.get("kafka.version");
  if (!made_by.empty() && (made_by != kafka.version || this->brokers() != brokers))
    return fail(Code::refused, "DEV_OTHER_WORLD",
                fmt::format("this world holds {} broker(s) of Kafka {}, not {} of {}", this->brokers(), made_by,
                            brokers, kafka.version),
                "forget its data first: edactl dev reset; or use another --state DIR");
  if (java_program().empty())
    return fail(Code::unavailable, "DEV_JAVA_MISSING", "Kafka needs Java, and there is none in $JAVA_HOME or on PATH",
                "run ./x setup, or apt-get install default-jre-headless");
  notes_.set("kafka.version", kafka.version);
  notes_.set("kafka.home", kafka.home.string());
  notes_.set("kafka.brokers", std::to_string(brokers));
  for (const char* user : cluster_users) notes_.secret(std::string("kafka.") + user);
  notes_.secret("kafka.controller");
  // A cluster id is 16 bytes in base64; hexadecimal digits are of its alphabet, and "A" leaves no bits over.
  if (notes_.get("kafka.id").empty()) notes_.set("kafka.id", random_secret().substr(0, 21) + "A");
  processes_.let_end(parts(), SIGTERM, std::chrono::seconds(10));
  EDA_ASSIGN(bool moved, assign_ports(ports));
  if (moved) stop();  // the others would look for it where it was
  EDA_TRY(notes_.save());
  EDA_TRY(write_files(kafka));
  EDA_TRY(format(kafka, progress));
  for (int broker = 1; broker <= brokers; ++broker) {
    if (processes_.running(part(broker))) continue;
    progress(fmt::format("starting Kafka {}{} on 127.0.0.1:{}", kafka.version,
                         brokers > 1 ? fmt::format(" (broker {})", broker) : "", port(broker)));
    EDA_TRY(launch(broker, kafka));
  }
  return {};
}

/// Whether a broker that had its ports noted has others now.
Result<bool> Kafka::assign_ports(Ports& ports) {
  for (int broker = 1; broker <= brokers(); ++broker)
    if (processes_.running(part(broker))) ports.keep(port(broker)), ports.keep(controller_port(broker));
  bool moved = false;
  for (int broker = 1; broker <= brokers(); ++broker) {
    if (processes_.running(part(broker))) continue;
    EDA_ASSIGN(int clients, ports.take(port(broker), "Kafka"));
    EDA_ASSIGN(int controllers, ports.take(controller_port(broker), "Kafka's controller"));
    moved = moved || clients != port(broker) || controllers != controller_port(broker);
    notes_.set(fmt::format("kafka.{}.port", broker), std::to_string(clients));
    notes_.set(fmt::format("kafka.{}.controller", broker), std::to_string(controllers));
  }
  return moved;
}

std::string Kafka::properties(int broker) const {
  // The session's end is what a broker that was killed waits for before it may register again.
  std::string voters;
  for (int each = 1; each <= brokers(); ++each)
    voters += fmt::format("{}{}@127.0.0.1:{}", each > 1 ? "," : "", each, controller_port(each));
  int copies = brokers() >= 3 ? 3 : 1;
  return fmt::format(R"(process.roles=broker,controller
node.id={id}
broker.rack=r{id}
controller.quorum.voters={voters}
controller.quorum.append.linger.ms=0
controller.listener.names=CONTROLLER
listeners=CLIENT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}{listeners}
advertised.listeners=CLIENT://127.0.0.1:{port}{listeners}
listener.security.protocol.map=CONTROLLER:SASL_PLAINTEXT,CLIENT:SASL_PLAINTEXT
inter.broker.listener.name=CLIENT
sasl.mechanism.inter.broker.protocol=SCRAM-SHA-512
sasl.mechanism.controller.protocol=PLAIN
listener.name.client.sasl.enabled.mechanisms=SCRAM-SHA-256,SCRAM-SHA-512
listener.name.client.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username="admin" password="{admin}";
listener.name.client.scram-sha-256.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.controller.sasl.enabled.mechanisms=PLAIN
listener.name.controller.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="controller" password="{secret}" user_controller="{secret}";
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:admin;User:edad;User:controller
log.dirs={data}
offsets.topic.replication.factor={copies}
offsets.topic.num.partitions=5
transaction.state.log.replication.factor={copies}
transaction.state.log.min.isr={in_sync}
transaction.state.log.num.partitions=5
share.coordinator.state.topic.replication.factor={copies}
share.coordinator.state.topic.min.isr={in_sync}
share.coordinator.state.topic.num.partitions=3
group.initial.rebalance.delay.ms=0
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=4000
log.cleaner.dedupe.buffer.size=20971520
auto.create.topics.enable=false
{properties})",
                     fmt::arg("id", broker), fmt::arg("voters", voters), fmt::arg("port", port(broker)),
                     fmt::arg("controller", controller_port(broker)), fmt::arg("admin", password("admin")),
                     fmt::arg("secret", password("controller")), fmt::arg("data", (folder(broker) / "data").string()),
                     fmt::arg("listeners", additions_.listeners), fmt::arg("properties", additions_.properties),
                     fmt::arg("copies", copies), fmt::arg("in_sync", copies == 3 ? 2 : 1));
}

Result<> Kafka::write_files(const KafkaHome& kafka) {
  for (int broker = 1; broker <= brokers(); ++broker) {
    EDA_TRY(make_private_directory(folder(broker)));
    EDA_TRY(write_private(folder(broker) / "server.properties", properties(broker)));
  }
  bool reload4j = kafka.version.rfind("3.", 0) == 0;
  EDA_TRY(write_private(folder() / (reload4j ? "log4j.properties" : "log4j2.yaml"), reload4j ? log4j1 : log4j2));
  return write_private(
      client_config(),
      fmt::format("bootstrap.servers={}\nsecurity.protocol=SASL_PLAINTEXT\nsasl.mechanism=SCRAM-SHA-512\n"
                  "sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required "
                  "username=\"admin\" password=\"{}\";\n",
                  bootstrap(), password("admin")));
}

std::vector<std::string> Kafka::java(const KafkaHome& kafka) const {
  bool reload4j = kafka.version.rfind("3.", 0) == 0;
  return {java_program().string(),
          "-XX:TieredStopAtLevel=1",
          "-XX:+UseSerialGC",
          reload4j ? fmt::format("-Dlog4j.configuration=file:{}", (folder() / "log4j.properties").string())
                   : fmt::format("-Dlog4j2.configurationFile={}", (folder() / "log4j2.yaml").string()),
          "-cp",
          (kafka.home / "libs").string() + "/*"};
}

Result<> Kafka::format(const KafkaHome& kafka, const Progress& progress) {
  std::vector<std::pair<Part, Command>> formats;
  std::vector<fs::path> secrets;
  std::error_code ignored;
  for (int broker = 1; broker <= brokers(); ++broker) {
    if (fs::exists(folder(broker) / "formatted")) continue;
    fs::remove_all(folder(broker) / "data", ignored);  // what an interrupted start left
    std::string arguments = fmt::format("format\n-t\n{}\n-c\n{}\n", notes_.get("kafka.id"),
                                        (folder(broker) / "server.properties").string());
    for (const char* user : cluster_users)
      for (const char* mechanism : {"SCRAM-SHA-512", "SCRAM-SHA-256"})
        arguments += fmt::format("--add-scram\n{}=[name={},password={}]\n", mechanism, user, password(user));
    secrets.push_back(folder(broker) / "format.arguments");  // a file: argv is everybody's to read
    EDA_TRY(write_private(secrets.back(), arguments));
    auto argv = java(kafka);
    argv.insert(argv.end(), {"kafka.tools.StorageTool", "@" + secrets.back().string()});
    formats.emplace_back(Part{fmt::format("format-{}", broker), ""}, Command{argv, ""});
  }
  if (formats.empty()) return {};
  progress(fmt::format("creating a Kafka {} cluster of {}", kafka.version, brokers()));
  auto formatted = processes_.run(formats);
  for (const auto& file : secrets) fs::remove(file, ignored);
  EDA_TRY(formatted);
  for (const auto& [part, command] : formats) fs::remove(processes_.log(part), ignored);  // it holds salts and keys
  for (int broker = 1; broker <= brokers(); ++broker) EDA_TRY(write_private(folder(broker) / "formatted", "yes\n"));
  return {};
}

Result<> Kafka::launch(int broker, const KafkaHome& kafka) {
  auto argv = java(kafka);
  fs::path archive = class_archive(kafka);
  std::vector<std::string> flags = {"-Xms128m", "-Xmx512m", part(broker).mark};
  if (fs::exists(archive)) {
    flags.insert(flags.end(), {"-Xshare:auto", "-Xlog:cds=off", "-XX:SharedArchiveFile=" + archive.string()});
  } else if (training_ == Training::when_needed && broker == 1) {
    EDA_TRY(make_private_directory(archive.parent_path()));
    notes_.set("kafka.archive", archive.string());
    EDA_TRY(notes_.save());
    flags.insert(flags.end(), {"-Xlog:cds=off", "-XX:ArchiveClassesAtExit=" + (folder() / "classes.jsa").string()});
  }
  argv.insert(argv.begin() + 1, flags.begin(), flags.end());
  argv.insert(argv.end(), {"kafka.Kafka", (folder(broker) / "server.properties").string()});
  return processes_.start(part(broker), Command{argv, ""});
}

Result<> Kafka::await(const Progress& progress) {
  for (int broker = 1; broker <= brokers(); ++broker)
    EDA_TRY(processes_.await(
        part(broker), [&] { return broker_answers(port(broker)) && processes_.listens(part(broker), port(broker)); },
        std::chrono::seconds(90), progress));
  return {};
}

bool Kafka::lost_port(const Ports& ports) const {
  for (int broker = 1; broker <= brokers(); ++broker)
    if (!processes_.running(part(broker)) && (ports.lost(port(broker)) || ports.lost(controller_port(broker))))
      return true;
  return false;
}

void Kafka::stop() {
  std::string archive = notes_.get("kafka.archive");
  processes_.stop(parts(), SIGTERM, std::chrono::seconds(archive.empty() ? 10 : 30));
  if (archive.empty()) return;
  std::error_code ignored;
  fs::path written = folder() / "classes.jsa";
  if (fs::exists(written)) {
    fs::copy_file(written, archive + ".new", fs::copy_options::overwrite_existing, ignored);
    if (!ignored) fs::rename(archive + ".new", archive, ignored);
    fs::remove(written, ignored);
  }
  notes_.set("kafka.archive", "");
  (void)notes_.save();
}

Result<> Kafka::forget() {
  return remove_tree(folder());
}

}  // namespace eda::dev
