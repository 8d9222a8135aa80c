#include "cli/wrap.h"

#include <algorithm>

#include "platform/text/unicode.h"

namespace eda::cli {

namespace {

struct Word {
  std::size_t gap = 0;  ///< spaces in front of it
  std::string_view text;
  std::size_t columns = 0;
};

std::vector<Word> words_of(std::string_view text) {
  std::vector<Word> out;
  std::size_t gap = 0;
  bool open = false;  // the last word may go on
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == ' ') {
      ++gap;
      ++at;
      open = false;
      continue;
    }
    auto bytes = text::decode(text.substr(at)).bytes;
    auto columns = text::columns(text.substr(at, bytes));
    // What has no width of its own belongs to what stands before it.
    bool joins = !out.empty() && gap == 0 && (columns == 0 || (open && columns == 1));
    if (!joins) out.push_back({gap, text.substr(at, 0), 0});
    auto& word = out.back();
    word.text = std::string_view(word.text.data(), word.text.size() + bytes);
    word.columns += columns;
    if (columns > 0) open = columns == 1;
    gap = 0;
    at += bytes;
  }
  return out;
}

// Bytes of a word that stand on a line of `width` columns: up to a mark in it, else as many as there is room for.
std::size_t piece_of(std::string_view word, std::size_t width) {
  std::size_t at = 0, used = 0, mark = 0;
  while (at < word.size()) {
    auto bytes = text::decode(word.substr(at)).bytes;
    auto columns = text::columns(word.substr(at, bytes));
    if (at > 0 && used + columns > width) return mark > 0 ? mark : at;
    used += columns;
    at += bytes;
    if (std::string_view("/,;=._-").find(word[at - 1]) != std::string_view::npos) mark = at;
  }
  return at;
}

}  // namespace

std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
  if (text::columns(text) <= width) return {std::string(text)};
  std::vector<std::string> out(1);
  std::size_t used = 0;
  for (auto word : words_of(text)) {
    if (used > 0 && used + word.gap + word.columns > width) {
      out.emplace_back();
      used = 0;
    }
    if (used > 0 || out.size() == 1) {
      out.back() += std::string(word.gap, ' ');
      used += word.gap;
    }
    while (word.columns > width) {
      auto bytes = piece_of(word.text, std::max<std::size_t>(width, 1));
      if (bytes == word.text.size()) break;
      out.back() += word.text.substr(0, bytes);
      word.text.remove_prefix(bytes);
      word.columns = text::columns(word.text);
      out.emplace_back();
      used = 0;
    }
    out.back() += word.text;
    used += word.columns;
  }
  return out;
}

std::size_t widest_word(std::string_view text) {
  std::size_t out = 0;
  for (auto& word : words_of(text)) out = std::max(out, word.columns);
  return out;
}

std::string wrapped_under(std::string_view text, std::size_t width, std::string_view margin) {
  if (width == 0) return std::string(text);
  std::string out;
  for (auto& line : wrapped(text, width)) {
    if (!out.empty()) out.append("\n").append(margin);
    out += line;
  }
  return out;
}

}  // namespace eda::cli
