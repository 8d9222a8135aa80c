// What the documents of one call refer to: is it there, and do they refer to each other in a circle.

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "plans/manifest.h"
#include "platform/text/distance.h"

namespace eda::plans {
namespace {

class Checker {
 public:
  Checker(const Kinds& kinds, const std::vector<Document>& documents, const std::function<bool(const Ref&)>* known)
      : documents_(documents), known_(known), edges_(documents.size()) {
    rules_.reserve(documents.size());
    for (std::size_t i = 0; i < documents.size(); ++i) {
      rules_.push_back(kinds.find(documents[i].kind));
      if (!rules_[i]) continue;
      given_.emplace(ref_of(i), i);
      anywhere_.emplace(Ref{rules_[i]->singular(), "", documents[i].name}, i);
    }
  }

  ReferenceReport check() {
    for (std::size_t i = 0; i < documents_.size(); ++i) {
      if (rules_[i]) check_document(i);
    }
    find_circles();
    return std::move(report_);
  }

 private:
  struct Edge {
    std::size_t to;
    std::string field;
  };

  Ref ref_of(std::size_t i) const { return {rules_[i]->singular(), documents_[i].cluster, documents_[i].name}; }

  Position position(std::size_t i, const std::string& field) const {
    return said_at(documents_[i], field).value_or(documents_[i].at);
  }

  void check_document(std::size_t i) {
    const Document& document = documents_[i];
    Wish wish;
    for (const auto& [path, said] : document.fields) {
      if (rules_[i]->field(path)) wish.emplace(path, WishField{said.value, ""});
    }
    if (!document.cluster.empty()) look_up(i, {"metadata.cluster", Ref{"cluster", "", document.cluster}});
    for (const Reference& reference : references(*rules_[i], wish, document.cluster)) look_up(i, reference);
  }

  /// The document that is referred to; where any cluster's will do, the first of that name.
  std::optional<std::size_t> find(const Ref& to) const {
    const auto& given = to.cluster.empty() ? anywhere_ : given_;
    auto found = given.find(to);
    return found == given.end() ? std::nullopt : std::optional(found->second);
  }

  void look_up(std::size_t i, const Reference& reference) {
    if (auto found = find(reference.to)) {
      if (reference.flow) return;
      // A team that names itself as its owner is no circle.
      if (*found != i || reference.field != "metadata.team") edges_[i].push_back({*found, reference.field});
      return;
    }
    if (!known_) {
      ++report_.unchecked;
    } else if (!(*known_)(reference.to)) {
      report_.violations.push_back({reference.field, fmt::format("there is no {}", reference.to.text()),
                                    position(i, reference.field), near(reference.to), ref_of(i).text()});
    }
  }

  std::string near(const Ref& missing) const {
    std::vector<std::string> names;
    for (const auto& [ref, index] : given_) {
      if (ref.kind == missing.kind && ref.cluster == missing.cluster) names.push_back(ref.name);
    }
    return text::did_you_mean(missing.name, names);
  }

  /// Depth first without recursion: a chain may be as long as there are documents.
  void find_circles() {
    enum class State { fresh, open, done };
    std::vector<State> states(documents_.size(), State::fresh);
    std::vector<std::size_t> next(documents_.size(), 0);
    std::vector<std::size_t> path;
    for (std::size_t start = 0; start < documents_.size(); ++start) {
      if (states[start] != State::fresh) continue;
      path.push_back(start);
      states[start] = State::open;
      while (!path.empty()) {
        std::size_t here = path.back();
        if (next[here] == edges_[here].size()) {
          states[here] = State::done;
          path.pop_back();
          continue;
        }
        const Edge& edge = edges_[here][next[here]++];
        if (states[edge.to] == State::open) {
          report_circle(path, here, edge);
        } else if (states[edge.to] == State::fresh) {
          states[edge.to] = State::open;
          path.push_back(edge.to);
        }
      }
    }
  }

  void report_circle(const std::vector<std::size_t>& path, std::size_t last, const Edge& back) {
    constexpr std::size_t most_named = 10;
    auto from = std::find(path.begin(), path.end(), back.to);
    std::string names;
    auto length = static_cast<std::size_t>(path.end() - from);
    for (auto at = from; at != path.end() && at - from < static_cast<std::ptrdiff_t>(most_named); ++at) {
      names += ref_of(*at).text() + " -> ";
    }
    if (length > most_named) names += fmt::format("({} more) -> ", length - most_named);
    names += ref_of(back.to).text();
    report_.violations.push_back({back.field, fmt::format("the references form a circle: {}", names),
                                  position(last, back.field), "take one of them out", ref_of(last).text()});
  }

  const std::vector<Document>& documents_;
  const std::function<bool(const Ref&)>* known_;
  std::vector<const KindRules*> rules_;
  std::map<Ref, std::size_t> given_, anywhere_;  // anywhere_: whatever the cluster, the first of that name
  std::vector<std::vector<Edge>> edges_;
  ReferenceReport report_;
};

}  // namespace

ReferenceReport check_references(const Kinds& kinds, const std::vector<Document>& documents,
                                 const std::function<bool(const Ref&)>* known) {
  return Checker(kinds, documents, known).check();
}

}  // namespace eda::plans
