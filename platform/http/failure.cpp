#include "platform/http/failure.h"

#include "platform/core/value.h"
#include "platform/text/json.h"

namespace eda::http {

Response failure(int status, std::string_view code, std::string_view message, std::string_view next) {
  Value::Map body{{"code", std::string(code)}, {"message", std::string(message)}};
  if (!next.empty()) body.emplace("next", std::string(next));
  return reply(status, "application/json", text::to_json(body) + "\n");
}

}  // namespace eda::http
