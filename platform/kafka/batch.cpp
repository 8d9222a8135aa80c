#include "platform/kafka/batch.h"

#include <unordered_set>
#include <utility>

#include "platform/kafka/patience.h"

namespace eda::kafka {

std::vector<std::span<const std::size_t>> cut(std::span<const std::size_t> indices,
                                              const std::vector<BatchItem>& items) {
  std::vector<std::span<const std::size_t>> runs;
  std::size_t begin = 0;
  std::size_t records = 0;
  for (std::size_t i = 0; i < indices.size(); ++i) {
    std::size_t more = items[indices[i]].records;
    if (i > begin && (records + more > batch_records || i - begin >= batch_items)) {
      runs.push_back(indices.subspan(begin, i - begin));
      begin = i;
      records = 0;
    }
    records += more;
  }
  if (begin < indices.size()) runs.push_back(indices.subspan(begin));
  return runs;
}

std::optional<Fault> answer_for(const Answers& answers, const std::string& topic) {
  auto found = answers.find(topic);
  if (found != answers.end()) return found->second;
  return Fault{outcome_unknown(topic_subject(topic), "the broker's answer does not mention it"), Remedy::reread};
}

Result<std::vector<Outcome>> in_batches(const std::vector<BatchItem>& items, Deadline deadline, const SendBatch& send) {
  std::vector<Outcome> outcomes(items.size());
  std::vector<std::size_t> pending;
  std::unordered_set<std::string_view> seen;
  for (std::size_t i = 0; i < items.size(); ++i) {
    outcomes[i].topic = items[i].topic;
    if (seen.insert(items[i].topic).second) {
      pending.push_back(i);
    } else {
      outcomes[i].error =
          Error(Code::invalid, "REQUEST_INVALID", topic_subject(items[i].topic) + " comes twice", "ask for it once");
    }
  }

  bool sent = false;  // once anything may have happened, every item gets its own outcome
  for (Patience patience; !pending.empty();) {
    std::vector<std::size_t> again;
    for (auto run : cut(pending, items)) {
      auto answer = send(run);
      if (!answer && !sent && answer.error().reason != "BROKER_OUTCOME_UNKNOWN") return fail(answer.error());
      sent = true;
      for (std::size_t k = 0; k < run.size(); ++k) {
        auto& error = outcomes[run[k]].error;
        if (!answer) {
          error = answer.error();
          continue;
        }
        auto& fault = (*answer)[k];
        error.reset();
        if (!fault) continue;
        error = std::move(fault->error);
        if (fault->remedy == Remedy::repeat) again.push_back(run[k]);
      }
    }
    if (again.empty() || !patience.wait(deadline)) break;
    pending = std::move(again);
  }
  return outcomes;
}

}  // namespace eda::kafka
