#pragma once
// A change of many items: cut into requests that a broker takes, and sent again for the items whose refusal passes.

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "platform/core/error.h"
#include "platform/core/time.h"
#include "platform/kafka/admin.h"
#include "platform/kafka/fault.h"

namespace eda::kafka {

struct BatchItem {
  std::string topic;
  std::size_t records = 1;  ///< what the controller has to write for it, about
};

/// A controller takes 10,000 records a request and answers a larger one with POLICY_VIOLATION; librdkafka's own work
/// grows with the square of the items.
inline constexpr std::size_t batch_records = 5'000;
inline constexpr std::size_t batch_items = 1'000;

/// Sends the items with these indices as one request; one answer an item, in their order, nothing for done. An Error:
/// the request failed as a whole.
using SendBatch = std::function<Result<std::vector<std::optional<Fault>>>(std::span<const std::size_t> items)>;

/// A broker's answer by topic, nothing for done.
using Answers = std::unordered_map<std::string, std::optional<Fault>>;
/// What it says of this topic; a topic that it does not mention has an unknown outcome.
std::optional<Fault> answer_for(const Answers& answers, const std::string& topic);

/// One Outcome an item, in their order; a topic that comes a second time is refused and not sent. Fails as a whole only
/// when the first request could not be sent.
Result<std::vector<Outcome>> in_batches(const std::vector<BatchItem>& items, Deadline deadline, const SendBatch& send);

/// Runs of neighbours within both limits; an item that alone exceeds them is a run of its own.
std::vector<std::span<const std::size_t>> cut(std::span<const std::size_t> indices,
                                              const std::vector<BatchItem>& items);

}  // namespace eda::kafka
