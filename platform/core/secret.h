#pragma once
// A value that must not reach argv, a log, a plan or an error. It has no stream operator, no formatter and no implicit
// conversion; the one way out is reveal(), which is easy to find in a review. The memory is cleared when it goes.

#include <string>
#include <utility>

namespace eda {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  Secret(const Secret&) = default;
  Secret(Secret&&) = default;
  Secret& operator=(const Secret&) = default;
  Secret& operator=(Secret&&) = default;
  ~Secret() { clear(); }

  const std::string& reveal() const { return value_; }
  bool empty() const { return value_.empty(); }

 private:
  void clear() {
    volatile char* byte = value_.data();
    for (std::size_t i = 0; i < value_.size(); ++i) byte[i] = 0;
  }
  std::string value_;
};

}  // namespace eda
