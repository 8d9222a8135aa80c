#pragma once
// What edad counts: calls, broker calls, worker rounds, the pool, objects by state. One place for every metric's name.

#include <string>
#include <string_view>

#include "platform/core/time.h"
#include "platform/pg/pool.h"
#include "platform/process/metrics.h"
#include "platform/rpc/call.h"

namespace eda::controlplane {

class Meters {
 public:
  explicit Meters(const pg::Pool& pool);

  /// Counts a call and writes its log line: info when it went well, warning when somebody was refused, error when the
  /// fault is ours.
  void call(const rpc::Finished& call);
  /// One request to a broker.
  void broker_call(std::string_view call, Duration took, std::string_view outcome);
  /// One round of a worker, with the number of objects that came to rest, were refused, or stay unknown.
  void round(std::string_view worker, std::string_view outcome, Duration took);
  void objects(const std::map<std::pair<std::string, std::string>, std::int64_t>& by_kind_and_state);
  void ready(std::string_view part, double value);

  std::string render() { return metrics_.render(); }

 private:
  process::Metrics metrics_;
  std::set<std::pair<std::string, std::string>> known_states_;
};

}  // namespace eda::controlplane
