#pragma once
// Where a Kafka lies on this machine.

#include <string>

#include "dev/files.h"
#include "platform/core/error.h"

namespace eda::dev {

struct KafkaHome {
  fs::path home;        ///< a directory with libs/*.jar
  std::string version;  ///< "4.3.1"
};

/// `given`, else $KAFKA_HOME, else what ./x setup put into .deps/kafka above this program or the current directory.
/// `line`: "4", "3.9" or empty (the newest). Errors: unavailable DEV_KAFKA_MISSING, which says how to get it; invalid
/// DEV_KAFKA_LINE.
Result<KafkaHome> find_kafka(const fs::path& given, const std::string& line);

/// $JAVA_HOME/bin/java, else java on PATH; empty when there is none.
fs::path java_program();

}  // namespace eda::dev
