#pragma once
// Runs the deletion of streams that hold data, a step for many streams of a cluster at once.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "clusters/kafka.h"
#include "clusters/store.h"
#include "operations/runner.h"
#include "platform/core/time.h"
#include "platform/pg/pool.h"
#include "streams/deletion.h"

namespace eda::streams {

class DeletionRunner final : public operations::Runner {
 public:
  DeletionRunner(pg::Pool& pool, clusters::Connections& connections, const Clock& clock)
      : pool_(pool), connections_(connections), clock_(clock) {}

  std::string_view kind() const override { return deletion_kind; }
  std::vector<std::string> steps() const override { return deletion_steps(); }
  std::vector<operations::Outcome> run(const std::string& step,
                                       const std::vector<operations::Operation>& operations) override;
  /// A member of the team resumes; a lead or an admin keeps the stream, until its deletion was sent.
  Result<> may(pg::Tx& tx, const identity::Actor& actor, const operations::Operation& operation, Act act) override;
  /// Kept, the stream is wished as before, in a generation of its own. Resumed at its last step, it is deleted again.
  Result<> acted(pg::Tx& tx, const std::string& actor, const operations::Operation& operation, Act act) override;

 private:
  using Operations = std::vector<const operations::Operation*>;
  using Outcomes = std::map<std::string, operations::Outcome>;  ///< by operation
  void run_on(const clusters::store::Cluster& cluster, const std::string& step, const Operations& operations,
              Outcomes& outcomes);
  Result<Outcomes> look(const clusters::store::Cluster& cluster, const std::string& step, const Operations& operations);
  Result<> let_go(const std::string& cluster, const Operations& operations, Outcomes& outcomes);
  Result<Outcomes> verify(const clusters::store::Cluster& cluster, const Operations& operations);

  pg::Pool& pool_;
  clusters::Connections& connections_;
  const Clock& clock_;
};

}  // namespace eda::streams
