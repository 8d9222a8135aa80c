#include "plans/manifest_plain.h"

#include "platform/core/limits.h"

namespace eda::plans {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_word(char c) {
  return is_letter(c) || is_digit(c) || c == '.' || c == '/' || c == '-' || c == '+';
}

/// Deeper than any manifest of ours, and below the limit that others are told about.
constexpr std::size_t deepest = limits::nesting / 2;

/// One pass over the lines. Each method that may come upon something odd says so by `false`, and that is the end.
class Plain {
 public:
  explicit Plain(const Piece& piece) : rest_(piece.text), line_(piece.line) {}

  std::optional<Tree> read() {
    bool marked = false;
    for (; !rest_.empty(); ++line_) {
      auto end = std::min(rest_.find('\n'), rest_.size());
      text_ = rest_.substr(0, end);
      rest_.remove_prefix(std::min(end + 1, rest_.size()));
      for (char c : text_) {
        if (c < 0x20 || c == 0x7f) return std::nullopt;  // bytes of other alphabets are negative
      }
      while (text_.ends_with(' ')) text_.remove_suffix(1);
      at_ = text_.find_first_not_of(' ');
      if (at_ == std::string_view::npos || text_[at_] == '#') continue;
      if (open_.empty() && !marked && text_ == "---") {
        marked = true;
        continue;
      }
      if (!read_line()) return std::nullopt;
    }
    if (open_.empty()) return std::nullopt;
    settle_null();
    while (!open_.empty()) close();
    return std::move(tree_);
  }

 private:
  struct Open {
    Node* map;
    std::size_t indent;
  };

  Mark here() const { return {line_, static_cast<std::uint32_t>(at_ + 1)}; }

  Node& make(Node::Shape shape, Mark at) {
    Node& node = tree_.nodes.emplace_back();
    node.shape = shape;
    node.at = at;
    return node;
  }
  Node& make_text(std::string_view text, Mark at, bool plain) {
    Node& node = make(Node::Shape::scalar, at);
    node.text = text;
    node.plain = plain;
    return node;
  }
  static void attach(Node& map, const Node* key, const Node& value) {
    map.entries.push_back({key, &value, value.at});
    map.weight += value.weight + (key ? key->weight : 0);
  }

  /// A key that still waits has no value: it stands right behind the key.
  void settle_null() {
    if (!waiting_) return;
    attach(*open_.back().map, waiting_, make_text("", waiting_end_, true));
    waiting_ = nullptr;
  }
  void close() {
    Open done = open_.back();
    open_.pop_back();
    if (open_.empty()) {
      tree_.root = done.map;
    } else {
      attach(*open_.back().map, keys_.back(), *done.map);
      keys_.pop_back();
    }
  }

  bool read_line() {
    auto indent = at_;
    if (open_.empty()) {
      if (indent != 0) return false;
      open_.push_back({&make(Node::Shape::map, here()), 0});
    } else if (indent > open_.back().indent) {
      // Below a key without a value begins its map; below a value goes on what we do not read.
      if (!waiting_ || open_.size() == deepest) return false;
      keys_.push_back(waiting_);
      waiting_ = nullptr;
      open_.push_back({&make(Node::Shape::map, here()), indent});
    } else {
      settle_null();
      while (indent < open_.back().indent) close();
      if (indent != open_.back().indent) return false;
    }
    const Node* key = read_key();
    if (!key) return false;
    if (at_ == text_.size()) {
      waiting_ = key;
      waiting_end_ = {line_, key->at.column + static_cast<std::uint32_t>(key->text.size())};
      return true;
    }
    Node* value = read_value(false, 0);
    if (!value || at_ != text_.size()) return false;
    attach(*open_.back().map, key, *value);
    return tree_.nodes.size() < limits::document_values;
  }

  /// `name:` and the blanks behind it; nullptr when something else stands there.
  const Node* read_key() {
    auto begin = at_;
    if (at_ == text_.size() || !is_letter(text_[at_])) return nullptr;
    while (at_ < text_.size() && is_word(text_[at_])) ++at_;
    if (at_ == text_.size() || text_[at_] != ':') return nullptr;
    auto end = at_++;
    if (at_ < text_.size() && text_[at_] != ' ') return nullptr;
    skip_blanks();
    return &make_text(text_.substr(begin, end - begin), {line_, static_cast<std::uint32_t>(begin + 1)}, true);
  }

