#pragma once
// Reading operations, answering them, ending them.

#include <map>
#include <string>
#include <vector>

#include "operations/runner.h"
#include "operations/store.h"
#include "platform/core/page.h"
#include "platform/pg/pool.h"

namespace eda::operations {

class Actions {
 public:
  Actions(pg::Pool& pool, const Clock& clock, std::vector<Runner*> runners);

  /// not_found OPERATION_UNKNOWN.
  Result<Operation> find(const std::string& id);
  Result<Page<Operation>> list(const store::Filter& filter, const PageRequest& page);

  struct Answer {
    std::string request_id;
    std::string body_hash;
    std::string reason;
    std::string id;
  };
  /// Audited; idempotent by request id. Errors: not_found OPERATION_UNKNOWN, denied, conflict OPERATION_OVER,
  /// OPERATION_RUNNING, PAST_RETURN.
  Result<Operation> resume(const identity::Actor& actor, const Answer& answer);
  Result<Operation> abort(const identity::Actor& actor, const Answer& answer);

 private:
  pg::Pool& pool_;
  const Clock& clock_;
  std::map<std::string, Runner*, std::less<>> runners_;
};

}  // namespace eda::operations
