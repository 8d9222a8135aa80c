#include "cli/commands/search.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/kinds.h"
#include "cli/listing.h"
#include "cli/selection.h"
#include "cli/session.h"
#include "eda/catalog/v1/catalog.grpc.pb.h"
#include "platform/rpc/convert.h"

namespace eda::cli {

namespace v1 = eda::catalog::v1;
using v1::CatalogService;

namespace {

struct SearchOptions {
  std::vector<std::string> words;
  std::string kinds = "all";
  std::uint32_t limit = 20;
  SelectionFlags selection;
};

std::vector<Column> columns() {
  using Show = Column::Show;
  using Wrap = Column::Wrap;
  constexpr auto left = Column::Align::left;
  return {{"OBJECT", Show::always, left, Wrap::never},
          {"OWNER"},
          {"DOMAIN", Show::filled},
          {"TAGS", Show::filled},
          {"MATCH", Show::wide},
          {"CONTACT", Show::wide},
          {"NEXT", Show::wide, left, Wrap::first},
          {"DESCRIPTION", Show::filled, left, Wrap::first}};
}

std::vector<Cell> cells(const v1::SearchHit& hit, const std::string& name) {
  return {name,
          hit.owner().team(),
          fmt::format("{}", hit.domain()),
          fmt::format("{}", fmt::join(hit.tags(), ", ")),
          hit.match(),
          hit.owner().contact(),
          hit.next(),
          hit.description()};
}

// As references are written: the cluster where it is not the caller's own.
std::string reference(const v1::SearchHit& hit, const std::string& cluster) {
  auto ref = rpc::from_proto(hit.object());
  if (ref.cluster == cluster) ref.cluster.clear();
  return ref.text();
}

Result<Exit> search(Session& session, const SearchOptions& options) {
  v1::SearchRequest request;
  request.set_query(fmt::format("{}", fmt::join(options.words, " ")));
  request.set_page_size(options.limit);
  if (options.kinds != "all") {
    EDA_ASSIGN(auto kinds, parse_kinds(options.kinds));
    for (auto* rules : kinds) request.add_kinds(rules->singular());
  }
  to_proto(options.selection, request.mutable_selection());
  EDA_ASSIGN(const auto* settings, session.settings());
  EDA_ASSIGN(auto found, session.call(&CatalogService::Stub::Search, request));
  auto& terminal = session.terminal();
  Listing listing(terminal, session.format(), "hits", columns());
  for (auto& hit : found.hits()) {
    auto name = reference(hit, settings->cluster.value);
    listing.add(hit, cells(hit, name), name);
  }
  listing.finish(
      fmt::format("nothing has \"{}\"; fewer words find more, and each may be the beginning of one", request.query()));
  if (found.spelling_unforgiven() && found.hits().empty())
    terminal.say("words have to be spelt as they are: edad's database lacks the extension pg_trgm");
  if (found.more()) terminal.say(fmt::format("there are more than {}: more words, or --limit", found.hits_size()));
  if (!found.hits().empty()) terminal.say("next: " + found.hits(0).next());
  return found.hits().empty() ? Exit::not_found : Exit::ok;
}

}  // namespace

std::vector<Command> search_commands() {
  std::vector<Command> out;
  out.push_back({"search",
                 "find anything by its name, domain, tags, labels, description or contacts",
                 "edactl search orders\n"
                 "edactl search order plac             # beginnings of words; all of them\n"
                 "edactl search ordres                 # spelt nearly so\n"
                 "edactl search customer --kind streams --tag pii -o wide",
                 [](CLI::App& app) -> Run {
                   auto options = std::make_shared<SearchOptions>();
                   app.add_option("text", options->words, "words, or how they begin")->type_name("TEXT")->required();
                   app.add_option("--kind", options->kinds, "only these kinds, between commas")->type_name("KINDS");
                   app.add_option("--limit", options->limit, "hits at most (20), 1 to 100")
                       ->type_name("N")
                       ->check(CLI::Range(1, 100).description(""));
                   declare_selection(app, options->selection);
                   return [options](Session& session) { return search(session, *options); };
                 },
                 {},
                 "Objects"});
  return out;
}

}  // namespace eda::cli
