#pragma once
// A token's text and its digest: 256 random bits, so a fast hash is enough and no guess will ever meet one.

#include <string>
#include <string_view>
#include <vector>

#include "platform/core/secret.h"

namespace eda::identity {

/// `eda_` and 43 letters, digits, `-` and `_`. Throws std::runtime_error when the machine has no randomness.
Secret draw_token();
/// 12 letters and digits, to speak of a token without knowing it.
std::string draw_token_id();

/// Hex SHA-256.
std::string digest(std::string_view text);
/// Of a list of texts; no two different lists have the same, however their texts are cut.
std::string digest_of(const std::vector<std::string>& texts);

}  // namespace eda::identity
