#include "catalog/services.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "platform/text/unicode.h"

namespace eda::catalog {

using plans::Field;
using plans::FieldType;
using plans::Risk;

namespace {

constexpr std::string_view consumes = "spec.consumes";

const Field read_members[] = {
    {.path = "stream",
     .type = FieldType::text,
     .doc = "The stream that is read.",
     .example = "carts.checked-out",
     .refers = "stream",
     .required = true,
     .flow = true},
    {.path = "group",
     .type = FieldType::text,
     .doc = "The consumer group that it is read with. A group is one service's. Without it, the service's name.",
     .example = "order-service"},
    {.path = "maxLag",
     .type = FieldType::duration,
     .doc = "How far behind it may be before its team is told.",
     .example = "30s",
     .least = 1},
    {.path = "cluster",
     .type = FieldType::name,
     .doc = "The cluster of the stream. Without it, wherever a stream of that name is.",
     .example = "prod",
     .refers = "cluster"},
    {.path = "schemaVersion",
     .type = FieldType::integer,
     .doc = "The version of the value's schema that it was built with.",
     .example = "3",
     .least = 1},
};

const Field service_fields[] = {
    {.path = "spec.description",
     .type = FieldType::text,
     .doc = "What the service does.",
     .example = "Takes orders and tells of them."},
    {.path = "spec.repository",
     .type = FieldType::text,
     .doc = "Where its source is.",
     .example = "https://git.shop.example/checkout/order-service"},
    {.path = "spec.tier",
     .type = FieldType::integer,
     .doc = "How much depends on it: 1 - customers notice at once; 4 - nobody notices for days.",
     .example = "1",
     .least = 1,
     .most = 4},
    {.path = "spec.lifecycle",
     .type = FieldType::choice,
     .fallback = "production",
     .doc = "Where it stands: being tried out, in production, on its way out, or off.",
     .example = "production",
     .choices = {"experimental", "production", "deprecated", "retired"}},
    {.path = consumes,
     .type = FieldType::record_list,
     .doc = "What it reads. What it writes is said by the streams: spec.producer.",
     .example = "[{stream: carts.checked-out, group: order-service, maxLag: 30s}]",
     .members = read_members},
};

std::string text_of(const Value::Map& record, const std::string& member) {
  auto said = record.find(member);
  return said != record.end() && said->second.as_text() ? *said->second.as_text() : std::string();
}

std::vector<Violation> judge_service(const std::string& name, const plans::Wish& wish) {
  std::vector<Violation> found;
  std::set<std::tuple<std::string, std::string, std::string>> seen;
  for (auto& read : reads_of(name, wish)) {
    auto path = plans::record_path(consumes, read.index, "stream");
    if (read.stream.empty()) found.push_back({path, "the stream's name is empty", {}, "name one", {}});
    if (!seen.emplace(read.stream, read.cluster, read.group).second) {
      found.push_back({path,
                       fmt::format("stream/{} is read with the group {} twice", read.stream, read.group),
                       {},
                       "leave one of the two out",
                       {}});
    }
  }
  return found;
}

Risk service_risk(const plans::FieldChange&) {
  return Risk::moderate;
}

std::string where(const std::string& cluster) {
  return cluster.empty() ? std::string() : fmt::format(" on cluster/{}", cluster);
}

}  // namespace

const plans::KindRules& service_rules() {
  static const plans::KindRules rules{.kind = "Service",
                                      .plural = "services",
                                      .scope = plans::Scope::global,
                                      .rank = 20,
                                      .doc = "A microservice: whose it is, and what it reads.",
                                      .owned = true,
                                      .fields = service_fields,
                                      .name_fault = text::name_fault,
                                      .judge = judge_service,
                                      .risk = service_risk};
  return rules;
}

std::vector<Read> reads_of(const std::string& service, const plans::Wish& wish) {
  std::vector<Read> reads;
  auto* said = plans::wished(wish, consumes);
  if (!said || !said->as_list()) return reads;
  for (auto& item : *said->as_list()) {
    auto index = static_cast<std::size_t>(&item - said->as_list()->data());
    auto* record = item.as_map();
    if (!record) continue;
    Read read{text_of(*record, "stream"), text_of(*record, "cluster"), text_of(*record, "group"), index};
    if (auto slash = read.stream.find('/'); slash != std::string::npos && read.cluster.empty()) {
      read.cluster = read.stream.substr(0, slash);
      read.stream.erase(0, slash + 1);
    }
    if (read.group.empty()) read.group = service;
    reads.push_back(std::move(read));
  }
  return reads;
}

bool covers(const Read& read, const Ref& stream) {
  return read.stream == stream.name && (read.cluster.empty() || read.cluster == stream.cluster);
}

bool clash(const Claim& a, const Claim& b) {
  bool meet = a.cluster.empty() || b.cluster.empty() || a.cluster == b.cluster;
  return a.group == b.group && meet && a.service != b.service;
}

Grant grant_of(const std::string& reader_team, const Opened& stream) {
  if (stream.owner.team == reader_team) return Grant::own;
  if (stream.visibility == "public") return Grant::open;
  return stream.visibility == "private" ? Grant::refused : Grant::not_granted;
}

std::string_view grant_name(Grant grant) {
  switch (grant) {
    case Grant::own:
      return "own";
    case Grant::open:
      return "public";
    case Grant::not_granted:
      return "not granted";
    case Grant::refused:
      break;
  }
  return "refused";
}

std::string_view owner_field(const plans::KindRules& rules) {
  for (auto& field : rules.fields) {
    if (field.gives_owner) return field.path;
  }
  return {};
}

std::string owning_service(const plans::KindRules& rules, const plans::Wish& wish) {
  auto field = owner_field(rules);
  return field.empty() ? std::string() : plans::wished_text(wish, field);
}

namespace errors {

Error group_claimed(const Ref& service, const Claim& other) {
  return Error(
      Code::conflict, "GROUP_CLAIMED",
      fmt::format("the group {}{} is service/{}'s; {} may not name it too", other.group, where(other.cluster),
                  other.service, service.text()),
      fmt::format("give {} a group of its own, or take it from service/{} first", service.text(), other.service));
}

Error reads_private(const Ref& service, const Opened& stream) {
  return Error(Code::refused, "STREAM_PRIVATE",
               fmt::format("{} may not read {}: it is private to team/{}", service.text(), stream.stream.text(),
                           stream.owner.team),
               fmt::format("{} to make it protected, or leave it out of consumes", ask(stream.owner)))
      .with("owner", stream.owner.team)
      .with("contact", stream.owner.contact);
}

Error private_is_read(const Ref& stream, const std::vector<std::string>& readers) {
  return Error(
      Code::refused, "PRIVATE_IS_READ",
      fmt::format("{} cannot be private to its team: it is read by {}", stream.text(), fmt::join(readers, ", ")),
      "let them leave it out of their consumes first, or keep it protected");
}

Error service_owns(const std::string& service, const std::vector<std::string>& owned, std::int64_t total) {
  return Error(Code::refused, "SERVICE_OWNS",
               fmt::format("service/{} still produces {}", service, some_of(owned, total)),
               "delete them, or give them another producer or a team first");
}

Error moves_whole(const std::string& service, const std::string& to, const std::vector<std::string>& streams) {
  return Error(Code::refused, "SERVICE_MOVES_WHOLE",
               fmt::format("service/{} takes what it produces along, and {} would stay behind", service,
                           fmt::join(streams, ", ")),
               fmt::format("edactl service transfer {} --to {} moves all of it at once", service, to));
}

}  // namespace errors

}  // namespace eda::catalog
