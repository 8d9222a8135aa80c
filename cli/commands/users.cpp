#include "cli/commands/users.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/commands/identity.h"
#include "cli/errors.h"
#include "cli/listing.h"
#include "cli/view.h"
#include "cli/when.h"
#include "eda/identity/v1/identity.grpc.pb.h"
#include "platform/process/request_id.h"
#include "platform/text/unicode.h"

namespace eda::cli {

namespace v1 = eda::identity::v1;
using v1::IdentityService;

namespace {

std::string joined(const google::protobuf::RepeatedPtrField<std::string>& items) {
  return fmt::format("{}", fmt::join(items, ", "));
}

Result<v1::User> fetch(Session& session, const std::string& name) {
  v1::GetUserRequest request;
  request.set_name(name);
  EDA_ASSIGN(auto response, session.call(&IdentityService::Stub::GetUser, request));
  return std::move(*response.mutable_user());
}

struct UserOptions {
  std::string name, role;
  std::optional<std::string> display_name, email;
  std::vector<std::string> roles;
};

Result<Exit> said(Session& session, const v1::User& user, std::string_view what) {
  auto& terminal = session.terminal();
  if (!show_message(terminal, session.format(), user, "user/" + user.name())) {
    terminal.say(fmt::format("user/{} {}", text::printable(user.name()), what));
  }
  return Exit::ok;
}

Result<Exit> create(Session& session, const UserOptions& options) {
  v1::CreateUserRequest request;
  request.set_request_id(process::draw_request_id());
  request.set_reason(session.globals().reason);
  request.mutable_user()->set_name(options.name);
  request.mutable_user()->set_display_name(options.display_name.value_or(""));
  request.mutable_user()->set_email(options.email.value_or(""));
  request.mutable_user()->mutable_roles()->Add(options.roles.begin(), options.roles.end());
  interrupt::note("whether the user was created, edactl get users shows");
  EDA_ASSIGN(auto made, session.call(&IdentityService::Stub::CreateUser, request));
  return said(
      session, made.user(),
      fmt::format("created; edactl token create --subject user/{} makes a token to log in with", made.user().name()));
}

/// One UpdateUser call; `fill` says what changes.
template <class Fill>
Result<Exit> update(Session& session, const std::string& name, std::string_view what, Fill fill) {
  v1::UpdateUserRequest request;
  request.set_request_id(process::draw_request_id());
  request.set_reason(session.globals().reason);
  request.set_name(name);
  fill(request);
  interrupt::note("whether the user was changed, edactl describe user shows");
  EDA_ASSIGN(auto changed, session.call(&IdentityService::Stub::UpdateUser, request));
  return said(session, changed.user(), what);
}

using Act = Result<Exit> (*)(Session&, const UserOptions&);

void declare_name(CLI::App& app, UserOptions& options) {
  app.add_option("name", options.name, "the user")->type_name("NAME")->required();
}
void declare_person(CLI::App& app, UserOptions& options) {
  app.add_option("--display-name", options.display_name, "as people know them")->type_name("TEXT");
  app.add_option("--email", options.email, "where to reach them")->type_name("ADDRESS");
}

Command command(const char* name, const char* summary, const char* examples, void (*declare)(CLI::App&, UserOptions&),
                Act act) {
  return {name,
          summary,
          examples,
          [declare, act](CLI::App& app) -> Run {
            auto options = std::make_shared<UserOptions>();
            declare_name(app, *options);
            if (declare != nullptr) declare(app, *options);
            return [options, act](Session& session) { return act(session, *options); };
          },
          {},
          "Access",
          Shows::document};
}

void declare_role(CLI::App& app, UserOptions& options) {
  app.add_option("role", options.role, "admin, operator or auditor")->type_name("ROLE")->required();
}

}  // namespace

bool is_users(const std::string& kind) {
  return kind == "users" || kind == "user";
}

Result<Exit> get_users(Session& session, const std::vector<std::string>& names) {
  auto& terminal = session.terminal();
  Listing listing(terminal, session.format(), "users",
                  {{"NAME", Column::Show::always, Column::Align::left, Column::Wrap::never},
                   {"ROLES", Column::Show::always, Column::Align::left, Column::Wrap::normal},
                   {"STATE", Column::Show::always, Column::Align::left, Column::Wrap::normal},
                   {"DISPLAY-NAME", Column::Show::always, Column::Align::left, Column::Wrap::normal},
                   {"EMAIL", Column::Show::always, Column::Align::left, Column::Wrap::normal},
                   {"CREATED", Column::Show::wide, Column::Align::left, Column::Wrap::normal}});
  bool data = session.format() == Format::json || session.format() == Format::yaml;
  auto add = [&](const v1::User& user) {
    listing.add(user,
                {user.name(), joined(user.roles()),
                 user.disabled() ? Cell("disabled", Style::warning) : Cell("active", Style::good), user.display_name(),
                 user.email(), when(terminal, user.created_at())},
                "user/" + user.name());
  };
  for (auto& name : names) {
    EDA_ASSIGN(auto user, fetch(session, name));
    if (data && names.size() == 1) {
      show_message(terminal, session.format(), user, "");
      return Exit::ok;
    }
    add(user);
  }
  if (names.empty()) {
    v1::ListUsersRequest request;
    request.set_page_size(500);
    EDA_TRY(pages(session, &IdentityService::Stub::ListUsers, std::move(request),
                  [&](v1::ListUsersResponse& page) -> Result<> {
                    for (auto& user : page.users()) add(user);
                    return {};
                  }));
  }
  listing.finish("no users");
  return Exit::ok;
}

Result<Exit> describe_user(Session& session, const std::string& name) {
  EDA_ASSIGN(auto user, fetch(session, name));
  auto& terminal = session.terminal();
  if (show_message(terminal, session.format(), user, "user/" + user.name())) return Exit::ok;
  Sheet sheet(terminal);
  sheet.heading("User " + text::printable(user.name()));
  sheet.line("name", user.display_name());
  sheet.line("email", user.email());
  sheet.line("roles", joined(user.roles()));
  sheet.line("state", user.disabled() ? "disabled" : "active");
  for (auto& team : user.teams()) sheet.line("team", fmt::format("{} ({})", team.team(), team.role()));
  sheet.line("created", when(terminal, user.created_at()));
  terminal.out(sheet.text());
  return Exit::ok;
}

Command user_command() {
  Command out{"user",
              "users: people who call edad (get users lists them)",
              "edactl user create ada --email ada@shop.example\n"
              "edactl user grant-role ada auditor\n"
              "edactl user disable ada --reason \"left\"\n"
              "edactl get users",
              {},
              {},
              "Access"};
  out.commands.push_back(command(
      "create", "make a user (admins)",
      "edactl user create ada --email ada@shop.example\nedactl user create otto --role operator",
      [](CLI::App& app, UserOptions& options) {
        declare_person(app, options);
        app.add_option("--role", options.roles, "admin, operator or auditor; repeat")
            ->type_name("ROLE")
            ->allow_extra_args(false);
      },
      create));
  out.commands.push_back(command("update", "change a user's name or address (admins)",
                                 "edactl user update ada --display-name \"Ada L.\"", declare_person,
                                 [](Session& session, const UserOptions& options) -> Result<Exit> {
                                   if (!options.display_name && !options.email) {
                                     return fail(usage_error("change what?", "--display-name TEXT, --email ADDRESS"));
                                   }
                                   return update(session, options.name, "changed", [&](v1::UpdateUserRequest& request) {
                                     if (options.display_name) request.set_display_name(*options.display_name);
                                     if (options.email) request.set_email(*options.email);
                                   });
                                 }));
  out.commands.push_back(
      command("disable", "let a user do nothing any more (admins)", "edactl user disable ada --reason \"left\"",
              nullptr, [](Session& session, const UserOptions& options) {
                return update(session, options.name, "disabled", [](auto& request) { request.set_disabled(true); });
              }));
  out.commands.push_back(command("enable", "let a disabled user work again (admins)", "edactl user enable ada", nullptr,
                                 [](Session& session, const UserOptions& options) {
                                   return update(session, options.name, "enabled",
                                                 [](auto& request) { request.set_disabled(false); });
                                 }));
  out.commands.push_back(command("grant-role", "give a role of the organisation (admins)",
                                 "edactl user grant-role ada auditor", declare_role,
                                 [](Session& session, const UserOptions& options) {
                                   return update(session, options.name, "has role " + options.role,
                                                 [&](auto& request) { request.add_add_roles(options.role); });
                                 }));
  out.commands.push_back(command("revoke-role", "take a role of the organisation (admins)",
                                 "edactl user revoke-role ada auditor", declare_role,
                                 [](Session& session, const UserOptions& options) {
                                   return update(session, options.name, "no longer has role " + options.role,
                                                 [&](auto& request) { request.add_remove_roles(options.role); });
                                 }));
  return out;
}

}  // namespace eda::cli
