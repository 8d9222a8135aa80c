// Topics: what there is, and creating, growing and deleting them.

#include <algorithm>
#include <array>

#include "platform/kafka/batch.h"
#include "platform/kafka/patience.h"
#include "platform/kafka/rdkafka_admin.h"

namespace eda::kafka::rdkafka {
namespace {

// librdkafka compares every topic of an answer with every one that was asked for.
constexpr std::size_t names_a_request = 1'000;

// Kafka's tools print ids in the alphabet for URLs, librdkafka in the other one. An id of zeros is none.
std::string id_text(const rd_kafka_Uuid_t* id) {
  if (id == nullptr ||
      (rd_kafka_Uuid_most_significant_bits(id) == 0 && rd_kafka_Uuid_least_significant_bits(id) == 0)) {
    return {};
  }
  std::string text = rd_kafka_Uuid_base64str(id);
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return text;
}

std::vector<std::int32_t> ids_of(const rd_kafka_Node_t** nodes, std::size_t count) {
  std::vector<std::int32_t> ids;
  for (std::size_t i = 0; i < count; ++i) ids.push_back(rd_kafka_Node_id(nodes[i]));
  return ids;
}

PartitionFact partition_of(const rd_kafka_TopicPartitionInfo_t* info) {
  PartitionFact fact;
  fact.id = rd_kafka_TopicPartitionInfo_partition(info);
  if (const auto* leader = rd_kafka_TopicPartitionInfo_leader(info)) fact.leader = rd_kafka_Node_id(leader);
  std::size_t count = 0;
  const auto** nodes = rd_kafka_TopicPartitionInfo_replicas(info, &count);
  fact.replicas = ids_of(nodes, count);
  nodes = rd_kafka_TopicPartitionInfo_isr(info, &count);
  fact.isr = ids_of(nodes, count);
  return fact;
}

TopicFact topic_of(const rd_kafka_TopicDescription_t* topic, Ask::WithRights rights) {
  TopicFact fact;
  fact.name = rd_kafka_TopicDescription_name(topic);
  fact.id = id_text(rd_kafka_TopicDescription_topic_id(topic));
  fact.internal = rd_kafka_TopicDescription_is_internal(topic) != 0;
  std::size_t count = 0;
  const auto** partitions = rd_kafka_TopicDescription_partitions(topic, &count);
  for (std::size_t i = 0; i < count; ++i) fact.partitions.push_back(partition_of(partitions[i]));
  std::ranges::sort(fact.partitions, {}, &PartitionFact::id);
  if (rights == Ask::WithRights::yes) {
    const auto* operations = rd_kafka_TopicDescription_authorized_operations(topic, &count);
    if (operations != nullptr) fact.rights = rights_of(operations, count);
  }
  return fact;
}

// Adds what an answer says to `facts`; the names whose error passes by itself come back.
std::vector<std::string> read_topics(rd_kafka_event_t* event, Ask::WithRights rights, std::vector<TopicFact>& facts) {
  std::size_t count = 0;
  const auto** topics = rd_kafka_DescribeTopics_result_topics(rd_kafka_event_DescribeTopics_result(event), &count);
  std::vector<std::string> again;
  for (std::size_t i = 0; i < count; ++i) {
    if (topics[i] == nullptr) continue;  // librdkafka's place for a topic that the broker left out
    const auto* error = rd_kafka_TopicDescription_error(topics[i]);
    if (error == nullptr || rd_kafka_error_code(error) == RD_KAFKA_RESP_ERR_NO_ERROR) {
      facts.push_back(topic_of(topics[i], rights));
      continue;
    }
    std::string name = rd_kafka_TopicDescription_name(topics[i]);
    auto fault = judge(rd_kafka_error_code(error), topic_subject(name), rd_kafka_error_string(error));
    if (fault.error.code == Code::not_found) continue;
    if (fault.remedy != Remedy::none) again.push_back(name);
    TopicFact fact;
    fact.name = std::move(name);
    fact.error = std::move(fault.error);
    facts.push_back(std::move(fact));
  }
  return again;
}

Answers answers_of(const rd_kafka_topic_result_t** results, std::size_t count) {
  Answers answers;
  for (std::size_t i = 0; i < count; ++i) {
    if (results[i] == nullptr) continue;
    std::string name = rd_kafka_topic_result_name(results[i]);
    int code = rd_kafka_topic_result_error(results[i]);
    const char* words = rd_kafka_topic_result_error_string(results[i]);
    std::optional<Fault> fault;
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) fault = judge(code, topic_subject(name), words == nullptr ? "" : words);
    answers.emplace(std::move(name), std::move(fault));
  }
  return answers;
}

std::string subject_of(std::size_t count, const std::string& first) {
  return count == 1 ? topic_subject(first) : "a request for " + std::to_string(count) + " topics";
}

Result<NewTopicHandle> handle_of(const NewTopic& topic) {
  std::array<char, 256> words{};
  NewTopicHandle handle(
      rd_kafka_NewTopic_new(topic.name.c_str(), topic.partitions, topic.replication, words.data(), words.size()));
  if (!handle) return fail(judge(RD_KAFKA_RESP_ERR__INVALID_ARG, topic_subject(topic.name), words.data()).error);
  for (const auto& [key, value] : topic.config) {
    auto code = rd_kafka_NewTopic_set_config(handle.get(), key.c_str(), value.c_str());
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return fail(judge(code, topic_subject(topic.name), key).error);
  }
  return handle;
}

Result<NewPartitionsHandle> handle_of(const MorePartitions& topic) {
  std::array<char, 256> words{};
  auto total = static_cast<std::size_t>(std::max(0, topic.total));
  NewPartitionsHandle handle(rd_kafka_NewPartitions_new(topic.topic.c_str(), total, words.data(), words.size()));
  if (!handle) return fail(judge(RD_KAFKA_RESP_ERR__INVALID_ARG, topic_subject(topic.topic), words.data()).error);
  return handle;
}

Result<DeleteTopicHandle> handle_of(const std::string& topic) {
  return DeleteTopicHandle(rd_kafka_DeleteTopic_new(topic.c_str()));
}

const std::string& name_of(const NewTopic& topic) {
  return topic.name;
}
const std::string& name_of(const MorePartitions& topic) {
  return topic.topic;
}
const std::string& name_of(const std::string& topic) {
  return topic;
}

// What CreateTopics, CreatePartitions and DeleteTopics have in common: `call` sends the handles, `results` reads the
// answer. An item that librdkafka does not take gets its own outcome and leaves the others alone.
template <class Item, class Call, class Results>
Result<std::vector<std::optional<Fault>>> send_topics(Client& client, rd_kafka_admin_op_t operation, Mode mode,
                                                      Deadline deadline, std::span<const Item> items,
                                                      std::span<const std::size_t> indices, Call call,
                                                      Results results) {
  std::vector<std::optional<Fault>> answers(indices.size());
  std::vector<typename decltype(handle_of(items.front()))::value_type> handles;
  for (std::size_t k = 0; k < indices.size(); ++k) {
    auto handle = handle_of(items[indices[k]]);
    if (handle) {
      handles.push_back(std::move(*handle));
    } else {
      answers[k] = Fault{std::move(handle).error()};
    }
  }
  if (handles.empty()) return answers;
  Ask what = change_of(subject_of(indices.size(), name_of(items[indices.front()])), operation, mode);
  EDA_ASSIGN(Event event, client.ask(what, deadline, [&](auto* instance, const auto* options, auto* queue) {
    auto pointers = plain(handles);
    call(instance, pointers.data(), pointers.size(), options, queue);
  }));
  std::size_t count = 0;
  const auto** told = results(event.get(), &count);
  Answers told_of = answers_of(told, count);
  for (std::size_t k = 0; k < indices.size(); ++k) {
    if (!answers[k]) answers[k] = answer_for(told_of, name_of(items[indices[k]]));
  }
  return answers;
}

}  // namespace

