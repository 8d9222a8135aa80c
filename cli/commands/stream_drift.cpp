// stream drift: where the brokers are not as streams are wished, and the two ways out of it.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/change.h"
#include "cli/commands/streams.h"
#include "cli/errors.h"
#include "cli/listing.h"
#include "cli/plan_words.h"
#include "cli/selection.h"
#include "cli/session.h"
#include "cli/when.h"
#include "eda/catalog/v1/catalog.grpc.pb.h"
#include "eda/streams/v1/streams.grpc.pb.h"
#include "platform/process/request_id.h"

namespace eda::cli {

namespace v1 = eda::streams::v1;
using v1::StreamService;

namespace {

struct DriftOptions {
  std::vector<std::string> names;
  SelectionFlags selection;
  bool exit_code = false;
  bool undeclared = false;
};

std::vector<Column> columns() {
  constexpr auto always = Column::Show::always;
  constexpr auto left = Column::Align::left;
  return {{"STREAM", always, left, Column::Wrap::never},
          {"FIELD"},
          {"WISH"},
          {"FACT"},
          {"SINCE"},
          {"CLASS"},
          {"HANDLING", Column::Show::wide}};
}

Result<std::vector<std::string>> selected_streams(Session& session, const std::string& cluster,
                                                  const SelectionFlags& flags) {
  namespace catalog_v1 = eda::catalog::v1;
  catalog_v1::ListObjectsRequest request;
  request.set_kind("stream");
  request.set_cluster(cluster);
  request.set_team(session.globals().context.team);
  to_proto(flags, request.mutable_selection());
  request.set_brief(true);
  request.set_page_size(1000);
  std::vector<std::string> names;
  EDA_TRY(pages(session, &catalog_v1::CatalogService::Stub::ListObjects, std::move(request),
                [&](catalog_v1::ListObjectsResponse& page) -> Result<> {
                  for (auto& object : page.objects()) names.push_back(object.metadata().name());
                  return {};
                }));
  return names;
}

Result<Exit> show_drift(Session& session, DriftOptions options) {
  EDA_ASSIGN(const auto* settings, session.settings());
  auto& terminal = session.terminal();
  bool narrows = options.selection.narrows() || !session.globals().context.team.empty();
  if (narrows && (!options.names.empty() || options.undeclared)) {
    return fail(
        usage_error("--team, --tag, -l and --domain select among all streams", "leave names and --undeclared out"));
  }
  if (narrows) {
    EDA_ASSIGN(options.names, selected_streams(session, settings->cluster.value, options.selection));
    if (options.names.empty()) {
      Listing(terminal, session.format(), "drift", columns()).finish("no stream is selected");
      return Exit::ok;
    }
  }
  v1::CheckDriftRequest request;
  request.set_cluster(settings->cluster.value);
  request.mutable_names()->Add(options.names.begin(), options.names.end());
  request.set_undeclared(options.undeclared);
  request.set_page_size(1000);
  Listing listing(terminal, session.format(), "drift", columns());
  std::size_t found = 0;
  std::uint32_t compared = 0;
  EDA_TRY(pages(session, &StreamService::Stub::CheckDrift, std::move(request), [&](v1::CheckDriftResponse& page) {
    compared = std::max(compared, page.compared());
    for (auto& drift : page.drift()) {
      ++found;
      auto name = ref_text(drift.stream(), settings->cluster.value);
      listing.add(drift,
                  {drift.stream().name(), drift.field(), drift.wish_text(), drift.fact_text(),
                   when(terminal, drift.since()), Cell(drift.what(), Style::warning), drift.handling()},
                  name);
    }
    return Result<>();
  }));
  auto plural = compared == 1 ? "" : "s";
  listing.finish(fmt::format("no drift: {} stream{} compared", compared, plural));
  return options.exit_code && found > 0 ? Exit::differences : Exit::ok;
}

struct WayOutOptions {
  std::vector<std::string> names;
  ChangeOptions change;
};

Result<Exit> plan_drift(Session& session, const WayOutOptions& options, v1::PlanDriftRequest::Direction direction) {
  EDA_ASSIGN(const auto* settings, session.settings());
  v1::PlanDriftRequest request;
  request.set_request_id(process::draw_request_id());
  request.set_reason(session.globals().reason);
  request.set_cluster(settings->cluster.value);
  request.mutable_names()->Add(options.names.begin(), options.names.end());
  request.set_direction(direction);
  EDA_ASSIGN(auto response, while_planning(session, session.call(&StreamService::Stub::PlanDrift, request)));
  EDA_ASSIGN(auto plan, whole_plan(session, std::move(*response.mutable_plan())));
  return carry_out(session, plan, options.change);
}

Command way_out(const char* name, const char* summary, const char* examples,
                v1::PlanDriftRequest::Direction direction) {
  return {name,
          summary,
          examples,
          [direction](CLI::App& app) -> Run {
            auto options = std::make_shared<WayOutOptions>();
            app.add_option("names", options->names, "the streams")->type_name("NAME")->required();
            declare_change(app, options->change);
            return [options, direction](Session& session) { return plan_drift(session, *options, direction); };
          },
          {},
          "Domains",
          Shows::plans};
}

}  // namespace

Command drift_command() {
  return {
      "drift",
      "compare wish and fact now, and show where they differ",
      "edactl stream drift\n"
      "edactl stream drift orders.placed orders.paid --exit-code   # exit 3 when something differs\n"
      "edactl stream drift --team checkout --tag pii\n"
      "edactl stream drift --undeclared -o json\n"
      "edactl stream drift accept orders.placed --reason \"it is right as it is\"\n"
      "edactl stream drift repair orders.placed",
      [](CLI::App& app) -> Run {
        auto options = std::make_shared<DriftOptions>();
        app.add_option("names", options->names, "only these (default: every stream of the cluster)")->type_name("NAME");
        declare_selection(app, options->selection);
        app.add_flag("--exit-code", options->exit_code, "exit 3 when something differs");
        app.add_flag("--undeclared", options->undeclared, "topics that no stream manages too");
        return [options](Session& session) { return show_drift(session, *options); };
      },
      {way_out("accept", "plan to make the wish what the broker has",
               "edactl stream drift accept orders.placed --reason \"it is right as it is\"",
               v1::PlanDriftRequest::DIRECTION_ACCEPT),
       way_out("repair", "plan to make the broker what is wished", "edactl stream drift repair orders.placed --yes",
               v1::PlanDriftRequest::DIRECTION_REPAIR)},
      "Domains"};
}

}  // namespace eda::cli
