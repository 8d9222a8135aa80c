#include "platform/process/config_file.h"

#include <libfyaml.h>

#include <cstdlib>
#include <memory>

#include "platform/core/limits.h"

namespace eda::process {

namespace {

class Reader {
 public:
  Reader(const std::string& name, FileEntries& out) : name_(name), out_(out) {}

  void read(const std::string& yaml) {
    std::unique_ptr<fy_diag, decltype(&end_diag)> notes(make_diag(), &end_diag);
    fy_parse_cfg options{};
    options.flags = static_cast<fy_parse_cfg_flags>(FYPCF_COLLECT_DIAG | FYPCF_DISABLE_MMAP_OPT);
    options.diag = notes.get();
    std::unique_ptr<fy_parser, decltype(&fy_parser_destroy)> parser(fy_parser_create(&options), &fy_parser_destroy);
    if (!parser || fy_parser_set_string(parser.get(), yaml.data(), yaml.size()) != 0) throw std::bad_alloc();
    if (auto* document = fy_parse_load_document(parser.get())) {
      if (auto* root = fy_document_root(document)) walk(root, {}, 0);
      fy_parse_document_destroy(parser.get(), document);
      if (auto* second = fy_parse_load_document(parser.get())) {
        complain({name_, 0, 0}, "there is more than one document in the file", "keep one");
        fy_parse_document_destroy(parser.get(), second);
      }
    }
    void* at = nullptr;
    while (auto* error = fy_diag_errors_iterate(notes.get(), &at)) {
      complain({name_, static_cast<std::uint32_t>(error->line), static_cast<std::uint32_t>(error->column)}, error->msg,
               {});
    }
  }

 private:
  static fy_diag* make_diag() {
    fy_diag_cfg options{};
    fy_diag_cfg_default(&options);
    options.fp = nullptr;
    auto* diag = fy_diag_create(&options);
    if (diag == nullptr) throw std::bad_alloc();
    fy_diag_set_collect_errors(diag, true);
    return diag;
  }

  static void end_diag(fy_diag* diag) {
    fy_diag_set_collect_errors(diag, false);  // frees what was collected; destroying alone does not
    fy_diag_destroy(diag);
  }

  void complain(Position at, std::string message, std::string hint, std::string field = {}) {
    out_.violations.push_back(Violation{std::move(field), std::move(message), std::move(at), std::move(hint), {}});
  }

  Position place(fy_node* node) const {
    // A mapping begins at its first key; libfyaml knows the marks of tokens.
    while (fy_node_is_mapping(node) && !fy_node_is_alias(node)) {
      auto* first = fy_node_mapping_get_by_index(node, 0);
      if (first == nullptr || fy_node_pair_key(first) == nullptr) break;
      node = fy_node_pair_key(first);
    }
    auto* token = fy_node_is_scalar(node) ? fy_node_get_scalar_token(node) : nullptr;
    const auto* mark = token ? fy_token_start_mark(token) : nullptr;
    if (mark == nullptr) return {name_, 0, 0};
    return {name_, static_cast<std::uint32_t>(mark->line + 1), static_cast<std::uint32_t>(mark->column + 1)};
  }

  static std::string scalar(fy_node* node) {
    std::size_t length = 0;
    const char* text = fy_node_get_scalar(node, &length);
    return text ? std::string(text, length) : std::string();
  }

  static bool is_null(fy_node* node) {
    if (node == nullptr) return true;
    if (!fy_node_is_scalar(node) || fy_node_get_style(node) != FYNS_PLAIN) return false;
    auto text = scalar(node);
    return text.empty() || text == "null" || text == "~";
  }

  void walk(fy_node* node, const std::string& prefix, std::size_t depth) {
    if (is_null(node)) return;
    if (!fy_node_is_mapping(node)) {
      return complain(place(node), prefix.empty() ? "the file is no mapping of settings" : "a setting is one text",
                      "write `key: value`", prefix);
    }
    if (depth > limits::nesting) return complain(place(node), "the file nests too deeply", {}, prefix);
    void* at = nullptr;
    while (auto* pair = fy_node_mapping_iterate(node, &at)) {
      auto* key = fy_node_pair_key(pair);
      auto* value = fy_node_pair_value(pair);
      if (key == nullptr || !fy_node_is_scalar(key) || fy_node_is_alias(key)) {
        complain({name_, 0, 0}, "a key is no text", {}, prefix);
        continue;
      }
      auto path = prefix.empty() ? scalar(key) : prefix + "." + scalar(key);
      if (is_null(value)) continue;
      if (fy_node_is_alias(value)) {
        complain(place(key), "aliases are not read here", "write the value out", path);
      } else if (fy_node_is_sequence(value)) {
        complain(place(key), "a setting is one text, not a list", "write it as one text", path);
      } else if (fy_node_is_mapping(value)) {
        walk(value, path, depth + 1);
      } else {
        out_.entries.push_back(FileEntry{path, scalar(value), place(key), place(value)});
      }
    }
  }

  const std::string& name_;
  FileEntries& out_;
};

}  // namespace

FileEntries read_config(const std::string& name, const std::string& yaml) {
  FileEntries out;
  Reader(name, out).read(yaml);
  return out;
}

}  // namespace eda::process