Result<std::vector<TopicFact>> RdkafkaAdmin::topics(std::vector<std::string> names, Ask::WithRights rights,
                                                    Deadline deadline) {
  // librdkafka refuses a request with an empty name or one that comes twice; a topic without a name is unknown.
  std::erase(names, "");
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::vector<TopicFact> facts;
  for (std::size_t begin = 0; begin < names.size(); begin += names_a_request) {
    std::size_t end = std::min(names.size(), begin + names_a_request);
    std::vector<std::string> pending(names.begin() + static_cast<std::ptrdiff_t>(begin),
                                     names.begin() + static_cast<std::ptrdiff_t>(end));
    for (Patience patience; !pending.empty();) {
      std::vector<const char*> plain_names;
      for (const auto& name : pending) plain_names.push_back(name.c_str());
      TopicCollection asked(rd_kafka_TopicCollection_of_topic_names(plain_names.data(), plain_names.size()));
      Ask what{subject_of(pending.size(), pending.front()), RD_KAFKA_ADMIN_OP_DESCRIBETOPICS};
      what.rights = rights;
      EDA_ASSIGN(Event event, client_->ask(what, deadline, [&](auto* instance, const auto* options, auto* queue) {
        rd_kafka_DescribeTopics(instance, asked.get(), options, queue);
      }));
      auto again = read_topics(event.get(), rights, facts);
      if (again.empty() || !patience.wait(deadline)) break;
      std::erase_if(facts,
                    [&](const TopicFact& fact) { return fact.error && std::ranges::count(again, fact.name) > 0; });
      pending = std::move(again);
    }
  }
  std::ranges::sort(facts, {}, &TopicFact::name);
  return facts;
}

