#pragma once
// Records of one partition: appending one, and reading all. Both over instances of their own, for a producer's fatal
// error would end an instance for good, and a reader lives only while it reads.

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "platform/core/error.h"
#include "platform/core/time.h"
#include "platform/kafka/admin.h"
#include "platform/kafka/rdkafka_handle.h"

namespace eda::kafka::rdkafka {

class Records {
 public:
  Records(Connection connection, WarningSink warnings)
      : connection_(std::move(connection)), warnings_(std::make_shared<const WarningSink>(std::move(warnings))) {}
  Records(const Records&) = delete;
  Records& operator=(const Records&) = delete;

  /// Admin::append to a topic that is known to exist; one record at a time.
  Result<> append(const std::string& topic, const std::string& key, const std::string& value, Deadline deadline);
  /// The newest value of each key of partition 0 below `end`.
  Result<std::map<std::string, std::string>> newest(const std::string& topic, std::int64_t end, Deadline deadline);

 private:
  using Settings = std::vector<std::pair<const char*, const char*>>;
  Result<Instance> open(rd_kafka_type_t type, const Settings& settings);

  Connection connection_;
  std::shared_ptr<const WarningSink> warnings_;
  std::timed_mutex appending_;
  Instance producer_;  // made at the first append, and anew after one that failed
};

}  // namespace eda::kafka::rdkafka
