#pragma once
// Text in lines of so many terminal columns, broken where people break it. Nothing is left out but spaces.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace eda::cli {

/// Lines of at most `width` columns, at least one. Breaks between words and beside wide characters; what is wider than
/// a line is broken after one of / , ; = . _ - where it has one.
std::vector<std::string> wrapped(std::string_view text, std::size_t width);

/// Columns of the widest part that wrapped() breaks only when it has to.
std::size_t widest_word(std::string_view text);

/// The same lines joined, each but the first behind `margin`; `width` 0: the text as it is.
std::string wrapped_under(std::string_view text, std::size_t width, std::string_view margin);

}  // namespace eda::cli
