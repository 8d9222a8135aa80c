#include "events/actions.h"

#include <fmt/format.h>

#include <limits>

#include "events/store_seals.h"

namespace eda::events {

namespace {

constexpr std::int64_t no_end = std::numeric_limits<std::int64_t>::max();

void add(std::vector<Fault>& faults, std::optional<Fault> fault) {
  if (fault) faults.push_back(std::move(*fault));
}

std::optional<Fault> judge_kept(const Head& kept, const std::optional<SealKey>& key) {
  auto signature = check_signature(key, kept);
  if (signature == Signature::good || signature == Signature::none) return std::nullopt;
  return Fault{kept.number, 0, What::signature_wrong, "the head that was kept does not have edad's signature"};
}

void judge_last_page(pg::Tx& tx, const Question& question, const End& end, const std::optional<Mark>& remembered,
                     const std::optional<SealKey>& key, std::vector<Fault>& faults) {
  add(faults, judge_end(end));
  if (question.known) {
    const Head& kept = *question.known;
    add(faults, judge_kept(kept, key));
    add(faults, judge_known({kept.number, kept.hash}, store::hash_at(tx, kept.number), end, Keeper::caller));
  }
  if (remembered) add(faults, judge_known(*remembered, store::hash_at(tx, remembered->number), end, Keeper::edad));
}

void leave_out(std::vector<Fault>& faults) {
  if (faults.size() <= faults_per_page) return;
  auto more = faults.size() - faults_per_page;
  Fault last = faults.back();
  faults.resize(faults_per_page);
  last.message = fmt::format("and {} more faults up to here", more);
  faults.push_back(std::move(last));
}

}  // namespace

Result<Verdict> Verifier::verify(const Question& question) {
  EDA_ASSIGN(auto key, key_());
  // Before the moment that is read, or a head made in between would seem to be gone.
  auto remembered = memory_.get();
  std::size_t limit = question.limit == 0 ? verify_page : std::min(question.limit, verify_page);
  return pool_.transact([&](pg::Tx& tx) -> Result<Verdict> {
    store::freeze(tx);
    Verdict verdict;
    auto end = store::end_of(tx);
    const Mark& after = question.after;
    auto sealed = store::sealed(tx, after.number, limit + 1);
    verdict.done = sealed.size() <= limit;
    auto count = std::min(sealed.size(), limit);
    auto heads = store::heads(tx, after.number, count == 0 ? after.number : sealed[count - 1].number);
    // Cuts from before a head that was kept since then have been looked into.
    bool kept = question.known && store::hash_at(tx, question.known->number) == question.known->hash;
    auto walked = walk(after, sealed, count, heads, key, kept ? question.known->number : 0);
    verdict.verified = walked.end;
    verdict.faults = std::move(walked.faults);
    auto last = verdict.done ? no_end : store::event_at(tx, verdict.verified.number);
    auto from = after.number == 0 ? 0 : store::event_at(tx, after.number);
    for (auto event : store::passed_over(tx, from, last, end.horizon, store::sealing(tx))) {
      verdict.faults.push_back(Fault{0, event, What::row_unsealed, fmt::format("event {} was never sealed", event)});
    }
    if (verdict.done) judge_last_page(tx, question, end, remembered, key, verdict.faults);
    leave_out(verdict.faults);
    verdict.head = end.head.value_or(Head{});
    return verdict;
  });
}

}  // namespace eda::events
