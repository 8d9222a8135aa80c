#pragma once
// How objects are named and referred to. Public identity is (kind, name), and (cluster, kind, name) for what lives on a
// cluster. Names of people's things (teams, services, domains) are Unicode and checked in platform/text/unicode.

#include <optional>
#include <string>
#include <string_view>

#include "platform/core/error.h"

namespace eda {

/// A reference as it is written everywhere: `team/checkout`, `stream/orders.placed`, `stream/prod/orders.placed`.
/// `kind` is the lower-case singular. `cluster` is empty where the default cluster is meant or the kind is global.
struct Ref {
  std::string kind;
  std::string cluster;
  std::string name;

  std::string text() const { return cluster.empty() ? kind + "/" + name : kind + "/" + cluster + "/" + name; }
  friend auto operator<=>(const Ref&, const Ref&) = default;
};

/// Parses `kind/name` or `kind/cluster/name`; invalid, reason REF_SYNTAX, otherwise.
Result<Ref> parse_ref(std::string_view text);

/// Why Kafka would refuse this topic name (Kafka: Topic.validate), or nullopt when it would not:
/// 1–249 of [A-Za-z0-9._-], neither "." nor "..".
std::optional<std::string> topic_name_fault(std::string_view name);

/// Kafka's metrics replace `.` by `_`; two topics whose names meet there collide (Topic.hasCollision).
bool topic_names_collide(std::string_view a, std::string_view b);

}  // namespace eda
