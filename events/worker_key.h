#pragma once
// The file of the trail's key: `audit-seal.key` in secrets.dir, shared by all replicas, made by whoever needs it first.

#include <filesystem>
#include <optional>

#include "events/seal.h"
#include "platform/core/error.h"
#include "platform/process/secrets.h"

namespace eda::events {

class SealKeyFile {
 public:
  /// `directory` empty: there is no key, and none is made.
  explicit SealKeyFile(std::filesystem::path directory);

  /// Read anew at each call, so a rotated key is seen. Nothing: there is no file. Errors of process::Secrets, and
  /// invalid SEAL_KEY.
  Result<std::optional<SealKey>> read() const;
  /// Makes one unless there is one, mode 0600, whole or not at all; of several that try, one makes it. unavailable
  /// SEAL_KEY_FILE where the folder is not writable; refused where there is no folder.
  Result<> make(Instant now) const;

  static constexpr const char* name = "audit-seal.key";

 private:
  std::filesystem::path directory_;
  process::Secrets secrets_;
};

}  // namespace eda::events
