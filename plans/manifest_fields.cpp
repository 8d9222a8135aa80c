#include "plans/manifest_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "plans/manifest_values.h"
#include "platform/core/limits.h"
#include "platform/text/distance.h"
#include "platform/text/unicode.h"

namespace eda::plans {
namespace {

/// Beyond these nobody reads on, and nearest names cost time.
constexpr std::size_t most_faults = 1'000;

std::string shown(std::string_view text) {
  return text::cut(text::printable(text.substr(0, 400)), 60);
}

class Reader {
 public:
  Reader(const Kinds& kinds, const std::string& file) : kinds_(kinds), file_(file) {}

  ReadDocument read(const Node& root) {
    out_.document.at = position(root.at);
    if (root.shape == Node::Shape::map) {
      read_top(root);
    } else {
      report("", root.at, fmt::format("{} stands here; a manifest is an object", found_text(root)),
             root.shape == Node::Shape::list ? "write each item as a document of its own, with a line --- between them"
                                             : "begin with apiVersion, kind, metadata and spec, each \"name: value\"");
    }
    finish();
    return std::move(out_);
  }

 private:
  Position position(Mark at) const { return {file_, at.line, at.column}; }

  void report(std::string field, Mark at, std::string message, std::string hint = {}) {
    if (out_.violations.size() == most_faults) return;
    out_.violations.push_back({std::move(field), std::move(message), position(at), std::move(hint), {}});
  }

  void finish() {
    auto place = [](const Violation& v) { return std::pair(v.at.line, v.at.column); };
    std::stable_sort(out_.violations.begin(), out_.violations.end(),
                     [&](const Violation& a, const Violation& b) { return place(a) < place(b); });
    if (!out_.rules || out_.document.name.empty()) return;
    std::string object = Ref{out_.rules->singular(), out_.document.cluster, out_.document.name}.text();
    for (Violation& violation : out_.violations) violation.object = object;
  }

  /// Calls `use(key, entry)` for each legal entry of a map; duplicate and odd keys are reported here.
  template <class Use>
  void each_entry(const Node& map, std::string_view prefix, Use use) {
    std::map<std::string_view, Mark> seen;
    for (const Node::Entry& entry : map.entries) {
      const Node& key = *entry.key;
      if (key.shape != Node::Shape::scalar || (key.plain && key.text.empty())) {
        report(std::string(prefix), key.at, "a field's name must be text", "write name: value");
        continue;
      }
      if (key.plain && key.text == "<<") {
        report(std::string(prefix), key.at, "merge keys (<<) are not supported", "write the fields out");
        continue;
      }
      auto [first, fresh] = seen.emplace(key.text, key.at);
      if (!fresh) {
        report(child(prefix, key.text), key.at,
               fmt::format("\"{}\" stands twice; first on line {}", shown(key.text), first->second.line),
               "keep one of them");
        continue;
      }
      use(key, entry);
    }
  }

  static std::string child(std::string_view prefix, std::string_view key) {
    std::string name = shown(key);
    return prefix.empty() ? name : fmt::format("{}.{}", prefix, name);
  }

  void read_top(const Node& root) {
    const Node* spec = nullptr;
    Mark spec_at;
    const Node* metadata = nullptr;
    Mark metadata_at;
    bool versioned = false;
    const Node* kind = nullptr;
    each_entry(root, "", [&](const Node& key, const Node::Entry& entry) {
      if (key.text == "apiVersion") {
        versioned = true;
        read_version(*entry.value, entry.at);
      } else if (key.text == "kind") {
        kind = entry.value;
        read_kind(*entry.value, entry.at);
      } else if (key.text == "metadata") {
        metadata = entry.value;
        metadata_at = entry.at;
      } else if (key.text == "spec") {
        spec = entry.value;
        spec_at = entry.at;
      } else if (key.text != "status") {
        unknown_tops_.push_back(&key);
      }
    });
    if (list_) return;
    if (!versioned)
      report("apiVersion", root.at, "apiVersion is missing", fmt::format("write apiVersion: {}", api_version));
    if (!kind) report("kind", root.at, "kind is missing", "write kind: and one of " + kind_names());
    for (const Node* key : unknown_tops_) unknown(*key, "");
    if (metadata) read_group(*metadata, metadata_at, "metadata");
    if (!named_) {
      report("metadata.name", metadata && metadata->shape == Node::Shape::map ? metadata_at : root.at,
             "metadata.name is missing", "write metadata: {name: …}");
    }
    if (spec && out_.rules) read_group(*spec, spec_at, "spec");
    if (out_.document.fields.size() > limits::fields_per_document) {
      report("", root.at,
             fmt::format("the document has {} fields; {} is the most", out_.document.fields.size(),
                         limits::fields_per_document));
    }
  }

