#include "cli/head_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "cli/json.h"
#include "cli/write_file.h"

namespace eda::cli {

namespace v1 = eda::events::v1;

namespace {

constexpr std::size_t head_bytes = 64u << 10;

}  // namespace

Result<std::optional<v1::Head>> read_head(const std::string& path) {
  int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0 && errno == ENOENT) return std::nullopt;
  std::string text(head_bytes, '\0');
  ssize_t got = file < 0 ? -1 : ::read(file, text.data(), text.size());
  int fault = errno;
  if (file >= 0) ::close(file);
  if (got < 0) {
    return fail(Code::unavailable, "FILE_UNREADABLE", fmt::format("cannot read {}: {}", path, std::strerror(fault)),
                "check the file and its permissions");
  }
  text.resize(static_cast<std::size_t>(got));
  v1::Head head;
  bool good = google::protobuf::util::JsonStringToMessage(text, &head).ok();
  if (good && head.number() > 0 && head.hash().size() == 64) return head;
  return fail(Code::invalid, "HEAD_FILE", fmt::format("{} is no head that edactl audit verify wrote", path),
              "name another file; a new one is written when all is well");
}

Result<> write_head(const std::string& path, const v1::Head& head) {
  return write_file(path, json_text(to_json(head)));
}

}  // namespace eda::cli
