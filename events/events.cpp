#include "events/events.h"

#include <algorithm>

namespace eda::events {

Result<> same_request(const Outcome& outcome, const std::string& body_hash) {
  if (outcome.body_hash == body_hash) return {};
  return fail(Code::conflict, "REQUEST_REUSED",
              "request id " + outcome.request_id + " was used for another request in the last 24 hours",
              "draw a new request id for every new request");
}

Result<> check_request_id(const std::string& request_id) {
  bool legal =
      !request_id.empty() && request_id.size() <= 64 && std::all_of(request_id.begin(), request_id.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
               c == '-';
      });
  if (legal) return {};
  return fail(Code::invalid, "REQUEST_ID", "a request id is 1 to 64 of A-Z, a-z, 0-9, \".\", \"_\" and \"-\"",
              "leave it out, or send a UUID");
}

}  // namespace eda::events