  void read_version(const Node& node, Mark at) {
    if (node.shape == Node::Shape::scalar && node.text == api_version) return;
    report("apiVersion", at, fmt::format("{} is no version of manifests", found_text(node)),
           fmt::format("write apiVersion: {}", api_version));
  }

  void read_kind(const Node& node, Mark at) {
    if (node.shape != Node::Shape::scalar || scalar_type(node) != ScalarType::text) {
      return report("kind", at, fmt::format("{} is no kind", found_text(node)), "write one of " + kind_names());
    }
    if (node.text == "List") {
      list_ = true;
      return report("kind", at, "kind List is not supported",
                    "write its items as documents of their own, with a line --- between them");
    }
    const KindRules* rules = kinds_.find(node.text);
    if (rules && rules->kind == node.text) {
      out_.rules = rules;
      out_.document.kind = node.text;
      return;
    }
    std::vector<std::string> names;
    for (const KindRules* known : kinds_.all()) names.emplace_back(known->kind);
    // A plural or another case of a kind's word is that kind, however far apart they are spelt.
    std::string hint = rules ? fmt::format("did you mean \"{}\"?", rules->kind) : text::did_you_mean(node.text, names);
    report("kind", at, fmt::format("\"{}\" is no kind", shown(node.text)),
           hint.empty() ? "write one of " + kind_names() : hint);
  }

  std::string kind_names() const {
    std::string out;
    for (const KindRules* rules : kinds_.all()) out += (out.empty() ? "" : ", ") + std::string(rules->kind);
    return out;
  }

  /// A name or a cluster's name.
  void read_name(const Node& node, Mark at, std::string_view path, std::string& out,
                 std::optional<std::string> (*fault_of)(std::string_view)) {
    if (node.shape != Node::Shape::scalar || scalar_type(node) != ScalarType::text) {
      bool quotable = node.shape == Node::Shape::scalar && scalar_type(node) != ScalarType::null;
      return report(std::string(path), at, fmt::format("{} was found; a name is wanted", found_text(node)),
                    quotable ? fmt::format("put it in quotes: \"{}\"", shown(node.text)) : "");
    }
    if (auto fault = fault_of(node.text)) return report(std::string(path), at, *fault);
    out = node.text;
  }

  void read_metadata_name(const Node& node, Mark at) {
    named_ = true;
    out_.name_at = position(at);
    auto fault_of = out_.rules && out_.rules->name_fault ? out_.rules->name_fault : &text::name_fault;
    read_name(node, at, "metadata.name", out_.document.name, fault_of);
  }

  void read_cluster(const Node& node, Mark at) {
    if (node.shape == Node::Shape::scalar && scalar_type(node) == ScalarType::null) {
      return report("metadata.cluster", at, "a cluster cannot be reset",
                    "name one, or leave the line out: --cluster or the context decides then");
    }
    std::string cluster;
    read_name(node, at, "metadata.cluster", cluster, &text::name_fault);
    // Global kinds live on no cluster; what a file says for all its documents does not concern them.
    if (out_.rules && out_.rules->scope == Scope::cluster) out_.document.cluster = std::move(cluster);
  }

