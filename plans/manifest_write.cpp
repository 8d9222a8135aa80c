// Wishes back to YAML, in the order of the tables and quoted so that they read back as what they are.

#include <fmt/format.h>

#include <algorithm>

#include "plans/manifest.h"
#include "plans/manifest_fields.h"
#include "plans/manifest_yaml.h"
#include "platform/text/unicode.h"

namespace eda::plans {
namespace {

/// Words that YAML 1.1 readers take for booleans; quoted for their sake.
bool is_old_boolean(std::string_view text) {
  constexpr std::string_view words[] = {"y", "n", "yes", "no", "on", "off"};
  std::string word(text);
  for (char& c : word) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

bool is_plain(std::string_view text) {
  if (text.empty() || plain_type(text) != ScalarType::text || is_old_boolean(text)) return false;
  if (text == "<<" || text.starts_with("---") || text.starts_with("...")) return false;
  auto letter_or_digit = [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c >= 0x80;
  };
  auto first = static_cast<unsigned char>(text.front());
  if (!letter_or_digit(first) && first != '/' && first != '.' && first != '_') return false;
  for (unsigned char c : text) {
    if (!letter_or_digit(c) && std::string_view(" ._-/+=@$;()").find(static_cast<char>(c)) == std::string_view::npos &&
        c != ':') {
      return false;
    }
  }
  if (text.ends_with(' ') || text.ends_with(':') || text.find(": ") != std::string_view::npos) return false;
  return text::printable(text) == text;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (std::size_t at = 0; at < text.size();) {
    text::Decoded next = text::decode(text.substr(at));
    std::string_view bytes = text.substr(at, next.bytes);
    at += next.bytes;
    auto code = static_cast<std::uint32_t>(next.code_point);
    if (bytes == "\"" || bytes == "\\") {
      out += '\\';
      out += bytes;
    } else if (bytes == "\n") {
      out += "\\n";
    } else if (bytes == "\t") {
      out += "\\t";
    } else if (code < 0x20 || (code >= 0x7f && code < 0xa1)) {
      out += fmt::format("\\x{:02x}", code);
    } else if (text::printable(bytes) != bytes || code == 0xfffe || code == 0xffff) {
      out += fmt::format("\\u{:04x}", code);
    } else {
      out += bytes;
    }
  }
  return out + '"';
}

/// Whether a `|` block says exactly this text: no line of blanks at its edges, nothing that needs an escape.
bool fits_block(std::string_view text) {
  if (text.find('\n') == std::string_view::npos || text.ends_with("\n\n")) return false;
  std::string_view rest = text;
  while (!rest.empty()) {
    std::size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    bool first = line.data() == text.data();
    if (line.empty() && first) return false;
    if (!line.empty() && (line.front() == ' ' || line.front() == '\t' || line.back() == ' ' || line.back() == '\t')) {
      return false;
    }
    if (text::printable(line) != line || line.find("\xef\xbf\xbe") != std::string_view::npos ||
        line.find("\xef\xbf\xbf") != std::string_view::npos) {
      return false;
    }
  }
  return true;
}

std::string scalar(std::string_view text) {
  return is_plain(text) ? std::string(text) : quoted(text);
}

class Writer {
 public:
  void heading(int depth, std::string_view name) { out_ += fmt::format("{:{}}{}:\n", "", depth * 2, name); }

  void line(int depth, std::string_view name, std::string_view written) {
    out_ += fmt::format("{:{}}{}: {}\n", "", depth * 2, name, written);
  }

  void text(int depth, std::string_view name, const std::string& value) {
    if (!fits_block(value)) return line(depth, name, scalar(value));
    line(depth, name, value.ends_with('\n') ? "|" : "|-");
    std::string_view rest = value;
    while (!rest.empty()) {
      std::size_t end = rest.find('\n');
      std::string_view row = rest.substr(0, end);
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
      out_ += row.empty() ? "\n" : fmt::format("{:{}}{}\n", "", depth * 2 + 2, row);
    }
  }

  void field(int depth, std::string_view name, const Field& field, const WishField& said) {
    if (!said.value) return line(depth, name, "null");
    const Value& value = *said.value;
    if (const Value::List* list = value.as_list()) {
      if (list->empty()) return line(depth, name, "[]");
      heading(depth, name);
      for (const Value& item : *list) {
        out_ += fmt::format("{:{}}- {}\n", "", depth * 2 + 2, record_or_scalar(field, item));
      }
    } else if (value.as_text()) {
      text(depth, name, *value.as_text());
    } else {
      line(depth, name, value_text(field, value));
    }
  }

  std::string take() { return std::move(out_); }

 private:
  static std::string record_or_scalar(const Field& field, const Value& value) {
    const Value::Map* record = value.as_map();
    if (!record) return scalar(value_text(field, value));
    std::string members;
    for (const Field& member : field.members) {
      auto said = record->find(std::string(member.path));
      if (said == record->end()) continue;
      auto written = value_text(member, said->second);
      members += fmt::format("{}{}: {}", members.empty() ? "" : ", ", member.path,
                             said->second.as_text() ? scalar(written) : written);
    }
    return '{' + members + '}';
  }

  std::string out_;
};

/// The entries of one field in a wish: one of a plain field, one for each key of a map.
std::vector<Wish::const_iterator> entries_of(const Field& field, const Wish& wish) {
  std::vector<Wish::const_iterator> out;
  if (!is_map(field.type)) {
    if (auto found = wish.find(std::string(field.path)); found != wish.end()) out.push_back(found);
    return out;
  }
  std::string prefix = std::string(field.path) + "[\"";
  for (auto at = wish.lower_bound(prefix); at != wish.end() && at->first.starts_with(prefix); ++at) out.push_back(at);
  return out;
}

/// Writes what lies below `prefix`, fields of one group together, groups where their first field stands in the table.
void write_group(Writer& writer, std::span<const Field> table, std::string_view prefix, int depth, const Wish& wish) {
  std::vector<std::string_view> groups;
  for (const Field& field : table) {
    if (!field.path.starts_with(prefix) || field.path.size() <= prefix.size() || field.path[prefix.size()] != '.')
      continue;
    std::string_view rest = field.path.substr(prefix.size() + 1);
    std::string_view name = rest.substr(0, rest.find('.'));
    auto entries = entries_of(field, wish);
    if (entries.empty()) continue;
    if (name.size() < rest.size()) {
      if (std::find(groups.begin(), groups.end(), name) != groups.end()) continue;
      groups.push_back(name);
      writer.heading(depth, name);
      write_group(writer, table, field.path.substr(0, prefix.size() + 1 + name.size()), depth + 1, wish);
    } else if (is_map(field.type)) {
      writer.heading(depth, name);
      for (auto entry : entries) {
        writer.field(depth + 1, scalar(split_path(entry->first).key), field, entry->second);
      }
    } else {
      writer.field(depth, name, field, entries.front()->second);
    }
  }
}

}  // namespace

std::string write_manifest(const KindRules& rules, const std::string& cluster, const std::string& name,
                           const Wish& wish) {
  Writer writer;
  writer.line(0, "apiVersion", api_version);
  writer.line(0, "kind", rules.kind);
  writer.heading(0, "metadata");
  writer.line(1, "name", scalar(name));
  if (!cluster.empty()) writer.line(1, "cluster", scalar(cluster));
  write_group(writer, metadata_fields(), "metadata", 1, wish);
  bool says_spec = std::any_of(rules.fields.begin(), rules.fields.end(),
                               [&](const Field& field) { return !entries_of(field, wish).empty(); });
  if (says_spec) {
    writer.heading(0, "spec");
    write_group(writer, rules.fields, "spec", 1, wish);
  }
  return writer.take();
}

}  // namespace eda::plans
