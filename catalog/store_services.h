#pragma once
// Rows of services: what they read, what they produce, and whom that reaches.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "catalog/services.h"
#include "platform/pg/tx.h"

namespace eda::catalog::store {

/// A service's reads as they are from now on.
struct ServiceReads {
  std::int64_t service_id = 0;
  std::vector<Read> reads;
};
void write_reads(pg::Tx& tx, const std::vector<ServiceReads>& services);
/// Who names these groups now.
std::vector<Claim> claims(pg::Tx& tx, const std::vector<std::string>& groups);
/// Until the end of the transaction nobody else writes who names these groups.
void lock_groups(pg::Tx& tx, const std::vector<std::string>& groups);

/// Services by name, with their owners; unknown ones are left out.
std::map<std::string, Owner> service_owners(pg::Tx& tx, const std::vector<std::string>& names);
/// Streams of these names on any cluster.
std::vector<Opened> streams_named(pg::Tx& tx, const std::vector<std::string>& names);

/// Streams of these names, on any cluster, that take no new consumers.
struct Going {
  Ref stream;
  std::string successor, sunset;  ///< empty: none is said
};
std::vector<Going> deprecated_named(pg::Tx& tx, const std::vector<std::string>& names);

struct Reader {
  Ref stream;
  std::string service;
  Owner owner;
};
/// The services that say they read these streams.
std::vector<Reader> readers_of(pg::Tx& tx, const std::vector<Ref>& streams);

/// What the services read, and who reads the streams: of these objects, whichever they are.
std::vector<ReadEdge> edges_of(pg::Tx& tx, std::int64_t object_id);

/// What a service produces, at most `limit`, and how many in all. Waits for whoever is just giving it something.
struct Produced {
  std::vector<std::string> some;
  std::int64_t total = 0;
};
Produced produced_by(pg::Tx& tx, std::int64_t service_id, int limit);

/// What a service produces, as those who judge its move need it.
struct Product {
  std::int64_t service_id = 0;
  Ref stream;
  std::string visibility;
  bool says_team = false;  ///< its wish names a team
};
/// All that the services produce, but what is being deleted.
std::vector<Product> products_of(pg::Tx& tx, const std::vector<std::int64_t>& service_ids);

/// One step along the flow: a service that reads the stream, whose it is, and what it produces in turn.
struct Step {
  std::int64_t stream_id = 0;
  std::int64_t service_id = 0;
  std::string team;
  std::vector<std::int64_t> produces;
};
std::vector<Step> steps_from(pg::Tx& tx, const std::vector<std::int64_t>& stream_ids);
/// Ids of what the services produce.
std::map<std::int64_t, std::vector<std::int64_t>> products(pg::Tx& tx, const std::vector<std::int64_t>& service_ids);

}  // namespace eda::catalog::store