  /// `metadata`, `spec` and the objects inside them that are no fields themselves (`spec.contacts`).
  void read_group(const Node& node, Mark at, const std::string& prefix) {
    // A bare `spec:` says nothing, as where all its lines are commented out.
    if (node.shape == Node::Shape::scalar && node.plain && node.text.empty()) return;
    if (node.shape != Node::Shape::map) {
      bool nothing = node.shape == Node::Shape::scalar && scalar_type(node) == ScalarType::null;
      return report(prefix, at,
                    nothing ? fmt::format("{} cannot be reset as a whole", prefix)
                            : fmt::format("{} was found; an object is wanted", found_text(node)),
                    nothing ? "reset single fields: field: null" : known_below(prefix));
    }
    each_entry(node, prefix, [&](const Node& key, const Node::Entry& entry) {
      if (prefix == "metadata" && key.text == "name") return read_metadata_name(*entry.value, entry.at);
      if (prefix == "metadata" && key.text == "cluster") return read_cluster(*entry.value, entry.at);
      // A dotted key would look like a path of its own.
      if (key.text.find('.') != std::string::npos) return unknown(key, prefix);
      std::string path = prefix + "." + key.text;
      if (const Field* field = row(path)) return read_field(*field, *entry.value, entry.at);
      if (is_group(path)) return read_group(*entry.value, entry.at, path);
      unknown(key, prefix);
    });
  }

  void read_field(const Field& field, const Node& node, Mark at) {
    if (is_map(field.type)) return read_map(field, node, at);
    if (field.type == FieldType::record_list && node.shape == Node::Shape::list) return read_records(field, node, at);
    read_said(field, std::string(field.path), node, at);
  }

  void read_map(const Field& field, const Node& node, Mark at) {
    std::string path(field.path);
    if (node.shape != Node::Shape::map) {
      bool nothing = node.shape == Node::Shape::scalar && scalar_type(node) == ScalarType::null;
      return report(path, at,
                    nothing ? fmt::format("{} cannot be reset as a whole", path)
                            : fmt::format("{} was found; an object of keys and values is wanted", found_text(node)),
                    nothing ? "reset single keys: key: null" : example_text(field));
    }
    bool labels = field.path.starts_with("metadata.");
    if (labels && node.entries.size() > limits::labels) {
      report(path, at, fmt::format("{} has {} entries; {} is the most", path, node.entries.size(), limits::labels));
    }
    each_entry(node, path, [&](const Node& key, const Node::Entry& entry) {
      std::string keyed = keyed_path(field.path, key.text);
      if (auto fault = check_key(field, keyed)) {
        return report(path, key.at, fault->message, fault->hint);
      }
      read_said(field, keyed, *entry.value, entry.at);
    });
  }

  void read_records(const Field& field, const Node& node, Mark at) {
    Said said{Value(), position(at)};
    Value::List records;
    for (const Node::Entry& entry : node.entries) {
      std::string path = record_path(field.path, records.size());
      said.parts.emplace(path.substr(field.path.size()), position(entry.at));
      records.emplace_back(read_record(field, path, *entry.value, entry.at, said));
    }
    said.value = Value(std::move(records));
    auto fault = out_.violations.empty() ? check_value(field, field.path, *said.value) : std::nullopt;
    if (fault) report(fault->field, at, fault->message, fault->hint);
    out_.document.fields.insert_or_assign(std::string(field.path), std::move(said));
  }

  /// `path` is the record's: "spec.consumes[0]".
  Value::Map read_record(const Field& field, const std::string& path, const Node& node, Mark at, Said& list) {
    Value::Map record;
    if (node.shape != Node::Shape::map) {
      report(path, at, fmt::format("{} was found; a record is wanted", found_text(node)), example_text(field));
      return record;
    }
    each_entry(node, path, [&](const Node& key, const Node::Entry& entry) {
      const Field* member = field.member(key.text);
      if (!member) return unknown_member(field, path, key);
      std::string inside = child(path, key.text);
      list.parts.emplace(inside.substr(field.path.size()), position(entry.at));
      auto value = read_value(*member, *entry.value);
      if (!value) return report(inside, entry.at, value.error().message, value.error().hint);
      if (auto fault = check_value(*member, inside, *value)) {
        return report(inside, entry.at, fault->message, fault->hint);
      }
      record.insert_or_assign(key.text, std::move(*value));
    });
    for (const Field& member : field.members) {
      bool said = list.parts.contains(fmt::format("{}.{}", path.substr(field.path.size()), member.path));
      if (member.required && !said) {
        report(path, at, fmt::format("{} is missing", member.path), example_text(member));
      }
    }
    return record;
  }

