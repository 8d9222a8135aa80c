#include "catalog/actions_services.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "catalog/store_services.h"

namespace eda::catalog {

using plans::Action;
using plans::Draft;

namespace {

std::vector<Claim> claims_of(const Draft& draft) {
  std::vector<Claim> claims;
  if (draft.action == Action::remove) return claims;
  for (auto& read : reads_of(draft.ref.name, draft.after)) {
    claims.push_back({read.group, read.cluster, draft.ref.name});
  }
  return claims;
}

std::vector<std::string> groups_of(const std::vector<Draft*>& drafts) {
  std::set<std::string> groups;
  for (auto* draft : drafts) {
    for (auto& claim : claims_of(*draft)) groups.insert(claim.group);
  }
  return {groups.begin(), groups.end()};
}

// Those of services that the plan leaves alone, and of the others as it leaves them.
std::multimap<std::string, Claim> claims_after(pg::Tx& tx, const std::vector<Draft*>& drafts) {
  std::set<std::string> said;
  std::multimap<std::string, Claim> after;
  for (auto* draft : drafts) {
    said.insert(draft->ref.name);
    for (auto& claim : claims_of(*draft)) after.emplace(claim.group, claim);
  }
  auto groups = groups_of(drafts);
  // Two plans may claim one group at the same time: the second one waits here, and sees what the first has written.
  store::lock_groups(tx, groups);
  for (auto& claim : store::claims(tx, groups)) {
    if (!said.contains(claim.service)) after.emplace(claim.group, claim);
  }
  return after;
}

}  // namespace

Result<> ServiceRows::plan(pg::Tx& tx, const std::vector<Draft*>& drafts) {
  auto after = claims_after(tx, drafts);
  for (auto* draft : drafts) {
    if (draft->action == Action::remove) {
      auto produced = store::produced_by(tx, draft->before->id, 10);
      if (produced.total > 0) draft->refusal = errors::service_owns(draft->ref.name, produced.some, produced.total);
      continue;
    }
    for (auto& claim : claims_of(*draft)) {
      auto [first, last] = after.equal_range(claim.group);
      auto other = std::find_if(first, last, [&](auto& held) { return clash(claim, held.second); });
      if (other != last) draft->refusal = errors::group_claimed(draft->ref, other->second);
    }
  }
  return {};
}

Result<> ServiceRows::write(pg::Tx& tx, const std::vector<plans::Written>& written) {
  std::vector<store::ServiceReads> reads;
  for (auto& one : written) {
    if (one.draft->action == Action::remove) continue;
    reads.push_back({one.id, reads_of(one.draft->ref.name, one.draft->after)});
  }
  store::write_reads(tx, reads);
  return {};
}

namespace {

std::string visibility_of(const Draft& draft) {
  return plans::wished_text(draft.after, "spec.visibility", "protected");
}

bool is_stream(const Draft& draft) {
  return draft.ref.kind == "stream";
}

/// Streams and their readers as the drafts leave them.
class Reads {
 public:
  Reads(pg::Tx& tx, const std::vector<Draft*>& drafts) : tx_(tx) {
    for (auto* draft : drafts) {
      if (is_stream(*draft)) streams_.emplace(draft->ref, draft);
      if (draft->ref.kind == "service" && draft->action != Action::unchanged) services_.emplace(draft->ref.name, draft);
    }
    find_moved();
  }

  void judge() {
    judge_services();
    judge_streams();
  }

 private:
  // What goes to another team with its service, though nothing is said of it.
  void find_moved() {
    std::map<std::int64_t, Draft*> moving;
    for (auto& [name, draft] : services_) {
      bool moves = std::any_of(draft->fields.begin(), draft->fields.end(),
                               [](auto& change) { return change.path == "metadata.team"; });
      if (draft->before && moves) moving.emplace(draft->before->id, draft);
    }
    std::vector<std::int64_t> ids;
    for (auto& [id, draft] : moving) ids.push_back(id);
    for (auto& product : store::products_of(tx_, ids)) {
      if (streams_.contains(product.stream)) continue;
      moved_.emplace(product.stream, Moved{moving.at(product.service_id), product.visibility});
    }
  }

  std::multimap<std::string, Opened> streams_named(const std::vector<std::string>& names) {
    std::multimap<std::string, Opened> after;
    for (auto& [ref, draft] : streams_) {
      if (draft->action == Action::remove) continue;
      after.emplace(ref.name, Opened{ref, Owner{draft->owner, "", ""}, visibility_of(*draft)});
    }
    for (auto& stream : store::streams_named(tx_, names)) {
      if (streams_.contains(stream.stream)) continue;
      auto moved = moved_.find(stream.stream);
      if (moved != moved_.end()) stream.owner = Owner{moved->second.service->owner, "", ""};
      after.emplace(stream.stream.name, stream);
    }
    return after;
  }

  void judge_services() {
    std::vector<std::string> names;
    for (auto& [name, draft] : services_) {
      if (draft->action == Action::remove) continue;
      for (auto& read : reads_of(name, draft->after)) names.push_back(read.stream);
    }
    if (names.empty()) return;
    auto streams = streams_named(names);
    for (auto& [name, draft] : services_) {
      if (draft->action != Action::remove) judge_service(*draft, streams);
    }
  }

