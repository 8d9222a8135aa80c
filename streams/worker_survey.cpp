// The survey of streams at rest: one look at the cluster, then wish against fact by pages; drift is told, and set back
// where that is wished.

#include <algorithm>
#include <future>

#include "catalog/store.h"
#include "events/store.h"
#include "streams/worker_batch.h"

namespace eda::streams {

using plans::Condition;
using plans::State;

namespace {

constexpr int survey_page = 1'000;
// A broker that lags behind may not know a topic yet that exists: its absence has to last.
constexpr std::chrono::milliseconds sure_after{1'000};

std::optional<LiveTopic> live_in(const Topics& topics, const std::string& name) {
  auto found = topics.found.find(name);
  return found == topics.found.end() ? std::nullopt : std::optional(found->second);
}

events::Event drift_event(const plans::Object& object, std::string verb) {
  events::Event event;
  event.actor = "edad";
  event.verb = std::move(verb);
  event.object = object.ref;
  return event;
}

}  // namespace

plans::store::Seen seen_of(const plans::Object& object, State state, Condition condition, Instant now) {
  plans::store::Seen seen;
  seen.id = object.id;
  seen.generation = object.generation;
  seen.state = state;
  seen.conditions = {kept_since(std::move(condition), object.conditions, now)};
  seen.observed = object.observed;
  seen.fingerprint = object.fingerprint;
  seen.drift = object.drift;
  return seen;
}

void put_facts(plans::store::Seen& seen, const Decision& decision, const std::optional<LiveTopic>& live,
               std::vector<plans::Drift> drift) {
  seen.drift = std::move(drift);
  if (decision.act == Act::vanished) {
    seen.fingerprint = absent_fingerprint;
  } else if (live) {
    seen.observed = observed_value(*live);
    seen.fingerprint = fingerprint(*live);
  }
}

bool same_words(const std::vector<Condition>& a, const std::vector<Condition>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Condition& x, const Condition& y) {
    return std::tie(x.type, x.status, x.reason, x.message) == std::tie(y.type, y.status, y.reason, y.message);
  });
}

std::optional<DriftNews> drift_news(const plans::Object& object, const std::vector<plans::Drift>& drift) {
  if (same_findings(object.drift, drift)) return std::nullopt;
  DriftNews news{object.id, drift_event(object, drift.empty() ? "stream.drift-ended" : "stream.drifted")};
  if (!object.drift.empty()) news.event.before = drift_value(object.drift);
  if (!drift.empty()) news.event.after = drift_value(drift);
  return news;
}

void tell(pg::Tx& tx, std::vector<DriftNews> news) {
  if (news.empty()) return;
  std::vector<std::int64_t> ids;
  for (auto& one : news) ids.push_back(one.object_id);
  auto owners = catalog::store::owners_of(tx, ids);
  std::vector<events::Event> trail;
  for (auto& one : news) {
    if (auto owner = owners.find(one.object_id); owner != owners.end()) one.event.team = owner->second.team;
    trail.push_back(std::move(one.event));
  }
  events::append(tx, trail);
}

Result<> Worker::make_sure(kafka::Admin& admin, const std::vector<store::Stream>& streams, Topics& topics) {
  Patience patience;
  for (auto sure = Deadline::in(sure_after); !sure.passed();) {
    std::vector<std::string> absent;
    for (auto& stream : streams) {
      auto& topic = stream.memory.topic;
      bool there = topics.found.contains(topic) || topics.unknown.contains(topic);
      bool vanished = !there && !stream.memory.topic_id.empty() && stream.object.state != State::deleting &&
                      stream.object.state != State::drifted;
      if (vanished) absent.push_back(topic);
    }
    if (absent.empty() || !wake_->pause(patience.next())) break;
    EDA_ASSIGN(auto again, look_up(admin, absent, Deadline::in(options_.look), Configs::overrides));
    topics.found.merge(again.found);
    topics.unknown.merge(again.unknown);
  }
  return {};
}

