#include "cli/apply_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "platform/core/limits.h"
#include "platform/text/unicode.h"

namespace eda::cli {

namespace fs = std::filesystem;

namespace {

// A large checkout on a cold disk takes its time; no longer than people take notice of.
constexpr std::chrono::milliseconds patience{2'000};

std::string fit_for_a_name(std::string name) {
  name = text::normalise(name);
  auto odd = [](unsigned char c) { return c < 0x80 && std::isalnum(c) == 0 && c != '.' && c != '_' && c != '-'; };
  std::replace_if(name.begin(), name.end(), odd, '-');
  return text::name_fault(name) ? std::string() : name;
}

}  // namespace

std::string deciding_folder(const std::vector<std::string>& files) {
  std::error_code ignored;
  auto here = fs::current_path(ignored);
  if (files.empty() || files.front() == "-") return here.string();
  auto path = fs::absolute(files.front(), ignored).lexically_normal();
  if (!fs::is_directory(path, ignored)) return path.parent_path().string();
  return (path.has_filename() ? path : path.parent_path()).string();
}

std::string default_set(const std::optional<Checkout>& checkout, const std::string& folder) {
  return fit_for_a_name(checkout ? set_of(*checkout) : fs::path(folder).filename().string());
}

Result<ApplySet> find_apply_set(Session& session, const std::vector<std::string>& files, const std::string& source) {
  EDA_ASSIGN(const auto* settings, session.settings());
  ApplySet out;
  out.name = settings->set.value;
  out.source = source;
  if (!out.name.empty() && !source.empty()) return out;
  auto folder = deciding_folder(files);
  auto checkout = find_checkout(folder, files, std::min(patience, session.timeout()));
  auto& terminal = session.terminal();
  if (out.name.empty()) {
    out.name = default_set(checkout, folder);
    terminal.detail(out.name.empty() ? "no set: what is applied is managed by none"
                                     : fmt::format("set {} ({})", out.name, checkout ? "git" : "folder"));
  }
  if (out.source.empty()) out.source = checkout ? source_of(*checkout) : folder;
  return out;
}

}  // namespace eda::cli
