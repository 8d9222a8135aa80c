#pragma once
// The checks of `edactl doctor`, one after the other from this machine to the brokers. What a check finds is a value;
// nothing is changed.

#include <string>
#include <vector>

#include "cli/session.h"
#include "eda/identity/v1/identity.pb.h"

namespace eda::cli {

struct Finding {
  enum class State { ok, warning, fault } state = State::ok;
  std::string check;  ///< "config", "grpc", "token", "versions", "clock", "web", "metrics", "database", "cluster prod"
  std::string found;  ///< a sentence
  std::string next;   ///< the command that mends it; empty where nothing has to be
};

std::vector<Finding> check_up(Session& session);

/// How the clocks differ: `theirs` was read between `asked` and `answered`. More than 30 s is a fault, for tokens and
/// times in tables go wrong; from 2 s on it is a warning.
Finding judge_clock(Instant asked, Instant theirs, Instant answered);
/// A token that ends within a week is a warning; one that never ends is none.
Finding judge_token(const eda::identity::v1::WhoAmIResponse& me, Instant now);
/// edactl against edad: another major, or minor while the major is 0, is a warning.
Finding judge_versions(const std::string& here, const std::string& there);
/// Where a port of edad can be asked from here, as host:port; empty where edad listens on its own machine only and that
/// is another one. `server` is edad's address as edactl has it.
std::string reachable_address(const std::string& server, const std::string& listens);

}  // namespace eda::cli
