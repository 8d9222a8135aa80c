#pragma once
// From a Connection to librdkafka's settings, and to an instance.

#include <memory>

#include "platform/core/error.h"
#include "platform/kafka/admin.h"
#include "platform/kafka/rdkafka_handle.h"

namespace eda::kafka::rdkafka {

/// Errors: invalid CONNECTION_SETTING, which names the setting and never a secret's value.
Result<Conf> make_conf(const Connection& connection);

/// CONNECTION_SETTING for what librdkafka finds wrong with the settings as a whole.
Error setting_refused(std::string_view words);

/// Starts an instance, which has the settings then. `used` is what its callbacks use. librdkafka gives an instance up
/// whose threads have not started within a minute of the wall clock, which may have been moved, and leaves them
/// running: then settings and `used` stay for good. Errors: CONNECTION_SETTING; unavailable CLIENT_STALLED.
Result<Instance> start(rd_kafka_type_t type, Conf conf, std::shared_ptr<const void> used);

}  // namespace eda::kafka::rdkafka
