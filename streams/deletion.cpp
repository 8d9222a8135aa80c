#include "streams/deletion.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace eda::streams {

using operations::Operation;
using operations::Outcome;
using How = operations::Outcome::How;

namespace {

constexpr Duration asked_every = std::chrono::seconds(5);
constexpr Duration quiet = std::chrono::seconds(10);
constexpr Duration patience = std::chrono::hours(24);

const Value::Map& evidence_of(const Operation& operation, std::string_view step) {
  static const Value::Map none;
  auto found = std::find_if(operation.steps.begin(), operation.steps.end(),
                            [&](const operations::Step& one) { return one.name == step; });
  auto* map = found == operation.steps.end() ? nullptr : found->evidence.as_map();
  return map ? *map : none;
}

std::string text_in(const Value::Map& map, const char* key) {
  auto found = map.find(key);
  return found != map.end() && found->second.as_text() ? *found->second.as_text() : std::string();
}

std::optional<Instant> instant_in(const Value::Map& map, const char* key) {
  return from_rfc3339(text_in(map, key));
}

std::optional<Ends> ends_in(const Value::Map& map) {
  auto found = map.find("ends");
  if (found == map.end() || !found->second.as_list()) return std::nullopt;
  Ends ends;
  for (auto& end : *found->second.as_list()) ends.push_back(end.as_int() ? *end.as_int() : 0);
  return ends;
}

Value evidence(const Ends& ends, Instant since, Instant begun) {
  return Value::Map{
      {"ends", Value::List(ends.begin(), ends.end())}, {"since", to_rfc3339(since)}, {"begun", to_rfc3339(begun)}};
}

Outcome done(Value evidence) {
  Outcome outcome;
  outcome.evidence = std::move(evidence);
  return outcome;
}

Outcome again(Duration after, Value evidence, std::string trouble = {}, std::string next = {}) {
  Outcome outcome;
  outcome.how = How::again;
  outcome.after = after;
  outcome.evidence = std::move(evidence);
  outcome.trouble = std::move(trouble);
  outcome.next = std::move(next);
  return outcome;
}

std::string keep(const Operation& operation) {
  return fmt::format("edactl operation abort {} keeps the stream", operation.id);
}

// A day without success; who resumes it gets another one.
Outcome given_up(const Operation& operation, std::string trouble) {
  Outcome outcome;
  outcome.how = How::failed;
  outcome.evidence = Value::Map{};
  outcome.trouble = fmt::format("{}, for a day now", trouble);
  outcome.next = fmt::format("edactl operation resume {} tries another day; {}", operation.id, keep(operation));
  return outcome;
}

std::string words_of(const std::vector<Reader>& readers) {
  std::vector<std::string> words;
  for (auto& reader : readers) {
    auto more = reader.members.size() > 3 ? fmt::format(" and {} more", reader.members.size() - 3) : std::string();
    std::vector<std::string> some(reader.members.begin(),
                                  reader.members.begin() + std::min<std::ptrdiff_t>(3, std::ssize(reader.members)));
    words.push_back(fmt::format("group {} ({}{})", reader.group, fmt::join(some, ", "), more));
  }
  return fmt::format("{}", fmt::join(words, "; "));
}

// The same ends for ten seconds, against what was seen before.
Outcome judge_quiet(const Operation& operation, const std::optional<Ends>& before, std::optional<Instant> since,
                    const Ends& ends, Instant begun, Instant now) {
  if (before && *before == ends) {
    auto rested = since ? now - *since : quiet;
    if (rested >= quiet) return done(evidence(ends, since.value_or(now), begun));
    return again(quiet - rested, evidence(ends, *since, begun));
  }
  if (!before) return again(quiet, evidence(ends, now, begun));
  auto sum = [](const Ends& some) { return std::accumulate(some.begin(), some.end(), std::int64_t{0}); };
  auto arrived = std::max<std::int64_t>(sum(ends) - sum(*before), 0);
  auto trouble = fmt::format("the topic is being written: {} {} arrived since it was last looked at", arrived,
                             arrived == 1 ? "record" : "records");
  if (now - begun >= patience) return given_up(operation, trouble);
  return again(quiet, evidence(ends, now, begun), trouble, "stop its producers; " + keep(operation));
}

}  // namespace

std::vector<std::string> deletion_steps() {
  return {"members", "idle", "records", "delete", "verify"};
}

Leaving leaving_of(const Operation& operation) {
  auto* map = operation.parameters.as_map();
  if (!map) return {};
  return {text_in(*map, "topic"), text_in(*map, "topicId"), text_in(*map, "uid")};
}

Outcome judge_gone() {
  return done(Value::Map{{"topic", "gone, or not the stream's any more"}});
}

Outcome judge_readers(const Operation& operation, const std::vector<Reader>& readers, Instant now) {
  if (readers.empty()) return done(Value::Map{{"members", 0}});
  auto since = instant_in(evidence_of(operation, "members"), "since").value_or(now);
  auto words = words_of(readers);
  auto trouble = fmt::format("the topic is being read: {}", words);
  if (now - since >= patience) return given_up(operation, trouble);
  return again(asked_every, Value::Map{{"since", to_rfc3339(since)}, {"readers", words}}, trouble,
               "stop them, and it goes on by itself; " + keep(operation));
}

Outcome judge_idle(const Operation& operation, const Ends& ends, Instant now) {
  auto& seen = evidence_of(operation, "idle");
  return judge_quiet(operation, ends_in(seen), instant_in(seen, "since"), ends, instant_in(seen, "begun").value_or(now),
                     now);
}

Outcome judge_records(std::int64_t records) {
  return done(Value::Map{{"records", records}});
}

Outcome judge_last_look(const Operation& operation, const Ends& ends, Instant now) {
  auto& own = evidence_of(operation, "delete");
  auto& seen = own.contains("ends") ? own : evidence_of(operation, "idle");
  return judge_quiet(operation, ends_in(seen), instant_in(seen, "since"), ends, instant_in(own, "begun").value_or(now),
                     now);
}

Outcome judge_restored(const Operation& operation, Instant restored_at) {
  Outcome outcome;
  outcome.how = How::failed;
  outcome.trouble = fmt::format(
      "the database was found to be restored from an older copy at {}; what was under way in it does not go on by "
      "itself",
      to_rfc3339(restored_at));
  outcome.next = fmt::format("look whether it still is wished: edactl operation resume {} goes on; {}", operation.id,
                             keep(operation));
  return outcome;
}

Outcome judge_observed(const Operation& operation) {
  auto& cluster = operation.target.cluster;
  return again(
      asked_every, Value(), fmt::format("cluster/{} is only observed: nothing is deleted there", cluster),
      fmt::format("it goes on when an admin lets edad write: edactl cluster manage {}; {}", cluster, keep(operation)));
}

Outcome ask_again(const Error& error) {
  return again(asked_every, Value(), error.message, error.next);
}

}  // namespace eda::streams
