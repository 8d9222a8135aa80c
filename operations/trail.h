#pragma once
// Operations in the trail: each on its target, so that whoever asks what happened to a stream finds them. Verbs are
// operation.begun, and operation.STATE for each state that one comes to; operation.resumed for a person's act.

#include <string>

#include "events/events.h"
#include "operations/operations.h"

namespace eda::operations {

/// For whoever begins one: append it beside store::begin, with the request id of the call.
events::Event begun_event(const NewOperation& wish, const std::string& id, const std::string& request_id);

/// From `before` to `after`, by "edad" for the reason of whoever began it.
events::Event changed_event(const Operation& before, const Operation& after);

}  // namespace eda::operations
