#pragma once
// The log: one line an event, a sentence and fields. Text: `2026-11-21T08:00:00.5Z info  listening
// address=127.0.0.1:7070`; JSON: `{"time":…,"level":"info","message":"listening","address":"127.0.0.1:7070"}`. Whatever
// a field holds, it stays on its line: controls and invalid bytes come out escaped. Nothing here throws; a line that
// cannot be written is lost.

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>

#include "platform/core/error.h"

namespace eda::process {

enum class LogLevel { debug, info, warning, error };
enum class LogFormat { text, json };

/// "debug", "info", "warning", "error"; invalid LOG_LEVEL.
Result<LogLevel> parse_log_level(std::string_view text);
/// "text", "json"; invalid LOG_FORMAT.
Result<LogFormat> parse_log_format(std::string_view text);

struct LogOptions {
  LogLevel level = LogLevel::info;
  LogFormat format = LogFormat::text;
  std::string file;  ///< appended to; empty: standard error
};

/// Until then, and again after any call: the last options hold. unavailable LOG_FILE.
Result<> start_log(const LogOptions& options);

/// One key=value. Numbers and booleans stay such in JSON.
struct Field {
  enum class Kind { text, literal };

  Field(std::string_view k, std::string_view v) : key(k), value(v) {}
  Field(std::string_view k, const char* v) : key(k), value(v) {}
  Field(std::string_view k, const std::string& v) : key(k), value(v) {}
  template <std::integral T>
  Field(std::string_view k, T v) : key(k), value(std::to_string(v)), kind(Kind::literal) {}
  Field(std::string_view k, bool v) : key(k), value(v ? "true" : "false"), kind(Kind::literal) {}
  Field(std::string_view k, double v);

  std::string_view key;  ///< lower_snake
  std::string value;
  Kind kind = Kind::text;
};

/// Whether a line of that level would be written.
bool logs(LogLevel level) noexcept;
/// Adds request_id by itself inside a RequestScope.
void log(LogLevel level, std::string_view message, std::initializer_list<Field> fields = {}) noexcept;

inline void log_debug(std::string_view message, std::initializer_list<Field> fields = {}) noexcept {
  log(LogLevel::debug, message, fields);
}
inline void log_info(std::string_view message, std::initializer_list<Field> fields = {}) noexcept {
  log(LogLevel::info, message, fields);
}
inline void log_warning(std::string_view message, std::initializer_list<Field> fields = {}) noexcept {
  log(LogLevel::warning, message, fields);
}
inline void log_error(std::string_view message, std::initializer_list<Field> fields = {}) noexcept {
  log(LogLevel::error, message, fields);
}
/// The error's reason, message and next step as fields.
void log_error(std::string_view message, const Error& error, std::initializer_list<Field> fields = {}) noexcept;

}  // namespace eda::process
