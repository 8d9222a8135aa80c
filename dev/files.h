#pragma once
// Small files of a private world. Everything in it is its developer's alone: directories 0700, files 0600.

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "platform/core/error.h"

namespace eda::dev {

namespace fs = std::filesystem;

/// internal DEV_FILE, with the path and the system's words.
Error file_error(std::string_view what, const fs::path& path);

Result<> make_private_directory(const fs::path& path);
/// Whole or not at all: written beside and renamed. Does nothing when the file says this already.
Result<> write_private(const fs::path& path, std::string_view text);
/// Empty when there is no such file.
std::string read_text(const fs::path& path);
/// 32 hexadecimal digits from the system's random source.
std::string random_secret();
/// With all that is in it; nothing to do when there is no such path.
Result<> remove_tree(const fs::path& path);
/// An absolute path of a program on PATH; empty when there is none.
fs::path program_on_path(std::string_view name);
/// A short stable name for a long path: 12 hexadecimal digits.
std::string short_hash(std::string_view text);

/// What a world remembers between two commands: `name=value` lines in one private file.
class Notes {
 public:
  explicit Notes(fs::path file);
  bool exist() const { return !values_.empty(); }
  /// Empty when nothing is noted.
  std::string get(const std::string& name) const;
  int number(const std::string& name, int otherwise) const;
  void set(const std::string& name, std::string value) { values_[name] = std::move(value); }
  /// What is noted, else a new secret, noted.
  std::string secret(const std::string& name);
  Result<> save() const;

 private:
  fs::path file_;
  std::map<std::string, std::string> values_;
};

}  // namespace eda::dev
