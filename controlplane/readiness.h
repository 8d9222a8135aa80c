#pragma once
// What of edad is ready: the database, and each managed cluster. What is not is named, with the reason.

#include <map>
#include <mutex>
#include <string>

namespace eda::controlplane {

class Readiness {
 public:
  void set(const std::string& part, std::string fault);  ///< an empty fault: ready
  /// Parts whose name begins with `prefix` and that are not among `faults` are forgotten; the others are set.
  void set_all(const std::string& prefix, const std::map<std::string, std::string>& faults);
  bool ready() const;
  /// One line a part: "database: ok", "cluster/local: no broker answers".
  std::string text() const;
  std::map<std::string, std::string> parts() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::string> faults_{{"database", "not tried yet"}};
};

}  // namespace eda::controlplane
