// The steps of one round: look, decide, act, look again, write back.

#include <fmt/format.h>

#include <algorithm>

#include "operations/operations.h"
#include "streams/worker_batch.h"

namespace eda::streams {

namespace {

using plans::Condition;
using plans::State;

// A leader asks as often as this, when no survey has.
constexpr std::chrono::seconds witnessed_for{75};

}  // namespace

Condition trouble_condition(const Error& error, std::string type, std::string status) {
  return {std::move(type), std::move(status), error.reason, error.message, error.next, {}};
}

void Worker::look(Batch& batch) {
  std::vector<store::Stream> streams;
  std::vector<std::string> names;
  for (auto& item : batch.items) {
    streams.push_back(item.stream);
    names.push_back(item.stream.memory.topic);
  }
  auto reached = reach(batch);
  auto topics = reached ? look_up(*batch.admin, names, Deadline::in(options_.look), Configs::overrides)
                        : Result<Topics>(fail(reached.error()));
  if (topics) {
    if (auto sure = make_sure(*batch.admin, streams, *topics); !sure) topics = fail(sure.error());
  }
  for (auto& item : batch.items) {
    if (!topics) {
      item.end(Item::Phase::waiting, topics.error());
      continue;
    }
    auto& topic = item.stream.memory.topic;
    if (auto unknown = topics->unknown.find(topic); unknown != topics->unknown.end()) {
      item.end(operations::may_pass(unknown->second) ? Item::Phase::waiting : Item::Phase::refused, unknown->second);
    } else if (auto found = topics->found.find(topic); found != topics->found.end()) {
      item.live = found->second;
    }
  }
}

void Worker::decide(Batch& batch) {
  for (auto& item : batch.items) {
    if (item.phase != Item::Phase::open) continue;
    item.decision = reconcile(item.stream.object, item.stream.memory, item.live);
    switch (item.decision.act) {
      case Act::nothing:
      case Act::refuse:
      case Act::vanished:
      case Act::recreated:
        item.phase = Item::Phase::settled;
        break;
      case Act::forget:
        item.phase = Item::Phase::gone;
        break;
      case Act::create:
      case Act::change:
      case Act::remove:
        if (batch.cluster.mode != clusters::Mode::manage) {
          item.end(Item::Phase::waiting, clusters::errors::only_observed(batch.name()));
        }
        break;
    }
  }
}

// The last question before something is sent: do we still lead, is the database the one that the cluster knows, and are
// these still the newest wishes? What is asked for is noted first, so that after a crash a topic of ours is known as
// ours, and a deletion that may be on its way is not called off.
bool Worker::may_dispatch(Batch& batch, Kind kind, Indices& indices) {
  auto renewed = leases_.acquire(batch.lease.name);
  bool leads = renewed && *renewed && (*renewed)->epoch == batch.lease.epoch;
  std::vector<std::int64_t> still;
  auto noted = !leads ? Result<>(fail(Error())) : pool_.transact([&](pg::Tx& tx) -> Result<> {
    still.clear();
    batch.overtaken = !witness_.holds(tx, batch.name());
    if (batch.overtaken) return {};
    auto cluster = clusters::store::find(tx, batch.name());
    leads = leases_.holds(tx, batch.lease) && cluster && cluster->mode == clusters::Mode::manage &&
            cluster->object.generation == batch.cluster.object.generation;
    if (!leads) return {};
    std::vector<store::Version> versions;
    for (auto index : indices) {
      auto& object = batch.items[index].stream.object;
      versions.push_back({object.id, object.generation});
    }
    still = kind == Kind::removal ? store::mark_removal(tx, versions) : store::still(tx, versions);
    if (kind == Kind::creation) store::mark_sent(tx, still);
    return {};
  });
  if (noted && batch.overtaken) {
    overtaken(batch, indices);
    return false;
  }
  batch.lost = batch.lost || !leads || !noted;
  std::erase_if(indices, [&](std::size_t index) {
    auto& item = batch.items[index];
    bool current = !batch.lost && std::find(still.begin(), still.end(), item.stream.object.id) != still.end();
    if (!current) item.phase = Item::Phase::passed;
    return !current;
  });
  return !indices.empty() && leases_.holds(batch.lease).value_or(false);
}

// The database was restored under us. What the cluster remembers says so, unless somebody has vouched for it already.
void Worker::overtaken(Batch& batch, const Indices& indices) {
  {
    std::lock_guard lock(witnessed_mutex_);
    witnessed_.erase(batch.name());
  }
  auto counts = witness_.check(batch.name(), *batch.admin, Deadline::in(options_.look));
  for (auto index : indices) {
    auto& item = batch.items[index];
    if (counts) {
      item.phase = Item::Phase::passed;
    } else {
      item.end(Item::Phase::waiting, counts.error());
    }
  }
}

void Worker::act(Batch& batch, Kind kind) {
  constexpr Act acts[] = {Act::create, Act::change, Act::remove};
  Indices indices;
  for (std::size_t i = 0; i < batch.items.size(); ++i) {
    auto& item = batch.items[i];
    if (item.phase == Item::Phase::open && item.decision.act == acts[static_cast<int>(kind)]) indices.push_back(i);
  }
  if (indices.empty()) return;
  if (auto known = witness(batch, witnessed_for); !known) {
    for (auto index : indices) batch.items[index].end(Item::Phase::waiting, known.error());
    return;
  }
  if (!may_dispatch(batch, kind, indices)) return;
  std::vector<Work> work;
  for (auto index : indices) {
    auto& item = batch.items[index];
    auto& object = item.stream.object;
    work.push_back({item.stream.memory.topic, item.decision, plans::effective(object.wish, object.overlay)});
    item.dispatched = true;
  }
  auto deadline = Deadline::in(options_.dispatch);
  auto failures = kind == Kind::creation ? create(*batch.admin, work, kafka::Mode::apply, deadline)
                  : kind == Kind::change ? change(*batch.admin, work, kafka::Mode::apply, deadline)
                                         : remove(*batch.admin, work, deadline);
  for (auto index : indices) {
    auto& item = batch.items[index];
    auto failure = failures.find(item.stream.memory.topic);
    bool asked_before = kind == Kind::removal ? item.stream.memory.removal == Memory::Removal::sent
                                              : item.stream.memory.creation == Memory::Creation::sent;
    item.stream.memory.creation = kind == Kind::creation ? Memory::Creation::sent : item.stream.memory.creation;
    const Error* fault = failure == failures.end() ? nullptr : &failure->second;
    // More partitions than the look showed are refused only where they are there: by a request of ours whose answer was
    // lost. Brokers, one that has just started too, may show the old number for a while.
    bool lags = fault && kind == Kind::change && fault->reason == "PARTITIONS_INVALID";
    bool unknown = fault && (lags || outcome_is_unknown(*fault));
    bool gone = fault && kind == Kind::removal && fault->code == Code::not_found;
    // By ourselves, in a round whose answer was lost.
    bool made = fault && fault->reason == "TOPIC_EXISTS" && asked_before;
    if (unknown) {
      item.end(Item::Phase::unknown, *fault);
    } else if (!fault || gone || made) {
      item.phase = Item::Phase::sent;
    } else {
      bool exists = fault->reason == "TOPIC_EXISTS";
      auto error = exists ? errors::topic_exists(item.stream.object.ref, item.stream.memory.topic) : *fault;
      item.unmark = kind != Kind::change && !asked_before;
      item.end(operations::may_pass(error) ? Item::Phase::waiting : Item::Phase::refused, std::move(error));
    }
  }
}

// Brokers learn of a change one after the other: looks until it shows, or the time is over.
void Worker::verify(Batch& batch) {
  Patience patience;
  auto deadline = Deadline::in(options_.visible);
  for (;;) {
    std::vector<Item*> open;
    std::vector<std::string> topics;
    for (auto& item : batch.items) {
      if (item.phase != Item::Phase::sent) continue;
      open.push_back(&item);
      topics.push_back(item.stream.memory.topic);
    }
    if (open.empty()) return;
    auto seen = look_up(*batch.admin, topics, Deadline::in(options_.look), Configs::overrides);
    bool last = deadline.passed();
    for (auto* item : open) {
      if (!seen || seen->unknown.contains(item->stream.memory.topic)) {
        if (!last) continue;
        item->end(Item::Phase::unknown, seen ? seen->unknown.at(item->stream.memory.topic) : seen.error());
        continue;
      }
      auto found = seen->found.find(item->stream.memory.topic);
      auto live = found == seen->found.end() ? std::nullopt : std::optional(found->second);
      auto decision = reconcile(item->stream.object, item->stream.memory, live);
      bool shows = decision.act != Act::create && decision.act != Act::change && decision.act != Act::remove;
      if (!shows && !last) continue;
      if (!shows && decision.act != Act::change) {
        item->end(Item::Phase::unknown, Error(Code::unknown_outcome, "NOT_SEEN_YET",
                                              "the broker took it, but it does not show yet", "it is looked at again"));
        continue;
      }
      item->live = std::move(live);
      item->decision = std::move(decision);
      item->phase = item->decision.act == Act::forget ? Item::Phase::gone : Item::Phase::settled;
    }
    if (!wake_->pause(patience.next())) deadline = Deadline::in(std::chrono::milliseconds(0));
  }
}

namespace {

bool takes(const Decision& decision) {
  return decision.act == Act::nothing || decision.act == Act::change;
}

}  // namespace

Result<> Worker::write_back(Batch& batch) {
  auto now = clock_.now();
  std::vector<plans::store::Seen> rows;
  std::vector<std::int64_t> gone, unmarked, kept, dispatched;
  std::map<std::int64_t, std::string> topic_ids;
  std::vector<DriftNews> news;
  for (auto& item : batch.items) {
    auto& object = item.stream.object;
    if (item.dispatched) dispatched.push_back(object.id);
    if (item.unmark) (object.state == State::deleting ? kept : unmarked).push_back(object.id);
    switch (item.phase) {
      case Item::Phase::settled: {
        auto drift = findings(object, item.stream.memory, item.live, now);
        if (auto told = drift_news(object, drift)) news.push_back(std::move(*told));
        auto standing = standing_of(item.decision, object, drift);
        rows.push_back(seen_of(object, standing.state, standing.condition, now));
        put_facts(rows.back(), item.decision, item.live, std::move(drift));
        if (item.live && takes(item.decision)) topic_ids.emplace(object.id, item.live->id);
        break;
      }
      case Item::Phase::gone:
        gone.push_back(object.id);
        break;
      case Item::Phase::refused:
        rows.push_back(seen_of(object, State::refused, trouble_condition(*item.trouble, "Applied", "False"), now));
        break;
      case Item::Phase::unknown:
        rows.push_back(seen_of(object, object.state == State::deleting ? State::deleting : State::unknown,
                               trouble_condition(*item.trouble, "Applied", "Unknown"), now));
        break;
      case Item::Phase::waiting: {
        bool held_back = item.trouble->reason == "CLUSTER_OBSERVED" || item.trouble->reason == "DATABASE_RESTORED";
        auto type = held_back ? "Applied" : "Reachable";
        auto row = seen_of(object, object.state, trouble_condition(*item.trouble, type, "False"), now);
        if (!same_words(row.conditions, object.conditions)) rows.push_back(std::move(row));
        break;
      }
      case Item::Phase::open:
      case Item::Phase::sent:
      case Item::Phase::passed:
        break;
    }
  }
  return pool_.transact([&](pg::Tx& tx) -> Result<> {
    if (!ours(tx, batch)) {
      batch.lost = true;
      store::look_again(tx, dispatched);
      return {};
    }
    store::unmark_sent(tx, unmarked);
    store::unmark_removal(tx, kept);
    store::remember(tx, topic_ids);
    plans::store::write_back(tx, rows);
    plans::store::remove(tx, gone);
    tell(tx, std::move(news));
    return {};
  });
}

}  // namespace eda::streams
