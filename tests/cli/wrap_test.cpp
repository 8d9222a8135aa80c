#include "cli/wrap.h"

#include <catch2/catch.hpp>

#include "platform/text/unicode.h"

using namespace eda::cli;
using Lines = std::vector<std::string>;

TEST_CASE("lines break between words and keep what they say") {
  CHECK(wrapped("a change for a while", 10) == Lines{"a change", "for a", "while"});
  CHECK(wrapped("short", 10) == Lines{"short"});
  CHECK(wrapped("", 10) == Lines{""});
  CHECK(wrapped("two  spaces stay on a line", 12) == Lines{"two  spaces", "stay on a", "line"});
}

TEST_CASE("a word that no line has room for breaks after a mark, else where the line ends") {
  CHECK(wrapped("see https://shop.example/orders", 15) == Lines{"see", "https://shop.", "example/orders"});
  CHECK(wrapped("abcdefghij", 4) == Lines{"abcd", "efgh", "ij"});
}

TEST_CASE("scripts without spaces break anywhere, and marks stay with their letters") {
  CHECK(wrapped("订单已被接受", 5) == Lines{"订单", "已被", "接受"});
  for (auto& line : wrapped("e\u0301e\u0301e\u0301", 2)) CHECK_FALSE(line.starts_with("\u0301"));
  CHECK(widest_word("订单 ab") == 2);
}

TEST_CASE("no line is wider than asked for") {
  std::string text = "An order was accepted, with https://shop.example/a/very/long/address and 订单已被接受 in it";
  for (std::size_t width = 2; width < 100; ++width) {
    for (auto& line : wrapped(text, width)) CHECK(eda::text::columns(line) <= width);
  }
}
