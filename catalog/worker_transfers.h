#pragma once
// The offer of a service: waits for a lead of the receiving team, then moves it.

#include "catalog/actions_transfers.h"
#include "operations/runner.h"

namespace eda::catalog {

class TransferRunner final : public operations::Runner {
 public:
  TransferRunner(Transfers& transfers, plans::Engine& engine) : transfers_(transfers), engine_(engine) {}

  std::string_view kind() const override { return transfer_kind; }
  std::vector<std::string> steps() const override { return transfer_steps(); }
  std::vector<operations::Outcome> run(const std::string& step,
                                       const std::vector<operations::Operation>& operations) override;
  /// Yes: a lead of the receiving team, or an admin. No: they, a lead of the giving team, and who offered it.
  Result<> may(pg::Tx& tx, const identity::Actor& actor, const operations::Operation& operation, Act act) override;

 private:
  operations::Outcome move(const operations::Operation& operation);

  Transfers& transfers_;
  plans::Engine& engine_;
};

}  // namespace eda::catalog
