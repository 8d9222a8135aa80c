#pragma once
// edad's settings: one table, read from file < environment < flags, and what they mean once checked.

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "platform/core/secret.h"
#include "platform/process/config.h"
#include "platform/process/listen.h"
#include "platform/process/log.h"

namespace eda::controlplane {

std::span<const process::Setting> settings_table();

/// A limit on inputs, of platform/core/limits.h: it is shown and cannot be set.
struct Limit {
  std::string_view name;  ///< "limits.labels"
  std::size_t most;
  std::string_view of;
};
std::span<const Limit> limits_table();

struct Settings {
  Secret database_url;
  std::size_t database_pool = 0;
  std::string secrets_dir;
  process::Endpoint grpc;
  process::Endpoint metrics;
  process::Endpoint web;
  std::optional<process::TlsFiles> tls;
  process::LogOptions log;
  int threads = 0;
  std::chrono::milliseconds drift_interval{0};
};

/// What the sources give, whole or not at all: every wrong value is told with where it came from.
Result<process::Config> read_config(std::vector<std::string> arguments);
Result<Settings> check_settings(const process::Config& config);

}  // namespace eda::controlplane