  static void judge_service(Draft& service, const std::multimap<std::string, Opened>& streams) {
    for (auto& read : reads_of(service.ref.name, service.after)) {
      auto [first, last] = streams.equal_range(read.stream);
      for (auto held = first; held != last; ++held) {
        const auto& stream = held->second;
        if (!covers(read, stream.stream)) continue;
        auto grant = grant_of(service.owner, stream);
        if (grant == Grant::refused && !service.refusal) service.refusal = errors::reads_private(service.ref, stream);
        if (grant != Grant::not_granted) continue;
        service.notes.push_back(
            fmt::format("reads {}, which team/{} has not granted", stream.stream.text(), stream.owner.team));
      }
    }
  }

  // The streams that are private after the plan, each with the draft that makes it so.
  void judge_streams() {
    std::map<Ref, Draft*> closing;
    for (auto& [ref, draft] : streams_) {
      bool stands = draft->action != Action::remove && draft->action != Action::unchanged;
      if (stands && visibility_of(*draft) == "private") closing.emplace(ref, draft);
    }
    for (auto& [ref, moved] : moved_) {
      if (moved.visibility == "private") closing.emplace(ref, moved.service);
    }
    std::vector<Ref> refs;
    for (auto& [ref, draft] : closing) refs.push_back(ref);
    std::map<Ref, std::vector<std::string>> strangers;
    for (auto& reader : store::readers_of(tx_, refs)) {
      // Services of this very plan were judged as it leaves them.
      if (services_.contains(reader.service) || reader.owner.team == closing.at(reader.stream)->owner) continue;
      strangers[reader.stream].push_back(fmt::format("service/{} of team/{}", reader.service, reader.owner.team));
    }
    for (auto& [ref, readers] : strangers) {
      auto& draft = *closing.at(ref);
      if (!draft.refusal) draft.refusal = errors::private_is_read(ref, readers);
    }
  }

  struct Moved {
    Draft* service;
    std::string visibility;
  };
  pg::Tx& tx_;
  std::map<Ref, Draft*> streams_;
  std::map<std::string, Draft*> services_;
  std::map<Ref, Moved> moved_;
};

/// The flow of data downstream of some streams, read level by level, each service once.
class Flow {
 public:
  Flow(pg::Tx& tx, const std::set<std::int64_t>& streams) {
    std::vector<std::int64_t> level(streams.begin(), streams.end());
    std::unordered_set<std::int64_t> seen(level.begin(), level.end());
    while (!level.empty()) {
      auto steps = store::steps_from(tx, level);
      level.clear();
      for (auto& step : steps) {
        readers_[step.stream_id].push_back(step.service_id);
        for (auto stream : step.produces) {
          if (seen.insert(stream).second) level.push_back(stream);
        }
        services_.try_emplace(step.service_id, Service{step.team, step.produces});
      }
    }
  }

  /// The teams whose services read these streams, or what such services produce.
  std::set<std::string> teams_behind(std::vector<std::int64_t> streams) const {
    std::set<std::string> teams;
    std::unordered_set<std::int64_t> seen;
    while (!streams.empty()) {
      auto readers = readers_.find(streams.back());
      streams.pop_back();
      if (readers == readers_.end()) continue;
      for (auto reader : readers->second) {
        if (!seen.insert(reader).second) continue;
        const auto& service = services_.at(reader);
        teams.insert(service.team);
        streams.insert(streams.end(), service.produces.begin(), service.produces.end());
      }
    }
    return teams;
  }

 private:
  struct Service {
    std::string team;
    std::vector<std::int64_t> produces;
  };
  std::unordered_map<std::int64_t, std::vector<std::int64_t>> readers_;
  std::unordered_map<std::int64_t, Service> services_;
};

}  // namespace

void PrivateReads::judge(pg::Tx& tx, const std::vector<Draft*>& drafts) {
  Reads(tx, drafts).judge();
}

Result<> Readers::affected(pg::Tx& tx, const std::vector<Draft*>& drafts) {
  std::vector<std::int64_t> services;
  std::set<std::int64_t> streams;
  for (auto* draft : drafts) {
    if (!draft->before) continue;
    if (draft->ref.kind == "service") services.push_back(draft->before->id);
    if (is_stream(*draft)) streams.insert(draft->before->id);
  }
  auto produced = store::products(tx, services);
  for (auto& [service, made] : produced) streams.insert(made.begin(), made.end());
  if (streams.empty()) return {};
  Flow flow(tx, streams);
  for (auto* draft : drafts) {
    if (!draft->before) continue;
    std::vector<std::int64_t> from;
    if (is_stream(*draft)) from = {draft->before->id};
    if (draft->ref.kind == "service") from = produced[draft->before->id];
    for (auto& team : flow.teams_behind(std::move(from))) draft->affected.push_back(team);
  }
  return {};
}

}  // namespace eda::catalog
