#pragma once
// Keyset pages: a list call takes a size and the token of the page before, and gives the rows and the next token.

#include <cstdint>
#include <string>
#include <vector>

namespace eda {

inline constexpr std::uint32_t default_page_size = 100;
inline constexpr std::uint32_t max_page_size = 1000;

struct PageRequest {
  std::uint32_t size = default_page_size;  ///< 1–1000; 0 means the default
  std::string token;                       ///< opaque; empty for the first page

  std::uint32_t limit() const {
    if (size == 0) return default_page_size;
    return size < max_page_size ? size : max_page_size;
  }
};

template <class T>
struct Page {
  std::vector<T> rows;
  std::string next_token;  ///< empty after the last page
};

}  // namespace eda
