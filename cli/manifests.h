#pragma once
// What -f names, read and parsed, and as the API takes it.

#include <string>
#include <vector>

#include "eda/plans/v1/plans.pb.h"
#include "plans/manifest.h"
#include "platform/core/error.h"

namespace eda::cli {

/// Whether a folder's file is read: *.yaml, *.yml and *.json, but none that is hidden.
bool is_manifest(const std::string& path);

enum class Folders { flat, recursive };

/// Files as they are named; of folders the *.yaml, *.yml and *.json directly inside (`recursive`: and below), by name;
/// "-" is stdin. Errors: invalid FILE_MISSING, NO_MANIFESTS (a folder without any), FILE_TOO_LARGE (all files together,
/// limits::manifest_bytes), unavailable FILE_UNREADABLE.
Result<std::vector<plans::Source>> read_sources(const std::vector<std::string>& files, Folders folders);

/// read_sources and parse_manifests; all faults of all files at once. invalid NO_MANIFESTS where no file holds a
/// document.
Result<std::vector<plans::Document>> read_manifests(const std::vector<std::string>& files, Folders folders);

void to_proto(const plans::Document& document, eda::plans::v1::Document* out);

}  // namespace eda::cli
