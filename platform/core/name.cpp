#include "platform/core/name.h"

#include <fmt/format.h>

#include <algorithm>

#include "platform/core/limits.h"

namespace eda {

Result<Ref> parse_ref(std::string_view text) {
  auto first = text.find('/');
  auto second = first == std::string_view::npos ? first : text.find('/', first + 1);
  Ref ref;
  if (first != std::string_view::npos) {
    ref.kind = text.substr(0, first);
    if (second == std::string_view::npos) {
      ref.name = text.substr(first + 1);
    } else {
      ref.cluster = text.substr(first + 1, second - first - 1);
      ref.name = text.substr(second + 1);
    }
  }
  bool whole = !ref.kind.empty() && !ref.name.empty() && ref.name.find('/') == std::string::npos &&
               (second == std::string_view::npos || !ref.cluster.empty());
  if (!whole) {
    return fail(Code::invalid, "REF_SYNTAX", fmt::format("\"{}\" is no reference", text),
                "write kind/name or kind/cluster/name, for example stream/orders.placed");
  }
  return ref;
}

namespace {

bool topic_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

}  // namespace

std::optional<std::string> topic_name_fault(std::string_view name) {
  if (name.empty()) return "the name is empty";
  if (name == "." || name == "..") return "a topic cannot be named \".\" or \"..\"";
  if (name.size() > limits::topic_name_bytes) {
    return fmt::format("the name has {} characters; Kafka allows {}", name.size(), limits::topic_name_bytes);
  }
  if (!std::all_of(name.begin(), name.end(), topic_character)) {
    return "the name has a character other than letters a-z A-Z, digits, \".\", \"_\" and \"-\"";
  }
  return std::nullopt;
}

bool topic_names_collide(std::string_view a, std::string_view b) {
  auto folded = [](char c) { return c == '.' ? '_' : c; };
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [&](char x, char y) { return folded(x) == folded(y); });
}

}  // namespace eda
