#include "cli/manifest_template.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "cli/field_words.h"
#include "cli/wrap.h"
#include "cli/yaml.h"

namespace eda::cli {

using plans::Field;

namespace {

constexpr std::size_t width = 100;

// A level of the manifest: a field, or the fields below a common name ("contacts").
struct Node {
  std::string name;
  const Field* field = nullptr;
  std::string value;  ///< what is written; empty: the field's example
  std::vector<Node> inner;

  Node& at(std::string_view step) {
    auto found = std::find_if(inner.begin(), inner.end(), [&](auto& node) { return node.name == step; });
    if (found != inner.end()) return *found;
    return inner.emplace_back(Node{std::string(step), nullptr, {}, {}});
  }
};

Node& below(Node& root, std::string_view path) {
  auto* node = &root;
  for (;;) {
    auto dot = path.find('.');
    node = &node->at(path.substr(0, dot));
    if (dot == std::string_view::npos) return *node;
    path.remove_prefix(dot + 1);
  }
}

// What nobody may leave out, what was said, and the description, which everybody should write.
bool is_live(const Node& node) {
  if (!node.inner.empty()) return std::any_of(node.inner.begin(), node.inner.end(), is_live);
  return !node.value.empty() || (node.field != nullptr && (node.field->required || node.name == "description"));
}

class Writer {
 public:
  void line(std::size_t depth, bool live, const std::string& text) {
    out_ += std::string(2 * base_, ' ') + (live ? "" : "#") + std::string(2 * (depth - base_), ' ') + text + "\n";
  }
  void note(std::size_t depth, std::string_view text) {
    auto margin = std::string(2 * depth, ' ') + "# ";
    out_ += margin + wrapped_under(text, width - margin.size(), margin) + "\n";
  }

  void node(const Node& node, std::size_t depth, bool parent_live) {
    bool live = parent_live && is_live(node);
    // In a part that is all comment, each "#" stands at the margin of its first line.
    if (parent_live) base_ = depth;
    if (node.field == nullptr && !node.inner.empty()) {
      line(depth, live, node.name + ":");
      for (auto& one : node.inner) this->node(one, depth + 1, live);
      return;
    }
    if (node.field != nullptr) notes(*node.field, parent_live ? depth : base_);
    auto value = node.value.empty() ? std::string(node.field->example) : node.value;
    line(depth, live, node.name + ": " + value);
  }

  void text(std::string_view text) { out_ += text; }
  std::string take() { return std::move(out_); }

 private:
  void notes(const Field& field, std::size_t depth) {
    note(depth, field.doc);
    auto facts = takes(field);
    if (field.required) facts += "; required";
    if (!field.fallback.empty()) facts += fmt::format("; default: {}", field.fallback);
    if (field.immutable) facts += "; cannot be changed later";
    note(depth, fmt::format("[{}]", facts));
  }

  std::string out_;
  std::size_t base_ = 0;
};

}  // namespace

std::string manifest_template(const plans::KindRules& rules, const TemplateNames& names) {
  Node root;
  auto& metadata = root.at("metadata");
  metadata.at("name").value = yaml_scalar(names.name);
  if (rules.scope == plans::Scope::cluster && !names.cluster.empty()) {
    metadata.at("cluster").value = yaml_scalar(names.cluster);
  }
  for (auto& field : plans::metadata_fields()) {
    bool team = field.path == "metadata.team";
    if (team && !rules.owned) continue;
    auto& node = below(root, field.path);
    node.field = &field;
    if (team) node.value = names.team.empty() ? std::string(field.example) : yaml_scalar(names.team);
  }
  for (auto& field : rules.fields) below(root, field.path).field = &field;

  Writer writer;
  writer.note(0, fmt::format("{}: {}", rules.kind, rules.doc));
  writer.note(0, "A field behind a \"#\" is optional, its value an example: take the \"#\" away, and write your own.");
  writer.text(fmt::format("apiVersion: eda/v1\nkind: {}\n", rules.kind));
  for (auto* part : {"metadata", "spec"}) {
    auto& node = root.at(part);
    if (node.inner.empty()) continue;
    bool live = is_live(node);
    writer.text(live ? fmt::format("{}:\n", part) : fmt::format("{}: {{}}\n", part));
    for (auto& one : node.inner) writer.node(one, 1, true);
  }
  return writer.take();
}

}  // namespace eda::cli
