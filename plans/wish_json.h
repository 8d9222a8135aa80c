#pragma once
// A wish, conditions and drafts as JSON text for jsonb columns, and back.

#include <string>
#include <string_view>
#include <vector>

#include "plans/plan.h"

namespace eda::plans {

std::string wish_to_json(const Wish& wish);
/// The store wrote it; text that is no wish is a fault (throws std::runtime_error).
Wish wish_from_json(std::string_view text);

std::string overlay_to_json(const Overlay& overlay);
Overlay overlay_from_json(std::string_view text);

std::string drift_to_json(const std::vector<Drift>& drift);
std::vector<Drift> drift_from_json(std::string_view text);

std::string conditions_to_json(const std::vector<Condition>& conditions);
std::vector<Condition> conditions_from_json(std::string_view text);

/// Everything of a draft that an apply or a reader needs later.
std::string draft_to_json(const Draft& draft);
void draft_from_json(std::string_view text, Draft& draft);

/// The wish as an event tells it: field path -> value, resets null.
Value wish_value(const Wish& wish);

}  // namespace eda::plans
