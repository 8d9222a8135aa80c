#include "identity/actions_act.h"

#include "platform/core/limits.h"
#include "platform/text/unicode.h"

namespace eda::identity {

Actions::Act::Act(std::string subject, std::string call_id, const Request& request, std::vector<std::string> body)
    : subject_(std::move(subject)), call_id_(std::move(call_id)), request_(request) {
  body.push_back(request.reason);
  body_hash_ = digest_of(body);
}

Result<> Actions::Act::check() const {
  if (!request_.id.empty()) EDA_TRY(events::check_request_id(request_.id));
  if (request_.reason.size() <= limits::text_bytes && !text::control_character(request_.reason)) return {};
  return fail(Code::invalid, "REASON_INVALID", "the reason is plain text of at most 4,096 bytes", "shorten it");
}

Result<std::optional<std::string>> Actions::Act::done_before(pg::Tx& tx) const {
  if (request_.id.empty()) return std::nullopt;
  EDA_ASSIGN(auto outcome, events::recall(tx, subject_, request_.id, body_hash_));
  if (!outcome) return std::nullopt;
  return outcome->result;
}

void Actions::Act::done(pg::Tx& tx, events::Event event, const std::string& result) const {
  event.actor = subject_;
  event.reason = request_.reason;
  event.request_id = request_.id.empty() ? call_id_ : request_.id;
  events::append(tx, {std::move(event)});
  nothing_done(tx, result);
}

void Actions::Act::nothing_done(pg::Tx& tx, const std::string& result) const {
  if (!request_.id.empty()) events::keep_outcome(tx, {request_.id, subject_, body_hash_, result});
}

Value described(const User& user) {
  Value::List roles;
  for (Role role : user.roles) roles.emplace_back(std::string(role_name(role)));
  return Value::Map{{"displayName", user.display_name},
                    {"email", user.email},
                    {"roles", std::move(roles)},
                    {"disabled", user.disabled}};
}

Value described(const Token& token) {
  Value::List scopes;
  for (Scope scope : token.scopes) scopes.emplace_back(std::string(scope_name(scope)));
  return Value::Map{{"subject", token.subject},
                    {"scopes", std::move(scopes)},
                    {"description", token.description},
                    {"expiresAt", to_rfc3339(token.expires_at)}};
}

}  // namespace eda::identity
