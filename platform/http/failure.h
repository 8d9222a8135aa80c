#pragma once
// A refusal as Connect writes it: {"code": "not_found", "message": "…"}.

#include <string_view>

#include "platform/http/message.h"

namespace eda::http {

/// `code` is Connect's ("invalid_argument"); `next` is what to do, or empty.
Response failure(int status, std::string_view code, std::string_view message, std::string_view next = {});

}  // namespace eda::http
