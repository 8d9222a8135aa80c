#include "plans/manifest_yaml.h"

#include <fmt/format.h>
#include <libfyaml.h>

#include <algorithm>
#include <map>
#include <memory>

#include "plans/manifest_plain.h"
#include "plans/manifest_wording.h"
#include "platform/core/limits.h"
#include "platform/text/unicode.h"

namespace eda::plans {
namespace {

std::string shown(std::string_view text) {
  return '"' + text::cut(text::printable(text.substr(0, 400)), 60) + '"';
}

/// The place `bytes` further on, where `text` begins at `from`.
Mark advance(Mark from, std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    text::Decoded next = text::decode(text.substr(at));
    bool breaks = text[at] == '\n' || (text[at] == '\r' && (at + 1 == text.size() || text[at + 1] != '\n'));
    if (breaks) {
      ++from.line;
      from.column = 1;
    } else if (text[at] != '\r') {
      ++from.column;
    }
    at += next.bytes;
  }
  return from;
}

/// Bytes that no manifest may hold, found before the parser sees them: it reports some, accepts others.
std::optional<YamlFault> odd_bytes(const Piece& piece) {
  for (std::size_t at = 0; at < piece.text.size();) {
    auto byte = static_cast<unsigned char>(piece.text[at]);
    if ((byte >= 0x20 && byte < 0x7f) || byte == '\n' || byte == '\r' || byte == '\t') {
      ++at;
      continue;
    }
    text::Decoded next = text::decode(piece.text.substr(at));
    bool control = next.valid && (next.code_point < 0x20 || (next.code_point >= 0x7f && next.code_point < 0xa0));
    if (!next.valid || control) {
      Mark where = advance({piece.line, 1}, piece.text.substr(0, at));
      if (control) {
        auto code = static_cast<std::uint32_t>(next.code_point);
        return YamlFault{where, fmt::format("the control character U+{:04X} stands here", code),
                         "delete it; a manifest is plain text"};
      }
      return YamlFault{where, fmt::format("the byte 0x{:02X} here is not valid UTF-8", byte), "save the file as UTF-8"};
    }
    at += next.bytes;
  }
  return std::nullopt;
}

bool is_sign(char c) {
  switch (c) {
    case '[':
    case ']':
    case '{':
    case '}':
    case ',':
    case '&':
    case '*':
    case '!':
      return true;
    default:
      return false;
  }
}

/// libfyaml reads ahead to the end of a line of brackets and keeps every token of it, whatever its events say later. So
/// what could not be a legal document is refused by its length and by its brackets and commas before it sees them.
std::optional<YamlFault> too_much(const Piece& piece) {
  if (piece.text.size() > limits::message_bytes) {
    return YamlFault{{piece.line, 1},
                     fmt::format("the document that begins here has {} bytes; {} is the most", piece.text.size(),
                                 limits::message_bytes),
                     "split it"};
  }
  std::size_t signs = 0;
  for (std::size_t at = 0; at < piece.text.size(); ++at) {
    if (!is_sign(piece.text[at])) continue;
    if (++signs <= 2 * limits::document_values) continue;
    return YamlFault{advance({piece.line, 1}, piece.text.substr(0, at)),
                     fmt::format("the document has more than {} values", limits::document_values), "split it"};
  }
  return std::nullopt;
}

/// libfyaml's handles, released in the right order.
struct Parser {
  struct Event {
    fy_parser* parser;
    void operator()(fy_event* event) const { fy_parser_event_free(parser, event); }
  };

  explicit Parser(std::string_view text) {
    // Without an output function libfyaml writes its complaints to stderr.
    fy_diag_cfg quiet;
    fy_diag_cfg_default(&quiet);
    quiet.fp = nullptr;
    quiet.output_fn = [](fy_diag*, void*, const char*, size_t) {};
    quiet.colorize = false;
    diag.reset(fy_diag_create(&quiet));
    fy_diag_set_collect_errors(diag.get(), true);
    fy_parse_cfg config{};
    config.flags = static_cast<fy_parse_cfg_flags>(FYPCF_DEFAULT_VERSION_1_2 | FYPCF_JSON_NONE | FYPCF_COLLECT_DIAG);
    config.diag = diag.get();
    parser.reset(fy_parser_create(&config));
    fy_parser_set_string(parser.get(), text.data(), text.size());
  }
  std::unique_ptr<fy_event, Event> next() { return {fy_parser_parse(parser.get()), Event{parser.get()}}; }

  std::unique_ptr<fy_diag, decltype(&fy_diag_destroy)> diag{nullptr, &fy_diag_destroy};
  std::unique_ptr<fy_parser, decltype(&fy_parser_destroy)> parser{nullptr, &fy_parser_destroy};
};

std::string_view text_of(fy_token* token) {
  size_t length = 0;
  const char* text = token ? fy_token_get_text(token, &length) : nullptr;
  return text ? std::string_view(text, length) : std::string_view();
}

bool is_block(fy_token* token) {
  fy_scalar_style style = fy_token_scalar_style(token);
  return style == FYSS_LITERAL || style == FYSS_FOLDED;
}

/// Builds the tree of one piece from libfyaml's events.
class Builder {
 public:
  explicit Builder(const Piece& piece) : piece_(piece), parser_(piece.text), last_{piece.line, 1} {}

