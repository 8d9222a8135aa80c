#include "cli/rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "cli/errors.h"
#include "platform/text/distance.h"
#include "platform/text/unicode.h"
#include "platform/text/units.h"

namespace eda::cli {

namespace {

std::string upper(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

Result<std::size_t> column_named(const std::string& word, const std::vector<Column>& columns) {
  std::vector<std::string> headers;
  for (auto& column : columns) {
    if (upper(word) == column.header) return headers.size();
    headers.push_back(column.header);
  }
  auto hint = text::did_you_mean(upper(word), headers);
  return fail(usage_error(fmt::format("the list has no column \"{}\"", text::printable(word)),
                          hint.empty() ? fmt::format("its columns are {}", fmt::join(headers, ", ")) : hint));
}

double amount_of(std::int64_t number) {
  return number == -1 ? std::numeric_limits<double>::infinity() : static_cast<double>(number);  // -1: unlimited
}

// "3m ago" and "in 5d" too: what is longer ago comes first.
std::optional<double> amount_in(std::string_view text) {
  double number = 0;
  auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault == std::errc() && end == text.data() + text.size()) return number;
  constexpr std::string_view ago = " ago", in = "in ";
  double sign = 1;
  if (text.ends_with(ago)) {
    text.remove_suffix(ago.size());
    sign = -1;
  } else if (text.starts_with(in)) {
    text.remove_prefix(in.size());
  }
  if (auto span = text::parse_duration_ms(text)) return sign * amount_of(*span);
  if (auto size = text::parse_size_bytes(text)) return amount_of(*size);
  return std::nullopt;
}

}  // namespace

Result<RowChoice> choose_rows(const Rows& rows, const std::vector<Column>& columns) {
  RowChoice out;
  for (std::size_t begin = 0; !rows.columns.empty() && begin <= rows.columns.size();) {
    auto end = std::min(rows.columns.find(',', begin), rows.columns.size());
    EDA_ASSIGN(auto index, column_named(rows.columns.substr(begin, end - begin), columns));
    out.shown.push_back(index);
    begin = end + 1;
  }
  if (rows.sort_by.empty()) return out;
  auto colon = rows.sort_by.find(':');
  EDA_ASSIGN(out.sorted, column_named(rows.sort_by.substr(0, colon), columns));
  if (colon == std::string::npos) return out;
  auto direction = rows.sort_by.substr(colon + 1);
  if (direction != "asc" && direction != "desc") {
    return fail(usage_error(
        fmt::format("--sort-by {} has no direction \"{}\"", text::printable(rows.sort_by), text::printable(direction)),
        "COLUMN, COLUMN:asc or COLUMN:desc"));
  }
  if (direction == "desc") out.direction = RowChoice::Direction::down;
  return out;
}

SortKey::SortKey(const std::string& text) : class_(text.empty() ? Class::empty : Class::text), text_(text) {
  auto amount = amount_in(text);
  if (class_ == Class::empty || !amount) return;
  class_ = Class::amount;
  amount_ = *amount;
}

bool SortKey::before(const SortKey& a, const SortKey& b, RowChoice::Direction direction) {
  if (a.class_ == Class::empty || b.class_ == Class::empty) return a.class_ != Class::empty && b.class_ == Class::empty;
  auto less = [](const SortKey& one, const SortKey& other) {
    if (one.class_ != other.class_) return one.class_ < other.class_;
    return one.class_ == Class::amount ? one.amount_ < other.amount_ : one.text_ < other.text_;
  };
  return direction == RowChoice::Direction::up ? less(a, b) : less(b, a);
}

}  // namespace eda::cli
