#pragma once
// The id that ties one request's log lines, answer and audit rows together.

#include <string>
#include <string_view>

namespace eda::process {

/// 1–64 of [A-Za-z0-9._-].
bool is_request_id(std::string_view text);
/// 20 random characters of [a-z0-9]; not a secret.
std::string draw_request_id();

/// Log lines of this thread carry `id` as request_id until the scope ends. Scopes nest.
class RequestScope {
 public:
  explicit RequestScope(std::string_view id);
  ~RequestScope();
  RequestScope(const RequestScope&) = delete;
  RequestScope& operator=(const RequestScope&) = delete;

  /// Of the innermost scope of this thread; empty outside.
  static std::string_view current();

 private:
  std::string id_;
  RequestScope* outer_;
};

}  // namespace eda::process