  tl::expected<Tree, YamlFault> build() {
    while (auto event = parser_.next()) {
      if (event->type == FYET_STREAM_END) return std::move(tree_);
      take(*event);
      if (fault_) return tl::unexpected(std::move(*fault_));
    }
    return tl::unexpected(complaint());
  }

 private:
  struct Open {
    Node* node;
    std::string anchor;
    bool bracket;               // [ ] or { }, not by indentation
    const Node* key = nullptr;  // a map's key that waits for its value
  };

  void take(fy_event& event) {
    switch (event.type) {
      case FYET_DOCUMENT_START:
        if (tree_.root) fail(last_, "a second document begins here", "put a line with --- between two documents");
        break;
      case FYET_SCALAR: {
        Node* node = make(Node::Shape::scalar, event.scalar.value, event.scalar.tag);
        if (!node) return;
        node->plain = !event.scalar.value || fy_token_scalar_style(event.scalar.value) == FYSS_PLAIN;
        node->text = text_of(event.scalar.value);
        // libfyaml 0.7 gives a NUL for an empty text block at the end of its input.
        if (!node->text.empty() && node->text.back() == '\0' && is_block(event.scalar.value)) node->text.pop_back();
        place(*node, text_of(event.scalar.anchor), node->at);
        break;
      }
      case FYET_ALIAS:
        take_alias(event.alias.anchor);
        break;
      case FYET_MAPPING_START:
        open(Node::Shape::map, event.mapping_start.mapping_start, event.mapping_start.anchor, event.mapping_start.tag);
        break;
      case FYET_SEQUENCE_START:
        open(Node::Shape::list, event.sequence_start.sequence_start, event.sequence_start.anchor,
             event.sequence_start.tag);
        break;
      case FYET_MAPPING_END:
      case FYET_SEQUENCE_END:
        close();
        break;
      default:
        break;
    }
  }

  void take_alias(fy_token* token) {
    Mark at = start_of(token);
    if (at.column > 1) --at.column;  // libfyaml's alias begins after its `*`
    std::string name(text_of(token));
    auto found = anchors_.find(name);
    if (found == anchors_.end()) {
      return fail(
          at, fmt::format("the alias *{} names nothing that stands before it", text::cut(text::printable(name), 60)),
          "put &name before the value that it shall repeat");
    }
    if (++aliases_ > limits::document_aliases) {
      return fail(at, fmt::format("the document has more than {} aliases", limits::document_aliases),
                  "write the values out");
    }
    attach(*found->second, at);
  }

  void open(Node::Shape shape, fy_token* token, fy_token* anchor, fy_token* tag) {
    Node* node = make(shape, token, tag);
    if (!node) return;
    if (open_.size() == limits::nesting) {
      return fail(node->at, fmt::format("this is nested deeper than {} levels", limits::nesting), "nest less");
    }
    fy_token_type type = fy_token_get_type(token);
    bool bracket = type == FYTT_FLOW_SEQUENCE_START || type == FYTT_FLOW_MAPPING_START;
    open_.push_back({node, std::string(text_of(anchor)), bracket, nullptr});
  }

  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    place(*done.node, done.anchor, done.node->at);
  }

  Node* make(Node::Shape shape, fy_token* token, fy_token* tag) {
    Mark at = start_of(token);
    if (tag) {
      fail(at, fmt::format("tags are not supported; {} stands here", shown(text_of(tag))),
           "delete the tag; quotes make a value text");
      return nullptr;
    }
    if (tree_.nodes.size() == limits::document_values) {
      fail(at, fmt::format("the document has more than {} values", limits::document_values), "split it");
      return nullptr;
    }
    Node& node = tree_.nodes.emplace_back();
    node.shape = shape;
    node.at = at;
    return &node;
  }

  void place(Node& node, std::string_view anchor, Mark at) {
    if (!anchor.empty()) anchors_.insert_or_assign(std::string(anchor), &node);
    attach(node, at);
  }

  void attach(const Node& node, Mark at) {
    if (open_.empty()) {
      tree_.root = &node;
      return;
    }
    Open& parent = open_.back();
    parent.node->weight += node.weight;
    if (parent.node->weight > limits::document_values) {
      return fail(at, fmt::format("the aliases of this document grow to more than {} values", limits::document_values),
                  "write the values out");
    }
    if (parent.node->shape == Node::Shape::list) {
      parent.node->entries.push_back({nullptr, &node, at});
    } else if (!parent.key) {
      parent.key = &node;
    } else {
      parent.node->entries.push_back({parent.key, &node, at});
      parent.key = nullptr;
    }
  }

