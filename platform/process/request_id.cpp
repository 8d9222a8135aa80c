#include "platform/process/request_id.h"

#include <random>

namespace eda::process {

namespace {
thread_local RequestScope* innermost = nullptr;
}  // namespace

bool is_request_id(std::string_view text) {
  constexpr std::string_view allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
  return !text.empty() && text.size() <= 64 && text.find_first_not_of(allowed) == std::string_view::npos;
}

std::string draw_request_id() {
  constexpr std::string_view digits = "abcdefghijklmnopqrstuvwxyz0123456789";
  thread_local std::mt19937_64 random{(std::uint64_t{std::random_device{}()} << 32) ^ std::random_device{}()};
  std::uniform_int_distribution<std::size_t> pick(0, digits.size() - 1);
  std::string id(20, ' ');
  for (char& digit : id) digit = digits[pick(random)];
  return id;
}

RequestScope::RequestScope(std::string_view id) : id_(id), outer_(innermost) {
  innermost = this;
}
RequestScope::~RequestScope() {
  innermost = outer_;
}
std::string_view RequestScope::current() {
  return innermost ? std::string_view(innermost->id_) : std::string_view();
}

}  // namespace eda::process
