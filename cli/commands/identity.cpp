#include "cli/commands/identity.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/errors.h"
#include "cli/listing.h"
#include "cli/session.h"
#include "cli/view.h"
#include "cli/when.h"
#include "eda/identity/v1/identity.grpc.pb.h"
#include "platform/process/request_id.h"
#include "platform/text/unicode.h"
#include "platform/text/units.h"

namespace eda::cli {

namespace v1 = eda::identity::v1;
using v1::IdentityService;

namespace {

std::string joined(const google::protobuf::RepeatedPtrField<std::string>& items) {
  return fmt::format("{}", fmt::join(items, ", "));
}

// --- login

// Where a login goes: the context to keep it in, made when it is not there.
Result<Settings> login_settings(Session& session, ConfigFile& config) {
  auto flags = session.globals().context;
  const char* variable = session.environment()("EDACTL_CONTEXT");
  auto name = flags.context;
  if (name.empty() && variable != nullptr) name = variable;
  if (name.empty()) name = config.current.empty() ? "default" : config.current;
  if (auto fault = context_name_fault(name)) return fail(usage_error(*fault));
  bool fresh = config.find(name) == nullptr;
  auto& context = config.at(name);
  flags.context = name;
  EDA_ASSIGN(auto settings, resolve(flags, session.environment(), ProjectFile{}, config));
  if (fresh || context.server.empty()) {
    context.server = settings.server.value;
    if (context.ca.empty()) context.ca = settings.ca.value;
    if (context.cluster.empty()) context.cluster = settings.cluster.value;
  } else if (context.server != settings.server.value) {
    return fail(usage_error(fmt::format("context \"{}\" is for {}, and {} says {}", name, context.server,
                                        settings.server.origin, settings.server.value),
                            "--context NAME makes another one"));
  }
  if (config.current.empty()) config.current = name;
  return settings;
}

// By --token-file, EDACTL_TOKEN or its file, a question, or stdin.
Result<Secret> login_token(Session& session, const Settings& settings) {
  if (!settings.token.empty() || !settings.token_file.value.empty()) {
    Settings given = settings;
    given.use_kept_token = false;
    return find_token(given, ConfigFolder({}));
  }
  auto& terminal = session.terminal();
  if (terminal.interactive()) return terminal.ask_secret(fmt::format("token for {}: ", settings.server.value));
  Settings from_stdin;
  from_stdin.token_file = {"-", "stdin"};
  return find_token(from_stdin, ConfigFolder({}));
}

Result<Exit> login(Session& session) {
  EDA_ASSIGN(const auto* folder, session.folder());
  EDA_ASSIGN(auto config, folder->load());
  EDA_ASSIGN(auto settings, login_settings(session, config));
  EDA_ASSIGN(auto token, login_token(session, settings));
  if (token.empty())
    return fail(usage_error("no token was given", "an admin makes one: edactl token create --subject user/NAME"));
  EDA_ASSIGN(auto client, rpc::Client::make({settings.server.value, token, settings.ca.value}));
  session.begin();
  EDA_ASSIGN(auto me, session.call_with(client, &IdentityService::Stub::WhoAmI, v1::WhoAmIRequest()));
  EDA_TRY(folder->keep_token(settings.context.value, token));
  EDA_TRY(folder->save(config));
  auto& terminal = session.terminal();
  terminal.say(fmt::format("logged in to {} as {}; the token is kept in {}", settings.server.value,
                           text::printable(me.subject()), folder->token_path(settings.context.value).string()));
  if (config.current != settings.context.value) {
    terminal.say(fmt::format("context {} is still the one that is used; edactl config use-context {} changes that",
                             config.current, settings.context.value));
  }
  if (!settings.token.empty()) terminal.say("note: EDACTL_TOKEN is set, and goes before what was kept now");
  return Exit::ok;
}

// --- logout

Result<Exit> logout(Session& session) {
  EDA_ASSIGN(const auto* settings, session.settings());
  EDA_ASSIGN(const auto* folder, session.folder());
  EDA_TRY(find_token(*settings, *folder));
  v1::RevokeTokenRequest request;
  request.set_request_id(process::draw_request_id());
  request.set_reason(session.globals().reason);
  interrupt::note("whether the token was revoked, edactl whoami shows");
  auto revoked = session.call(&IdentityService::Stub::RevokeToken, request);
  // A token that is revoked or expired already has nothing left to end.
  if (!revoked && revoked.error().code != Code::unauthenticated) return fail(std::move(revoked).error());
  bool kept = settings->token.empty() && settings->token_file.value.empty() && settings->token_command.value.empty();
  if (kept) EDA_TRY(folder->forget_token(settings->context.value));
  session.terminal().say(fmt::format("logged out of {}: the token is revoked{}", settings->server.value,
                                     kept ? " and forgotten here" : ""));
  return Exit::ok;
}

// --- whoami

Result<Exit> who_am_i(Session& session) {
  EDA_ASSIGN(const auto* settings, session.settings());
  EDA_ASSIGN(auto me, session.call(&IdentityService::Stub::WhoAmI, v1::WhoAmIRequest()));
  auto& terminal = session.terminal();
  if (show_message(terminal, session.format(), me, me.subject())) return Exit::ok;
  Sheet sheet(terminal);
  sheet.heading(text::printable(me.subject()));
  sheet.line("name", me.user().display_name());
  sheet.line("roles", joined(me.user().roles()));
  std::string teams;
  for (auto& team : me.user().teams())
    teams += fmt::format("{}{} ({})", teams.empty() ? "" : ", ", team.team(), team.role());
  sheet.line("teams", teams);
  sheet.line("token", me.token().id());
  sheet.line("scopes", joined(me.token().scopes()));
  sheet.line("expires", when(terminal, me.token().expires_at()));
  sheet.line("server", fmt::format("{} (edad {})", settings->server.value, me.server_version()));
  sheet.line("context", settings->context.value);
  terminal.out(sheet.text());
  return Exit::ok;
}

// --- token

struct TokenOptions {
  std::string subject, description, lifetime, id;
  std::vector<std::string> scopes;
  bool all = false, ended = false;
};

Result<Exit> create_token(Session& session, const TokenOptions& options) {
  v1::CreateTokenRequest request;
  request.set_request_id(process::draw_request_id());
  request.set_reason(session.globals().reason);
  request.set_subject(options.subject);
  request.set_description(options.description);
  request.mutable_scopes()->Add(options.scopes.begin(), options.scopes.end());
  if (!options.lifetime.empty()) {
    auto span = text::parse_duration_ms(options.lifetime);
    if (!span || *span < 1000)
      return fail(usage_error(fmt::format("--lifetime {} is no duration", options.lifetime), "write 12h, 30d or 52w"));
    request.set_lifetime_seconds(*span / 1000);
  }
  interrupt::note("a token may have been made; edactl token list shows it, edactl token revoke ends it");
  EDA_ASSIGN(auto made, session.call(&IdentityService::Stub::CreateToken, request));
  auto& terminal = session.terminal();
  if (session.format() == Format::json || session.format() == Format::yaml) {
    show_message(terminal, session.format(), made, "");
    return Exit::ok;
  }
  terminal.out(session.format() == Format::name ? made.token().id() + "\n" : made.secret() + "\n");
  terminal.say(fmt::format("token {} of {}, until {}; it is shown this once", made.token().id(),
                           text::printable(made.token().subject()), when(terminal, made.token().expires_at())));
  return Exit::ok;
}

std::string token_state(const v1::Token& token) {
  if (token.has_revoked_at()) return "revoked";
  auto now = std::chrono::duration_cast<std::chrono::seconds>(SystemClock().now().time_since_epoch()).count();
  return token.has_expires_at() && token.expires_at().seconds() <= now ? "expired" : "valid";
}

Result<Exit> list_tokens(Session& session, const TokenOptions& options) {
  auto& terminal = session.terminal();
  Listing listing(terminal, session.format(), "tokens",
                  {{"ID", Column::Show::always, Column::Align::left, Column::Wrap::never},
                   {"SUBJECT", Column::Show::always, Column::Align::left, Column::Wrap::never},
                   {"SCOPES", Column::Show::always, Column::Align::left, Column::Wrap::normal},
                   {"STATE", Column::Show::always, Column::Align::left, Column::Wrap::normal},
                   {"EXPIRES", Column::Show::always, Column::Align::left, Column::Wrap::normal},
                   {"USED", Column::Show::always, Column::Align::left, Column::Wrap::normal},
                   {"CREATED", Column::Show::wide, Column::Align::left, Column::Wrap::normal},
                   {"DESCRIPTION", Column::Show::always, Column::Align::left, Column::Wrap::first}});
  v1::ListTokensRequest request;
  request.set_page_size(500);
  request.set_subject(options.all ? "*" : options.subject);
  request.set_include_ended(options.ended);
  EDA_TRY(pages(session, &IdentityService::Stub::ListTokens, std::move(request),
                [&](v1::ListTokensResponse& page) -> Result<> {
                  for (auto& token : page.tokens()) {
                    auto state = token_state(token);
                    listing.add(token,
                                {token.id(),
                                 token.subject(),
                                 joined(token.scopes()),
                                 {state, state == "valid" ? Style::good : Style::dim},
                                 when(terminal, token.expires_at()),
                                 when(terminal, token.last_used_at()),
                                 when(terminal, token.created_at()),
                                 token.description()},
                                token.id());
                  }
                  return {};
                }));
  listing.finish("no tokens");
  return Exit::ok;
}

Result<Exit> revoke_token(Session& session, const TokenOptions& options) {
  v1::RevokeTokenRequest request;
  request.set_request_id(process::draw_request_id());
  request.set_reason(session.globals().reason);
  request.set_id(options.id);
  interrupt::note("whether the token was revoked, edactl token list shows");
  EDA_ASSIGN(auto revoked, session.call(&IdentityService::Stub::RevokeToken, request));
  auto& terminal = session.terminal();
  if (show_message(terminal, session.format(), revoked.token(), revoked.token().id())) return Exit::ok;
  terminal.say(
      fmt::format("token {} of {} is revoked", revoked.token().id(), text::printable(revoked.token().subject())));
  return Exit::ok;
}

Command token_command() {
  Command out{"token",
              "tokens: what calls edad in whose name",
              "edactl token create --subject ci/checkout/build --scope write --lifetime 30d\n"
              "edactl token list\n"
              "edactl token revoke 4k2m9x7q1b3z",
              {},
              {},
              "Access"};
  out.commands.push_back(
      {"create",
       "make a token; stdout is the token itself, this once",
       "edactl token create --subject user/ada > ada.token\n"
       "edactl token create --subject ci/checkout/build --scope write --lifetime 30d\n"
       "edactl token create --subject ci/checkout/shop --scope write --scope delete   # a pipeline that prunes",
       [](CLI::App& app) -> Run {
         auto options = std::make_shared<TokenOptions>();
         app.add_option("--subject", options->subject, "user/NAME, service/NAME or ci/TEAM/NAME (default: your own)")
             ->type_name("SUBJECT");
         app.add_option("--scope", options->scopes,
                        "read, write, delete (ci: what its team owns) or administer; repeat (default: all it may have "
                        "but delete)")
             ->type_name("SCOPE")
             ->allow_extra_args(false);
         app.add_option("--lifetime", options->lifetime, "how long it holds (default 90d, at most 366d)")
             ->type_name("DURATION");
         app.add_option("--description", options->description, "what it is for")->type_name("TEXT");
         return [options](Session& session) { return create_token(session, *options); };
       },
       {},
       "Access",
       Shows::document});
  out.commands.push_back({"list",
                          "your tokens, or those of a subject",
                          "edactl token list\nedactl token list --all --ended",
                          [](CLI::App& app) -> Run {
                            auto options = std::make_shared<TokenOptions>();
                            app.add_option("--subject", options->subject, "of this subject")->type_name("SUBJECT");
                            app.add_flag("--all", options->all, "all that you may see");
                            app.add_flag("--ended", options->ended, "revoked and expired ones too");
                            return [options](Session& session) { return list_tokens(session, *options); };
                          },
                          {}});
  out.commands.push_back({"revoke",
                          "end a token by its id",
                          "edactl token revoke 4k2m9x7q1b3z",
                          [](CLI::App& app) -> Run {
                            auto options = std::make_shared<TokenOptions>();
                            app.add_option("id", options->id, "the token's public id")->type_name("ID")->required();
                            return [options](Session& session) { return revoke_token(session, *options); };
                          },
                          {},
                          "Access",
                          Shows::document});
  return out;
}

}  // namespace

std::vector<Command> identity_commands() {
  std::vector<Command> out;
  out.push_back({"login",
                 "check a token and keep it (mode 0600) for the context",
                 "edactl login --server edad.example:7070\n"
                 "edactl login --context prod --server edad.example:7070 --token-file prod.token\n"
                 "pass show edad | edactl login",
                 [](CLI::App&) -> Run { return login; },
                 {},
                 "Access",
                 Shows::words});
  out.push_back({"logout",
                 "revoke the token, and forget it",
                 "edactl logout",
                 [](CLI::App&) -> Run { return logout; },
                 {},
                 "Access",
                 Shows::words});
  out.push_back({"whoami",
                 "who edad takes you for",
                 "edactl whoami",
                 [](CLI::App&) -> Run { return who_am_i; },
                 {},
                 "Access",
                 Shows::document});
  out.push_back(token_command());
  return out;
}

}  // namespace eda::cli
