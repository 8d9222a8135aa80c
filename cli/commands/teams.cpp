#include "cli/commands/teams.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/change.h"
#include "cli/session.h"
#include "eda/catalog/v1/catalog.grpc.pb.h"
#include "platform/process/request_id.h"

namespace eda::cli {

using eda::catalog::v1::OwnershipService;
namespace v1 = eda::catalog::v1;

namespace {

struct TeamOptions {
  std::string team;
  std::string to;
  ChangeOptions change;
};

template <class Request>
Request request_for(Session& session, const TeamOptions& options) {
  Request request;
  request.set_request_id(process::draw_request_id());
  request.set_reason(session.globals().reason);
  request.set_team(options.team);
  return request;
}

Result<Exit> rename(Session& session, const TeamOptions& options) {
  auto request = request_for<v1::PlanTeamRenameRequest>(session, options);
  request.set_to(options.to);
  EDA_ASSIGN(auto response, while_planning(session, session.call(&OwnershipService::Stub::PlanTeamRename, request)));
  EDA_ASSIGN(auto plan, whole_plan(session, std::move(*response.mutable_plan())));
  return carry_out(session, plan, options.change);
}

Result<Exit> merge(Session& session, const TeamOptions& options) {
  auto request = request_for<v1::PlanTeamMergeRequest>(session, options);
  request.set_into(options.to);
  EDA_ASSIGN(auto response, while_planning(session, session.call(&OwnershipService::Stub::PlanTeamMerge, request)));
  EDA_ASSIGN(auto plan, whole_plan(session, std::move(*response.mutable_plan())));
  return carry_out(session, plan, options.change);
}

}  // namespace

Command team_command() {
  Command out{"team",
              "rename teams, and merge them",
              "edactl team rename checkout basket\n"
              "edactl team merge search --into catalog\n"
              "# listing and showing them\n"
              "edactl get teams\n"
              "edactl describe team checkout",
              {},
              {},
              "Domains"};
  out.commands = {
      {"rename",
       "call a team otherwise; the old name stays reserved and answers with the new one (leads)",
       "edactl team rename checkout basket --dry-run\n"
       "edactl team rename checkout basket --reason \"they do baskets now\"",
       [](CLI::App& app) -> Run {
         auto options = std::make_shared<TeamOptions>();
         app.add_option("team", options->team, "the team")->type_name("NAME")->required();
         app.add_option("to", options->to, "its new name")->type_name("NEW-NAME")->required();
         declare_change(app, options->change);
         return [options](Session& session) { return rename(session, *options); };
       },
       {},
       "Domains",
       Shows::plans},
      {"merge",
       "end a team in another one, which gets its services, streams and members (leads of both)",
       "edactl team merge search --into catalog --dry-run\n"
       "edactl team merge search --into catalog --reason \"one team since May\"",
       [](CLI::App& app) -> Run {
         auto options = std::make_shared<TeamOptions>();
         app.add_option("team", options->team, "the team that ends")->type_name("NAME")->required();
         app.add_option("--into", options->to, "the team that stays")->type_name("TEAM")->required();
         declare_change(app, options->change);
         return [options](Session& session) { return merge(session, *options); };
       },
       {},
       "Domains",
       Shows::plans},
  };
  return out;
}

}  // namespace eda::cli
