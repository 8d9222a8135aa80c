#pragma once
// Secrets by reference, from two places only: `file:NAME` strictly below one folder, `env:EDA_SECRET_*`. A reference to
// any file or variable would hand it to whoever names the server it is sent to.

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "platform/core/error.h"
#include "platform/core/secret.h"

namespace eda::process {

class Secrets {
 public:
  using Environment = std::function<const char*(const char*)>;

  /// `directory` empty: `file:` references are refused, with a word about secrets.dir.
  explicit Secrets(std::filesystem::path directory);
  Secrets(std::filesystem::path directory, Environment environment);

  /// Read anew at each call, so a rotated secret is seen. At most 64 KiB; one trailing line break is trimmed. Errors of
  /// what is there name neither reference nor content: invalid SECRET_REFERENCE, not_found SECRET_MISSING, refused
  /// SECRET_OUTSIDE, unavailable SECRET_UNREADABLE, invalid SECRET_TOO_LARGE, invalid SECRET_EMPTY.
  Result<Secret> resolve(std::string_view reference) const;

  /// Whether a reference is well-formed, without reading anything: invalid SECRET_REFERENCE.
  static Result<> check(std::string_view reference);

 private:
  Result<Secret> from_file(const std::string& name) const;
  Result<Secret> from_environment(const std::string& name) const;

  std::filesystem::path directory_;
  Environment environment_;
};

}  // namespace eda::process
