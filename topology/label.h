#pragma once
// What stands in pictures, made harmless: a name is hostile until it went through here.

#include <cstddef>
#include <string>
#include <string_view>

#include "topology/topology.h"

namespace eda::topology {

inline constexpr std::size_t label_columns = 60;     ///< of a name in a picture; what is longer ends in "…"
inline constexpr std::size_t tooltip_columns = 300;  ///< of what is shown beside the pointer

/// At most `columns` columns of the text. Controls, line breaks, what is no UTF-8 or no character of XML, and what
/// turns the direction of its neighbours becomes U+FFFD.
std::string cleaned(std::string_view text, std::size_t columns);

/// The line below a node's name: its visibility where it is not the default, and its tags; empty: nothing to say.
std::string note_of(const Node& node);

}  // namespace eda::topology
