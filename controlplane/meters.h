#pragma once
// What edad counts: calls, broker calls, worker rounds, the pool, objects by state. One place for every metric's name.

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "events/worker.h"
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
  using Counts = std::map<std::pair<std::string, std::string>, std::int64_t>;  ///< by kind and state
  void objects(const Counts& counts);
  /// Those that have not come to an end.
  void operations(const Counts& counts);
  /// One round of the sealing worker.
  void sealing(const events::Round& round);
  /// The audit trail was found cut off or made anew.
  void trail_cut();
  /// What a survey found amiss, by what it is. What it found before and finds no more counts 0.
  void drift(const std::string& cluster, const std::map<std::string, int>& by_what);
  void ready(std::string_view part, double value);

  std::string render() { return metrics_.render(); }

 private:
  using States = std::set<std::pair<std::string, std::string>>;
  void count(const char* name, const char* help, const Counts& counts, States& known);

  process::Metrics metrics_;
  States object_states_, operation_states_;  ///< that were ever seen: what is there no more counts 0
};

}  // namespace eda::controlplane
