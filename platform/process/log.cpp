#include "platform/process/log.h"

#include <fmt/format.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <cmath>
#include <mutex>

#include "platform/core/time.h"
#include "platform/process/request_id.h"

namespace eda::process {

namespace {

constexpr std::string_view level_names[] = {"debug", "info", "warning", "error"};
constexpr std::size_t longest_value = 8'192;  // bytes of one field; the rest is cut

spdlog::level::level_enum spdlog_level(LogLevel level) {
  constexpr spdlog::level::level_enum levels[] = {spdlog::level::debug, spdlog::level::info, spdlog::level::warn,
                                                  spdlog::level::err};
  return levels[static_cast<std::size_t>(level)];
}

std::shared_ptr<spdlog::logger> make_logger(const LogOptions& options) {
  spdlog::sink_ptr sink;
  if (options.file.empty()) {
    sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  } else {
    sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(options.file);
  }
  auto logger = std::make_shared<spdlog::logger>("eda", std::move(sink));
  logger->set_pattern("%v");  // the line is made here: spdlog brings it out
  logger->set_level(spdlog_level(options.level));
  logger->flush_on(spdlog::level::debug);
  logger->set_error_handler([](const std::string&) {});  // a full disk must not fill the terminal
  return logger;
}

struct State {
  std::mutex guard;
  std::shared_ptr<spdlog::logger> logger = make_logger({});
  LogFormat format = LogFormat::text;
  std::atomic<LogLevel> level{LogLevel::info};
};

State& state() {
  static State* one = new State;  // never destroyed: threads may log while the process ends
  return *one;
}

/// Length of the UTF-8 sequence at the start of `text`; 0 when it is none.
std::size_t utf8_length(std::string_view text) {
  auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  unsigned char first = byte(0);
  std::size_t length = first < 0x80                    ? 1
                       : first >= 0xC2 && first < 0xE0 ? 2
                       : (first & 0xF0) == 0xE0        ? 3
                       : first >= 0xF0 && first < 0xF5 ? 4
                                                       : 0;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t at = 1; at < length; ++at) {
    if ((byte(at) & 0xC0) != 0x80) return 0;
  }
  if (length == 3 && ((first == 0xE0 && byte(1) < 0xA0) || (first == 0xED && byte(1) >= 0xA0))) return 0;
  if (length == 4 && ((first == 0xF0 && byte(1) < 0x90) || (first == 0xF4 && byte(1) >= 0x90))) return 0;
  return length;
}

/// JSON's escapes serve both formats: one line, valid UTF-8, no control, no bidi override.
void escape(std::string& out, std::string_view text) {
  std::string_view rest = text.substr(0, longest_value);
  while (!rest.empty()) {
    std::size_t length = utf8_length(rest);
    std::string_view point = rest.substr(0, std::max<std::size_t>(length, 1));
    auto first = static_cast<unsigned char>(rest[0]);
    if (length == 0) {
      out += "\\ufffd";
    } else if (first == '"' || first == '\\') {
      out += '\\';
      out += rest[0];
    } else if (first == '\n') {
      out += "\\n";
    } else if (first == '\t') {
      out += "\\t";
    } else if (first < 0x20 || first == 0x7F) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", first);
    } else if (length == 2 && first == 0xC2 && static_cast<unsigned char>(rest[1]) < 0xA0) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(rest[1]));
    } else if (point >= "\u202A" && point <= "\u202E") {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", 0x2000 + (static_cast<unsigned char>(rest[2]) - 0x80));
    } else {
      out += point;
    }
    rest.remove_prefix(point.size());
  }
  if (text.size() > longest_value) out += "…";
}

bool plain(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](char c) { return c > ' ' && c < 0x7F && c != '"' && c != '\\' && c != '='; });
}

void add_text(std::string& line, const Field& field) {
  line += ' ';
  line += field.key;
  line += '=';
  if (field.kind == Field::Kind::literal || (plain(field.value) && field.value.size() <= longest_value)) {
    line += field.value;
    return;
  }
  line += '"';
  escape(line, field.value);
  line += '"';
}

void add_json(std::string& line, const Field& field) {
  line += ",\"";
  escape(line, field.key);
  line += "\":";
  if (field.kind == Field::Kind::literal) {
    line += field.value;
    return;
  }
  line += '"';
  escape(line, field.value);
  line += '"';
}

template <class Fields>
std::string compose(LogFormat format, LogLevel level, std::string_view message, const Fields& fields) {
  auto name = level_names[static_cast<std::size_t>(level)];
  auto time = to_rfc3339(SystemClock().now());
  std::string line;
  auto id = RequestScope::current();
  if (format == LogFormat::json) {
    line = fmt::format(R"({{"time":"{}","level":"{}","message":")", time, name);
    escape(line, message);
    line += '"';
    for (auto& field : fields) add_json(line, field);
    if (!id.empty()) add_json(line, Field("request_id", id));
    line += '}';
    return line;
  }
  line = fmt::format("{:<27} {:<7} ", time, name);
  escape(line, message);
  for (auto& field : fields) add_text(line, field);
  if (!id.empty()) add_text(line, Field("request_id", id));
  return line;
}

template <class Fields>
void write(LogLevel level, std::string_view message, const Fields& fields) noexcept {
  try {
    if (!logs(level)) return;
    std::shared_ptr<spdlog::logger> logger;
    LogFormat format;
    {
      std::lock_guard hold(state().guard);
      logger = state().logger;
      format = state().format;
    }
    logger->log(spdlog_level(level), spdlog::string_view_t(compose(format, level, message, fields)));
  } catch (...) {  // NOLINT(bugprone-empty-catch): a log line is never worth a crash
  }
}

}  // namespace

Result<LogLevel> parse_log_level(std::string_view text) {
  for (std::size_t i = 0; i < std::size(level_names); ++i) {
    if (level_names[i] == text) return static_cast<LogLevel>(i);
  }
  return fail(Code::invalid, "LOG_LEVEL", fmt::format("\"{}\" is no log level", text),
              "use debug, info, warning or error");
}

Result<LogFormat> parse_log_format(std::string_view text) {
  if (text == "text") return LogFormat::text;
  if (text == "json") return LogFormat::json;
  return fail(Code::invalid, "LOG_FORMAT", fmt::format("\"{}\" is no log format", text), "use text or json");
}

Result<> start_log(const LogOptions& options) {
  try {
    auto logger = make_logger(options);
    std::lock_guard hold(state().guard);
    state().logger = std::move(logger);
    state().format = options.format;
    state().level = options.level;
    return {};
  } catch (const spdlog::spdlog_ex& fault) {
    return fail(Code::unavailable, "LOG_FILE",
                fmt::format("the log file {} cannot be written: {}", options.file, fault.what()),
                "check the path and its permissions");
  }
}

Field::Field(std::string_view k, double v)
    : key(k), value(fmt::format("{}", v)), kind(std::isfinite(v) ? Kind::literal : Kind::text) {}

bool logs(LogLevel level) noexcept {
  return level >= state().level.load(std::memory_order_relaxed);
}

void log(LogLevel level, std::string_view message, std::initializer_list<Field> fields) noexcept {
  write(level, message, fields);
}

void log_error(std::string_view message, const Error& error, std::initializer_list<Field> fields) noexcept {
  try {
    std::vector<Field> all(fields);
    all.emplace_back("reason", error.reason);
    all.emplace_back("error", error.message);
    if (!error.next.empty()) all.emplace_back("next", error.next);
    write(LogLevel::error, message, all);
  } catch (...) {  // NOLINT(bugprone-empty-catch): as above
  }
}

}  // namespace eda::process
