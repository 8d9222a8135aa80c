#pragma once
// What a broker's own configs tell of it: how old it is, for which the protocol has no field, and whether it checks
// rights, which librdkafka does not tell (it takes the refusal of a DescribeAcls for an empty list).

#include <string>
#include <vector>

#include "platform/kafka/admin.h"

namespace eda::kafka {

/// "2.8" or "3.9" from inter.broker.protocol.version, which every Apache broker below 4.0 has; "4.x" for one without it
/// but with a config that is younger than 3.0; empty for anything else.
std::string version_hint(const std::vector<ConfigEntry>& broker);

/// False only when the broker says that it has none.
bool has_authorizer(const std::vector<ConfigEntry>& broker);

}  // namespace eda::kafka
