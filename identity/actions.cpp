#include "identity/actions.h"

#include <fmt/format.h>

#include "identity/actions_act.h"
#include "identity/store.h"
#include "platform/text/distance.h"
#include "platform/text/unicode.h"

namespace eda::identity {
namespace {

events::Event user_event(const char* verb, const std::string& name, Value before, Value after) {
  events::Event event;
  event.verb = verb;
  event.object = Ref{"user", "", name};
  event.before = std::move(before);
  event.after = std::move(after);
  return event;
}

/// The user as the change would have them.
Result<User> changed(const User& before, const UserChange& change) {
  User after = before;
  if (change.display_name) after.display_name = *change.display_name;
  if (change.email) after.email = *change.email;
  if (change.disabled) after.disabled = *change.disabled;
  EDA_ASSIGN(auto added, parse_roles(change.add_roles));
  EDA_ASSIGN(auto removed, parse_roles(change.remove_roles));
  for (Role role : added) {
    if (removed.contains(role)) {
      return fail(Code::invalid, "ROLE_BOTH", fmt::format("the role {} is to be added and removed", role_name(role)),
                  "name it once");
    }
    after.roles.insert(role);
  }
  for (Role role : removed) after.roles.erase(role);
  EDA_TRY(check_user(after));
  return after;
}

bool same(const User& a, const User& b) {
  return a.display_name == b.display_name && a.email == b.email && a.disabled == b.disabled && a.roles == b.roles;
}

}  // namespace

Result<Person> Actions::person_of(pg::Tx& tx, const std::string& name) {
  if (auto user = store::find_user(tx, name)) return Person{*user, teams_.of(tx, name)};
  std::string near = text::did_you_mean(name, store::user_names(tx));
  return fail(Code::not_found, "USER_UNKNOWN",
              fmt::format("there is no user \"{}\"", text::printable(text::cut(name, 120))),
              near.empty() ? "list them: edactl get users" : near);
}

Result<Self> Actions::who_am_i(const Actor& actor) {
  return pool_.transact([&](pg::Tx& tx) -> Result<Self> {
    Self self{actor.subject, std::nullopt, {}};
    if (auto token = store::find_token(tx, actor.token)) self.token = *token;
    if (actor.kind == SubjectKind::user) {
      EDA_ASSIGN(self.person, person_of(tx, actor.name));
    }
    return self;
  });
}

Result<Person> Actions::create_user(const Actor& actor, const Request& request, const NewUser& wish) {
  EDA_ASSIGN(auto roles, parse_roles(wish.roles));
  User user{wish.name, wish.display_name, wish.email, std::move(roles), false, clock_.now()};
  EDA_TRY(check_user(user));
  Act act(actor.subject, actor.request_id, request,
          {"create_user", wish.name, wish.display_name, wish.email, digest_of(wish.roles)});
  EDA_TRY(act.check());
  return pool_.transact([&](pg::Tx& tx) -> Result<Person> {
    EDA_ASSIGN(auto before, act.done_before(tx));
    if (before) return person_of(tx, *before);
    if (store::insert_user(tx, user) == store::Written::name_taken) {
      return fail(Code::conflict, "USER_EXISTS", fmt::format("there is a user \"{}\" already", user.name),
                  "change them with edactl user update, or take another name");
    }
    act.done(tx, user_event("user.created", user.name, {}, described(user)), user.name);
    return person_of(tx, user.name);
  });
}

Result<Person> Actions::get_user(const std::string& name) {
  return pool_.transact([&](pg::Tx& tx) { return person_of(tx, name); });
}

Result<Page<User>> Actions::list_users(const PageRequest& page) {
  return pool_.transact([&](pg::Tx& tx) -> Result<Page<User>> { return store::list_users(tx, page); });
}

Result<Person> Actions::update_user(const Actor& actor, const Request& request, const UserChange& change) {
  auto said = [](const std::optional<std::string>& text) { return text ? "=" + *text : std::string(); };
  Act act(actor.subject, actor.request_id, request,
          {"update_user", change.name, said(change.display_name), said(change.email),
           change.disabled ? (*change.disabled ? "disable" : "enable") : "", digest_of(change.add_roles),
           digest_of(change.remove_roles)});
  EDA_TRY(act.check());
  return pool_.transact([&](pg::Tx& tx) -> Result<Person> {
    EDA_ASSIGN(auto done, act.done_before(tx));
    if (done) return person_of(tx, *done);
    auto admins = store::lock_admins(tx);
    auto before = store::lock_user(tx, change.name);
    if (!before) return person_of(tx, change.name);  // says that there is none
    EDA_ASSIGN(User after, changed(*before, change));
    EDA_TRY(keeps_an_admin(admins, after));
    if (same(*before, after)) {
      act.nothing_done(tx, after.name);
    } else {
      store::update_user(tx, after);
      act.done(tx, user_event("user.changed", after.name, described(*before), described(after)), after.name);
    }
    return person_of(tx, after.name);
  });
}

}  // namespace eda::identity
