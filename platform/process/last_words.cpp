#include "platform/process/last_words.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <exception>
#include <string>

#include "platform/process/log.h"

namespace eda::process {
namespace {

std::string what_is_thrown() {
  try {
    if (auto thrown = std::current_exception()) std::rethrow_exception(thrown);
    return "none";
  } catch (const std::exception& fault) {
    return fault.what();
  } catch (...) {
    return "one that is no std::exception";
  }
}

/// An exception that nobody catches unwinds nothing, so the frames still are those of the throw.
std::string frames() {
  std::array<void*, 64> addresses{};
  auto count = static_cast<std::size_t>(::backtrace(addresses.data(), static_cast<int>(addresses.size())));
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    Dl_info info{};
    bool known = ::dladdr(addresses[i], &info) != 0 && info.dli_fname != nullptr;
    auto offset = static_cast<const char*>(addresses[i]) - static_cast<const char*>(known ? info.dli_fbase : nullptr);
    std::string_view file = known ? info.dli_fname : "?";
    fmt::format_to(std::back_inserter(text), "{}{}+{:#x}", i == 0 ? "" : " ", file.substr(file.rfind('/') + 1), offset);
  }
  return text;
}

[[noreturn]] void end() {
  auto what = what_is_thrown();
  log_error("the process ends by a fault that nobody caught", {{"what", what}, {"frames", frames()}});
  std::abort();
}

}  // namespace

void tell_last_words() {
  std::array<void*, 1> first{};
  ::backtrace(first.data(), 1);  // loads what it needs now: later there may be no memory for it
  std::set_terminate(end);
}

}  // namespace eda::process
