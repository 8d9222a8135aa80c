#pragma once
// How old a broker is, as far as its own configs tell; the protocol has no field for it.

#include <string>
#include <vector>

#include "platform/kafka/admin.h"

namespace eda::kafka {

/// "2.8" or "3.9" from inter.broker.protocol.version, which every Apache broker below 4.0 has; "4.x" for one without it
/// but with a config that is younger than 3.0; empty for anything else.
std::string version_hint(const std::vector<ConfigEntry>& broker);

}  // namespace eda::kafka
