#include "identity/gate.h"

#include <fmt/format.h>

#include "identity/store.h"
#include "identity/token.h"

namespace eda::identity {
namespace {

using Holder = store::Credential::Holder;

/// More is no token of ours, and is not hashed.
constexpr std::size_t longest_token = 200;

tl::unexpected<Error> stranger(const char* reason, std::string message) {
  return fail(Code::unauthenticated, reason, std::move(message),
              "log in with a token that is valid: edactl login, or EDACTL_TOKEN");
}

/// Whether what is behind a token still is good.
Result<> check(const store::Credential& credential, Instant now) {
  const Token& token = credential.token;
  if (token.revoked_at) {
    return stranger("TOKEN_REVOKED",
                    fmt::format("the token {} was revoked at {}", token.id, to_rfc3339(*token.revoked_at)));
  }
  if (token.expires_at <= now) {
    return stranger("TOKEN_EXPIRED", fmt::format("the token {} expired at {}", token.id, to_rfc3339(token.expires_at)));
  }
  if (credential.holder == Holder::disabled)
    return fail(Code::unauthenticated, "USER_DISABLED", fmt::format("{} is disabled", token.subject), "ask an admin");
  if (credential.holder == Holder::unknown)
    return stranger("TOKEN_UNKNOWN", fmt::format("nobody is {} any more", token.subject));
  return {};
}

Result<Actor> actor_of(const store::Credential& credential) {
  EDA_ASSIGN(Subject subject, parse_subject(credential.token.subject));
  Actor actor;
  actor.subject = credential.token.subject;
  actor.kind = subject.kind;
  actor.name = subject.name;
  actor.team = subject.team;
  actor.roles = credential.roles;
  actor.scopes = credential.token.scopes;
  actor.token = credential.token.id;
  return actor;
}

}  // namespace

Gate::Gate(pg::Pool& pool, const Clock& clock, Observer observer)
    : pool_(pool), clock_(clock), observer_(std::move(observer)), writer_([this] { write_each_minute(); }) {}

Gate::~Gate() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_all();
  writer_.join();
}

void Gate::permit(std::span<const MethodPermission> methods) {
  for (const MethodPermission& method : methods)
    permissions_.insert_or_assign(std::string(method.method), method.needs);
}

Result<Actor> Gate::admit(const rpc::Incoming& call) {
  auto listed = permissions_.find(std::string(call.method));
  if (listed == permissions_.end()) {
    return fail(Code::denied, "METHOD_UNLISTED", fmt::format("nobody may call {}", call.method),
                "this is a defect of edad: the method's permission is not stated");
  }
  if (listed->second == Permission::open) {
    Actor nobody;
    nobody.request_id = call.request_id;
    return nobody;
  }
  if (call.token.empty()) return stranger("TOKEN_MISSING", "this needs a token, and the call has none");
  if (call.token.reveal().size() > longest_token) return stranger("TOKEN_UNKNOWN", "the token is not one of edad's");
  std::string hash = digest(call.token.reveal());
  EDA_ASSIGN(auto credential, pool_.transact([&](pg::Tx& tx) -> Result<std::optional<store::Credential>> {
    return store::find_credential(tx, hash);
  }));
  if (!credential) return stranger("TOKEN_UNKNOWN", "the token is not one that this edad knows");
  Instant now = clock_.now();
  EDA_TRY(check(*credential, now));
  EDA_ASSIGN(Actor actor, actor_of(*credential));
  actor.request_id = call.request_id;
  {
    std::lock_guard lock(mutex_);
    used_[actor.token] = now;
  }
  EDA_TRY(allow(actor, listed->second));
  return actor;
}

Result<> Gate::write_last_used() {
  std::map<std::string, Instant> used;
  {
    std::lock_guard lock(mutex_);
    used.swap(used_);
  }
  if (used.empty()) return {};
  return pool_.transact([&](pg::Tx& tx) -> Result<> {
    store::write_last_used(tx, {used.begin(), used.end()});
    return {};
  });
}

void Gate::write_each_minute() {
  std::unique_lock lock(mutex_);
  while (!stop_.wait_for(lock, std::chrono::minutes(1), [&] { return stopping_; })) {
    lock.unlock();
    // What cannot be written is lost: a coarse time is not worth keeping a queue for.
    [[maybe_unused]] auto written = write_last_used();
    lock.lock();
  }
}

}  // namespace eda::identity