Result<std::vector<TopicFact>> RdkafkaAdmin::list_topics(Deadline deadline) {
  return observed("list_topics", [&]() -> Result<std::vector<TopicFact>> {
    EDA_ASSIGN(auto names, client_->topic_names(deadline));
    return topics(names, Ask::WithRights::no, deadline);
  });
}

Result<std::vector<TopicFact>> RdkafkaAdmin::describe_topics(const std::vector<std::string>& names, Deadline deadline) {
  return observed("describe_topics", [&] { return topics(names, Ask::WithRights::yes, deadline); });
}

Result<std::vector<Outcome>> RdkafkaAdmin::create_topics(std::span<const NewTopic> wanted, Mode mode,
                                                         Deadline deadline) {
  std::vector<BatchItem> items;
  for (const auto& topic : wanted) {
    items.push_back({topic.name, 1 + static_cast<std::size_t>(std::max(1, topic.partitions)) + topic.config.size()});
  }
  return observed("create_topics", [&] {
    return in_batches(items, deadline, [&](std::span<const std::size_t> indices) {
      return send_topics(*client_, RD_KAFKA_ADMIN_OP_CREATETOPICS, mode, deadline, wanted, indices,
                         rd_kafka_CreateTopics, [](auto* event, auto* count) {
                           return rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), count);
                         });
    });
  });
}

Result<std::vector<Outcome>> RdkafkaAdmin::create_partitions(std::span<const MorePartitions> wanted, Mode mode,
                                                             Deadline deadline) {
  std::vector<BatchItem> items;
  for (const auto& topic : wanted) items.push_back({topic.topic, static_cast<std::size_t>(std::max(1, topic.total))});
  return observed("create_partitions", [&] {
    return in_batches(items, deadline, [&](std::span<const std::size_t> indices) {
      return send_topics(*client_, RD_KAFKA_ADMIN_OP_CREATEPARTITIONS, mode, deadline, wanted, indices,
                         rd_kafka_CreatePartitions, [](auto* event, auto* count) {
                           return rd_kafka_CreatePartitions_result_topics(rd_kafka_event_CreatePartitions_result(event),
                                                                          count);
                         });
    });
  });
}

Result<std::vector<Outcome>> RdkafkaAdmin::delete_topics(const std::vector<std::string>& names, Deadline deadline) {
  std::vector<BatchItem> items;
  for (const auto& name : names) items.push_back({name, 1});
  return observed("delete_topics", [&] {
    return in_batches(items, deadline, [&](std::span<const std::size_t> indices) {
      return send_topics(*client_, RD_KAFKA_ADMIN_OP_DELETETOPICS, Mode::apply, deadline,
                         std::span<const std::string>(names), indices, rd_kafka_DeleteTopics,
                         [](auto* event, auto* count) {
                           return rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event), count);
                         });
    });
  });
}

}  // namespace eda::kafka::rdkafka
