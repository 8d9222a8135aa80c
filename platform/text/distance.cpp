#include "platform/text/distance.h"

#include <algorithm>

#include "platform/text/unicode.h"

namespace eda::text {
namespace {

/// Longer words are no typing errors, and the table below grows with the product of both lengths.
constexpr std::size_t longest_word = 256;

/// Code points, ASCII folded to lower case; invalid bytes stand for themselves.
std::u32string folded(std::string_view text) {
  std::u32string out;
  out.reserve(text.size());
  while (!text.empty()) {
    Decoded next = decode(text);
    char32_t c = next.valid ? next.code_point : static_cast<unsigned char>(text.front());
    if (c >= U'A' && c <= U'Z') c += U'a' - U'A';
    out.push_back(c);
    text.remove_prefix(next.bytes);
  }
  return out;
}

std::size_t edits(const std::u32string& a, const std::u32string& b) {
  // Three rows of the table: two back for a transposition, one back, and the one being filled.
  std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::swap(before, above);
    std::swap(above, row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row[b.size()];
}

}  // namespace

std::size_t distance(std::string_view a, std::string_view b) {
  return edits(folded(a), folded(b));
}

std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates) {
  if (word.empty() || word.size() > 4 * longest_word) return std::nullopt;
  std::u32string wanted = folded(word);
  if (wanted.size() > longest_word) return std::nullopt;
  std::size_t best = std::max<std::size_t>(1, wanted.size() / 3) + 1;
  std::optional<std::string> found;
  for (const std::string& candidate : candidates) {
    if (candidate.size() > 4 * longest_word) continue;
    std::u32string other = folded(candidate);
    std::size_t gap = other.size() > wanted.size() ? other.size() - wanted.size() : wanted.size() - other.size();
    if (gap >= best) continue;
    std::size_t cost = edits(wanted, other);
    if (cost < best) {
      best = cost;
      found = candidate;
    }
  }
  return found;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates) {
  auto found = nearest(word, candidates);
  return found ? "did you mean \"" + printable(*found) + "\"?" : std::string();
}

}  // namespace eda::text
