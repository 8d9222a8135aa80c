#pragma once
// Exit codes of edactl. Scripts rely on them; the table in docs and the one in errors.cpp say the same.

namespace eda::cli {

enum class Exit : int {
  ok = 0,
  failed = 1,       ///< also: everything was refused
  usage = 2,        ///< usage, invalid manifest, what Kafka's rules make impossible, a risky verb without --yes
  differences = 3,  ///< plan --exit-code
  denied = 4,       ///< not authenticated, or not allowed
  not_found = 5,
  conflict = 6,  ///< conflict, or a stale plan
  refused = 7,   ///< policy, protection on, cluster only observed
  approval = 8,  ///< somebody else has to say yes first
  partial = 9,   ///< some applied, some refused
  unhealthy = 10,
  unknown = 11,   ///< sent, and the outcome could not be learnt; wins over timeout
  timeout = 124,  ///< the wish is kept
  interrupted = 130,
};

}  // namespace eda::cli
