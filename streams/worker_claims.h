#pragma once
// Runs claims for topics that nobody owns: waits for an admin, then adopts in that admin's name.

#include <string>
#include <string_view>
#include <vector>

#include "operations/runner.h"
#include "plans/actions.h"
#include "platform/pg/pool.h"
#include "streams/actions.h"
#include "streams/claims.h"

namespace eda::streams {

class AdoptionRunner final : public operations::Runner {
 public:
  AdoptionRunner(Streams& streams, plans::Engine& engine) : streams_(streams), engine_(engine) {}

  std::string_view kind() const override { return adoption_kind; }
  std::vector<std::string> steps() const override { return adoption_steps(); }
  std::vector<operations::Outcome> run(const std::string& step,
                                       const std::vector<operations::Operation>& operations) override;
  /// Only an admin says yes. No: an admin, who asked, or a lead of the team.
  Result<> may(pg::Tx& tx, const identity::Actor& actor, const operations::Operation& operation, Act act) override;

 private:
  operations::Outcome adopt(const operations::Operation& operation);

  Streams& streams_;
  plans::Engine& engine_;
};

}  // namespace eda::streams
