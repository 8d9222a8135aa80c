// Offsets: how much lies in a topic.

#include <algorithm>
#include <set>

#include "platform/kafka/patience.h"
#include "platform/kafka/rdkafka_admin.h"

namespace eda::kafka::rdkafka {
namespace {

// librdkafka's work grows with the square of a request's partitions: 50,000 take 19 s at once and 0.3 s in chunks.
constexpr std::size_t partitions_a_request = 500;

struct Partition {
  std::string topic;
  std::int32_t id = 0;
};

/// Sums of offsets by topic, and the topics that lack one.
struct Sums {
  std::map<std::string, std::int64_t> by_topic;
  std::set<std::string> incomplete;
};

// Adds `sign` times one offset of each partition.
Result<void> add_offsets(Client& client, std::span<const Partition> partitions, rd_kafka_OffsetSpec_t which, int sign,
                         Deadline deadline, Sums& sums) {
  std::vector<Partition> pending(partitions.begin(), partitions.end());
  for (Patience patience; !pending.empty();) {
    PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(pending.size())));
    for (const auto& partition : pending) {
      rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(), partition.id)->offset = which;
    }
    Ask what{"the list of offsets", RD_KAFKA_ADMIN_OP_LISTOFFSETS};
    EDA_ASSIGN(Event event, client.ask(what, deadline, [&](auto* instance, const auto* options, auto* queue) {
      rd_kafka_ListOffsets(instance, list.get(), options, queue);
    }));
    std::size_t count = 0;
    const auto** infos = rd_kafka_ListOffsets_result_infos(rd_kafka_event_ListOffsets_result(event.get()), &count);
    std::vector<Partition> again;
    for (std::size_t i = 0; i < count; ++i) {
      const auto* told = rd_kafka_ListOffsetsResultInfo_topic_partition(infos[i]);
      if (told->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        sums.by_topic[told->topic] += sign * told->offset;
        continue;
      }
      if (judge(told->err, topic_subject(told->topic), {}).remedy == Remedy::none) {
        sums.incomplete.insert(told->topic);
      } else {
        again.push_back({told->topic, told->partition});
      }
    }
    if (!again.empty() && !patience.wait(deadline)) {
      for (const auto& partition : again) sums.incomplete.insert(partition.topic);
      break;
    }
    pending = std::move(again);
  }
  return {};
}

}  // namespace

Result<std::map<std::string, std::int64_t>> RdkafkaAdmin::counts(const std::vector<std::string>& names,
                                                                 Deadline deadline) {
  EDA_ASSIGN(auto facts, topics(names, Ask::WithRights::no, deadline));
  std::vector<Partition> partitions;
  Sums sums;
  for (const auto& topic : facts) {
    if (topic.error) continue;
    sums.by_topic[topic.name] = 0;
    for (const auto& partition : topic.partitions) {
      if (partition.leader < 0) {
        sums.incomplete.insert(topic.name);  // librdkafka would wait for a leader until the deadline
      } else {
        partitions.push_back({topic.name, partition.id});
      }
    }
  }
  std::erase_if(partitions, [&](const Partition& p) { return sums.incomplete.contains(p.topic); });
  for (std::size_t begin = 0; begin < partitions.size(); begin += partitions_a_request) {
    auto chunk = std::span<const Partition>(partitions)
                     .subspan(begin, std::min(partitions_a_request, partitions.size() - begin));
    // The start first: what retention deletes in between must not make the difference negative.
    EDA_TRY(add_offsets(*client_, chunk, RD_KAFKA_OFFSET_SPEC_EARLIEST, -1, deadline, sums));
    EDA_TRY(add_offsets(*client_, chunk, RD_KAFKA_OFFSET_SPEC_LATEST, 1, deadline, sums));
  }
  for (const auto& topic : sums.incomplete) sums.by_topic.erase(topic);
  return std::move(sums.by_topic);
}

Result<std::map<std::string, std::int64_t>> RdkafkaAdmin::record_counts(const std::vector<std::string>& names,
                                                                        Deadline deadline) {
  return observed("record_counts", [&] { return counts(names, deadline); });
}

Result<std::map<std::string, std::vector<OffsetSpan>>> RdkafkaAdmin::offsets(const std::vector<std::string>&,
                                                                             Deadline) {
  return fail(judge(RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE, "offsets", {}).error);
}
Result<std::map<std::string, std::int64_t>> RdkafkaAdmin::records_before(const std::map<std::string, Instant>&,
                                                                         Deadline) {
  return fail(judge(RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE, "records_before", {}).error);
}
Result<std::vector<GroupFact>> RdkafkaAdmin::groups_on(const std::set<std::string>&, Deadline) {
  return fail(judge(RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE, "groups_on", {}).error);
}
Result<> RdkafkaAdmin::append(const std::string&, const std::string&, const std::string&, Deadline) {
  return fail(judge(RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE, "append", {}).error);
}
Result<std::map<std::string, std::string>> RdkafkaAdmin::read_keys(const std::string&, Deadline) {
  return fail(judge(RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE, "read_keys", {}).error);
}

}  // namespace eda::kafka::rdkafka
