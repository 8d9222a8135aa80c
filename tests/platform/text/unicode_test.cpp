#include "platform/text/unicode.h"

#include <catch2/catch.hpp>

using namespace eda::text;
using namespace std::string_literals;

TEST_CASE("invalid UTF-8 is found at its byte") {
  struct Row {
    std::string text;
    std::optional<std::size_t> at;
  };
  for (const Row& row : std::initializer_list<Row>{{"", {}},
                                                   {"plain", {}},
                                                   {"é€😀", {}},
                                                   {"ab\xff", 2},
                                                   {"ab\xc3", 2},
                                                   {"\xc0\xaf", 0},          // overlong
                                                   {"\xe0\x80\xaf", 0},      // overlong
                                                   {"x\xed\xa0\x80", 1},     // a surrogate
                                                   {"\xf4\x90\x80\x80", 0},  // above U+10FFFF
                                                   {"\xe2\x82 ", 0},         // cut short
                                                   {"\xf0\x9f\x98", 0},
                                                   {"\x80", 0}}) {
    CHECK(invalid_utf8(row.text) == row.at);
  }
}

TEST_CASE("code points and terminal columns are counted apart") {
  CHECK(code_points("aé€😀") == 4);
  CHECK(columns("abc") == 3);
  CHECK(columns("日本") == 4);
  CHECK(columns("e\u0301") == 1);
  CHECK(columns("a\x1b\x07") == 1);
  CHECK(columns("😀") == 2);
  CHECK(columns("a\xff") == 2);
}

TEST_CASE("a cut text fits its width and keeps its characters whole") {
  CHECK(cut("orders.placed", 20) == "orders.placed");
  CHECK(cut("orders.placed", 13) == "orders.placed");
  CHECK(cut("orders.placed", 7) == "orders…");
  CHECK(cut("日本語", 5) == "日本…");
  CHECK(cut("日本語", 4) == "日…");
  CHECK(cut("日本語", 6) == "日本語");
  CHECK(cut("abc", 1) == "…");
  CHECK(cut("abc", 0).empty());
  CHECK(cut("", 0).empty());
}

TEST_CASE("normalise composes and leaves broken text alone") {
  CHECK(normalise("e\u0301") == "é");
  CHECK(normalise("plain") == "plain");
  CHECK(normalise("a\xff") == "a\xff");
}

TEST_CASE("printable text cannot steer a terminal") {
  CHECK(printable("plain é 日本") == "plain é 日本");
  CHECK(printable("\x1b[31mred\n\t") == "\\x1b[31mred\\x0a\\x09");
  CHECK(printable("a\u202eb") == "a\\u202eb");
  CHECK(printable("a\u0085b") == "a\\x85b");
  CHECK(printable("a\xff") == "a\\xff");
  CHECK(printable("a\0b"s) == "a\\x00b");
}

TEST_CASE("the first character that no text may hold is named") {
  CHECK_FALSE(control_character("two\nlines\tand é").has_value());
  CHECK(control_character("a\x07")->what == "the control character U+0007");
  CHECK(control_character("é\x7f")->at == 2);
  CHECK(control_character("a\rb")->what == "the control character U+000D");
  CHECK(control_character("a\xffz")->what == "the invalid byte 0xFF");
}

TEST_CASE("names are 1 to 100 letters, digits, points, lines and dashes in NFC") {
  for (std::string name :
       {"checkout"s, "order-service"s, "a"s, "Größe"s, "日本"s, "हिन्दी"s, "a.b_c-9"s, std::string(100, 'x')}) {
    INFO(name);
    CHECK_FALSE(name_fault(name).has_value());
  }
  struct Row {
    std::string name;
    std::string fault;
  };
  for (const Row& row :
       std::initializer_list<Row>{{"", "the name is empty"},
                                  {std::string(300, 'x'), "the name has 300 characters; 100 is the most"},
                                  {"../etc", "the name holds \"/\"; letters, digits and . _ - are allowed"},
                                  {"..", "\"..\" is a path, not a name"},
                                  {".", "\".\" is a path, not a name"},
                                  {"a b", "the name holds \" \"; letters, digits and . _ - are allowed"},
                                  {"a\x07", "the name holds \"\\x07\"; letters, digits and . _ - are allowed"},
                                  {"a\u202e", "the name holds \"\\u202e\"; letters, digits and . _ - are allowed"},
                                  {"a\u200d", "the name holds \"\u200d\"; letters, digits and . _ - are allowed"},
                                  {"😀", "the name holds \"😀\"; letters, digits and . _ - are allowed"},
                                  {"e\u0301", "the name is not in Unicode's composed form (NFC); type it anew"},
                                  {"a\xff", "the name is not valid UTF-8"}}) {
    INFO(row.name);
    REQUIRE(name_fault(row.name).has_value());
    CHECK(*name_fault(row.name) == row.fault);
  }
}
