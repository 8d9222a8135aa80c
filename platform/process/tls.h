#pragma once
// A certificate and its key as they lie on disk, where a renewal may replace one a while before the other.

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "platform/core/error.h"
#include "platform/core/secret.h"
#include "platform/process/listen.h"

namespace eda::process {

struct TlsPair {
  std::string chain_pem;  ///< the server's own certificate first
  Secret key_pem;
};

class TlsWatch {
 public:
  explicit TlsWatch(TlsFiles files) : files_(std::move(files)) {}

  /// What lies there, when that is another pair than at the last look; the first look gives the first one. What cannot
  /// be served is told once, and whoever serves goes on with what they have. Errors: unavailable TLS_FILE, invalid
  /// TLS_INVALID.
  Result<std::optional<TlsPair>> look();

 private:
  using Stamp = std::array<std::int64_t, 8>;  ///< what changes when a file is renewed, in place or by a rename
  Stamp stamp() const;

  TlsFiles files_;
  std::optional<Stamp> seen_;
};

}  // namespace eda::process
