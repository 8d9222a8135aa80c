#include "topology/question.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "platform/text/distance.h"
#include "platform/text/unicode.h"

namespace eda::topology {

namespace errors {

namespace {

Error selection_clash() {
  return Error(Code::invalid, "SELECTION_CLASH", "a picture is of a team, of a domain or around a name, not of several",
               "give one of --team, --domain and --around");
}

Error hops_range(std::uint32_t hops) {
  return Error(Code::invalid, "HOPS_RANGE", fmt::format("{} hops are more than any flow has", hops),
               fmt::format("ask for 0 to {}", max_hops));
}

Error nodes_range(std::uint32_t nodes, std::size_t most) {
  return Error(Code::invalid, "NODES_RANGE", fmt::format("{} services and streams do not make a picture", nodes),
               fmt::format("ask for 1 to {}, or take -o json, which has no such limit", most));
}

Error domain_unknown(const std::string& domain, const std::string& hint) {
  return Error(Code::not_found, "DOMAIN_UNKNOWN",
               fmt::format("no service and no stream is in the domain {}", text::printable(domain)),
               hint.empty() ? "edactl get all -o wide shows domains" : hint);
}

}  // namespace

Error page_token() {
  return Error(Code::invalid, "PAGE_TOKEN", "this page token is none of ours", "begin with the first page");
}

Error orphan_kind_unknown(const std::string& word) {
  std::vector<std::string> words;
  for (auto kind : {OrphanKind::no_writer, OrphanKind::no_reader, OrphanKind::no_edge, OrphanKind::no_owner})
    words.emplace_back(orphan_word(kind));
  auto hint = text::did_you_mean(word, words);
  return Error(Code::invalid, "ORPHAN_KIND_UNKNOWN",
               fmt::format("there is no kind of orphans \"{}\"", text::printable(word)),
               hint.empty() ? fmt::format("there are {}", fmt::join(words, ", ")) : hint);
}

}  // namespace errors

Result<Selection> resolve(const Graph& graph, const Asked& asked, std::size_t default_limit, std::size_t most) {
  Selection selection;
  int of = (asked.team.empty() ? 0 : 1) + (asked.domain.empty() ? 0 : 1) + (asked.around ? 1 : 0);
  if (of > 1) return fail(errors::selection_clash());
  selection.up = asked.up.value_or(default_hops);
  selection.down = asked.down.value_or(default_hops);
  if (auto hops = std::max(selection.up, selection.down); hops > max_hops) return fail(errors::hops_range(hops));
  if (asked.max_nodes && (*asked.max_nodes == 0 || (most != 0 && *asked.max_nodes > most)))
    return fail(errors::nodes_range(*asked.max_nodes, most == 0 ? max_drawn_nodes : most));
  selection.limit = asked.max_nodes.value_or(static_cast<std::uint32_t>(default_limit));
  if (!asked.team.empty()) {
    selection.of = Selection::Of::team;
    selection.name = asked.team;
  } else if (!asked.domain.empty()) {
    selection.of = Selection::Of::domain;
    selection.name = asked.domain;
    std::set<std::string> domains;
    for (auto& node : graph.nodes()) domains.insert(node.domain);
    domains.erase("");
    if (!domains.contains(asked.domain)) {
      return fail(
          errors::domain_unknown(asked.domain, text::did_you_mean(asked.domain, {domains.begin(), domains.end()})));
    }
  } else if (asked.around) {
    selection.of = Selection::Of::around;
    EDA_ASSIGN(selection.centre, find(graph, *asked.around));
    selection.name = graph.node(selection.centre).ref().text();
  }
  return selection;
}

std::string grouped(std::size_t number) {
  auto digits = std::to_string(number);
  std::string out;
  for (std::size_t at = 0; at < digits.size(); ++at) {
    if (at > 0 && (digits.size() - at) % 3 == 0) out += ',';
    out += digits[at];
  }
  return out;
}

std::string title_of(const Selection& selection, const Part& part) {
  using Of = Selection::Of;
  auto of = [](std::size_t shown, std::size_t all) {
    return shown == all ? grouped(all) : fmt::format("{} of {}", grouped(shown), grouped(all));
  };
  auto what = selection.of == Of::everything ? std::string("everything")
              : selection.of == Of::team     ? "team " + selection.name
              : selection.of == Of::domain   ? "domain " + selection.name
                                             : "around " + selection.name;
  auto nodes = of(part.graph.nodes().size(), part.nodes_in_all);
  auto edges = of(part.graph.edges().size(), part.edges_in_all);
  auto noun = part.nodes_in_all == 1 ? "service or stream" : "services and streams";
  return fmt::format("{}: {} {}, {} declared edge{}", what, nodes, noun, edges, part.edges_in_all == 1 ? "" : "s");
}

std::string token_of(const Key& key) {
  return fmt::format("{}\n{}\n{}\n{}", key.number, key.ref.kind, key.ref.cluster, key.ref.name);
}

Result<Key> key_of(const std::string& token) {
  Key key;
  auto [end, fault] = std::from_chars(token.data(), token.data() + token.size(), key.number);
  std::vector<std::string> parts{""};
  for (auto at = end; at != token.data() + token.size(); ++at) {
    if (*at == '\n') {
      parts.emplace_back();
    } else {
      parts.back() += *at;
    }
  }
  if (fault != std::errc() || parts.size() != 4 || !parts[0].empty()) return fail(errors::page_token());
  key.ref = Ref{parts[1], parts[2], parts[3]};
  return key;
}

}  // namespace eda::topology
