#pragma once
// An operation that somebody said yes to, as a plan: planned, kept as evidence, applied. In the name of who said yes,
// and with the rights that were checked when they did.

#include <functional>
#include <string>

#include "identity/identity.h"
#include "operations/operations.h"
#include "plans/actions.h"

namespace eda::catalog {

/// Whose rights were checked already acts with an admin's. invalid SUBJECT_SYNTAX.
Result<identity::Actor> deputy_of(const std::string& subject, const std::string& request_id);

struct Answered {
  std::string subject;  ///< who said yes
  std::string plan_id;  ///< what an earlier run of the step planned; empty: nothing yet
  std::function<Result<plans::PlanOutput>(const identity::Actor& actor, const std::string& reason)> plan;
  Value::Map evidence;  ///< of the step once it is done
};
/// What an error makes of a step: again, where it passes by itself; else it failed.
operations::Outcome trouble_of(const operations::Operation& operation, const Error& error);
/// One run of such a step: run twice, it finds its plan applied. What passes by itself is tried again, and a plan that
/// the world has moved under is made anew.
operations::Outcome carry_out(plans::Engine& engine, const operations::Operation& operation, Answered answered);

}  // namespace eda::catalog
