// Configs: reading those of topics and brokers, changing those of topics key by key.

#include <algorithm>
#include <unordered_map>

#include "platform/kafka/batch.h"
#include "platform/kafka/patience.h"
#include "platform/kafka/rdkafka_admin.h"

namespace eda::kafka::rdkafka {
namespace {

constexpr std::size_t resources_a_request = 500;

ConfigSource source_of(rd_kafka_ConfigSource_t source) {
  switch (source) {
    case RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG:
      return ConfigSource::topic;
    case RD_KAFKA_CONFIG_SOURCE_DYNAMIC_BROKER_CONFIG:
      return ConfigSource::broker;
    case RD_KAFKA_CONFIG_SOURCE_DYNAMIC_DEFAULT_BROKER_CONFIG:
      return ConfigSource::default_broker;
    case RD_KAFKA_CONFIG_SOURCE_STATIC_BROKER_CONFIG:
      return ConfigSource::static_broker;
    case RD_KAFKA_CONFIG_SOURCE_DEFAULT_CONFIG:
      return ConfigSource::built_in;
    default:
      return ConfigSource::unknown;
  }
}

std::vector<ConfigEntry> entries_of(const rd_kafka_ConfigResource_t* resource) {
  std::size_t count = 0;
  const auto** raw = rd_kafka_ConfigResource_configs(resource, &count);
  std::vector<ConfigEntry> entries;
  for (std::size_t i = 0; i < count; ++i) {
    ConfigEntry entry;
    entry.name = rd_kafka_ConfigEntry_name(raw[i]);
    entry.source = source_of(rd_kafka_ConfigEntry_source(raw[i]));
    entry.read_only = rd_kafka_ConfigEntry_is_read_only(raw[i]) == 1;
    entry.sensitive = rd_kafka_ConfigEntry_is_sensitive(raw[i]) == 1;
    const char* value = rd_kafka_ConfigEntry_value(raw[i]);
    if (value != nullptr && !entry.sensitive) entry.value = value;
    entries.push_back(std::move(entry));
  }
  std::ranges::sort(entries, {}, &ConfigEntry::name);
  return entries;
}

std::optional<Fault> fault_of(const rd_kafka_ConfigResource_t* resource, std::string_view subject) {
  int code = rd_kafka_ConfigResource_error(resource);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
  const char* words = rd_kafka_ConfigResource_error_string(resource);
  return judge(code, subject, words == nullptr ? "" : words);
}

std::string subject_of(std::size_t count, const std::string& first) {
  return count == 1 ? topic_subject(first) : "a request for configs of " + std::to_string(count) + " topics";
}

// librdkafka makes no resource without a name.
Result<ConfigResource> resource_of(rd_kafka_ResourceType_t type, const std::string& name, std::string_view subject) {
  ConfigResource resource(rd_kafka_ConfigResource_new(type, name.c_str()));
  if (!resource) return fail(judge(RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION, subject, "the name is empty").error);
  return resource;
}

Result<Event> ask_configs(Client& client, std::string subject, const std::vector<ConfigResource>& resources,
                          Deadline deadline) {
  Ask what{std::move(subject), RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS};
  return client.ask(what, deadline, [&](auto* instance, const auto* options, auto* queue) {
    auto pointers = plain(resources);
    rd_kafka_DescribeConfigs(instance, pointers.data(), pointers.size(), options, queue);
  });
}

Result<ConfigResource> resource_of(const ConfigChange& change) {
  EDA_ASSIGN(auto resource, resource_of(RD_KAFKA_RESOURCE_TOPIC, change.topic, topic_subject(change.topic)));
  auto add = [&](const std::string& key, rd_kafka_AlterConfigOpType_t operation, const char* value) -> Result<void> {
    LibraryError error(rd_kafka_ConfigResource_add_incremental_config(resource.get(), key.c_str(), operation, value));
    if (!error) return {};
    return fail(judge(rd_kafka_error_code(error.get()), topic_subject(change.topic),
                      key + ": " + rd_kafka_error_string(error.get()))
                    .error);
  };
  for (const auto& [key, value] : change.set) EDA_TRY(add(key, RD_KAFKA_ALTER_CONFIG_OP_TYPE_SET, value.c_str()));
  for (const auto& key : change.reset) EDA_TRY(add(key, RD_KAFKA_ALTER_CONFIG_OP_TYPE_DELETE, nullptr));
  return resource;
}

bool nothing_in(const ConfigChange& change) {
  return change.set.empty() && change.reset.empty();
}

Result<std::vector<std::optional<Fault>>> send_changes(Client& client, std::span<const ConfigChange> changes, Mode mode,
                                                       Deadline deadline, std::span<const std::size_t> indices) {
  std::vector<std::optional<Fault>> answers(indices.size());
  std::vector<ConfigResource> resources;
  for (std::size_t k = 0; k < indices.size(); ++k) {
    const ConfigChange& change = changes[indices[k]];
    if (nothing_in(change)) continue;  // is done
    auto resource = resource_of(change);
    if (resource) {
      resources.push_back(std::move(*resource));
    } else {
      answers[k] = Fault{std::move(resource).error()};
    }
  }
  if (resources.empty()) return answers;
  Ask what = change_of(subject_of(indices.size(), changes[indices.front()].topic),
                       RD_KAFKA_ADMIN_OP_INCREMENTALALTERCONFIGS, mode);
  EDA_ASSIGN(Event event, client.ask(what, deadline, [&](auto* instance, const auto* options, auto* queue) {
    auto pointers = plain(resources);
    rd_kafka_IncrementalAlterConfigs(instance, pointers.data(), pointers.size(), options, queue);
  }));
  std::size_t count = 0;
  const auto** told = rd_kafka_IncrementalAlterConfigs_result_resources(
      rd_kafka_event_IncrementalAlterConfigs_result(event.get()), &count);
  Answers told_of;
  for (std::size_t i = 0; i < count; ++i) {
    if (told[i] == nullptr) continue;
    std::string topic = rd_kafka_ConfigResource_name(told[i]);
    told_of.emplace(topic, fault_of(told[i], topic_subject(topic)));
  }
  for (std::size_t k = 0; k < indices.size(); ++k) {
    const ConfigChange& change = changes[indices[k]];
    if (!answers[k] && !nothing_in(change)) answers[k] = answer_for(told_of, change.topic);
  }
  return answers;
}

}  // namespace

Result<std::vector<TopicConfig>> RdkafkaAdmin::topic_configs(const std::vector<std::string>& names, Deadline deadline) {
  std::unordered_map<std::string, TopicConfig> found;
  std::vector<std::string> each(names);
  std::ranges::sort(each);
  each.erase(std::unique(each.begin(), each.end()), each.end());
  for (std::size_t begin = 0; begin < each.size(); begin += resources_a_request) {
    std::size_t end = std::min(each.size(), begin + resources_a_request);
    std::vector<std::string> pending(each.begin() + static_cast<std::ptrdiff_t>(begin),
                                     each.begin() + static_cast<std::ptrdiff_t>(end));
    for (Patience patience; !pending.empty();) {
      std::vector<ConfigResource> resources;
      for (const auto& name : pending) {
        auto resource = resource_of(RD_KAFKA_RESOURCE_TOPIC, name, topic_subject(name));
        if (resource) {
          resources.push_back(std::move(*resource));
        } else {
          found.insert_or_assign(name, TopicConfig{name, {}, std::move(resource).error()});
        }
      }
      if (resources.empty()) break;
      EDA_ASSIGN(Event event, ask_configs(*client_, subject_of(pending.size(), pending.front()), resources, deadline));
      std::size_t count = 0;
      const auto** told =
          rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event.get()), &count);
      std::vector<std::string> again;
      for (std::size_t i = 0; i < count; ++i) {
        if (told[i] == nullptr) continue;
        TopicConfig config{rd_kafka_ConfigResource_name(told[i]), entries_of(told[i]), std::nullopt};
        if (auto fault = fault_of(told[i], topic_subject(config.topic))) {
          if (fault->remedy != Remedy::none) again.push_back(config.topic);
          config.error = std::move(fault->error);
        }
        found.insert_or_assign(config.topic, std::move(config));
      }
      if (again.empty() || !patience.wait(deadline)) break;
      pending = std::move(again);
    }
  }
  std::vector<TopicConfig> configs;
  for (const auto& name : names) {
    auto config = found.find(name);
    if (config != found.end()) configs.push_back(config->second);
  }
  return configs;
}

