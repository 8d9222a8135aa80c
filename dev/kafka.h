#pragma once
// One KRaft cluster of one or three combined nodes, secured: SASL/SCRAM for clients and brokers, SASL/PLAIN between
// controllers (SCRAM's credentials live in the log that they serve), StandardAuthorizer. Everything on the loopback.

#include <string>
#include <vector>

#include "dev/files.h"
#include "dev/kafka_home.h"
#include "dev/ports.h"
#include "dev/processes.h"
#include "platform/core/error.h"

namespace eda::dev {

/// Whether a broker's class data is put into an archive, so that later ones start in half the time. That is written
/// when it ends, and takes some seconds.
enum class Training { when_needed, never };

/// What tests want of a broker besides: listeners (",TLS://127.0.0.1:19093"), and lines for its server.properties, of
/// which the last of a key holds.
struct Additions {
  std::string listeners;
  std::string properties;
};

class Kafka {
 public:
  Kafka(const fs::path& state, Notes& notes, Processes& processes, Training training = Training::when_needed,
        Additions additions = {});

  /// Creates the cluster when there is none and starts the brokers that do not run, without waiting. Errors: refused
  /// DEV_OTHER_WORLD (its data is of another line or number of brokers), and those of Processes and Ports.
  Result<> start(const KafkaHome& kafka, int brokers, Ports& ports, const Progress& progress);
  Result<> await(const Progress& progress);
  /// Whether a broker does not run, and somebody else listens where `ports` let it.
  bool lost_port(const Ports& ports) const;
  /// All brokers at once: one after another, the last would wait for a quorum that is gone.
  void stop();
  Result<> forget();

  std::vector<Part> parts() const;
  int brokers() const { return notes_.number("kafka.brokers", 0); }
  int port(int broker) const;
  std::string bootstrap() const;
  /// A Java properties file that Kafka's own tools accept, for the super user `admin`.
  fs::path client_config() const { return folder() / "client.properties"; }
  std::string password(const std::string& user) const { return notes_.get("kafka." + user); }

 private:
  fs::path folder() const { return state_ / "kafka"; }
  fs::path folder(int broker) const { return folder() / std::to_string(broker); }
  Part part(int broker) const;
  int controller_port(int broker) const;
  std::string properties(int broker) const;
  Result<bool> assign_ports(Ports& ports);
  Result<> write_files(const KafkaHome& kafka);
  Result<> format(const KafkaHome& kafka, const Progress& progress);
  Result<> launch(int broker, const KafkaHome& kafka);
  std::vector<std::string> java(const KafkaHome& kafka) const;

  fs::path state_;
  Notes& notes_;
  Processes& processes_;
  Training training_;
  Additions additions_;
};

}  // namespace eda::dev
