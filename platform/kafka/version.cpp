#include "platform/kafka/version.h"

#include <algorithm>

namespace eda::kafka {
namespace {

const ConfigEntry* find(const std::vector<ConfigEntry>& entries, std::string_view name) {
  auto entry = std::ranges::find(entries, name, &ConfigEntry::name);
  return entry == entries.end() ? nullptr : &*entry;
}

}  // namespace

std::string version_hint(const std::vector<ConfigEntry>& broker) {
  if (const auto* protocol = find(broker, "inter.broker.protocol.version"); protocol != nullptr && protocol->value) {
    // "3.9-IV0", "2.8-IV1", "0.11.0"
    return protocol->value->substr(0, protocol->value->find('-'));
  }
  return find(broker, "group.consumer.session.timeout.ms") != nullptr ? "4.x" : "";
}

bool has_authorizer(const std::vector<ConfigEntry>& broker) {
  const auto* name = find(broker, "authorizer.class.name");
  return name == nullptr || name->sensitive || !name->value.value_or("").empty();
}

}  // namespace eda::kafka
