#pragma once
// Connections to the clusters that are registered, and the look at one.

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "clusters/clusters.h"
#include "platform/kafka/admin.h"
#include "platform/process/secrets.h"

namespace eda::clusters {

/// One connection a cluster, made when it is first asked for, and made anew when the wish or a secret behind it has
/// changed, or when it has reached no broker for a while: librdkafka's threads wait by the wall clock, and one that was
/// set back would hold them for as long. Safe from every thread; who holds a connection keeps it alive.
class Connections {
 public:
  /// Called once a broker call, for metrics.
  using Observer =
      std::function<void(const std::string& cluster, std::string_view call, Duration took, std::string_view outcome)>;
  explicit Connections(const process::Secrets& secrets, Observer observer = {},
                       Duration patience = std::chrono::seconds(20));

  /// Does not wait for brokers: who is away shows at the first call. Errors: unhealthy when a secret cannot be had, and
  /// those of kafka::connect.
  Result<std::shared_ptr<kafka::Admin>> to(const std::string& name, const plans::Wish& wish);
  /// A connection that is not kept, for a wish that may never be applied.
  Result<std::unique_ptr<kafka::Admin>> try_out(const std::string& name, const plans::Wish& wish);
  /// Lets go of all but these.
  void retain(const std::vector<std::string>& names);

 private:
  /// When a connection's calls began to find nobody.
  class Vain {
   public:
    void note(std::string_view outcome);
    bool lasts(Duration patience) const;

   private:
    std::atomic<std::chrono::steady_clock::time_point> since_{};  ///< the epoch: they do not
  };
  struct Open {
    kafka::Connection settings;
    std::shared_ptr<kafka::Admin> admin;
    std::shared_ptr<Vain> vain;
  };
  Result<kafka::Connection> settings_of(const std::string& name, const plans::Wish& wish) const;
  kafka::CallObserver observe(const std::string& name, std::shared_ptr<Vain> vain = {}) const;

  const process::Secrets& secrets_;
  Observer observer_;
  Duration patience_;
  std::mutex mutex_;
  std::map<std::string, Open> open_;
};

/// Cluster, topics and rights as they are now. Rights on topics are those on up to 20 topics; where there is none, what
/// the brokers answer to requests that change nothing.
Look look_at(kafka::Admin& admin, Deadline deadline);

}  // namespace eda::clusters