  void skip_blanks() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }

  Node* read_value(bool in_brackets, std::size_t depth) {
    if (at_ == text_.size()) return nullptr;
    char c = text_[at_];
    if (c == '"' || c == '\'') return read_quoted(c);
    if (c == '{' || c == '[') return depth == deepest ? nullptr : read_brackets(c, depth + 1);
    return read_word(in_brackets);
  }

  Node* read_quoted(char quote) {
    auto begin = here();
    auto end = text_.find_first_of(quote == '"' ? "\"\\" : "'", at_ + 1);
    if (end == std::string_view::npos || text_[end] == '\\') return nullptr;
    auto inner = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    if (at_ < text_.size() && text_[at_] == quote) return nullptr;
    return &make_text(inner, begin, false);
  }

  /// Words with single signs between them: no sign that YAML could give a meaning to in its place.
  Node* read_word(bool in_brackets) {
    auto begin = at_;
    if (!is_letter(text_[at_]) && !is_digit(text_[at_])) {
      // -1 is a number, - alone an item; ... and --- are marks.
      if (text_[at_] != '-' || at_ + 1 == text_.size() || !is_digit(text_[at_ + 1])) return nullptr;
    }
    for (; at_ < text_.size(); ++at_) {
      char c = text_[at_];
      if (is_word(c)) continue;
      if (in_brackets && ends_here()) break;
      char next = at_ + 1 < text_.size() ? text_[at_ + 1] : ' ';
      bool joins = is_letter(next) || is_digit(next) || (c == ',' && next == ' ' && at_ + 1 < text_.size());
      bool harmless = c == ' ' || c == ':' || c == '@' || c == '=' || (!in_brackets && (c == ',' || c == '\''));
      if (!harmless || !joins) return nullptr;
    }
    return &make_text(text_.substr(begin, at_ - begin), {line_, static_cast<std::uint32_t>(begin + 1)}, true);
  }

  /// Whether nothing but blanks stands before the next sign of the brackets.
  bool ends_here() const {
    auto next = text_.find_first_not_of(' ', at_);
    return next != std::string_view::npos && std::string_view(",]}").find(text_[next]) != std::string_view::npos;
  }

  Node* read_brackets(char bracket, std::size_t depth) {
    bool is_map = bracket == '{';
    char closing = is_map ? '}' : ']';
    Node& node = make(is_map ? Node::Shape::map : Node::Shape::list, here());
    ++at_;
    skip_blanks();
    for (bool first = true; at_ < text_.size(); first = false) {
      if (first && text_[at_] == closing) break;
      const Node* key = is_map ? read_key() : nullptr;
      if (is_map && !key) return nullptr;
      Node* value = read_value(true, depth);
      if (!value) return nullptr;
      attach(node, key, *value);
      skip_blanks();
      if (at_ < text_.size() && text_[at_] == closing) break;
      if (at_ == text_.size() || text_[at_] != ',') return nullptr;
      ++at_;
      skip_blanks();
      // `a,b` in brackets is two words, `[a,]` one: both are rare enough to leave them to the library.
      if (at_ == text_.size() || text_[at_] == closing || text_[at_ - 1] != ' ') return nullptr;
    }
    if (at_ == text_.size()) return nullptr;
    ++at_;
    return &node;
  }

  std::string_view rest_, text_;
  std::uint32_t line_;
  std::size_t at_ = 0;
  Tree tree_;
  std::vector<Open> open_;
  std::vector<const Node*> keys_;  ///< of the maps that are open, but for the root
  const Node* waiting_ = nullptr;  ///< the last key, when nothing stood behind it
  Mark waiting_end_;
};

}  // namespace

std::optional<Tree> read_plain_yaml(const Piece& piece) {
  return Plain(piece).read();
}

}  // namespace eda::plans
