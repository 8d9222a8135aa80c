// Classic consumer groups, and who of them has partitions of a topic.

#include <algorithm>

#include "platform/kafka/patience.h"
#include "platform/kafka/rdkafka_admin.h"

namespace eda::kafka::rdkafka {
namespace {

using namespace std::chrono_literals;

// librdkafka sends one request a group, all of a call at once.
constexpr std::size_t groups_a_call = 200;
// A group that rebalances for longer than this is left as it is seen: one that never settles must not stop the rest.
constexpr auto settling = 3000ms;

std::string text_or_empty(const char* text) {
  return text == nullptr ? std::string() : std::string(text);
}

GroupMember member_of(const rd_kafka_MemberDescription_t* told) {
  GroupMember member{text_or_empty(rd_kafka_MemberDescription_consumer_id(told)),
                     text_or_empty(rd_kafka_MemberDescription_client_id(told)),
                     text_or_empty(rd_kafka_MemberDescription_host(told)),
                     {}};
  const auto* assignment = rd_kafka_MemberDescription_assignment(told);
  const auto* partitions = assignment == nullptr ? nullptr : rd_kafka_MemberAssignment_partitions(assignment);
  for (int i = 0; partitions != nullptr && i < partitions->cnt; ++i) member.topics.insert(partitions->elems[i].topic);
  return member;
}

bool has_any(const GroupMember& member, const std::set<std::string>& topics) {
  return std::ranges::any_of(member.topics, [&](const std::string& topic) { return topics.contains(topic); });
}

// A group that rebalances shows members without partitions.
enum class Unsettled { ask_again, take };

/// What an answer leaves open.
struct Open {
  std::vector<std::string> groups;  ///< to be asked again
  std::optional<Error> error;       ///< why, when it was a refusal
};

// What a batch of descriptions says; groups that are gone or denied are left out.
Result<Open> read_groups(rd_kafka_event_t* event, const std::set<std::string>& topics, Unsettled unsettled,
                         std::vector<GroupFact>& facts) {
  std::size_t count = 0;
  const auto** groups =
      rd_kafka_DescribeConsumerGroups_result_groups(rd_kafka_event_DescribeConsumerGroups_result(event), &count);
  Open open;
  for (std::size_t i = 0; i < count; ++i) {
    GroupFact fact;
    fact.group = rd_kafka_ConsumerGroupDescription_group_id(groups[i]);
    const auto* error = rd_kafka_ConsumerGroupDescription_error(groups[i]);
    if (error != nullptr && rd_kafka_error_code(error) != RD_KAFKA_RESP_ERR_NO_ERROR) {
      auto fault = judge(rd_kafka_error_code(error), group_subject(fact.group), rd_kafka_error_string(error));
      if (fault.error.code == Code::denied || fault.error.code == Code::not_found) continue;
      if (fault.remedy == Remedy::none) return fail(std::move(fault.error));
      open.groups.push_back(fact.group);
      open.error = std::move(fault.error);
      continue;
    }
    auto state = rd_kafka_ConsumerGroupDescription_state(groups[i]);
    if (unsettled == Unsettled::ask_again && (state == RD_KAFKA_CONSUMER_GROUP_STATE_PREPARING_REBALANCE ||
                                              state == RD_KAFKA_CONSUMER_GROUP_STATE_COMPLETING_REBALANCE)) {
      open.groups.push_back(fact.group);
      continue;
    }
    fact.state = rd_kafka_consumer_group_state_name(state);
    for (std::size_t k = 0; k < rd_kafka_ConsumerGroupDescription_member_count(groups[i]); ++k) {
      auto member = member_of(rd_kafka_ConsumerGroupDescription_member(groups[i], k));
      if (has_any(member, topics)) fact.members.push_back(std::move(member));
    }
    if (!fact.members.empty()) facts.push_back(std::move(fact));
  }
  return open;
}

}  // namespace

// Names of the classic groups that have members.
Result<std::vector<std::string>> RdkafkaAdmin::inhabited_groups(Deadline deadline) {
  for (Patience patience;;) {
    Ask what{"the list of consumer groups", RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPS};
    EDA_ASSIGN(Event event, client_->ask(what, deadline, rd_kafka_ListConsumerGroups));
    const auto* result = rd_kafka_event_ListConsumerGroups_result(event.get());
    std::size_t count = 0;
    // Each broker lists its own groups: one that is silent makes the list incomplete, and nobody may rely on it.
    if (const auto** errors = rd_kafka_ListConsumerGroups_result_errors(result, &count); count > 0) {
      auto fault = judge(rd_kafka_error_code(errors[0]), what.subject, rd_kafka_error_string(errors[0]));
      if (fault.remedy == Remedy::none || !patience.wait(deadline)) return fail(std::move(fault.error));
      continue;
    }
    std::set<std::string> names;
    const auto** groups = rd_kafka_ListConsumerGroups_result_valid(result, &count);
    for (std::size_t i = 0; i < count; ++i) {
      auto type = rd_kafka_ConsumerGroupListing_type(groups[i]);
      auto state = rd_kafka_ConsumerGroupListing_state(groups[i]);
      if (type != RD_KAFKA_CONSUMER_GROUP_TYPE_CLASSIC && type != RD_KAFKA_CONSUMER_GROUP_TYPE_UNKNOWN) continue;
      if (state == RD_KAFKA_CONSUMER_GROUP_STATE_EMPTY || state == RD_KAFKA_CONSUMER_GROUP_STATE_DEAD) continue;
      names.insert(rd_kafka_ConsumerGroupListing_group_id(groups[i]));
    }
    return std::vector<std::string>(names.begin(), names.end());
  }
}

Result<std::vector<GroupFact>> RdkafkaAdmin::groups(const std::set<std::string>& topics, Deadline deadline) {
  if (topics.empty()) return std::vector<GroupFact>();
  EDA_ASSIGN(auto names, inhabited_groups(deadline));
  std::vector<GroupFact> facts;
  const auto settled_by = Deadline::in(std::min<std::chrono::milliseconds>(settling, deadline.left() / 2));
  for (std::size_t begin = 0; begin < names.size(); begin += groups_a_call) {
    auto end = names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), begin + groups_a_call));
    std::vector<std::string> pending(names.begin() + static_cast<std::ptrdiff_t>(begin), end);
    for (Patience patience; !pending.empty();) {
      std::vector<const char*> plain_names;
      for (const auto& name : pending) plain_names.push_back(name.c_str());
      Ask what{"the description of consumer groups", RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS};
      EDA_ASSIGN(Event event, client_->ask(what, deadline, [&](auto* instance, const auto* options, auto* queue) {
        rd_kafka_DescribeConsumerGroups(instance, plain_names.data(), plain_names.size(), options, queue);
      }));
      EDA_ASSIGN(auto open,
                 read_groups(event.get(), topics, settled_by.passed() ? Unsettled::take : Unsettled::ask_again, facts));
      if (!open.groups.empty() && !patience.wait(deadline)) {
        if (open.error) return fail(std::move(*open.error));
        break;
      }
      pending = std::move(open.groups);
    }
  }
  std::ranges::sort(facts, {}, &GroupFact::group);
  return facts;
}

Result<std::vector<GroupFact>> RdkafkaAdmin::groups_on(const std::set<std::string>& topics, Deadline deadline) {
  return observed("groups_on", [&] { return groups(topics, deadline); });
}

}  // namespace eda::kafka::rdkafka
