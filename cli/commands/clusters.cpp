#include "cli/commands/clusters.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/errors.h"
#include "cli/listing.h"
#include "cli/session.h"
#include "cli/table.h"
#include "cli/view.h"
#include "eda/clusters/v1/clusters.grpc.pb.h"
#include "platform/process/request_id.h"
#include "platform/text/unicode.h"

namespace eda::cli {

namespace v1 = eda::clusters::v1;
using v1::ClusterService;

namespace {

// The cluster named, else the caller's; empty lets the server take its only one, or name what there is.
Result<std::string> cluster_of(Session& session, const std::string& name) {
  if (!name.empty()) return name;
  EDA_ASSIGN(const auto* settings, session.settings());
  return settings->cluster.value;
}

std::string health_text(const Terminal& terminal, const v1::GetHealthResponse& health) {
  Sheet sheet(terminal);
  sheet.heading("Cluster " + text::printable(health.cluster()));
  sheet.line("health", health.healthy() ? "healthy" : "unhealthy", health.healthy() ? Style::good : Style::bad);
  sheet.line("mode", health.mode());
  sheet.line("cluster id", health.cluster_id());
  if (health.brokers_size() > 0) {
    sheet.line("topics", fmt::format("{} with {} partitions", health.topics(), health.partitions()));
    sheet.line("under-replicated", std::to_string(health.under_replicated()),
               health.under_replicated() ? Style::warning : Style::plain);
    sheet.line("offline", std::to_string(health.offline()), health.offline() ? Style::bad : Style::plain);
  }
  sheet.heading("Checks");
  for (auto& check : health.checks()) {
    sheet.line(check.name(), (check.ok() ? "ok: " : "fault: ") + check.message(),
               check.ok() ? Style::plain : Style::bad);
    if (!check.ok() && !check.next().empty()) sheet.line("", "next: " + check.next());
  }
  if (health.brokers_size() > 0) sheet.heading("Brokers");
  for (auto& broker : health.brokers()) {
    auto rack = broker.rack().empty() ? "" : ", rack " + broker.rack();
    sheet.line(std::to_string(broker.id()),
               fmt::format("{}:{}{}{}", broker.host(), broker.port(), rack, broker.controller() ? ", controller" : ""));
  }
  return sheet.text();
}

Result<Exit> show_health(Session& session, const std::string& name) {
  v1::GetHealthRequest request;
  EDA_ASSIGN(*request.mutable_cluster(), cluster_of(session, name));
  EDA_ASSIGN(auto health, session.call(&ClusterService::Stub::GetHealth, request));
  auto& terminal = session.terminal();
  if (session.format() == Format::tsv) {
    terminal.out(tsv_line({"CHECK", "OK", "MESSAGE", "NEXT"}));
    for (auto& check : health.checks())
      terminal.out(tsv_line({check.name(), check.ok() ? "yes" : "no", check.message(), check.next()}));
  } else if (!show_message(terminal, session.format(), health, "cluster/" + health.cluster())) {
    terminal.out(health_text(terminal, health));
  }
  return health.healthy() ? Exit::ok : Exit::unhealthy;
}

Result<Exit> set_mode(Session& session, const std::string& name, const std::string& mode) {
  v1::SetModeRequest request;
  EDA_ASSIGN(*request.mutable_cluster(), cluster_of(session, name));
  request.set_request_id(process::draw_request_id());
  request.set_reason(session.globals().reason);
  request.set_mode(mode);
  interrupt::note("whether the mode was changed, edactl get clusters shows");
  EDA_ASSIGN(auto response, session.call(&ClusterService::Stub::SetMode, request));
  auto& terminal = session.terminal();
  if (show_message(terminal, session.format(), response, "cluster/" + request.cluster())) return Exit::ok;
  terminal.say(fmt::format(
      "cluster/{} {}", text::printable(request.cluster()),
      response.mode() == "manage" ? "is managed: edad makes wishes true on it" : "is observed: edad only reads it"));
  return Exit::ok;
}

Command on_cluster(const char* name, const char* summary, const char* examples, Shows shows,
                   const std::function<Result<Exit>(Session&, const std::string&)>& act) {
  return {name,
          summary,
          examples,
          [act](CLI::App& app) -> Run {
            auto cluster = std::make_shared<std::string>();
            app.add_option("name", *cluster, "the cluster (default: --cluster, or the context's)")->type_name("NAME");
            return [act, cluster](Session& session) { return act(session, *cluster); };
          },
          {},
          "Domains",
          shows};
}

}  // namespace

Command cluster_command() {
  Command out{"cluster",
              "Kafka clusters: their health, and whether edad may write to them",
              "edactl cluster health prod\n"
              "edactl cluster import prod --dir streams/ --team checkout\n"
              "edactl cluster manage prod --reason \"reviewed\"\n"
              "# listing them, with their modes\n"
              "edactl get clusters",
              {},
              {},
              "Domains"};
  out.commands = {
      on_cluster("health", "ask the cluster now whether it is well; exit 10 when it is not",
                 "edactl cluster health prod", Shows::list, show_health),
      cluster_import_command(),
      on_cluster("manage", "let edad make wishes true on it (admins)",
                 "edactl cluster manage prod --reason \"reviewed\"", Shows::document,
                 [](Session& session, const std::string& name) { return set_mode(session, name, "manage"); }),
      on_cluster("observe", "let edad only read it (admins)", "edactl cluster observe prod", Shows::document,
                 [](Session& session, const std::string& name) { return set_mode(session, name, "observe"); }),
  };
  return out;
}

}  // namespace eda::cli
