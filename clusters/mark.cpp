#include "clusters/mark.h"

#include <fmt/format.h>

#include "clusters/topics.h"
#include "platform/core/value.h"
#include "platform/text/json.h"

namespace eda::clusters {
namespace {

std::string words_of(const Mark& mark) {
  return fmt::format("event {} of {}", mark.event, to_rfc3339(mark.at));
}

}  // namespace

std::string mark_text(const Mark& mark) {
  return text::to_json(Value::Map{{"event", mark.event}, {"at", std::int64_t{mark.at.time_since_epoch().count()}}});
}

std::optional<Mark> parse_mark(std::string_view text) {
  auto value = text::from_json(text);
  const auto* map = value ? value->as_map() : nullptr;
  if (map == nullptr || !map->contains("event") || !map->contains("at")) return std::nullopt;
  const auto* event = map->at("event").as_int();
  const auto* at = map->at("at").as_int();
  if (event == nullptr || at == nullptr) return std::nullopt;
  return Mark{*event, Instant(Duration(*at))};
}

namespace errors {

Error database_restored(const std::string& cluster, const std::optional<Mark>& found,
                        const std::optional<Mark>& newest) {
  auto next = fmt::format(
      "look at what edactl plan would change there; edactl cluster manage {} lets this database count from then on",
      cluster);
  if (!found) {
    return Error(Code::refused, "DATABASE_RESTORED",
                 fmt::format("the topic {} of cluster/{} holds what edad did not write, so nobody can say whether this "
                             "database is the one that wrote there last",
                             witness_topic, cluster),
                 std::move(next));
  }
  return Error(Code::refused, "DATABASE_RESTORED",
               fmt::format("this database was restored from an older copy, or is another one: cluster/{} was last "
                           "written to at {}, which it does not hold; its newest is {}",
                           cluster, words_of(*found), newest ? words_of(*newest) : "none"),
               std::move(next));
}

Error witness_denied(const std::string& cluster, const Error& why) {
  return Error(why.code, why.reason,
               fmt::format("edad cannot keep its topic {} on cluster/{}: {}", witness_topic, cluster, why.message),
               fmt::format("grant edad's principal CREATE, DESCRIBE, READ and WRITE on the topic {} with kafka-acls",
                           witness_topic));
}

}  // namespace errors
}  // namespace eda::clusters
