#pragma once
// What libfyaml complains about, in our words.

#include <string_view>

namespace eda::plans {

struct Wording {
  std::string_view part;  ///< of libfyaml's message
  std::string_view message;
  std::string_view hint;
};

/// The first wording whose part occurs in the complaint; a general one when none does.
Wording wording_of(std::string_view complaint);

}  // namespace eda::plans