Result<std::vector<ConfigEntry>> RdkafkaAdmin::broker_configs(std::int32_t broker, Deadline deadline) {
  std::vector<ConfigResource> resources;
  std::string subject = "broker " + std::to_string(broker);
  EDA_ASSIGN(auto resource, resource_of(RD_KAFKA_RESOURCE_BROKER, std::to_string(broker), subject));
  resources.push_back(std::move(resource));
  EDA_ASSIGN(Event event, ask_configs(*client_, subject, resources, deadline));
  std::size_t count = 0;
  const auto** told =
      rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event.get()), &count);
  if (count == 0 || told[0] == nullptr) return std::vector<ConfigEntry>();
  if (auto fault = fault_of(told[0], subject)) return fail(std::move(fault->error));
  return entries_of(told[0]);
}

Result<std::vector<TopicConfig>> RdkafkaAdmin::describe_configs(const std::vector<std::string>& names,
                                                                Deadline deadline) {
  return observed("describe_configs", [&] { return topic_configs(names, deadline); });
}

Result<std::vector<ConfigEntry>> RdkafkaAdmin::describe_broker(std::int32_t broker, Deadline deadline) {
  return observed("describe_broker", [&] { return broker_configs(broker, deadline); });
}

Result<std::vector<Outcome>> RdkafkaAdmin::alter_configs(std::span<const ConfigChange> changes, Mode mode,
                                                         Deadline deadline) {
  std::vector<BatchItem> items;
  for (const auto& change : changes) items.push_back({change.topic, change.set.size() + change.reset.size()});
  return observed("alter_configs", [&] {
    return in_batches(items, deadline, [&](std::span<const std::size_t> indices) {
      return send_changes(*client_, changes, mode, deadline, indices);
    });
  });
}

}  // namespace eda::kafka::rdkafka
