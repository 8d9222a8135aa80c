#pragma once
// The whole graph out of the rows of services, streams and their owners, and whether it is still what the rows say.

#include <string>

#include "platform/pg/tx.h"
#include "topology/topology.h"

namespace eda::topology::store {

/// The declared graph in three statements, and the version that it is of. A read of a stream that is on no cluster yet
/// has nothing to come from and is left out, and so is what is being deleted.
struct Versioned {
  Graph graph;
  std::string version;  ///< opaque; of this database
};
Versioned read_graph(pg::Tx& tx);

/// Whether nothing that a graph is made of has changed since that version. It may say no too often, never too seldom.
bool is_current(pg::Tx& tx, const std::string& version);

}  // namespace eda::topology::store
