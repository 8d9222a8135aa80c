#pragma once
// Values of the plan engine to and from their messages.

#include <string>
#include <vector>

#include "eda/plans/v1/plans.pb.h"
#include "plans/actions.h"

namespace eda::plans {

/// The same for two requests that say the same.
std::string body_hash(const google::protobuf::Message& request);

/// `staged`: the messages of the stage that the request names, in order. internal STAGE_DAMAGED.
Result<PlanInput> from_proto(const v1::PlanRequest& request, std::vector<std::string> staged);

void to_proto(const store::Progress& progress, v1::Progress* out);
void to_proto(const KindRules* rules, const store::Revision& revision, v1::Revision* out);

}  // namespace eda::plans
