#include "platform/pg/connection.h"

#include <string_view>

namespace eda::pg {
namespace {

/// Adds what a URL does not say itself: give up connecting after 5 s, and notice a peer that vanished within 15 s.
std::string with_defaults(const std::string& url) {
  struct Default {
    std::string_view key, value;
  };
  constexpr Default defaults[] = {{"connect_timeout", "5"},
                                  {"keepalives_idle", "5"},
                                  {"keepalives_interval", "5"},
                                  {"keepalives_count", "2"},
                                  {"tcp_user_timeout", "15000"}};
  bool uri = url.starts_with("postgresql://") || url.starts_with("postgres://");
  std::string text = url;
  char separator = !uri ? ' ' : url.find('?') == std::string::npos ? '?' : '&';
  for (const Default& entry : defaults) {
    if (url.find(std::string(entry.key) + "=") != std::string::npos) continue;
    text += separator + std::string(entry.key) + "=" + std::string(entry.value);
    if (uri) separator = '&';
  }
  return text;
}

}  // namespace

Connection::Connection(const PoolOptions& options) : raw_(with_defaults(options.url.reveal())), quiet_(raw_) {
  raw_.set_verbosity(pqxx::connection_base::verbose);  // broken_constraint() reads the constraint's name from it
  auto set = [&](const char* name, const std::string& value) { raw_.set_variable(name, raw_.quote(value)); };
  set("application_name", options.application);
  set("statement_timeout", std::to_string(options.statement_timeout.count()));
  set("idle_in_transaction_session_timeout", std::to_string(2 * options.statement_timeout.count()));
  set("timezone", "UTC");
  set("client_encoding", "UTF8");
  set("jit", "off");  // compiling a statement takes longer than any of ours runs
}

}  // namespace eda::pg
