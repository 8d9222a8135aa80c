// Drift on demand: the look, and the plans that end it.

#include <fmt/format.h>

#include <algorithm>

#include "streams/actions.h"

namespace eda::streams {

namespace {

constexpr std::chrono::seconds look_limit{20};
constexpr int compared_at_once = 1'000;
// No stream's name begins with it: the token of a page among the topics that no stream manages.
constexpr char undeclared_mark = '/';

// A worker has nothing under way. Of what the broker refused the leader's own looks tell nothing.
bool at_rest(const plans::Object& stream) {
  return stream.state == plans::State::applied || stream.state == plans::State::drifted ||
         stream.state == plans::State::refused;
}

std::optional<LiveTopic> live_in(const Topics& topics, const std::string& name) {
  auto found = topics.found.find(name);
  return found == topics.found.end() ? std::nullopt : std::optional(found->second);
}

std::vector<std::string> topics_of(const std::vector<store::Stream>& streams) {
  std::vector<std::string> names;
  for (auto& stream : streams) names.push_back(stream.memory.topic);
  return names;
}

Error impossible_repair(const plans::Object& stream, const plans::Drift& drift) {
  auto number = [](const std::optional<Value>& value) { return static_cast<int>(*value->as_int()); };
  auto error = drift.what == "partitions"
                   ? errors::shrink(stream.ref, number(drift.fact), number(drift.wish))
                   : errors::replication_changes(stream.ref, number(drift.fact), number(drift.wish));
  error.next = fmt::format("edactl stream drift accept {} keeps it as it is", stream.ref.name);
  return error;
}

// What is gone or grown beyond the wish does not come back by telling the broker.
Result<> can_repair(const store::Stream& stream, const std::optional<LiveTopic>& live,
                    const std::vector<plans::Drift>& drift) {
  for (auto& one : drift) {
    if (one.what == "recreated") return fail(errors::topic_recreated(stream.object.ref, stream.memory.topic));
  }
  if (!live || drift.empty() || std::any_of(drift.begin(), drift.end(), repairable)) return {};
  return fail(impossible_repair(stream.object, drift.front()));
}

// What a repair leaves as it is, and the way out of that.
std::vector<std::string> left_over(const store::Stream& stream, const std::vector<plans::Drift>& drift) {
  std::vector<std::string> notes;
  for (auto& one : drift) {
    if (repairable(one) || one.field == topic_id_path) continue;
    notes.push_back(
        fmt::format("{} stays {}, not {}, so the stream stays drifted; edactl stream drift accept {} keeps it",
                    one.field, drift_text(one, one.fact), drift_text(one, one.wish), stream.object.ref.name));
  }
  return notes;
}

}  // namespace

Result<std::vector<store::Stream>> Streams::load(const Reached& cluster, const std::vector<std::string>& names) {
  return pool_.transact([&](pg::Tx& tx) -> Result<std::vector<store::Stream>> {
    auto found = store::named(tx, cluster.name, names);
    for (auto& name : names) {
      bool known =
          std::any_of(found.begin(), found.end(), [&](auto& stream) { return stream.object.ref.name == name; });
      if (!known) return fail(plans::store::unknown(tx, Ref{"stream", cluster.name, name}));
    }
    return found;
  });
}

Result<> Streams::look_again_soon(const Reached& cluster) {
  EDA_TRY(pool_.transact([&](pg::Tx& tx) -> Result<> {
    store::want_survey(tx, cluster.id);
    return {};
  }));
  pool_.notify("wishes");
  return {};
}

// The streams of a page in order of their names: those named, else all that are at rest.
Result<std::vector<store::Stream>> Streams::next_streams(const Reached& cluster, const DriftCheck& check,
                                                         const std::string& after) {
  if (check.names.empty()) {
    return pool_.transact([&](pg::Tx& tx) -> Result<std::vector<store::Stream>> {
      return store::at_rest_by_name(tx, cluster.name, after, compared_at_once);
    });
  }
  EDA_ASSIGN(auto streams, load(cluster, check.names));
  std::erase_if(streams, [&](auto& stream) { return !at_rest(stream.object) || stream.object.ref.name <= after; });
  return streams;
}

Result<DriftReport> Streams::check_drift(const DriftCheck& check) {
  EDA_ASSIGN(auto cluster, reach(check.cluster));
  DriftReport report;
  auto after = check.page.token;
  bool news = false;
  for (bool more = !after.starts_with(undeclared_mark); more;) {
    EDA_ASSIGN(auto streams, next_streams(cluster, check, after));
    EDA_ASSIGN(auto topics, look_up(*cluster.admin, topics_of(streams), Deadline::in(look_limit), Configs::overrides));
    more = check.names.empty() && streams.size() == compared_at_once;
    for (auto& stream : streams) {
      if (report.rows.size() >= check.page.limit()) {
        report.next_token = after;
        more = false;
        break;
      }
      after = stream.object.ref.name;
      ++report.compared;
      if (topics.unknown.contains(stream.memory.topic)) continue;
      auto drift = findings(stream.object, stream.memory, live_in(topics, stream.memory.topic), clock_.now());
      bool surveyed = stream.object.state != plans::State::refused;
      news = news || (surveyed && !same_findings(drift, stream.object.drift));
      for (auto& one : drift) report.rows.push_back({stream.object.ref, std::move(one), handling_of(stream.object)});
    }
  }
  if (news) EDA_TRY(look_again_soon(cluster));
  if (!report.next_token.empty() || check.undeclared == DriftCheck::Undeclared::leave_out) return report;
  auto from = check.page.token.starts_with(undeclared_mark) ? check.page.token.substr(1) : std::string();
  EDA_TRY(list_undeclared(cluster, from, check.page.limit(), report));
  return report;
}

Result<> Streams::list_undeclared(const Reached& cluster, const std::string& after, std::size_t limit,
                                  DriftReport& report) {
  EDA_ASSIGN(auto topics, streams::list_topics(*cluster.admin, Deadline::in(look_limit)));
  std::vector<std::string> names;
  for (auto next = topics.found.upper_bound(after); next != topics.found.end(); ++next) {
    if (next->second.kind == LiveTopic::Kind::ordinary) names.push_back(next->first);
  }
  EDA_ASSIGN(auto holders, pool_.transact([&](pg::Tx& tx) -> Result<std::map<std::string, store::Holder>> {
    return store::holders(tx, cluster.name, names);
  }));
  auto now = clock_.now();
  std::string last = after;
  for (auto& name : names) {
    if (holders.contains(name)) continue;
    if (report.rows.size() >= limit) {
      report.next_token = undeclared_mark + last;
      return {};
    }
    last = name;
    auto id = Value(topics.found.at(name).id);
    report.rows.push_back({Ref{"stream", cluster.name, name},
                           plans::Drift{topic_id_path, std::nullopt, id, now, "undeclared"}, Handling::report});
  }
  return {};
}

Result<plans::PlanOutput> Streams::plan_drift(const identity::Actor& actor, const DriftPlan& wanted) {
  if (wanted.names.empty()) {
    return fail(Code::invalid, "DRIFT_EMPTY", "which stream's drift?",
                "name the streams; edactl stream drift lists them");
  }
  EDA_ASSIGN(auto cluster, reach(wanted.cluster));
  EDA_ASSIGN(auto streams, load(cluster, wanted.names));
  EDA_ASSIGN(auto topics, look_up(*cluster.admin, topics_of(streams), Deadline::in(look_limit), Configs::overrides));
  plans::PlanInput input;
  input.request_id = wanted.request_id;
  input.body_hash = fmt::format("stream.drift {} {} {}", static_cast<int>(wanted.direction), cluster.name,
                                fmt::join(wanted.names, ","));
  input.reason = wanted.reason;
  input.cluster = cluster.name;
  input.intent = plans::PlanInput::Intent::apply;
  for (auto& stream : streams) {
    if (auto unknown = topics.unknown.find(stream.memory.topic); unknown != topics.unknown.end())
      return fail(unknown->second);
    auto live = live_in(topics, stream.memory.topic);
    plans::PlanInput::Rewrite rewrite{stream.object.ref, stream.object.wish, {}};
    if (wanted.direction == DriftPlan::Direction::accept) {
      EDA_ASSIGN(auto accepted, accept(stream.object, stream.memory, live));
      rewrite.after = std::move(accepted.after);
      rewrite.notes = std::move(accepted.notes);
    } else {
      auto drift = findings(stream.object, stream.memory, live, clock_.now());
      EDA_TRY(can_repair(stream, live, drift));
      rewrite.notes = left_over(stream, drift);
    }
    input.rewrites.push_back(std::move(rewrite));
  }
  // What is stored of them may be old: the plan is to look for itself.
  EDA_TRY(look_again_soon(cluster));
  return engine_.plan(actor, std::move(input));
}

}  // namespace eda::streams
