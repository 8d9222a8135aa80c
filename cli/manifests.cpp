#include "cli/manifests.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "cli/context_files.h"
#include "cli/errors.h"
#include "cli/kinds.h"
#include "platform/core/limits.h"
#include "platform/rpc/convert.h"

namespace eda::cli {

namespace fs = std::filesystem;

namespace {

bool is_hidden(const fs::path& path) {
  return path.filename().string().starts_with('.');
}

Result<std::vector<std::string>> files_of(const fs::path& folder, Folders folders) {
  std::vector<std::string> out;
  std::error_code fault;
  fs::recursive_directory_iterator entry(folder, fault), end;
  for (; !fault && entry != end; entry.increment(fault)) {
    std::error_code ignored;
    if (entry->is_directory(ignored) && (folders == Folders::flat || is_hidden(entry->path()))) {
      entry.disable_recursion_pending();
    } else if (is_manifest(entry->path().string()) && !entry->is_directory(ignored)) {
      out.push_back(entry->path().string());
    }
  }
  if (fault) {
    return fail(Code::unavailable, "FILE_UNREADABLE",
                fmt::format("cannot read {}: {}", folder.string(), fault.message()));
  }
  if (out.empty()) {
    return fail(Code::invalid, "NO_MANIFESTS",
                fmt::format("there is no .yaml, .yml or .json file in {}", folder.string()),
                folders == Folders::flat ? "-R looks into the folders below" : "check the path");
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

bool is_manifest(const std::string& path) {
  constexpr std::array<std::string_view, 3> endings{".yaml", ".yml", ".json"};
  fs::path file(path);
  return !is_hidden(file) && std::find(endings.begin(), endings.end(), file.extension().string()) != endings.end();
}

Result<std::vector<plans::Source>> read_sources(const std::vector<std::string>& files, Folders folders) {
  std::vector<std::string> paths;
  for (auto& file : files) {
    std::error_code ignored;
    if (file != "-" && fs::is_directory(file, ignored)) {
      EDA_ASSIGN(auto inside, files_of(file, folders));
      paths.insert(paths.end(), inside.begin(), inside.end());
    } else {
      paths.push_back(file);
    }
  }
  std::vector<plans::Source> sources;
  std::size_t left = limits::manifest_bytes;
  for (auto& path : paths) {
    auto text = read_whole(path, left);
    if (!text && text.error().reason == "FILE_TOO_LARGE") {
      return fail(Code::invalid, "FILE_TOO_LARGE",
                  fmt::format("{}: the manifests of one call have more than {} MiB together",
                              path == "-" ? "<stdin>" : path, limits::manifest_bytes >> 20),
                  "apply them in several calls");
    }
    EDA_TRY(text);
    left -= text->size();
    sources.push_back({path == "-" ? "<stdin>" : path, std::move(*text)});
  }
  return sources;
}

Result<std::vector<plans::Document>> read_manifests(const std::vector<std::string>& files, Folders folders) {
  if (files.empty()) return fail(usage_error("which manifests?", "-f FILE, -f FOLDER or -f - for stdin"));
  EDA_ASSIGN(auto sources, read_sources(files, folders));
  EDA_ASSIGN(auto documents, plans::parse_manifests(kinds(), sources));
  if (documents.empty()) {
    return fail(Code::invalid, "NO_MANIFESTS", fmt::format("{} holds no manifest", sources.front().name),
                "a manifest begins with apiVersion: eda/v1 and kind:");
  }
  return documents;
}

void to_proto(const plans::Document& document, eda::plans::v1::Document* out) {
  out->set_kind(document.kind);
  out->set_cluster(document.cluster);
  out->set_name(document.name);
  rpc::to_proto(document.at, out->mutable_at());
  for (auto& [path, said] : document.fields) {
    auto* field = out->add_fields();
    for (auto& [part, at] : said.parts) rpc::to_proto(at, &(*field->mutable_parts())[part]);
    field->set_path(path);
    if (said.value) {
      rpc::to_proto(*said.value, field->mutable_value());
    } else {
      field->set_reset(true);
    }
    rpc::to_proto(said.at, field->mutable_at());
  }
}

}  // namespace eda::cli
