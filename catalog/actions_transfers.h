#pragma once
// Handing a service over: the plan of it, and the offer where the receiver has to accept.

#include <optional>
#include <string>

#include "catalog/transfers.h"
#include "operations/operations.h"
#include "plans/actions.h"
#include "platform/pg/pool.h"

namespace eda::catalog {

struct TransferWish {
  std::string request_id;
  std::string reason;
  std::string service;
  std::string to;
  std::optional<Instant> until;  ///< of an offer; without it a week from now
};

class Transfers {
 public:
  Transfers(pg::Pool& pool, plans::Engine& engine, const Clock& clock) : pool_(pool), engine_(engine), clock_(clock) {}

  struct Planned {
    plans::PlanOutput plan;
    /// must_accept: the caller leads the owning team alone. The plan shows what an accepted offer will do; the caller
    /// cannot apply it.
    enum class Receiver { nothing_to_say, must_accept } receiver = Receiver::nothing_to_say;
  };
  /// A plan of the service and all its streams in other hands. Errors: not_found OBJECT_UNKNOWN, conflict
  /// ALREADY_THEIRS, denied for who leads neither team and is no admin, refused STREAM_PRIVATE and PRIVATE_IS_READ for
  /// reads that would become illegal.
  Result<Planned> plan(const identity::Actor& actor, const TransferWish& wish);
  /// Begins an operation that waits for a lead of the receiving team. The errors of plan(); conflict OFFERED_ALREADY,
  /// invalid OFFER_RANGE.
  Result<operations::Operation> offer(const identity::Actor& actor, const TransferWish& wish);
  /// For the operation's step: `actor` may all.
  Result<plans::PlanOutput> plan_move(const identity::Actor& actor, const Transfer& transfer,
                                      const std::string& reason);

 private:
  Result<Transfer> resolve(pg::Tx& tx, const TransferWish& wish);
  Result<plans::PlanInput> input_of(pg::Tx& tx, const Transfer& transfer);
  Result<operations::Operation> begin(pg::Tx& tx, const identity::Actor& actor, const TransferWish& wish,
                                      const Transfer& transfer);

  pg::Pool& pool_;
  plans::Engine& engine_;
  const Clock& clock_;
};

}  // namespace eda::catalog
