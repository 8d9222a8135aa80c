#pragma once
// What a kind of operation adds: its steps, who may answer and end it. Capabilities implement it, controlplane lists
// them.

#include <string>
#include <string_view>
#include <vector>

#include "identity/identity.h"
#include "operations/operations.h"
#include "platform/pg/tx.h"

namespace eda::operations {

class Runner {
 public:
  virtual ~Runner() = default;
  virtual std::string_view kind() const = 0;
  virtual std::vector<std::string> steps() const = 0;

  /// Runs one step of operations of this kind that stand there and are due; all are claimed by this process. Outside
  /// any transaction; a step may be run twice. Outcomes in the order of the operations. A fault that is thrown fails
  /// all of them.
  virtual std::vector<Outcome> run(const std::string& step, const std::vector<Operation>& operations) = 0;

  enum class Act { resume, abort };
  /// Who may, and whether the step still lets it (conflict PAST_RETURN). denied names whom to ask. Asked only for what
  /// the operation's state lets.
  virtual Result<> may(pg::Tx& tx, const identity::Actor& actor, const Operation& operation, Act act) = 0;
  /// In the transaction that resumes or ends it, with the operation as it is afterwards; an expired wait is an abort by
  /// "edad". An error undoes the act.
  virtual Result<> acted(pg::Tx& /*tx*/, const std::string& /*actor*/, const Operation& /*operation*/, Act /*act*/) {
    return {};
  }
};

}  // namespace eda::operations
