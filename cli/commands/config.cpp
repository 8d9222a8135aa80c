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
                  {column("CURRENT"), column("NAME", Column::Wrap::never), column("SERVER", Column::Wrap::never),
                   column("CLUSTER"), column("TEAM")});
  for (auto& context : config.contexts) {
    std::string current = context.name == config.current ? "*" : "";
    listing.add(as_message({{"name", context.name},
                            {"server", context.server},
                            {"cluster", context.cluster},
                            {"team", context.team},
                            {"current", current}}),
                {current, context.name, context.server, context.cluster, context.team}, context.name);
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

Result<Exit> set_context(Session& session, const std::string& name, const std::string& token_command) {
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
  take(context.token_command, token_command);
  if (config.current.empty()) config.current = name;
  EDA_TRY(folder->save(config));
  session.terminal().say(fmt::format("context {} {}", name, fresh ? "created" : "changed"));
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
  out.commands.push_back({"set-context",
                          "make or change a context, by --server, --cluster, --team, --ca, --token-file",
                          "edactl config set-context prod --server edad.example:7070 --cluster prod\n"
                          "edactl config set-context prod --token-command 'pass show edad/prod'",
                          [](CLI::App& app) -> Run {
                            auto name = std::make_shared<std::string>();
                            auto token_command = std::make_shared<std::string>();
                            app.add_option("name", *name, "the context")->type_name("NAME")->required();
                            app.add_option("--token-command", *token_command, "a shell command that prints the token")
                                ->type_name("COMMAND");
                            return [name, token_command](Session& session) {
                              return set_context(session, *name, *token_command);
                            };
                          },
                          {},
                          "Access",
                          Shows::words});
  out.commands.push_back({"view",
                          "what holds now, and where it came from",
                          "edactl config view",
                          [](CLI::App&) -> Run { return view; },
                          {}});
  return out;
}

}  // namespace eda::cli
