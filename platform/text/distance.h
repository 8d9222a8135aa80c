#pragma once
// "Did you mean": the nearest of some names.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace eda::text {

/// Damerau-Levenshtein distance (transpositions count one), in code points, case-folded for ASCII.
std::size_t distance(std::string_view a, std::string_view b);
/// The nearest candidate within max(1, length/3) edits, or nullopt. Ties: the first.
std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates);
/// `did you mean "partitions"?`, or empty when nothing is near.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace eda::text
