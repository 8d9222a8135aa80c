#pragma once
// The one append-only trail. A change and its event are written in the same transaction; audit, notifications and
// activity lists are readings of it. Payloads carry no secrets.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "platform/core/error.h"
#include "platform/core/name.h"
#include "platform/core/time.h"
#include "platform/core/value.h"

namespace eda::events {

struct Event {
  std::int64_t id = 0;  ///< given by the store
  Instant at{};         ///< given by the store: the transaction's time
  std::string actor;    ///< "user/ada", "service/…", "ci/…", "edad" for the workers
  std::string verb;     ///< "stream.created", "team.changed", "token.revoked": <kind>.<past participle>
  Ref object;
  std::string team;  ///< that owned the object then; empty where none does
  Value before;      ///< null where there was nothing
  Value after;
  std::string reason;  ///< the caller's --reason
  std::string request_id;
  std::string plan_id;
};

/// What a caller without the right to all may see: own acts, and what happened to objects of own teams.
struct Sight {
  std::string actor;
  std::vector<std::string> teams;
};

/// Which events to list; empty means any.
struct Filter {
  std::string actor;
  std::optional<Ref> object;  ///< kind alone, or kind and name
  std::string verb;           ///< exact, or `stream.*`
  std::optional<Instant> since;
  std::optional<Sight> sight;  ///< nothing: all
};

/// The outcome of a mutating call under its request id, kept 24 h. `body_hash` tells a replay from another request
/// under the same id.
struct Outcome {
  std::string request_id;
  std::string subject;
  std::string body_hash;
  std::string result;  ///< what the face needs to answer again; never a secret
};

/// Whether `outcome` is that of this very request; conflict REQUEST_REUSED when its id was used for another one.
Result<> same_request(const Outcome& outcome, const std::string& body_hash);

/// 1–64 of [A-Za-z0-9._-]; invalid REQUEST_ID otherwise.
Result<> check_request_id(const std::string& request_id);

}  // namespace eda::events