Result<Round> Worker::survey(const std::string& cluster) {
  EDA_ASSIGN(auto batch, begin(cluster));
  Round round;
  round.outcome = "not-leader";
  if (!batch) return round;
  EDA_TRY(reach(*batch));
  // Reading the witness takes about as long as the look: both at once, and nothing is written before it has spoken.
  auto ours = std::async(std::launch::async, [&]() -> Result<> {
    if (batch->cluster.mode != clusters::Mode::manage) return {};
    return witness(*batch, std::chrono::seconds(0));
  });
  EDA_ASSIGN(auto began, pool_.transact([](pg::Tx& tx) -> Result<std::string> { return store::survey_begins(tx); }));
  EDA_ASSIGN(auto topics, list_topics(*batch->admin, Deadline::in(options_.look)));
  round.survey.emplace();
  for (std::int64_t after = 0;;) {
    EDA_ASSIGN(auto streams, pool_.transact([&](pg::Tx& tx) -> Result<std::vector<store::Stream>> {
      return store::at_rest(tx, cluster, after, survey_page);
    }));
    if (streams.empty()) break;
    after = streams.back().object.id;
    Topics page;
    std::vector<std::string> names;
    for (auto& stream : streams) {
      auto& topic = stream.memory.topic;
      names.push_back(topic);
      if (auto live = topics.found.find(topic); live != topics.found.end()) page.found.insert(*live);
      if (auto unknown = topics.unknown.find(topic); unknown != topics.unknown.end()) page.unknown.insert(*unknown);
    }
    EDA_TRY(add_configs(*batch->admin, page, names, Deadline::in(options_.look), Configs::overrides));
    EDA_TRY(make_sure(*batch->admin, streams, page));
    if (ours.valid()) EDA_TRY(ours.get());
    EDA_TRY(write_survey(*batch, page, streams, round));
    if (streams.size() < survey_page) break;
  }
  if (ours.valid()) EDA_TRY(ours.get());
  EDA_TRY(end_survey(*batch, topics, began, round));
  round.outcome = "ok";
  return round;
}

// Writes news only. Drift that is to be repaired makes its stream pending: the next round sets it back.
Result<> Worker::write_survey(const Batch& batch, const Topics& topics, const std::vector<store::Stream>& streams,
                              Round& round) {
  auto now = clock_.now();
  std::vector<plans::store::Seen> rows;
  std::vector<DriftNews> news;
  std::map<std::int64_t, const plans::Object*> repairing;
  std::vector<store::Version> versions;
  for (auto& stream : streams) {
    ++round.due;
    auto& object = stream.object;
    if (topics.unknown.contains(stream.memory.topic)) continue;
    auto live = live_in(topics, stream.memory.topic);
    auto decision = reconcile(object, stream.memory, live);
    auto drift = findings(object, stream.memory, live, now);
    auto standing = standing_of(decision, object, drift);
    if (standing.state == State::drifted) ++round.drifted;
    for (auto& one : drift) ++(*round.survey)[one.what];
    if (auto told = drift_news(object, drift)) news.push_back(std::move(*told));
    bool repairs = decision.act == Act::change && handling_of(object) == Handling::repair &&
                   batch.cluster.mode == clusters::Mode::manage;
    auto row = seen_of(object, standing.state, standing.condition, now);
    put_facts(row, decision, live, std::move(drift));
    bool fresh = row.state != object.state || row.fingerprint != object.fingerprint ||
                 !same_words(row.conditions, object.conditions) || !same_findings(row.drift, object.drift);
    if (repairs) {
      repairing.emplace(object.id, &object);
      versions.push_back({object.id, object.generation});
    }
    if (fresh || repairs) rows.push_back(std::move(row));
  }
  if (rows.empty()) return {};
  EDA_ASSIGN(int repaired, pool_.transact([&](pg::Tx& tx) -> Result<int> {
    if (!ours(tx, batch)) return 0;
    plans::store::write_back(tx, rows);
    auto told = news;
    auto back = store::set_back(tx, versions);
    for (auto id : back) {
      auto row = std::find_if(rows.begin(), rows.end(), [&](auto& one) { return one.id == id; });
      told.push_back({id, drift_event(*repairing.at(id), "stream.repaired")});
      told.back().event.before = drift_value(row->drift);
    }
    tell(tx, std::move(told));
    return static_cast<int>(back.size());
  }));
  round.repaired += repaired;
  return {};
}

// Topics that no stream has are a number only: there may be many, and they are nobody's.
Result<> Worker::end_survey(const Batch& batch, const Topics& topics, const std::string& began, Round& round) {
  std::vector<std::string> ordinary;
  for (auto& [name, topic] : topics.found) {
    if (topic.kind == LiveTopic::Kind::ordinary) ordinary.push_back(name);
  }
  return pool_.transact([&](pg::Tx& tx) -> Result<> {
    (*round.survey)["undeclared"] = static_cast<int>(ordinary.size()) - store::count_held(tx, batch.name(), ordinary);
    if (leases_.holds(tx, batch.lease)) store::survey_ended(tx, batch.cluster.object.id, began);
    return {};
  });
}

}  // namespace eda::streams
