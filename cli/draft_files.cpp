#include "cli/draft_files.h"

#include <fmt/format.h>

#include <filesystem>
#include <optional>

#include "cli/context_files.h"
#include "cli/kinds.h"
#include "cli/write_file.h"
#include "plans/manifest.h"
#include "platform/core/limits.h"
#include "platform/rpc/convert.h"
#include "platform/text/unicode.h"

namespace eda::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t most_listed = 20;

// What the file says now; nothing when there is none.
Result<std::optional<std::string>> text_of(const fs::path& path) {
  std::error_code ignored;
  if (!fs::exists(fs::symlink_status(path, ignored))) return std::nullopt;
  EDA_ASSIGN(auto text, read_whole(path.string(), limits::manifest_bytes));
  return std::optional(std::move(text));
}

// A topic's name has up to 249 characters and may begin with a dot: its file has a name that any folder takes and that
// is not hidden.
std::string file_name_of(const std::string& name) {
  constexpr std::size_t longest = 200;
  std::string out = name.starts_with('.') ? "_" + name : name;
  if (out.size() > longest) {
    std::uint32_t mark = 2166136261u;  // FNV-1a of the whole tells apart what begins alike
    for (unsigned char c : name) mark = (mark ^ c) * 16777619u;
    std::size_t end = longest;
    while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xC0) == 0x80) --end;
    out = fmt::format("{}-{:08x}", out.substr(0, end), mark);
  }
  return out + ".yaml";
}

Error differing(const std::string& folder, const std::vector<std::string>& names) {
  Error error(Code::conflict, "FILE_DIFFERS",
              fmt::format("{} file{} something else in {}; nothing was written", names.size(),
                          names.size() == 1 ? " says" : "s say", folder),
              "choose another --dir, or overwrite them with --force");
  for (std::size_t i = 0; i < std::min(names.size(), most_listed); ++i) {
    error.violations.push_back(
        {{}, "differs from what the cluster has", {}, {}, (fs::path(folder) / names[i]).string()});
  }
  if (names.size() > most_listed) {
    error.violations.push_back({{}, fmt::format("… and {} more", names.size() - most_listed), {}, {}, {}});
  }
  return error;
}

}  // namespace

Result<DraftFile> draft_file(const eda::plans::v1::Document& document) {
  const auto* rules = kinds().find(document.kind());
  if (rules == nullptr || (rules->name_fault != nullptr && rules->name_fault(document.name()))) {
    return fail(Code::internal, "DRAFT_ODD",
                fmt::format("edad drafted {} {}, which is no name of a kind", text::printable(document.kind()),
                            text::printable(document.name())),
                "is this edactl as new as edad?");
  }
  plans::Wish wish;
  for (auto& field : document.fields()) {
    auto& said = wish[field.path()];
    if (field.said_case() == eda::plans::v1::SaidField::kValue) said.value = rpc::from_proto(field.value());
  }
  auto& team = wish["metadata.team"].value;
  bool nobodys = rules->owned && (!team || *team == Value(std::string()));
  if (nobodys) team = Value(std::string());
  if (!rules->owned) wish.erase("metadata.team");
  auto text = plans::write_manifest(*rules, document.cluster(), document.name(), wish);
  constexpr std::string_view empty_team = "\n  team: \"\"\n";
  if (auto at = text.find(empty_team); nobodys && at != std::string::npos) {
    text.insert(at + empty_team.size() - 1, "  # whose is it? write the team's name");
  }
  return DraftFile{file_name_of(document.name()), std::move(text)};
}

Result<Written> write_drafts(const std::string& folder, const std::vector<DraftFile>& files, Overwrite overwrite) {
  Written out;
  std::vector<const DraftFile*> due;
  std::vector<std::string> other;
  for (auto& file : files) {
    EDA_ASSIGN(auto now, text_of(fs::path(folder) / file.name));
    if (now && *now == file.text) {
      ++out.unchanged;
      continue;
    }
    if (now) other.push_back(file.name);
    now ? ++out.changed : ++out.fresh;
    due.push_back(&file);
  }
  if (!other.empty() && overwrite == Overwrite::no) return fail(differing(folder, other));
  std::error_code fault;
  fs::create_directories(folder, fault);
  if (fault) {
    return fail(Code::unavailable, "FILE_UNWRITABLE", fmt::format("cannot make {}: {}", folder, fault.message()),
                "check the path and its rights");
  }
  for (const auto* file : due) EDA_TRY(write_file((fs::path(folder) / file->name).string(), file->text));
  return out;
}

}  // namespace eda::cli
