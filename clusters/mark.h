#pragma once
// What a managed cluster remembers of our database: the event that was the newest when edad last wrote there.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "platform/core/error.h"
#include "platform/core/time.h"

namespace eda::clusters {

struct Mark {
  std::int64_t event = 0;
  Instant at{};
  friend bool operator==(const Mark&, const Mark&) = default;
};

/// The key of our record in the topic __edad, and its value: {"at":1763712000000000,"event":812}.
inline constexpr const char* mark_key = "edad";
std::string mark_text(const Mark& mark);
/// nullopt: edad did not write this.
std::optional<Mark> parse_mark(std::string_view text);

namespace errors {
/// refused. `found`: what stands on the cluster, nullopt when it cannot be read; `newest`: of our database.
Error database_restored(const std::string& cluster, const std::optional<Mark>& found,
                        const std::optional<Mark>& newest);
/// The broker does not let us write or read the topic __edad.
Error witness_denied(const std::string& cluster, const Error& why);
}  // namespace errors

}  // namespace eda::clusters
