#pragma once
// Names and ids that cannot be mixed up: Strong<struct TeamTag, std::string> is no Strong<struct UserTag, std::string>.

#include <compare>
#include <functional>
#include <utility>

namespace eda {

template <class Tag, class Rep>
class Strong {
 public:
  using rep = Rep;
  Strong() = default;
  explicit Strong(Rep value) : value_(std::move(value)) {}
  const Rep& get() const { return value_; }
  friend auto operator<=>(const Strong&, const Strong&) = default;

 private:
  Rep value_{};
};

}  // namespace eda

template <class Tag, class Rep>
struct std::hash<eda::Strong<Tag, Rep>> {
  std::size_t operator()(const eda::Strong<Tag, Rep>& id) const { return std::hash<Rep>()(id.get()); }
};
