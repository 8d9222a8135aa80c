#include "plans/manifest.h"

#include <fmt/format.h>

#include <map>
#include <tuple>

#include "plans/manifest_fields.h"
#include "plans/manifest_yaml.h"
#include "platform/core/limits.h"
#include "platform/text/units.h"

namespace eda::plans {
namespace {

constexpr std::size_t most_shown = 200;

/// All sources of one call, read one after the other.
class Call {
 public:
  explicit Call(const Kinds& kinds) : kinds_(kinds) {}

  Result<std::vector<Document>> read(const std::vector<Source>& sources) {
    if (within_bytes(sources)) {
      for (const Source& source : sources) {
        if (!read_source(source)) break;
      }
    }
    if (faults_ == 0) return std::move(documents_);
    return fail(error(sources.size()));
  }

 private:
  void report(Violation violation) {
    if (++faults_ <= most_shown) shown_.push_back(std::move(violation));
  }
  void report(Position at, std::string message, std::string hint) {
    report(Violation{"", std::move(message), std::move(at), std::move(hint), ""});
  }

  /// Before anything is read: reading is what costs.
  bool within_bytes(const std::vector<Source>& sources) {
    std::size_t bytes = 0;
    for (const Source& source : sources) {
      bytes += source.text.size();
      if (bytes <= limits::manifest_bytes) continue;
      report({source.name, 0, 0},
             fmt::format("the manifests of one call may have {} together; this file goes beyond",
                         text::size_text(static_cast<std::int64_t>(limits::manifest_bytes))),
             "split them over several calls");
      return false;
    }
    return true;
  }

  /// False when a limit of the whole call is reached.
  bool read_source(const Source& source) {
    std::string_view text = source.text;
    if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")) {
      report({source.name, 1, 1}, "the file is UTF-16", "save the file as UTF-8");
      return true;
    }
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    auto pieces = split_documents(text, limits::manifest_documents + 1);
    if (pieces.empty()) {
      report({source.name, 0, 0}, "the file contains no document",
             "write at least apiVersion, kind and metadata: {name: …}");
      return true;
    }
    for (const Piece& piece : pieces) {
      if (++count_ > limits::manifest_documents) {
        report({source.name, piece.line, 1},
               fmt::format("the manifests of one call may have {} documents; this one goes beyond",
                           limits::manifest_documents),
               "split them over several calls");
        return false;
      }
      read_piece(source.name, piece);
      if (fields_ > limits::manifest_fields) {
        report({source.name, piece.line, 1},
               fmt::format("the manifests of one call may have {} fields; this document goes beyond",
                           limits::manifest_fields),
               "split them over several calls");
        return false;
      }
    }
    return true;
  }

  void read_piece(const std::string& file, const Piece& piece) {
    auto tree = read_yaml(piece);
    if (!tree) {
      YamlFault& fault = tree.error();
      return report({file, fault.at.line, fault.at.column}, std::move(fault.message), std::move(fault.hint));
    }
    // Nothing but an anchor or a comment behind its ---.
    if (!tree->root) return;
    ReadDocument read = read_document(kinds_, file, *tree->root);
    for (Violation& violation : read.violations) report(std::move(violation));
    if (read.rules && !read.document.name.empty()) report_duplicate(read);
    fields_ += read.document.fields.size();
    if (faults_ == 0) documents_.push_back(std::move(read.document));
  }

  void report_duplicate(const ReadDocument& read) {
    const Document& document = read.document;
    auto [first, fresh] = first_.try_emplace(std::tuple(document.kind, document.cluster, document.name), read.name_at);
    if (fresh) return;
    std::string object = Ref{read.rules->singular(), document.cluster, document.name}.text();
    report({"metadata.name", fmt::format("{} stands twice; first at {}", object, first->second.text()), read.name_at,
            "keep one of them, or put their fields together", object});
  }

  Error error(std::size_t files) {
    std::string message =
        faults_ == 1 ? "the manifests have a fault" : fmt::format("the manifests have {} faults", faults_);
    if (files > 1) message += fmt::format(" in {} files read", files);
    Error error(Code::invalid, "MANIFEST_INVALID", message + "; nothing was changed", "correct them and run it again");
    error.violations = std::move(shown_);
    if (faults_ > most_shown) {
      error.violations.push_back({"", fmt::format("and {} more", faults_ - most_shown), {}, "", ""});
    }
    return error;
  }

  const Kinds& kinds_;
  std::vector<Document> documents_;
  std::map<std::tuple<std::string, std::string, std::string>, Position> first_;  // by kind, cluster, name
  std::vector<Violation> shown_;
  std::size_t faults_ = 0;
  std::size_t count_ = 0;
  std::size_t fields_ = 0;
};

}  // namespace

Result<std::vector<Document>> parse_manifests(const Kinds& kinds, const std::vector<Source>& sources) {
  return Call(kinds).read(sources);
}

}  // namespace eda::plans
