// topology render: a part of the graph to stdout or to files, as a picture, as text or as data.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands/topology.h"
#include "cli/errors.h"
#include "cli/json.h"
#include "cli/session.h"
#include "cli/write_file.h"
#include "cli/yaml.h"
#include "eda/topology/v1/topology.grpc.pb.h"
#include "platform/rpc/convert.h"

namespace eda::cli {

namespace v1 = eda::topology::v1;
using v1::TopologyService;

namespace {

struct RenderOptions {
  std::string domain;
  std::string around;
  std::optional<std::uint32_t> up, down, max_nodes;
  std::string theme = "light";
};

/// One -o.
struct Output {
  Format format = Format::text;
  std::string file;  ///< empty: stdout
};

Result<Output> parse_output(const std::string& text) {
  auto sign = text.find('=');
  Output out;
  EDA_ASSIGN(out.format, parse_format(text.substr(0, sign)));
  EDA_TRY(check_format(out.format, Shows::picture, "edactl topology render"));
  if (out.format == Format::table || out.format == Format::wide) out.format = Format::text;
  if (sign != std::string::npos) out.file = text.substr(sign + 1);
  if (sign != std::string::npos && out.file.empty())
    return fail(usage_error(fmt::format("-o {} names no file", text), "write -o svg=topology.svg"));
  return out;
}

Result<std::vector<Output>> outputs_of(const Session& session) {
  auto words = session.globals().outputs;
  if (words.empty()) words.push_back(session.globals().output);
  std::vector<Output> outputs;
  int to_stdout = 0;
  for (auto& word : words) {
    EDA_ASSIGN(auto output, parse_output(word));
    to_stdout += output.file.empty() ? 1 : 0;
    outputs.push_back(std::move(output));
  }
  if (to_stdout > 1)
    return fail(usage_error("two pictures cannot both go to stdout", "give files: -o svg=a.svg -o png=a.png"));
  return outputs;
}

Result<v1::Selection> selection_of(Session& session, const RenderOptions& options) {
  EDA_ASSIGN(const auto* settings, session.settings());
  v1::Selection selection;
  selection.set_cluster(settings->cluster.value);
  // The team of a context is for what is made, not for what is seen.
  selection.set_team(session.globals().context.team);
  selection.set_domain(options.domain);
  if (!options.around.empty()) {
    EDA_ASSIGN(auto around, parse_node(options.around, settings->cluster.value));
    rpc::to_proto(around, selection.mutable_around());
  } else if (options.up || options.down) {
    return fail(usage_error("--up and --down say how far to look around something", "give --around NAME too"));
  }
  if (options.up) selection.set_up(*options.up);
  if (options.down) selection.set_down(*options.down);
  if (options.max_nodes) selection.set_max_nodes(*options.max_nodes);
  return selection;
}

v1::RenderRequest::Format wire_format(Format format) {
  switch (format) {
    case Format::svg:
      return v1::RenderRequest::FORMAT_SVG;
    case Format::png:
      return v1::RenderRequest::FORMAT_PNG;
    case Format::dot:
      return v1::RenderRequest::FORMAT_DOT;
    case Format::mermaid:
      return v1::RenderRequest::FORMAT_MERMAID;
    default:
      return v1::RenderRequest::FORMAT_TEXT;
  }
}

struct Drawn {
  std::string bytes;
  v1::Summary summary;
};

Result<Drawn> draw(Session& session, const v1::Selection& selection, const RenderOptions& options, Format format) {
  v1::RenderRequest request;
  *request.mutable_selection() = selection;
  request.set_format(wire_format(format));
  request.set_theme(options.theme == "dark" ? v1::RenderRequest::THEME_DARK : v1::RenderRequest::THEME_LIGHT);
  request.set_width(static_cast<std::uint32_t>(session.terminal().width()));
  Drawn drawn;
  session.terminal().progress("drawing ...");
  auto done = session.stream(&TopologyService::Stub::Render, request, [&](v1::RenderResponse& part) {
    if (part.has_summary()) drawn.summary = part.summary();
    drawn.bytes += part.chunk();
  });
  session.terminal().progress_done();
  EDA_TRY(std::move(done));
  return drawn;
}

// The parts appended to each other are the graph.
Result<Drawn> data(Session& session, const v1::Selection& selection, Format format) {
  v1::GetGraphRequest request;
  *request.mutable_selection() = selection;
  v1::Graph graph;
  EDA_TRY(session.stream(&TopologyService::Stub::GetGraph, request, [&](v1::Graph& part) { graph.MergeFrom(part); }));
  Drawn drawn;
  drawn.summary = graph.summary();
  drawn.bytes = format == Format::json ? json_text(graph) : to_yaml(to_json(graph));
  return drawn;
}

// What is not there, in words.
void tell(Terminal& terminal, const v1::Summary& summary) {
  if (summary.nodes_in_all() == 0) {
    terminal.say("nothing is there to draw: no service and no stream is declared in this part");
  } else if (summary.nodes() < summary.nodes_in_all()) {
    terminal.say(
        fmt::format("showing {} of {} services and streams, {} of {} edges; narrow it with --team, --domain or "
                    "--around, or show more with --max-nodes",
                    summary.nodes(), summary.nodes_in_all(), summary.edges(), summary.edges_in_all()));
  }
}

Result<Exit> render(Session& session, const RenderOptions& options) {
  EDA_ASSIGN(auto outputs, outputs_of(session));
  auto& terminal = session.terminal();
  for (auto& output : outputs) {
    if (output.format == Format::png && output.file.empty() && terminal.out_is_terminal())
      return fail(usage_error("a PNG is bytes, and stdout is a terminal", "give a file: -o png=topology.png"));
  }
  EDA_ASSIGN(auto selection, selection_of(session, options));
  v1::Summary told;
  for (auto& output : outputs) {
    bool as_data = output.format == Format::json || output.format == Format::yaml;
    EDA_ASSIGN(auto drawn,
               as_data ? data(session, selection, output.format) : draw(session, selection, options, output.format));
    if (output.file.empty()) {
      terminal.out(drawn.bytes);
    } else {
      EDA_TRY(write_file(output.file, drawn.bytes));
      terminal.say(fmt::format("written: {}", output.file));
    }
    // The data may be whole where the picture is not.
    if (told.nodes_in_all() == 0 || drawn.summary.nodes() < told.nodes()) told = drawn.summary;
  }
  tell(terminal, told);
  return Exit::ok;
}

}  // namespace

Command topology_render_command() {
  return {
      "render",
      "draw services and streams: all, a team's, a domain's, or what is around one of them",
      "edactl topology render --team checkout\n"
      "edactl topology render -o svg=shop.svg --theme dark\n"
      "edactl topology render --around orders.placed --up 2 --down 4 -o png=orders.png\n"
      "edactl topology render --domain sales -o mermaid   # for a page that draws it itself\n"
      "edactl topology render -o json > graph.json",
      [](CLI::App& app) -> Run {
        auto options = std::make_shared<RenderOptions>();
        app.add_option("--domain", options->domain, "what is in this domain, and its neighbours")->type_name("NAME");
        app.add_option("--around", options->around, "what leads to this service or stream, and follows from it")
            ->type_name("NAME");
        app.add_option("--up", options->up, "how many edges against the flow (4)")->type_name("N");
        app.add_option("--down", options->down, "how many edges along the flow (4)")->type_name("N");
        app.add_option("--max-nodes", options->max_nodes,
                       "services and streams at most, 1 to 5000 (300; json and yaml: all)")
            ->type_name("N");
        app.add_option("--theme", options->theme, "light or dark (light)")
            ->type_name("THEME")
            ->check(CLI::IsMember({"light", "dark"}).description(""));
        return [options](Session& session) { return render(session, *options); };
      },
      {},
      "Domains",
      Shows::picture};
}

}  // namespace eda::cli