  void unknown_member(const Field& field, const std::string& path, const Node& key) {
    std::vector<std::string> names;
    for (const Field& member : field.members) names.emplace_back(member.path);
    std::string hint = text::did_you_mean(key.text, names);
    report(child(path, key.text), key.at,
           fmt::format("\"{}\" is no field of {}'s {}", shown(key.text), out_.rules->kind, field.path),
           hint.empty() ? fmt::format("known here: {}", fmt::join(names, ", ")) : hint);
  }

  /// One field or one key of a map field: a value, or null for a reset.
  void read_said(const Field& field, const std::string& path, const Node& node, Mark at) {
    if (node.shape == Node::Shape::scalar && scalar_type(node) == ScalarType::null) {
      out_.document.fields.insert_or_assign(path, Said{std::nullopt, position(at)});
      return;
    }
    auto value = read_value(field, node);
    if (!value) return report(path, value.error().at.value_or(at), value.error().message, value.error().hint);
    if (auto fault = check_value(field, path, *value)) {
      return report(path, at, fault->message, fault->hint);
    }
    out_.document.fields.insert_or_assign(path, Said{std::move(*value), position(at)});
  }

  template <class Use>
  void each_row(Use use) const {
    for (const Field& row : metadata_fields()) use(row);
    if (!out_.rules) return;
    for (const Field& row : out_.rules->fields) use(row);
  }

  const Field* row(std::string_view path) const {
    const Field* found = nullptr;
    each_row([&](const Field& row) {
      if (row.path == path) found = &row;
    });
    return found;
  }

  bool is_group(const std::string& path) const {
    bool found = false;
    each_row([&](const Field& row) { found = found || row.path.starts_with(path + "."); });
    return found;
  }

  /// The names that may stand directly below a path.
  std::vector<std::string> names_below(std::string_view prefix) const {
    if (prefix.empty()) return {"apiVersion", "kind", "metadata", "spec"};
    std::vector<std::string> out;
    if (prefix == "metadata") out = {"name", "cluster"};
    each_row([&](const Field& row) {
      if (!row.path.starts_with(prefix) || row.path.size() <= prefix.size() || row.path[prefix.size()] != '.') return;
      std::string_view rest = row.path.substr(prefix.size() + 1);
      std::string name(rest.substr(0, rest.find('.')));
      if (std::find(out.begin(), out.end(), name) == out.end()) out.push_back(std::move(name));
    });
    return out;
  }

  std::string known_below(std::string_view prefix) const {
    std::string out;
    for (const std::string& name : names_below(prefix)) out += (out.empty() ? "known here: " : ", ") + name;
    return out;
  }

  /// Where a field of this very name would be right.
  std::string proper_place(std::string_view name) const {
    if (name == "name" || name == "cluster") return "metadata";
    std::string out;
    each_row([&](const Field& row) {
      auto dot = row.path.rfind('.');
      if (out.empty() && row.path.substr(dot + 1) == name) out = row.path.substr(0, dot);
    });
    return out;
  }

  void unknown(const Node& key, const std::string& prefix) {
    if (out_.violations.size() == most_faults) return;
    std::string hint = text::did_you_mean(key.text, names_below(prefix));
    if (row(prefix + "." + key.text)) hint = "write its parts nested, each on a line of its own";
    std::string place = proper_place(key.text);
    if (!place.empty() && place != prefix) hint = fmt::format("it belongs below {}", place);
    // Below an unknown kind's spec nothing is known; at the top there are four names.
    if (hint.empty()) hint = known_below(prefix);
    report(child(prefix, key.text), key.at,
           fmt::format("\"{}\" is no field{}", shown(key.text),
                       prefix.empty() ? " of a manifest"
                       : out_.rules   ? fmt::format(" of {}'s {}", out_.rules->kind, prefix)
                                      : fmt::format(" of {}", prefix)),
           hint);
  }

  const Kinds& kinds_;
  const std::string& file_;
  ReadDocument out_;
  std::vector<const Node*> unknown_tops_;  // judged when the kind is known
  bool named_ = false;
  bool list_ = false;
};

}  // namespace

ReadDocument read_document(const Kinds& kinds, const std::string& file, const Node& root) {
  return Reader(kinds, file).read(root);
}

}  // namespace eda::plans
