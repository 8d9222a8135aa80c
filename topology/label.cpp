#include "topology/label.h"

#include "platform/text/unicode.h"

namespace eda::topology {

namespace {

bool harmless(char32_t c) {
  bool control = c < 0x20 || (c >= 0x7f && c < 0xa0);
  bool steers = (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x200e || c == 0x200f ||
                c == 0x061c || c == 0x2028 || c == 0x2029 || c == 0xfeff;
  bool no_character = (c & 0xfffe) == 0xfffe || (c >= 0xfdd0 && c <= 0xfdef);
  return !control && !steers && !no_character;
}

}  // namespace

std::string cleaned(std::string_view text, std::size_t columns) {
  constexpr std::string_view replacement = "\xef\xbf\xbd";
  constexpr std::size_t bytes_a_column = 32;  // marks that stand on each other take no column
  bool cut = text.size() > columns * bytes_a_column;
  std::string out;
  for (std::size_t at = 0; at < text.size() && out.size() < columns * bytes_a_column;) {
    auto next = text::decode(text.substr(at));
    if (next.valid && harmless(next.code_point)) {
      out.append(text, at, next.bytes);
    } else {
      out += replacement;
    }
    at += next.bytes;
  }
  if (cut) out += "…";
  return text::cut(out, columns);
}

std::string note_of(const Node& node) {
  std::string out;
  if (node.visibility == Visibility::private_ || node.visibility == Visibility::public_)
    out = visibility_word(node.visibility);
  for (auto& tag : node.tags) out += (out.empty() ? "" : " · ") + tag;
  return out;
}

}  // namespace eda::topology
