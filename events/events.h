#pragma once
// The one append-only trail. A change and its event are written in the same transaction; audit, notifications and
// activity lists are readings of it. Payloads carry no secrets.

#include <cstdint>
#include <optional>
#include <string>

#include "platform/core/name.h"
#include "platform/core/time.h"
#include "platform/core/value.h"

namespace eda::events {

struct Event {
  std::int64_t id = 0;      ///< given by the store
  Instant at{};             ///< given by the store: the transaction's time
  std::string actor;        ///< "user/ada", "service/…", "ci/…", "edad" for the workers
  std::string verb;         ///< "stream.created", "team.changed", "token.revoked": <kind>.<past participle>
  Ref object;
  Value before;             ///< null where there was nothing
  Value after;
  std::string reason;       ///< the caller's --reason
  std::string request_id;
  std::string plan_id;
};

/// Which events to list; empty means any.
struct Filter {
  std::string actor;
  std::optional<Ref> object;  ///< kind alone, or kind and name
  std::string verb;           ///< exact, or `stream.*`
  std::optional<Instant> since;
};

}  // namespace eda::events
