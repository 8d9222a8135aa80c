#pragma once
// Where contexts, tokens and a project's file lie, read and written. Folders 0700, files 0600.

#include <filesystem>
#include <string>

#include "cli/context.h"
#include "platform/core/secret.h"

namespace eda::cli {

class ConfigFolder {
 public:
  /// $EDACTL_CONFIG_DIR, else $XDG_CONFIG_HOME/edactl, else ~/.config/edactl.
  static Result<ConfigFolder> of(const Environment& environment);
  explicit ConfigFolder(std::filesystem::path path) : path_(std::move(path)) {}

  std::filesystem::path config_path() const { return path_ / "config.yaml"; }
  std::filesystem::path token_path(const std::string& context) const { return path_ / "tokens" / context; }

  /// An absent file is an empty one.
  Result<ConfigFile> load() const;
  Result<> save(const ConfigFile& config) const;

  /// The token that login kept; empty when it kept none. Refuses a file that others can read: refused TOKEN_EXPOSED.
  Result<Secret> kept_token(const std::string& context) const;
  Result<> keep_token(const std::string& context, const Secret& token) const;
  Result<> forget_token(const std::string& context) const;

 private:
  std::filesystem::path path_;
};

/// .edactl.yaml of `start` or a folder above it, up to the one that holds .git (or the file system's root).
Result<ProjectFile> find_project(const std::filesystem::path& start);

/// A whole file; unavailable FILE_UNREADABLE, invalid FILE_TOO_LARGE above `most` bytes. "-" is stdin.
Result<std::string> read_whole(const std::string& path, std::size_t most);

/// The token of the settings by flag, environment, file, command or login. unauthenticated NOT_LOGGED_IN when there is
/// none. `folder` holds what login kept.
Result<Secret> find_token(const Settings& settings, const ConfigFolder& folder);

}  // namespace eda::cli
