#include "cli/commands/topology.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <set>

#include "cli/errors.h"
#include "cli/listing.h"
#include "cli/session.h"
#include "eda/topology/v1/topology.grpc.pb.h"
#include "platform/rpc/convert.h"
#include "platform/text/unicode.h"

namespace eda::cli {

namespace v1 = eda::topology::v1;
using v1::TopologyService;

Result<Ref> parse_node(const std::string& text, const std::string& cluster) {
  if (text.empty()) return fail(usage_error("the name is empty", "name a service or a stream"));
  if (text.find('/') == std::string::npos) return Ref{"", cluster, text};
  EDA_ASSIGN(auto ref, parse_ref(text));
  if (ref.kind != "service" && ref.kind != "stream") {
    return fail(usage_error(fmt::format("{} is no part of the topology", text::printable(text)),
                            "services and streams are: service/NAME, stream/NAME"));
  }
  if (ref.kind == "stream" && ref.cluster.empty()) ref.cluster = cluster;
  return ref;
}

namespace {

// `service/order-service`; a stream's cluster where it is not the caller's own.
std::string name_of(const eda::common::v1::Ref& object, const std::string& cluster) {
  auto ref = rpc::from_proto(object);
  if (ref.cluster == cluster) ref.cluster.clear();
  return ref.text();
}

std::string tags_of(const v1::Node& node) {
  return fmt::format("{}", fmt::join(node.tags(), ", "));
}

Column fixed(const char* header) {
  return {header, Column::Show::always, Column::Align::left, Column::Wrap::never};
}

// --- upstream, downstream

struct WayOptions {
  std::string name;
  std::uint32_t hops = 0;
};

std::vector<Column> neighbour_columns() {
  return {fixed("NAME"),
          {"KIND"},
          {"TEAM"},
          {"HOPS", Column::Show::always, Column::Align::right, Column::Wrap::never},
          {"VISIBILITY", Column::Show::wide},
          {"TAGS", Column::Show::filled},
          {"DOMAIN", Column::Show::wide},
          {"CLUSTER", Column::Show::wide}};
}

// Whom a change would reach, in one sentence.
std::string told(const v1::ListNeighboursResponse& last, v1::Direction direction) {
  auto way = direction == v1::DIRECTION_UPSTREAM ? "lead to" : "follow from";
  auto out = fmt::format("{} service{} and streams {} {}", last.total(), last.total() == 1 ? "" : "s", way,
                         text::printable(last.of().object().name()));
  if (last.total() == 1) {
    out = fmt::format("one {} {} {}", last.neighbours_size() > 0 ? last.neighbours(0).node().object().kind() : "node",
                      direction == v1::DIRECTION_UPSTREAM ? "leads to" : "follows from",
                      text::printable(last.of().object().name()));
  }
  if (last.teams_size() == 0) return out + "; no other team is concerned";
  std::vector<std::string> teams;
  for (auto& team : last.teams()) teams.push_back(text::printable(team));
  return out + fmt::format("; other teams: {}", fmt::join(teams, ", "));
}

Result<Exit> way(Session& session, const WayOptions& options, v1::Direction direction) {
  EDA_ASSIGN(const auto* settings, session.settings());
  EDA_ASSIGN(auto ref, parse_node(options.name, settings->cluster.value));
  v1::ListNeighboursRequest request;
  rpc::to_proto(ref, request.mutable_object());
  request.set_direction(direction);
  request.set_hops(options.hops);
  request.set_cluster(settings->cluster.value);
  request.set_page_size(500);
  auto& terminal = session.terminal();
  Listing listing(terminal, session.format(), "neighbours", neighbour_columns());
  std::string sentence;
  EDA_TRY(pages(session, &TopologyService::Stub::ListNeighbours, std::move(request),
                [&](v1::ListNeighboursResponse& page) -> Result<> {
                  for (auto& one : page.neighbours()) {
                    auto& node = one.node();
                    listing.add(one,
                                {node.object().name(), node.object().kind(), node.team(), std::to_string(one.hops()),
                                 node.visibility(), tags_of(node), node.domain(), node.object().cluster()},
                                name_of(node.object(), settings->cluster.value));
                  }
                  sentence = told(page, direction);
                  return {};
                }));
  bool up = direction == v1::DIRECTION_UPSTREAM;
  auto name = text::printable(options.name);
  listing.finish(up ? fmt::format("nothing leads to {}", name) : fmt::format("nothing follows from {}", name));
  bool for_people = session.format() == Format::table || session.format() == Format::wide;
  if (for_people && !sentence.starts_with("0 ")) terminal.say(sentence);
  return Exit::ok;
}

Command way_command(const char* name, const char* summary, const char* examples, v1::Direction direction) {
  return {name,
          summary,
          examples,
          [direction](CLI::App& app) -> Run {
            auto options = std::make_shared<WayOptions>();
            app.add_option("name", options->name, "a service or a stream: NAME, service/NAME, stream/CLUSTER/NAME")
                ->type_name("NAME")
                ->required();
            app.add_option("--hops", options->hops, "how many edges far (0: as far as it goes)")->type_name("N");
            return [options, direction](Session& session) { return way(session, *options, direction); };
          },
          {},
          "Domains"};
}

// --- cycles

Result<Exit> cycles(Session& session) {
  EDA_ASSIGN(const auto* settings, session.settings());
  v1::ListCyclesRequest request;
  request.set_cluster(settings->cluster.value);
  request.set_page_size(100);
  Listing listing(session.terminal(), session.format(), "cycles",
                  {{"SIZE", Column::Show::always, Column::Align::right, Column::Wrap::never},
                   {"SERVICES AND STREAMS"},
                   {"TEAMS"},
                   {"CLOSED BY"}});
  EDA_TRY(pages(
      session, &TopologyService::Stub::ListCycles, std::move(request), [&](v1::ListCyclesResponse& page) -> Result<> {
        for (auto& cycle : page.cycles()) {
          std::vector<std::string> members, refs, closing;
          std::set<std::string> teams;
          for (auto& node : cycle.nodes()) {
            members.push_back(node.object().name());
            refs.push_back(name_of(node.object(), settings->cluster.value));
            if (!node.team().empty()) teams.insert(node.team());
          }
          for (auto& edge : cycle.closing()) {
            bool writes = edge.kind() == "writes";
            closing.push_back(fmt::format("{} {} {}", writes ? edge.from().name() : edge.to().name(), edge.kind(),
                                          writes ? edge.to().name() : edge.from().name()));
          }
          listing.add(cycle,
                      {std::to_string(members.size()), fmt::format("{}", fmt::join(members, ", ")),
                       fmt::format("{}", fmt::join(teams, ", ")), fmt::format("{}", fmt::join(closing, ", "))},
                      fmt::format("{}", fmt::join(refs, " ")));
        }
        return {};
      }));
  listing.finish("no cycles: no record can come back to where it was");
  return Exit::ok;
}

// --- orphans

struct OrphanOptions {
  std::string kind, domain;
};

std::string meaning(const std::string& kind) {
  if (kind == "no-writer") return "no service produces it";
  if (kind == "no-reader") return "no service consumes it";
  if (kind == "no-edge") return "neither reads nor writes";
  return kind == "no-owner" ? "belongs to no team" : "";
}

Result<Exit> orphans(Session& session, const OrphanOptions& options) {
  EDA_ASSIGN(const auto* settings, session.settings());
  v1::ListOrphansRequest request;
  request.set_kind(options.kind);
  request.set_team(session.globals().context.team);
  request.set_domain(options.domain);
  request.set_cluster(settings->cluster.value);
  request.set_page_size(500);
  Listing listing(session.terminal(), session.format(), "orphans",
                  {fixed("ORPHAN"),
                   fixed("NAME"),
                   {"KIND"},
                   {"TEAM"},
                   {"MEANS", Column::Show::wide},
                   {"DOMAIN", Column::Show::wide},
                   {"CLUSTER", Column::Show::wide}});
  EDA_TRY(pages(session, &TopologyService::Stub::ListOrphans, std::move(request),
                [&](v1::ListOrphansResponse& page) -> Result<> {
                  for (auto& orphan : page.orphans()) {
                    auto& node = orphan.node();
                    listing.add(orphan,
                                {orphan.kind(), node.object().name(), node.object().kind(), node.team(),
                                 meaning(orphan.kind()), node.domain(), node.object().cluster()},
                                name_of(node.object(), settings->cluster.value));
                  }
                  return {};
                }));
  listing.finish("no orphans");
  return Exit::ok;
}

}  // namespace

Command topology_command() {
  Command out{"topology",
              "how services and streams hang together: pictures, what leads where, what stands apart",
              "edactl topology render --team checkout\n"
              "edactl topology render -o svg=shop.svg\n"
              "edactl topology downstream orders.placed\n"
              "edactl topology orphans",
              {},
              {},
              "Domains"};
  out.commands = {
      topology_render_command(),
      way_command("upstream", "list what leads to a service or stream, nearest first",
                  "edactl topology upstream payment-gateway\n"
                  "edactl topology upstream stream/orders.placed --hops 2",
                  v1::DIRECTION_UPSTREAM),
      way_command("downstream", "list what follows from a service or stream, nearest first, and whose it is",
                  "edactl topology downstream orders.placed\n"
                  "edactl topology downstream service/order-service --hops 2 -o name",
                  v1::DIRECTION_DOWNSTREAM),
      {"cycles",
       "list circles in which records can come back to where they were",
       "edactl topology cycles\n"
       "edactl topology cycles -o json",
       [](CLI::App&) -> Run { return [](Session& session) { return cycles(session); }; },
       {},
       "Domains"},
      {"orphans",
       "list streams that nobody writes or reads, services without any edge, and what nobody owns",
       "edactl topology orphans\n"
       "edactl topology orphans --kind no-reader --team checkout -o wide",
       [](CLI::App& app) -> Run {
         auto options = std::make_shared<OrphanOptions>();
         app.add_option("--kind", options->kind, "only no-writer, no-reader, no-edge or no-owner")->type_name("KIND");
         app.add_option("--domain", options->domain, "only those of this domain")->type_name("NAME");
         return [options](Session& session) { return orphans(session, *options); };
       },
       {},
       "Domains"}};
  return out;
}

}  // namespace eda::cli
