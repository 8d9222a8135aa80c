#pragma once
// Services: what a team runs, what it reads, and the groups that it reads with. What it writes is said by the streams
// (`spec.producer`), and owned by it.

#include <optional>
#include <string>
#include <vector>

#include "catalog/catalog.h"
#include "plans/plan.h"

namespace eda::catalog {

/// The Service kind: description, repository, tier, lifecycle, consumes.
const plans::KindRules& service_rules();

/// One entry of `spec.consumes`.
struct Read {
  std::string stream;
  std::string cluster;  ///< empty: wherever a stream of that name is
  std::string group;    ///< the consumer group; without one said, the service's name
  std::size_t index = 0;
  friend auto operator<=>(const Read&, const Read&) = default;
};
std::vector<Read> reads_of(const std::string& service, const plans::Wish& wish);
/// Whether the read means this stream.
bool covers(const Read& read, const Ref& stream);

/// A consumer group is one service's, on a cluster or on all of them (empty).
struct Claim {
  std::string group;
  std::string cluster;
  std::string service;
};
bool clash(const Claim& a, const Claim& b);

/// A stream as its readers meet it.
struct Opened {
  Ref stream;
  Owner owner;
  std::string visibility;  ///< "private", "protected", "public"
};
/// What comes of one service's reading a stream.
enum class Grant { own, open, not_granted, refused };
Grant grant_of(const std::string& reader_team, const Opened& stream);
std::string_view grant_name(Grant grant);  ///< "own", "public", "not granted", "refused"

/// A service that says it reads a stream.
struct ReadEdge {
  Ref service;
  Owner reader;
  Opened stream;
  std::string group;
};

/// The service whose everything the object is, by a field that gives owners (`spec.producer`); empty: none.
std::string owning_service(const plans::KindRules& rules, const plans::Wish& wish);
/// The path of that field; empty when the kind has none.
std::string_view owner_field(const plans::KindRules& rules);

namespace errors {
Error group_claimed(const Ref& service, const Claim& other);
Error reads_private(const Ref& service, const Opened& stream);
/// The stream is or becomes private, and others' services read it.
Error private_is_read(const Ref& stream, const std::vector<std::string>& readers);
Error service_owns(const std::string& service, const std::vector<std::string>& owned, std::int64_t total);
/// Its streams say another team than the one that it goes to.
Error moves_whole(const std::string& service, const std::string& to, const std::vector<std::string>& streams);
}  // namespace errors

}  // namespace eda::catalog
