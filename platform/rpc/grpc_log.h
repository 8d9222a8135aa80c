#pragma once
// gRPC's own words go to our log instead of standard error, where edactl's answers stand.

namespace eda::rpc {

enum class Side { client, server };

/// Once for the process; a server's errors are warnings of the log, all else is debug.
void route_grpc_log(Side side);

}  // namespace eda::rpc
