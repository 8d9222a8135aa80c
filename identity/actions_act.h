#pragma once
// One act of Actions inside its transaction: done before under its request id, or done now with its event and outcome.

#include <optional>
#include <string>
#include <vector>

#include "events/store.h"
#include "identity/actions.h"
#include "identity/token.h"

namespace eda::identity {

class Actions::Act {
 public:
  /// `body`: all that the request says, to tell it from another one under the same id.
  Act(std::string subject, std::string call_id, const Request& request, std::vector<std::string> body);

  /// invalid REQUEST_ID, REASON_INVALID.
  Result<> check() const;
  /// What the same request gave before, if it was done. conflict REQUEST_REUSED.
  Result<std::optional<std::string>> done_before(pg::Tx& tx) const;
  /// The event and, under a request id, the outcome.
  void done(pg::Tx& tx, events::Event event, const std::string& result) const;
  /// Nothing was to be done: the outcome alone.
  void nothing_done(pg::Tx& tx, const std::string& result) const;

 private:
  std::string subject_;
  std::string call_id_;
  const Request& request_;
  std::string body_hash_;
};

/// How users and tokens stand in the trail.
Value described(const User& user);
Value described(const Token& token);

}  // namespace eda::identity
