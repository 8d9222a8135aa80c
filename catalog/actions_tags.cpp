#include "catalog/actions_tags.h"

#include <algorithm>
#include <map>
#include <set>

#include "catalog/store.h"
#include "catalog/store_services.h"
#include "plans/store.h"

namespace eda::catalog {

using plans::Action;
using plans::Draft;

Result<> TagRows::plan(pg::Tx& tx, const std::vector<Draft*>& drafts) {
  for (auto* draft : drafts) {
    if (draft->action != Action::remove || draft->refusal) continue;
    if (built_in_tag(draft->ref.name)) {
      draft->refusal = errors::tag_built_in(draft->ref.name);
    } else if (auto tagged = store::tagged(tx, draft->ref.name, 10); tagged.total > 0) {
      draft->refusal = errors::tag_in_use(draft->ref.name, tagged.some, tagged.total);
    }
  }
  return {};
}

namespace {

// What a service's draft reads that it did not read before.
std::vector<Read> new_reads(const Draft& draft) {
  std::vector<Read> fresh;
  auto before = draft.before ? reads_of(draft.ref.name, draft.before->wish) : std::vector<Read>();
  for (auto& read : reads_of(draft.ref.name, draft.after)) {
    bool known = std::any_of(before.begin(), before.end(), [&](auto& old) {
      return old.stream == read.stream && (old.cluster.empty() || old.cluster == read.cluster);
    });
    if (!known) fresh.push_back(read);
  }
  return fresh;
}

// By name, as the plan leaves them.
std::multimap<std::string, store::Going> deprecated_after(pg::Tx& tx, const std::vector<Draft*>& drafts,
                                                          const std::vector<std::string>& names) {
  std::multimap<std::string, store::Going> after;
  std::set<Ref> said;
  for (auto* draft : drafts) {
    if (draft->ref.kind != "stream") continue;
    said.insert(draft->ref);
    if (draft->action == Action::remove || !has_tag(draft->after, deprecated)) continue;
    after.emplace(draft->ref.name, store::Going{draft->ref, plans::wished_text(draft->after, "spec.successor"),
                                                plans::wished_text(draft->after, "spec.sunset")});
  }
  for (auto& going : store::deprecated_named(tx, names)) {
    if (!said.contains(going.stream)) after.emplace(going.stream.name, going);
  }
  return after;
}

}  // namespace

void NoNewConsumers::judge(pg::Tx& tx, const std::vector<Draft*>& drafts) {
  std::map<Draft*, std::vector<Read>> fresh;
  std::vector<std::string> names;
  for (auto* draft : drafts) {
    if (draft->ref.kind != "service" || draft->action == Action::remove) continue;
    auto reads = new_reads(*draft);
    for (auto& read : reads) names.push_back(read.stream);
    if (!reads.empty()) fresh.emplace(draft, std::move(reads));
  }
  if (names.empty()) return;
  auto going = deprecated_after(tx, drafts, names);
  for (auto& [draft, reads] : fresh) {
    for (auto& read : reads) {
      auto [first, last] = going.equal_range(read.stream);
      for (; first != last; ++first) {
        auto& stream = first->second;
        if (!covers(read, stream.stream) || draft->refusal) continue;
        draft->refusal = errors::stream_deprecated(draft->ref, stream.stream, stream.successor, stream.sunset);
      }
    }
  }
}

void judge_tags(pg::Tx& tx, const Standing& standing, const std::vector<Draft*>& drafts) {
  std::vector<Draft*> changing;
  std::vector<std::string> named;
  for (auto* draft : drafts) {
    if (draft->action == Action::remove) continue;
    auto change = tag_change(*draft);
    if (change.added.empty() && change.removed.empty()) continue;
    changing.push_back(draft);
    named.insert(named.end(), change.added.begin(), change.added.end());
    named.insert(named.end(), change.removed.begin(), change.removed.end());
  }
  if (changing.empty()) return;
  std::map<std::string, Tag> known;
  std::vector<Ref> refs;
  for (auto& name : named) refs.push_back(Ref{"tag", "", name});
  for (auto& [ref, tag] : plans::store::load(tx, refs)) known.emplace(ref.name, tag_of(tag.wish));
  for (auto* draft : drafts) {
    if (draft->ref.kind != "tag") continue;
    if (draft->action == Action::remove) known.erase(draft->ref.name);
    if (draft->action == Action::create) known.emplace(draft->ref.name, tag_of(draft->after));
  }
  auto names = plans::store::names(tx, "tag", "");
  for (auto* draft : changing) judge_tags(*draft, known, names, standing, draft->owner);
}

Result<> know_tags(pg::Tx& tx, const Selection& selection) {
  for (auto* marks : {&selection.all, &selection.none}) {
    for (auto& mark : *marks) {
      if (!mark.starts_with("t:")) continue;
      auto name = mark.substr(2);
      Ref ref{"tag", "", name};
      if (!plans::store::load(tx, {ref}).empty() || store::tagged(tx, name, 1).total > 0) continue;
      return fail(plans::store::unknown(tx, ref));
    }
  }
  return {};
}

}  // namespace eda::catalog
