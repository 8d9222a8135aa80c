#pragma once
// Reading operations, answering them, ending them.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "identity/actions.h"
#include "operations/runner.h"
#include "operations/store.h"
#include "platform/core/page.h"
#include "platform/pg/pool.h"

namespace eda::operations {

class Actions {
 public:
  Actions(pg::Pool& pool, const Clock& clock, identity::Teams& teams, std::vector<Runner*> runners);

  /// Everybody sees that it is and whose. Parameters and evidence are left out for all but the team that it concerns,
  /// who began it, who is to answer it, operators, auditors and admins. not_found OPERATION_UNKNOWN.
  Result<Operation> find(const identity::Actor& actor, const std::string& id);
  /// Also invalid STATE_UNKNOWN, PAGE_TOKEN.
  Result<Page<Operation>> list(const identity::Actor& actor, const store::Filter& filter, const PageRequest& page);

  /// Audited; idempotent by request id: a replay answers with the operation as it is now. Errors: not_found
  /// OPERATION_UNKNOWN, denied (by the runner), conflict OPERATION_OVER, OPERATION_RUNNING, PAST_RETURN, unavailable
  /// OPERATION_KIND, invalid REQUEST_ID, REASON_INVALID, conflict REQUEST_REUSED.
  Result<Operation> resume(const identity::Actor& actor, const identity::Request& request, const std::string& id);
  Result<Operation> abort(const identity::Actor& actor, const identity::Request& request, const std::string& id);

 private:
  Result<Operation> act(const identity::Actor& actor, const identity::Request& request, const std::string& id,
                        Runner::Act what);
  Result<Operation> change(pg::Tx& tx, const identity::Actor& actor, const identity::Request& request, Operation before,
                           Runner::Act what);
  std::set<std::string> teams_of(pg::Tx& tx, const identity::Actor& actor);

  pg::Pool& pool_;
  const Clock& clock_;
  identity::Teams& teams_;
  std::map<std::string, Runner*, std::less<>> runners_;
};

}  // namespace eda::operations
