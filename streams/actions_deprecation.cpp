#include "streams/actions_deprecation.h"

#include <fmt/format.h>

#include <map>

#include "catalog/store_services.h"
#include "events/store.h"
#include "streams/deprecation.h"

namespace eda::streams {

namespace {

std::multimap<Ref, catalog::store::Reader> readers_of(pg::Tx& tx, const std::vector<Ref>& streams) {
  std::multimap<Ref, catalog::store::Reader> readers;
  for (auto& reader : catalog::store::readers_of(tx, streams)) readers.emplace(reader.stream, reader);
  return readers;
}

events::Event source_deprecated(const plans::Written& written, const catalog::store::Reader& reader) {
  const auto& draft = *written.draft;
  events::Event event;
  event.actor = written.actor;
  event.verb = "service.source_deprecated";
  event.object = Ref{"service", "", reader.service};
  event.team = reader.owner.team;
  Value::Map after{{"stream", draft.ref.text()}};
  for (auto* field : {"successor", "sunset"}) {
    auto said = plans::wished_text(draft.after, fmt::format("spec.{}", field));
    if (!said.empty()) after.emplace(field, said);
  }
  event.after = std::move(after);
  event.reason = written.reason;
  event.plan_id = written.plan_id;
  return event;
}

}  // namespace

void name_readers(pg::Tx& tx, const std::vector<plans::Draft*>& drafts) {
  std::vector<Ref> streams;
  for (auto* draft : drafts) {
    if (becomes_deprecated(*draft)) streams.push_back(draft->ref);
  }
  auto readers = readers_of(tx, streams);
  for (auto* draft : drafts) {
    if (!becomes_deprecated(*draft)) continue;
    auto [first, last] = readers.equal_range(draft->ref);
    for (; first != last; ++first) {
      auto& reader = first->second;
      auto contact = reader.owner.contact.empty() ? "" : fmt::format(" ({})", reader.owner.contact);
      draft->notes.push_back(
          fmt::format("service/{} of team/{}{} reads it, and is told", reader.service, reader.owner.team, contact));
    }
  }
}

void tell_readers(pg::Tx& tx, const std::vector<plans::Written>& written) {
  std::map<Ref, const plans::Written*> going;
  std::vector<Ref> streams;
  for (auto& one : written) {
    if (!becomes_deprecated(*one.draft)) continue;
    going.emplace(one.draft->ref, &one);
    streams.push_back(one.draft->ref);
  }
  std::vector<events::Event> trail;
  for (auto& [stream, reader] : readers_of(tx, streams)) trail.push_back(source_deprecated(*going.at(stream), reader));
  if (!trail.empty()) events::append(tx, trail);
}

}  // namespace eda::streams
