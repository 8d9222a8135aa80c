#include "platform/pg/fault.h"

#include <algorithm>
#include <pqxx/pqxx>
#include <string_view>

#include "platform/pg/pool.h"

namespace eda::pg {
namespace {

constexpr std::string_view try_later = "try again in a moment";

Fault broken() {
  return {Error(Code::unavailable, "DATABASE_AWAY", "the connection to the database broke; nothing was changed",
                std::string(try_later)),
          Remedy::reconnect,
          {}};
}

Fault contended() {
  return {busy("others kept changing the same rows; nothing was changed"), Remedy::rerun, {}};
}

Fault defect(std::string report) {
  return {Error(Code::internal, "DATABASE_FAULT", "edad asked the database for something that it refused",
                "this is a defect of edad; its log has the statement"),
          Remedy::none, std::move(report)};
}

/// The message's words may quote values, so only the state and our own statement are told.
std::string without_values(const pqxx::sql_error& fault) {
  std::string statement = fault.query().substr(0, 500);
  std::replace(statement.begin(), statement.end(), '\n', ' ');
  std::string text = "SQLSTATE " + fault.sqlstate();
  if (std::string constraint = broken_constraint(fault); !constraint.empty()) text += ", constraint " + constraint;
  return text + ": " + statement;
}

Fault judge_sql(const pqxx::sql_error& fault) {
  const std::string& state = fault.sqlstate();
  std::string_view kind = std::string_view(state).substr(0, 2);
  if (kind == "08" || state == "57P01" || state == "57P02" || state == "57P03") return broken();
  if (state == "23505" && broken_constraint(fault).ends_with("_request")) {
    Fault raced = contended();
    raced.remedy = Remedy::reread;
    return raced;
  }
  if (state == "57014") {
    return {Error(Code::timeout, "DATABASE_SLOW", "the database took too long; nothing was changed",
                  "ask for less at once, or try again later"),
            Remedy::none, without_values(fault)};
  }
  if (state == "55P03") return {contended().error, Remedy::none, without_values(fault)};
  if (state == "22021" || state == "22P05") {
    return {Error(Code::invalid, "TEXT_UNSTORABLE", "a text has a NUL byte or is not valid UTF-8",
                  "remove what is not text from the input"),
            Remedy::none,
            {}};
  }
  if (kind == "53" || state == "25006") {
    return {Error(Code::unavailable, "DATABASE_AWAY",
                  state == "25006" ? "the database accepts no writes at the moment; nothing was changed"
                                   : "the database is out of resources; nothing was changed",
                  std::string(try_later)),
            Remedy::none, without_values(fault)};
  }
  if (state == "42501") {
    Fault right = defect(without_values(fault));
    right.error = Error(Code::unavailable, "DATABASE_RIGHTS", "edad's database role lacks a right that edad needs",
                        "an operator has to make the role the owner of the database's schema");
    return right;
  }
  return defect(without_values(fault));
}

}  // namespace

Error busy(std::string message) {
  return Error(Code::exhausted, "DATABASE_BUSY", std::move(message), std::string(try_later))
      .with("retry_after_ms", "1000");
}

Fault judge(const std::exception& exception, Link link) {
  if (dynamic_cast<const pqxx::in_doubt_error*>(&exception)) {
    return {Error(Code::unknown_outcome, "COMMIT_UNKNOWN",
                  "the connection to the database broke while the change was being committed",
                  "look whether it happened before repeating it; repeating it with the same request id is safe"),
            Remedy::none, "connection lost during COMMIT"};
  }
  if (link == Link::lost || dynamic_cast<const pqxx::broken_connection*>(&exception)) return broken();
  if (dynamic_cast<const pqxx::transaction_rollback*>(&exception)) return contended();
  if (auto* sql = dynamic_cast<const pqxx::sql_error*>(&exception)) return judge_sql(*sql);
  if (dynamic_cast<const UnstorableText*>(&exception)) {
    return {Error(Code::invalid, "TEXT_UNSTORABLE", "a text has a NUL byte", "remove what is not text from the input"),
            Remedy::none,
            {}};
  }
  return defect(exception.what());
}

Error connect_error(const std::exception& exception) {
  std::string words = exception.what();
  std::replace(words.begin(), words.end(), '\n', ' ');
  std::replace(words.begin(), words.end(), '\t', ' ');
  while (!words.empty() && words.back() == ' ') words.pop_back();
  auto has = [&](const char* part) { return words.find(part) != std::string::npos; };
  // What libpq says of a URL that it cannot parse quotes the URL, and the URL may hold a password.
  if (has("connection info string") || has("URI") || has("percent-encoded") || has("connection option")) {
    return Error(Code::invalid, "DATABASE_URL", "the database URL cannot be parsed",
                 "write it as postgresql://user@host:5432/database");
  }
  if (has("authentication failed") || has("no password supplied") || has("pg_hba.conf") ||
      (has("role \"") && has("does not exist"))) {
    return Error(Code::unavailable, "DATABASE_LOGIN", "the database refuses edad's credentials: " + words,
                 "check the user and the password of the database URL");
  }
  if (has("database \"") && has("does not exist")) {
    return Error(Code::unavailable, "DATABASE_MISSING", "there is no such database: " + words,
                 "create it, or correct the database URL");
  }
  return Error(Code::unavailable, "DATABASE_AWAY", "the database cannot be reached: " + words,
               "start Postgres, or correct the database URL");
}

Error for_callers(const Error& error) {
  return Error(error.code == Code::invalid ? Code::unavailable : error.code, error.reason,
               "edad cannot reach its database; nothing was changed", std::string(try_later));
}

std::string broken_constraint(const std::exception& fault) {
  // Connections are set to verbose errors; the label comes from libpq, so it is the same whatever the server's
  // language.
  constexpr std::string_view label = "CONSTRAINT NAME:";
  std::string_view words = fault.what();
  auto at = words.find(label);
  if (at == std::string_view::npos) return {};
  words.remove_prefix(at + label.size());
  words.remove_prefix(std::min(words.find_first_not_of(' '), words.size()));
  return std::string(words.substr(0, words.find('\n')));
}

}  // namespace eda::pg
