#pragma once
// A configuration file as flat keys with their positions. YAML stays inside.

#include <string>
#include <vector>

#include "platform/core/error.h"

namespace eda::process {

struct FileEntry {
  std::string key;  ///< nested keys joined by dots
  std::string value;
  Position at;        ///< of the key
  Position value_at;  ///< of the value
};

struct FileEntries {
  std::vector<FileEntry> entries;
  std::vector<Violation> violations;  ///< what could not be read as key and text
};

/// One YAML document of nested mappings with texts at their ends; null is skipped. `name` is for positions.
FileEntries read_config(const std::string& name, const std::string& yaml);

}  // namespace eda::process
