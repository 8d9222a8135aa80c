#include "events/worker_key.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

namespace eda::events {

namespace {

bool write_whole(int file, const std::string& text) {
  std::size_t written = 0;
  while (written < text.size()) {
    auto step = ::write(file, text.data() + written, text.size() - written);
    if (step < 0 && errno == EINTR) continue;
    if (step <= 0) return false;
    written += static_cast<std::size_t>(step);
  }
  return ::fsync(file) == 0;
}

}  // namespace

SealKeyFile::SealKeyFile(std::filesystem::path directory) : directory_(directory), secrets_(std::move(directory)) {}

Result<std::optional<SealKey>> SealKeyFile::read() const {
  if (directory_.empty()) return std::nullopt;
  auto text = secrets_.resolve(std::string("file:") + name);
  if (!text && text.error().reason == "SECRET_MISSING") return std::nullopt;
  if (!text) return fail(std::move(text).error());
  EDA_ASSIGN(auto key, SealKey::parse(*text));
  return key;
}

Result<> SealKeyFile::make(Instant now) const {
  if (directory_.empty()) {
    return fail(Code::refused, "SEAL_KEY_FILE", "there is no folder for the key of the audit trail", "set secrets.dir");
  }
  auto text = SealKey::draw(now);
  auto beside = (directory_ / fmt::format(".{}.XXXXXX", name)).string();
  int file = ::mkostemp(beside.data(), O_CLOEXEC);  // mode 0600
  int fault = errno;
  // A link, not a rename: it fails where another replica was first, and there is one key.
  bool made = file >= 0 && write_whole(file, text.reveal());
  if (file >= 0 && !made) fault = errno;
  if (made && ::link(beside.c_str(), (directory_ / name).c_str()) != 0) {
    fault = errno;
    made = fault == EEXIST;
  }
  if (file >= 0) {
    ::close(file);
    ::unlink(beside.c_str());
  }
  if (made) return {};
  return fail(
      Code::unavailable, "SEAL_KEY_FILE",
      fmt::format("{} cannot be made in {}: {}", name, directory_.string(), std::generic_category().message(fault)),
      "let edad's user write there once, or put a key there (docs/operations.md)");
}

}  // namespace eda::events
