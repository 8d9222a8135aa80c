#pragma once
// From a Connection to librdkafka's settings.

#include "platform/core/error.h"
#include "platform/kafka/admin.h"
#include "platform/kafka/rdkafka_handle.h"

namespace eda::kafka::rdkafka {

/// Errors: invalid CONNECTION_SETTING, which names the setting and never a secret's value.
Result<Conf> make_conf(const Connection& connection);

/// CONNECTION_SETTING for what librdkafka finds wrong with the settings as a whole.
Error setting_refused(std::string_view words);

}  // namespace eda::kafka::rdkafka
