// Which records a plan would take: those of a deletion, and those that a shorter retention lets go.

#include <fmt/format.h>

#include <algorithm>

#include "streams/drafts.h"

namespace eda::streams {

using plans::Action;
using plans::Draft;
using plans::FieldChange;
using plans::Risk;

namespace {

// How many records a deletion takes, among the fields that a plan would change.
constexpr const char* records_path = "status.records";

}  // namespace

std::string records_note(std::int64_t records) {
  if (records == 0) return "the topic holds no records now";
  return fmt::format("the topic holds up to {} {} now", records, records == 1 ? "record" : "records");
}

void judge_departure(Draft& draft, std::optional<std::int64_t> records) {
  draft.notes.push_back(records ? records_note(*records) : "how many records the topic holds could not be learnt");
  if (records == 0) return;
  draft.fields.push_back(FieldChange{records_path, records ? Value(*records) : Value("unknown"), std::nullopt});
}

void judge_departure_again(Draft& draft, std::optional<std::int64_t> records) {
  if (may_hold_data(draft) || records == 0) return;
  auto now = records ? fmt::format("holds up to {} records now", *records) : std::string("may hold records now");
  draft.refusal = plans::errors::plan_stale(
      fmt::format("{}: the topic {}, and was empty when its deletion was planned", draft.ref.text(), now));
}

bool may_hold_data(const Draft& draft) {
  return draft.action == Action::remove &&
         std::any_of(draft.fields.begin(), draft.fields.end(), [](auto& field) { return field.path == records_path; });
}

std::optional<std::int64_t> retention_cut(const Decision& decision, const LiveTopic& live,
                                          const BrokerDefaults& defaults) {
  const std::string key = "retention.ms";
  auto wished = decision.delta.set.find(key);
  bool resets = decision.delta.reset.contains(key);
  if (wished == decision.delta.set.end() && !resets) return std::nullopt;
  auto to = resets ? std::nullopt : std::optional(wished->second);
  auto found = live.config.find(key);
  auto from = found == live.config.end() ? std::nullopt : std::optional(found->second.value);
  if (!data_at_stake(key, from, to, defaults)) return std::nullopt;
  if (resets) return defaults.retention_ms;
  auto value = field_value(key, *to).value;
  return value.as_int() ? std::optional(*value.as_int()) : std::nullopt;
}

void judge_cut(Draft& draft, std::int64_t records) {
  auto what = records == 0 ? std::string("no record is older than the new retention now")
                           : fmt::format("up to {} {} older than the new retention and {}", records,
                                         records == 1 ? "record is" : "records are", records == 1 ? "goes" : "go");
  draft.notes.push_back(what);
  if (records > 0) draft.raise(Risk::critical, what);
}

bool needs_defaults(const Draft& draft) {
  if (draft.action == Action::unchanged || draft.action == Action::remove) return false;
  auto wished = wished_config(plans::effective(draft.after, draft.overlay));
  return std::any_of(wished.begin(), wished.end(), [](auto& entry) {
    bool stakes = entry.first == "retention.ms" || entry.first == "retention.bytes" || entry.first == "cleanup.policy";
    return stakes && !entry.second;
  });
}

}  // namespace eda::streams
