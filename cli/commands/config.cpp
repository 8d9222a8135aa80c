#include "cli/commands/config.h"

#include <fmt/format.h>
#include <google/protobuf/struct.pb.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/errors.h"
#include "cli/listing.h"
#include "cli/session.h"
#include "platform/text/distance.h"

namespace eda::cli {

namespace {

google::protobuf::Struct as_message(const std::vector<std::pair<std::string, std::string>>& entries) {
  google::protobuf::Struct out;
  for (auto& [key, text] : entries) {
    if (!text.empty()) (*out.mutable_fields())[key].set_string_value(text);
  }
  return out;
}

Column column(const char* header, Column::Wrap wrap = Column::Wrap::normal) {
  return {header, Column::Show::always, Column::Align::left, wrap};
}

Result<Exit> get_contexts(Session& session) {
  EDA_ASSIGN(const auto* folder, session.folder());
  EDA_ASSIGN(auto config, folder->load());
  Listing listing(session.terminal(), session.format(), "contexts",
                  {column("CURRENT"),
                   column("NAME", Column::Wrap::never),
                   column("SERVER", Column::Wrap::never),
                   column("CLUSTER"),
                   column("TEAM"),
                   {"PROTECTED", Column::Show::filled}});
  for (auto& context : config.contexts) {
    std::string current = context.name == config.current ? "*" : "";
    Cell guarded = context.guarded == "true" ? Cell("yes", Style::bad) : Cell();
    listing.add(as_message({{"name", context.name},
                            {"server", context.server},
                            {"cluster", context.cluster},
                            {"team", context.team},
                            {"protected", guarded.text},
                            {"current", current}}),
                {current, context.name, context.server, context.cluster, context.team, guarded}, context.name);
  }
  listing.finish("no contexts; edactl login --context NAME --server HOST:PORT makes one");
  return Exit::ok;
}

Result<Exit> use_context(Session& session, const std::string& name) {
  EDA_ASSIGN(const auto* folder, session.folder());
  EDA_ASSIGN(auto config, folder->load());
  if (config.find(name) == nullptr) {
    std::vector<std::string> names;
    for (auto& context : config.contexts) names.push_back(context.name);
    auto hint = text::did_you_mean(name, names);
    return fail(Code::not_found, "CONTEXT_UNKNOWN", fmt::format("there is no context \"{}\"", name),
                hint.empty() ? "edactl config get-contexts lists them" : hint);
  }
  config.current = name;
  EDA_TRY(folder->save(config));
  session.terminal().say(fmt::format("the context is now {}", name));
  return Exit::ok;
}

struct ContextOptions {
  std::string name, token_command;
  bool guard = false, unguard = false;
};

Result<Exit> set_context(Session& session, const ContextOptions& options) {
  auto& name = options.name;
  EDA_ASSIGN(const auto* folder, session.folder());
  EDA_ASSIGN(auto config, folder->load());
  if (auto fault = context_name_fault(name)) return fail(usage_error(*fault));
  bool fresh = config.find(name) == nullptr;
  auto& context = config.at(name);
  auto& flags = session.globals().context;
  // A token that login kept was for the server of then.
  if (!fresh && !flags.server.empty() && flags.server != context.server) EDA_TRY(folder->forget_token(name));
  auto take = [](std::string& into, const std::string& from) {
    if (!from.empty()) into = from;
  };
  take(context.server, flags.server);
  take(context.cluster, flags.cluster);
  take(context.team, flags.team);
  take(context.set, flags.set);
  take(context.ca, flags.ca);
  take(context.token_file, flags.token_file);
  take(context.token_command, options.token_command);
  if (options.guard && options.unguard) {
    return fail(usage_error("a context is protected or it is not", "give one of --protected and --unprotected"));
  }
  if (options.guard) context.guarded = "true";
  if (options.unguard) context.guarded.clear();
  if (config.current.empty()) config.current = name;
  EDA_TRY(folder->save(config));
  session.terminal().say(fmt::format("context {} {}{}", name, fresh ? "created" : "changed",
                                     options.guard ? "; what changes something there is asked for once more" : ""));
  return Exit::ok;
}

// Every place that says something, those that go behind another one too.
Result<Exit> view_origins(Session& session) {
  EDA_ASSIGN(const auto* folder, session.folder());
  EDA_ASSIGN(auto config, folder->load());
  std::error_code gone;
  EDA_ASSIGN(auto project, find_project(std::filesystem::current_path(gone)));
  EDA_ASSIGN(auto all, origins(session.globals().context, session.environment(), project, config));
  Listing listing(
      session.terminal(), session.format(), "settings",
      {column("SETTING"), column("VALUE", Column::Wrap::never), column("FROM", Column::Wrap::first), column("TAKEN")});
  for (auto& origin : all) {
    bool taken = origin.rank == Origin::Rank::taken;
    auto style = taken ? Style::plain : Style::dim;
    listing.add(as_message({{"name", origin.name},
                            {"value", origin.said.value},
                            {"origin", origin.said.origin},
                            {"taken", taken ? "yes" : "no"}}),
                {{origin.name, style}, {origin.said.value, style}, {origin.said.origin, style}, taken ? "yes" : "no"},
                origin.name);
  }
  listing.finish("nothing is set");
  session.terminal().say(
      "A flag goes before EDACTL_*, that before .edactl.yaml, that before the context, that before the default.");
  return Exit::ok;
}

Result<Exit> view(Session& session) {
  EDA_ASSIGN(const auto* settings, session.settings());
  Listing listing(session.terminal(), session.format(), "settings",
                  {column("SETTING"), column("VALUE", Column::Wrap::never), column("FROM", Column::Wrap::first)});
  auto add = [&](const std::string& name, const std::string& value, const std::string& origin) {
    listing.add(as_message({{"name", name}, {"value", value}, {"origin", origin}}), {name, value, origin}, name);
  };
  add("context", settings->context.value, settings->context.origin);
  add("server", settings->server.value, settings->server.origin);
  add("cluster", settings->cluster.value, settings->cluster.origin);
  add("team", settings->team.value, settings->team.origin);
  add("set", settings->set.value, settings->set.origin);
  add("ca", settings->ca.value, settings->ca.origin);
  EDA_ASSIGN(const auto* folder, session.folder());
  auto kept = settings->use_kept_token ? folder->kept_token(settings->context.value) : Result<Secret>(Secret());
  auto source = !settings->token.empty()                 ? std::string("EDACTL_TOKEN")
                : !settings->token_file.value.empty()    ? settings->token_file.value
                : !settings->token_command.value.empty() ? settings->token_command.value
                : kept && !kept->empty()                 ? folder->token_path(settings->context.value).string()
                                                         : std::string();
  add("token", source.empty() ? "" : "********", source);
  listing.finish("nothing is set");
  return Exit::ok;
}

}  // namespace

Command config_command() {
  Command out{"config",
              "contexts: which edad, which cluster, whose token",
              "edactl config set-context prod --server edad.example:7070 --cluster prod\n"
              "edactl config use-context prod\n"
              "edactl config view",
              {},
              {},
              "Access"};
  out.commands.push_back({"get-contexts",
                          "list the contexts",
                          "edactl config get-contexts",
                          [](CLI::App&) -> Run { return get_contexts; },
                          {}});
  out.commands.push_back({"use-context",
                          "work against this context from now on",
                          "edactl config use-context prod",
                          [](CLI::App& app) -> Run {
                            auto name = std::make_shared<std::string>();
                            app.add_option("name", *name, "the context")->type_name("NAME")->required();
                            return [name](Session& session) { return use_context(session, *name); };
                          },
                          {},
                          "Access",
                          Shows::words});
  out.commands.push_back(
      {"set-context",
       "make or change a context, by --server, --cluster, --team, --ca, --token-file",
       "edactl config set-context prod --server edad.example:7070 --cluster prod\n"
       "edactl config set-context prod --token-command 'pass show edad/prod'\n"
       "edactl config set-context prod --protected",
       [](CLI::App& app) -> Run {
         auto options = std::make_shared<ContextOptions>();
         app.add_option("name", options->name, "the context")->type_name("NAME")->required();
         app.add_option("--token-command", options->token_command, "a shell command that prints the token")
             ->type_name("COMMAND");
         app.add_flag("--protected", options->guard, "ask once more before anything is changed there");
         app.add_flag("--unprotected", options->unguard, "ask no more");
         return [options](Session& session) { return set_context(session, *options); };
       },
       {},
       "Access",
       Shows::words});
  out.commands.push_back({"view",
                          "what holds now, and where it came from",
                          "edactl config view\n"
                          "edactl config view --origins   # what goes behind something else too",
                          [](CLI::App& app) -> Run {
                            auto all = std::make_shared<bool>(false);
                            app.add_flag("--origins", *all, "every place that says something, and which one is taken");
                            return [all](Session& session) { return *all ? view_origins(session) : view(session); };
                          },
                          {}});
  return out;
}

}  // namespace eda::cli
