#include "cli/listing.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/json.h"
#include "cli/yaml.h"

namespace eda::cli {

namespace {

// `text` with every line but the first moved to the right.
std::string indented(std::string text, std::string_view margin) {
  while (text.ends_with('\n')) text.pop_back();
  for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 1)) {
    text.insert(at + 1, margin);
  }
  return text;
}

}  // namespace

Listing::Listing(Terminal& terminal, const Output& output, std::string key, std::vector<Column> columns)
    : terminal_(terminal),
      format_(output.format),
      headers_(output.rows.headers),
      key_(std::move(key)),
      columns_(std::move(columns)),
      table_(columns_) {
  auto choice = choose_rows(output.rows, columns_);
  if (!choice) {
    terminal_.refuse(std::move(choice).error());
    return;
  }
  choice_ = std::move(*choice);
  if (choice_.shown.empty()) return;
  std::vector<Column> wanted;
  for (auto index : choice_.shown) {
    wanted.push_back(columns_[index]);
    wanted.back().show = Column::Show::always;
  }
  columns_ = std::move(wanted);
  table_ = Table(columns_);
}

std::vector<Cell> Listing::chosen(std::vector<Cell> cells) const {
  if (choice_.shown.empty()) return cells;
  std::vector<Cell> out;
  for (auto index : choice_.shown) out.push_back(cells[index]);
  return out;
}

void Listing::emit(std::vector<Cell> cells) {
  if (format_ == Format::tsv) {
    terminal_.out(tsv_line(cells));
  } else {
    table_.row(std::move(cells));
  }
}

void Listing::add(const google::protobuf::Message& message, std::vector<Cell> cells, const std::string& name) {
  bool first = count_++ == 0;
  switch (format_) {
    case Format::json:
      text_ = first ? "{\n  \"" + key_ + "\": [\n    " : ",\n    ";
      write_json(text_, message, 4);
      terminal_.out(text_);
      return;
    case Format::yaml:
      if (first) terminal_.out(key_ + ":\n");
      terminal_.out("- " + indented(to_yaml(to_json(message)), "  ") + "\n");
      return;
    case Format::name:
      terminal_.out(name + "\n");
      return;
    case Format::tsv:
      if (first && headers_) {
        std::vector<Cell> headers;
        for (auto& column : columns_) headers.emplace_back(column.header);
        terminal_.out(tsv_line(headers));
      }
      break;
    default:
      break;
  }
  if (choice_.sorted) {
    SortKey key(cells[*choice_.sorted].text);
    unsorted_.push_back({std::move(key), chosen(std::move(cells))});
  } else {
    emit(chosen(std::move(cells)));
  }
}

void Listing::finish(std::string_view when_empty) {
  if (format_ == Format::json) return terminal_.out(count_ == 0 ? "{\n  \"" + key_ + "\": []\n}\n" : "\n  ]\n}\n");
  if (format_ == Format::yaml) return terminal_.out(count_ == 0 ? key_ + ": []\n" : "");
  if (count_ == 0) return terminal_.say(when_empty);
  std::stable_sort(unsorted_.begin(), unsorted_.end(),
                   [&](auto& a, auto& b) { return SortKey::before(a.key, b.key, choice_.direction); });
  for (auto& row : unsorted_) emit(std::move(row.cells));
  if (format_ == Format::name || format_ == Format::tsv) return;
  auto detail = format_ == Format::wide ? Table::Detail::wide : Table::Detail::normal;
  auto headers = headers_ ? Table::Headers::shown : Table::Headers::hidden;
  terminal_.out(table_.text(terminal_.width(), terminal_.out_palette(), detail, headers));
}

bool show_message(Terminal& terminal, Format format, const google::protobuf::Message& message,
                  const std::string& name) {
  if (format == Format::json) {
    terminal.out(json_text(message));
  } else if (format == Format::yaml) {
    terminal.out(to_yaml(to_json(message)));
  } else if (format == Format::name) {
    terminal.out(name + "\n");
  } else {
    return false;
  }
  return true;
}

}  // namespace eda::cli
