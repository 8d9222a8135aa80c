// Offsets: how much lies in a topic, and how much of it is older than an instant.

#include <algorithm>

#include "platform/kafka/patience.h"
#include "platform/kafka/rdkafka_admin.h"

namespace eda::kafka::rdkafka {
namespace {

// librdkafka's work grows with the square of a request's partitions: 50,000 take 19 s at once and 0.3 s in chunks.
constexpr std::size_t partitions_a_request = 500;

// How long a partition may be without a leader that answers. An election takes less; brokers that are still writing the
// logs of a thousand new topics take ten times as long, and whoever asks does better without those.
constexpr std::chrono::milliseconds leaderless{2000};

/// One question, and its answer.
struct Question {
  const std::string* topic = nullptr;
  std::int32_t partition = 0;
  std::int64_t which = RD_KAFKA_OFFSET_SPEC_LATEST;  ///< librdkafka's word for an end, or milliseconds since 1970
  std::optional<std::int64_t> offset;                ///< nothing: the partition does not answer
};

// Asks for those of at most one request that have no answer yet; those whose refusal passes are told apart by `again`.
Result<std::vector<Question*>> ask_once(Client& client, std::span<Question* const> questions, Deadline deadline) {
  PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(questions.size())));
  std::map<std::pair<std::string_view, std::int32_t>, Question*> by_partition;
  for (auto* question : questions) {
    rd_kafka_topic_partition_list_add(list.get(), question->topic->c_str(), question->partition)->offset =
        question->which;
    by_partition.emplace(std::pair(std::string_view(*question->topic), question->partition), question);
  }
  Ask what{"the list of offsets", RD_KAFKA_ADMIN_OP_LISTOFFSETS};
  EDA_ASSIGN(Event event, client.ask(what, deadline, [&](auto* instance, const auto* options, auto* queue) {
    rd_kafka_ListOffsets(instance, list.get(), options, queue);
  }));
  std::size_t count = 0;
  const auto** infos = rd_kafka_ListOffsets_result_infos(rd_kafka_event_ListOffsets_result(event.get()), &count);
  std::vector<Question*> again;
  for (std::size_t i = 0; i < count; ++i) {
    const auto* told = rd_kafka_ListOffsetsResultInfo_topic_partition(infos[i]);
    auto question = by_partition.find({told->topic, told->partition});
    if (question == by_partition.end()) continue;
    if (told->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      question->second->offset = told->offset;
    } else if (judge(told->err, topic_subject(told->topic), {}).remedy != Remedy::none) {
      again.push_back(question->second);
    }
  }
  return again;
}

Result<> answer(Client& client, std::vector<Question>& questions, Deadline deadline) {
  const auto led_by = Deadline::in(std::min(deadline.left(), leaderless));
  for (std::size_t begin = 0; begin < questions.size(); begin += partitions_a_request) {
    std::vector<Question*> pending;
    for (std::size_t i = begin; i < std::min(questions.size(), begin + partitions_a_request); ++i)
      pending.push_back(&questions[i]);
    for (Patience patience; !pending.empty();) {
      EDA_ASSIGN(pending, ask_once(client, pending, deadline));
      if (!pending.empty() && !patience.wait(led_by)) break;
    }
  }
  return {};
}

}  // namespace

// Topics of which every partition has a leader: librdkafka would wait for one until the deadline.
Result<std::map<std::string, int>> RdkafkaAdmin::partition_counts(const std::vector<std::string>& names,
                                                                  Deadline deadline) {
  EDA_ASSIGN(auto facts, topics(names, Ask::WithRights::no, deadline));
  std::map<std::string, int> counts;
  for (const auto& topic : facts) {
    bool led = std::ranges::all_of(topic.partitions, [](const PartitionFact& p) { return p.leader >= 0; });
    if (!topic.error && led) counts.emplace(topic.name, static_cast<int>(topic.partitions.size()));
  }
  return counts;
}