  /// Where a token's value begins for a reader: at its quote, or at the | or > of a text block.
  Mark start_of(fy_token* token) {
    const fy_mark* mark = token ? fy_token_start_mark(token) : nullptr;
    if (!mark) return last_;
    Mark at{piece_.line + static_cast<std::uint32_t>(mark->line), 1 + static_cast<std::uint32_t>(mark->column)};
    switch (fy_token_scalar_style(token)) {
      case FYSS_SINGLE_QUOTED:
      case FYSS_DOUBLE_QUOTED:
        if (at.column > 1) --at.column;
        break;
      case FYSS_LITERAL:
      case FYSS_FOLDED: {
        std::string_view before = piece_.text.substr(0, std::min(mark->input_pos, piece_.text.size()));
        before.remove_prefix(std::min(last_offset_, before.size()));
        auto sign = before.find_first_of("|>");
        if (sign != std::string_view::npos) at = advance(last_, before.substr(0, sign));
        break;
      }
      default:
        break;
    }
    if (const fy_mark* end = fy_token_end_mark(token)) {
      last_ = {piece_.line + static_cast<std::uint32_t>(end->line), 1 + static_cast<std::uint32_t>(end->column)};
      last_offset_ = end->input_pos;
    }
    return at;
  }

  void fail(Mark at, std::string message, std::string hint) {
    if (!fault_) fault_ = YamlFault{at, std::move(message), std::move(hint)};
  }

  /// The parser stopped by itself: its first complaint in our words.
  YamlFault complaint() {
    void* position = nullptr;
    const fy_diag_error* error = fy_diag_errors_iterate(parser_.diag.get(), &position);
    Mark at = last_;
    if (error) {
      at.line = piece_.line + static_cast<std::uint32_t>(std::max(error->line, 1) - 1);
      at.column = static_cast<std::uint32_t>(std::max(error->column, 1));
    }
    std::string_view said = error && error->msg ? error->msg : "";
    if (auto tab = indenting_tab(at.line)) {
      return {*tab, "a tab indents this line", "indent with spaces"};
    }
    if (!open_.empty() && open_.back().bracket && nothing_follows(at)) {
      const Node& node = *open_.back().node;
      bool list = node.shape == Node::Shape::list;
      return {node.at, fmt::format("the {} that is opened here is never closed", list ? "[" : "{"),
              fmt::format("close it with {}", list ? "]" : "}")};
    }
    // libfyaml means the first character after the quote.
    if (said.find("without closing quote") != std::string_view::npos && at.column > 1) --at.column;
    Wording wording = wording_of(said);
    return {at, std::string(wording.message), std::string(wording.hint)};
  }

  /// The text from a place on; empty when the place lies behind the end.
  std::string_view text_from(Mark place) const {
    std::string_view rest = piece_.text;
    for (std::uint32_t line = piece_.line; line < place.line; ++line) {
      std::size_t end = rest.find_first_of("\r\n");
      if (end == std::string_view::npos) return {};
      bool both = rest[end] == '\r' && end + 1 < rest.size() && rest[end + 1] == '\n';
      rest.remove_prefix(end + (both ? 2 : 1));
    }
    for (std::uint32_t column = 1; column < place.column && !rest.empty(); ++column) {
      rest.remove_prefix(text::decode(rest).bytes);
    }
    return rest;
  }

  /// The first tab in the indentation of a line, if it has one.
  std::optional<Mark> indenting_tab(std::uint32_t line) const {
    std::string_view text = text_from({line, 1});
    std::size_t tab = text.find_first_not_of(' ');
    if (tab == std::string_view::npos || text[tab] != '\t') return std::nullopt;
    return Mark{line, 1 + static_cast<std::uint32_t>(tab)};
  }

  bool nothing_follows(Mark place) const {
    return text_from(place).find_first_not_of(" \t\r\n") == std::string_view::npos;
  }

  const Piece& piece_;
  Parser parser_;
  Tree tree_;
  std::vector<Open> open_;
  std::map<std::string, const Node*> anchors_;
  std::size_t aliases_ = 0;
  Mark last_;  // the end of the token before, where values without a token (`key:`) stand
  std::size_t last_offset_ = 0;
  std::optional<YamlFault> fault_;
};

}  // namespace

tl::expected<Tree, YamlFault> read_any_yaml(const Piece& piece) {
  if (auto fault = odd_bytes(piece)) return tl::unexpected(std::move(*fault));
  return Builder(piece).build();
}

tl::expected<Tree, YamlFault> read_yaml(const Piece& piece) {
  if (auto fault = too_much(piece)) return tl::unexpected(std::move(*fault));
  if (auto plain = read_plain_yaml(piece)) return std::move(*plain);
  return read_any_yaml(piece);
}

}  // namespace eda::plans
