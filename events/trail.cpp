#include "events/trail.h"

#include <fmt/format.h>

#include <algorithm>

namespace eda::events {

namespace {

// Places of columns in a row, as store_seals reads them.
constexpr std::size_t verb_column = 4;
constexpr std::size_t reason_column = 11;

std::string text_of(const Columns& row, std::size_t column) {
  return column < row.size() ? row[column].value_or("") : std::string();
}

std::string numbers(std::int64_t first, std::int64_t last) {
  return first == last ? fmt::format("number {}", first) : fmt::format("numbers {} to {}", first, last);
}

class Walker {
 public:
  Walker(const Mark& from, std::span<const Sealed> sealed, std::span<const Head> heads,
         const std::optional<SealKey>& key)
      : number_(from.number), hash_(from.hash), sealed_(sealed), heads_(heads), key_(key) {}

  void step(std::size_t at, std::int64_t told) {
    const Sealed& seal = sealed_[at];
    if (seal.number != number_ + 1) {
      find(number_ + 1, 0, What::seal_missing,
           fmt::format("the seals of {} are gone", numbers(number_ + 1, seal.number - 1)));
      hash_.reset();
    }
    number_ = seal.number;
    if (!seal.row) {
      find(seal.number, seal.event, What::row_missing, fmt::format("event {} was sealed and is gone", seal.event));
      hash_ = seal.hash;
    } else {
      hash_ = hash_ ? judge_row(at, link(*hash_, *seal.row)) : seal.hash;
      if (seal.number > told && text_of(*seal.row, verb_column) == cut_verb)
        find(seal.number, seal.event, What::cut_off, text_of(*seal.row, reason_column));
    }
    judge_head();
  }

  Walked take() { return {std::move(faults_), Mark{number_, hash_.value_or(genesis)}}; }

 private:
  void find(std::int64_t number, std::int64_t event, What what, std::string message) {
    faults_.push_back(Fault{number, event, what, std::move(message)});
  }

  const Head* head_at(std::int64_t number) const {
    auto found = std::lower_bound(heads_.begin(), heads_.end(), number,
                                  [](const Head& head, std::int64_t wanted) { return head.number < wanted; });
    return found != heads_.end() && found->number == number ? &*found : nullptr;
  }

  // The hash to go on with: that of the seal, or the computed one where the seal itself was changed, which the next
  // seal or a signed head proves.
  Hash judge_row(std::size_t at, const Hash& computed) {
    const Sealed& seal = sealed_[at];
    if (computed == seal.hash) return computed;
    const auto* head = head_at(seal.number);
    bool proven = head != nullptr && head->hash == computed;
    if (at + 1 < sealed_.size()) {
      const Sealed& next = sealed_[at + 1];
      proven = proven || (next.number == seal.number + 1 && next.row && link(computed, *next.row) == next.hash);
    }
    if (proven) {
      find(seal.number, seal.event, What::chain_broken,
           fmt::format("the seal of event {} was changed; the event itself is as it was", seal.event));
      return computed;
    }
    find(seal.number, seal.event, What::row_changed,
         fmt::format("event {} ({}) is not what was sealed", seal.event, text_of(*seal.row, verb_column)));
    return seal.hash;
  }

  void judge_head() {
    const auto* head = head_at(number_);
    if (head == nullptr) return;
    auto signature = check_signature(key_, *head);
    bool sound = signature == Signature::good || signature == Signature::none;
    if (sound && hash_ && *hash_ != head->hash) {
      find(number_, 0, What::chain_broken,
           fmt::format("the chain at number {} is not the one of its head: it was made anew", number_));
    }
    if (sound) {
      run_ = nullptr;
      return;
    }
    // A key that is not known makes thousands of heads wrong in one way: they are one fault.
    if (run_ != nullptr && run_signature_ == signature) {
      faults_[run_at_].message = sentence(signature, *run_, head->number);
      return;
    }
    run_ = head;
    run_at_ = faults_.size();
    run_signature_ = signature;
    find(number_, 0, What::signature_wrong, sentence(signature, *head, head->number));
  }

  std::string sentence(Signature signature, const Head& first, std::int64_t last) const {
    auto which = first.number == last ? fmt::format("the head of number {}", last)
                                      : fmt::format("the heads of {}", numbers(first.number, last));
    if (signature == Signature::missing) return which + ": not signed, though edad had its key";
    if (signature == Signature::wrong) return which + ": the signature is not that of edad's key";
    if (!key_) return fmt::format("{}: signed by key {}, and this edad has no key to check it with", which, first.key);
    return fmt::format("{}: signed by key {}, which edad does not know", which, first.key);
  }

  std::int64_t number_;
  std::optional<Hash> hash_;  ///< nothing: not known, after a gap
  std::span<const Sealed> sealed_;
  std::span<const Head> heads_;
  const std::optional<SealKey>& key_;
  std::vector<Fault> faults_;
  const Head* run_ = nullptr;
  std::size_t run_at_ = 0;
  Signature run_signature_ = Signature::good;
};

}  // namespace

std::string_view what_name(What what) {
  switch (what) {
    case What::row_changed:
      return "row-changed";
    case What::row_missing:
      return "row-missing";
    case What::seal_missing:
      return "seal-missing";
    case What::chain_broken:
      return "chain-broken";
    case What::signature_wrong:
      return "signature-wrong";
    case What::cut_off:
      return "cut-off";
    case What::row_unsealed:
      return "row-unsealed";
  }
  return "";
}

Walked walk(const Mark& from, std::span<const Sealed> sealed, std::size_t count, std::span<const Head> heads,
            const std::optional<SealKey>& key, std::int64_t told) {
  Walker walker(from, sealed, heads, key);
  for (std::size_t at = 0; at < count; ++at) walker.step(at, told);
  return walker.take();
}

std::optional<Fault> judge_end(const End& end) {
  auto head = end.head ? end.head->number : 0;
  if (head > end.seal.number) {
    return Fault{head, 0, What::cut_off,
                 fmt::format("there is a head of number {}, and the seals end at {}", head, end.seal.number)};
  }
  if (head < end.seal.number) {
    return Fault{end.seal.number, 0, What::signature_wrong,
                 fmt::format("no head covers the seals of {}", numbers(head + 1, end.seal.number))};
  }
  return std::nullopt;
}

std::optional<Fault> judge_known(const Mark& known, const std::optional<Hash>& found, const End& end, Keeper keeper) {
  auto whose = keeper == Keeper::caller ? "the head that was kept" : "the last head that edad itself made";
  if (known.number > end.seal.number) {
    return Fault{known.number, 0, What::cut_off,
                 fmt::format("{} is number {}, and the trail ends at {}", whose, known.number, end.seal.number)};
  }
  if (known.number > 0 && found != known.hash) {
    return Fault{known.number, 0, What::cut_off,
                 fmt::format("{} is number {}, and the trail is another one there: it was put back or made anew", whose,
                             known.number)};
  }
  return std::nullopt;
}

}  // namespace eda::events