Result<RdkafkaAdmin::Offsets> RdkafkaAdmin::list_offsets(const std::map<std::string, int>& partitions,
                                                         const Which& which, Deadline deadline) {
  std::vector<Question> questions;
  for (const auto& [topic, count] : partitions)
    for (std::int32_t id = 0; id < count; ++id) questions.push_back({&topic, id, which(topic), {}});
  EDA_TRY(answer(*client_, questions, deadline));
  Offsets offsets;
  for (const auto& [topic, count] : partitions) offsets[topic];
  for (const auto& question : questions) {
    auto known = offsets.find(*question.topic);
    if (known == offsets.end()) continue;
    if (question.offset) {
      known->second.push_back(*question.offset);
    } else {
      offsets.erase(known);  // of a topic all or nothing
    }
  }
  return offsets;
}

Result<std::map<std::string, std::vector<OffsetSpan>>> RdkafkaAdmin::spans(const std::vector<std::string>& names,
                                                                           Deadline deadline) {
  EDA_ASSIGN(auto partitions, partition_counts(names, deadline));
  // The start first: what retention deletes in between must not make a span negative.
  EDA_ASSIGN(auto first, list_offsets(
                             partitions, [](auto&) { return RD_KAFKA_OFFSET_SPEC_EARLIEST; }, deadline));
  std::erase_if(partitions, [&](const auto& topic) { return !first.contains(topic.first); });
  EDA_ASSIGN(auto end, list_offsets(
                           partitions, [](auto&) { return RD_KAFKA_OFFSET_SPEC_LATEST; }, deadline));
  std::map<std::string, std::vector<OffsetSpan>> spans;
  for (const auto& [topic, starts] : first) {
    auto ends = end.find(topic);
    if (ends == end.end()) continue;
    auto& span = spans[topic];
    for (std::size_t i = 0; i < starts.size(); ++i) span.push_back({starts[i], ends->second[i]});
  }
  return spans;
}

Result<std::map<std::string, std::vector<OffsetSpan>>> RdkafkaAdmin::offsets(const std::vector<std::string>& names,
                                                                             Deadline deadline) {
  return observed("offsets", [&] { return spans(names, deadline); });
}

Result<std::map<std::string, std::int64_t>> RdkafkaAdmin::record_counts(const std::vector<std::string>& names,
                                                                        Deadline deadline) {
  return observed("record_counts", [&]() -> Result<std::map<std::string, std::int64_t>> {
    EDA_ASSIGN(auto all, spans(names, deadline));
    std::map<std::string, std::int64_t> counts;
    for (const auto& [topic, partitions] : all) {
      auto& count = counts[topic];
      for (const auto& span : partitions) count += span.end - span.first;
    }
    return counts;
  });
}

Result<std::map<std::string, std::int64_t>> RdkafkaAdmin::records_before(const std::map<std::string, Instant>& wanted,
                                                                         Deadline deadline) {
  return observed("records_before", [&]() -> Result<std::map<std::string, std::int64_t>> {
    std::vector<std::string> names;
    for (const auto& [topic, instant] : wanted) names.push_back(topic);
    EDA_ASSIGN(auto all, spans(names, deadline));
    std::map<std::string, int> partitions;
    for (const auto& [topic, span] : all) partitions.emplace(topic, static_cast<int>(span.size()));
    auto milliseconds = [&](const std::string& topic) {
      auto since_1970 = std::chrono::ceil<std::chrono::milliseconds>(wanted.at(topic).time_since_epoch()).count();
      return std::max<std::int64_t>(0, since_1970);  // below it are librdkafka's words
    };
    EDA_ASSIGN(auto at, list_offsets(partitions, milliseconds, deadline));
    std::map<std::string, std::int64_t> counts;
    for (const auto& [topic, found] : at) {
      auto& count = counts[topic];
      for (std::size_t i = 0; i < found.size(); ++i) {
        const auto& span = all.at(topic)[i];
        // -1: no record is as young as that.
        count += std::max<std::int64_t>(0, (found[i] < 0 ? span.end : found[i]) - span.first);
      }
    }
    return counts;
  });
}

}  // namespace eda::kafka::rdkafka
