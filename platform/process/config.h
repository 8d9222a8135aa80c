#pragma once
// Settings out of a YAML file < environment < flags, declared as one table. The file nests by the dots of the keys:
// `database.url` is `database: {url: …}`. Every setting is one text; what it means (a duration, an address) is checked
// by whoever asks, and refuse() says where the text came from.

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "platform/core/error.h"

namespace eda::process {

enum class Exposure { shown, masked };

struct Setting {
  std::string_view key;          ///< "database.url"
  std::string_view environment;  ///< "EDAD_DATABASE_URL"; empty: none
  std::string_view flag;         ///< "--database-url"; empty: none (secrets have none: argv is public)
  std::string_view fallback;     ///< the default; empty: not set
  std::string_view doc;          ///< a sentence with unit and limits
  Exposure exposure = Exposure::shown;
};

/// What holds, and why.
struct Effective {
  std::string key;
  std::string value;   ///< "********" where a secret is set
  std::string origin;  ///< "default", "edad.yaml:3:5", "environment EDAD_…", "flag --…"
};

struct ConfigSources {
  std::vector<std::string> arguments;                   ///< argv without the program; `--flag value` or `--flag=value`
  std::function<const char*(const char*)> environment;  ///< std::getenv, or a test's
  std::string_view file_key = "config";  ///< the setting that names the file; it cannot stand in the file itself
  /// text::did_you_mean; passed in because it lives on this floor's other side.
  std::function<std::string(std::string_view, const std::vector<std::string>&)> did_you_mean;
};

class Config {
 public:
  /// All that is wrong at once, as violations: invalid CONFIG_INVALID (unknown key or flag with position and the
  /// nearest name, a key given twice, a list where a text belongs, YAML's own errors), unavailable CONFIG_FILE. A file
  /// that only the default names may be missing. The file has at most 1 MiB. `settings` must outlive the Config.
  static Result<Config> load(std::span<const Setting> settings, const ConfigSources& sources);

  /// The text that holds; empty when nothing is set. A key that is not in the table is a defect (std::logic_error),
  /// here and below.
  const std::string& text(std::string_view key) const;
  /// invalid CONFIG_VALUE unless a whole number from `least` to `most`.
  Result<std::int64_t> integer(std::string_view key, std::int64_t least, std::int64_t most) const;
  /// true, false, yes, no, on, off; invalid CONFIG_VALUE otherwise.
  Result<bool> boolean(std::string_view key) const;
  /// Where the value came from, as in Effective.
  const std::string& origin(std::string_view key) const;
  /// invalid CONFIG_VALUE: `database.pool (edad.yaml:3:5): <why>`; never shows a masked value.
  Error refuse(std::string_view key, std::string_view why, std::string next = {}) const;

  /// In the table's order.
  std::vector<Effective> effective() const;
  /// The arguments that are no flags, in order: ["config"].
  const std::vector<std::string>& words() const { return words_; }

 private:
  struct Held {
    std::string value;
    std::string origin;
    Position at;
  };
  const Held& held(std::string_view key) const;

  friend class ConfigReader;
  std::span<const Setting> settings_;
  std::map<std::string, Held, std::less<>> held_;
  std::vector<std::string> words_;
};

/// The table as --help shows it: flag, environment, key, default and sentence of each.
std::string settings_help(std::span<const Setting> settings);

}  // namespace eda::process
