#include <fmt/format.h>

#include "identity/actions.h"
#include "identity/actions_act.h"
#include "identity/store.h"
#include "platform/text/unicode.h"

namespace eda::identity {
namespace {

events::Event token_event(const char* verb, const Token& token, const std::string& team, Value before, Value after) {
  events::Event event;
  event.verb = verb;
  event.object = Ref{"token", "", token.id};
  event.team = team;
  event.before = std::move(before);
  event.after = std::move(after);
  return event;
}

Result<> check_description(const std::string& description) {
  if (text::code_points(description) <= 200 && text::printable(description) == description) return {};
  return fail(Code::invalid, "DESCRIPTION_INVALID", "a token's description is one line of at most 200 characters",
              "shorten it");
}

bool administers(const Actor& actor) {
  return actor.is_admin() && actor.may(Scope::administer);
}

Error of_others(const Subject& subject, const std::string& who, const std::string& contact) {
  Error error(
      Code::denied, "SUBJECT_OF_OTHERS",
      fmt::format("tokens of {} are the business of {} and of admins", subject.text(), who),
      contact.empty() ? fmt::format("ask {} or an admin", who) : fmt::format("ask {} ({}) or an admin", who, contact));
  error.facts["owner"] = who;
  if (!contact.empty()) error.facts["contact"] = contact;
  return error;
}

}  // namespace

std::string Actions::team_of(pg::Tx& tx, const Subject& subject) {
  if (subject.kind == SubjectKind::ci) return subject.team;
  return subject.kind == SubjectKind::service ? teams_.owner_of_service(tx, subject.name) : std::string();
}

/// Whether the actor may make, list and revoke the tokens of a subject.
Result<> Actions::check_authority(pg::Tx& tx, const Actor& actor, const Subject& subject) {
  if (administers(actor) || (actor.kind == SubjectKind::user && subject.text() == actor.subject)) return {};
  if (subject.kind == SubjectKind::user) return fail(of_others(subject, subject.text(), {}));
  std::string team = team_of(tx, subject);
  if (team.empty()) {
    return fail(Code::denied, "SUBJECT_OF_OTHERS",
                fmt::format("no team owns {}, so its tokens are the business of admins", subject.text()),
                "ask an admin");
  }
  if (teams_.leads(tx, actor, team)) return {};
  return fail(of_others(subject, "the leads of team/" + team, teams_.contact(tx, team)));
}

/// What tokens of a subject may have; fails for a subject that cannot have any.
Result<std::set<Scope>> Actions::scopes_open(pg::Tx& tx, const Subject& subject) {
  if (subject.kind == SubjectKind::ci && !teams_.exists(tx, subject.team)) {
    return fail(Code::not_found, "TEAM_UNKNOWN", fmt::format("there is no team \"{}\"", subject.team),
                "list them: edactl get teams");
  }
  if (subject.kind != SubjectKind::user) return scopes_open_to(subject.kind, {});
  EDA_ASSIGN(Person person, person_of(tx, subject.name));
  if (person.user.disabled) {
    return fail(Code::refused, "USER_DISABLED", fmt::format("the user {} is disabled", subject.name),
                "an admin enables them first: edactl user enable NAME");
  }
  return scopes_open_to(subject.kind, person.user.roles);
}

Result<NewToken> Actions::create_token(const Actor& actor, const Request& request, const TokenWish& wish) {
  EDA_ASSIGN(Subject subject, parse_subject(wish.subject.empty() ? actor.subject : wish.subject));
  EDA_ASSIGN(auto wished, parse_scopes(wish.scopes));
  EDA_ASSIGN(Duration lifetime, token_lifetime(wish.lifetime_seconds));
  EDA_TRY(check_description(wish.description));
  Act act(
      actor.subject, actor.request_id, request,
      {"create_token", wish.subject, digest_of(wish.scopes), std::to_string(wish.lifetime_seconds), wish.description});
  EDA_TRY(act.check());
  Instant now = clock_.now();
  NewToken made{{draw_token_id(), subject.text(), {}, wish.description, now, now + lifetime, {}, {}}, draw_token()};
  return pool_.transact([&](pg::Tx& tx) -> Result<NewToken> {
    EDA_ASSIGN(auto done, act.done_before(tx));
    if (done) {
      Error error(Code::conflict, "TOKEN_MADE",
                  fmt::format("this request made the token {} already, and a token's text is shown once", *done),
                  "revoke it and create anew: edactl token revoke " + *done);
      error.facts["token"] = *done;
      return fail(std::move(error));
    }
    EDA_TRY(check_authority(tx, actor, subject));
    EDA_ASSIGN(auto open, scopes_open(tx, subject));
    EDA_ASSIGN(made.token.scopes, scopes_granted(wished, open, actor.scopes));
    if (store::count_tokens(tx, made.token.subject, now) >= tokens_per_subject) {
      return fail(Code::exhausted, "TOKEN_LIMIT",
                  fmt::format("{} has {} tokens already", made.token.subject, tokens_per_subject),
                  "revoke what is not used: edactl token list, edactl token revoke ID");
    }
    store::insert_token(tx, made.token, digest(made.secret.reveal()));
    act.done(tx, token_event("token.created", made.token, team_of(tx, subject), {}, described(made.token)),
             made.token.id);
    return made;
  });
}

Result<Page<Token>> Actions::list_tokens(const Actor& actor, const TokenQuery& query, const PageRequest& page) {
  store::TokenFilter filter;
  filter.now = clock_.now();
  if (query.ended == TokenQuery::Ended::included) filter.ended = store::TokenFilter::Ended::included;
  bool sees_all = actor.has(Role::auditor);
  return pool_.transact([&](pg::Tx& tx) -> Result<Page<Token>> {
    filter.subjects.clear();
    filter.ci_teams.clear();
    if (query.subject.empty() || query.subject == actor.subject) {
      filter.subjects.push_back(actor.subject);
    } else if (query.subject != "*") {
      EDA_ASSIGN(Subject subject, parse_subject(query.subject));
      if (!sees_all) EDA_TRY(check_authority(tx, actor, subject));
      filter.subjects.push_back(subject.text());
    } else if (sees_all) {
      filter.reach = store::TokenFilter::Reach::all;
    } else {
      filter.subjects.push_back(actor.subject);
      for (const Membership& membership :
           actor.kind == SubjectKind::user ? teams_.of(tx, actor.name) : std::vector<Membership>{}) {
        if (teams_.leads(tx, actor, membership.team)) filter.ci_teams.push_back(membership.team);
      }
    }
    return store::list_tokens(tx, filter, page);
  });
}

Result<Token> Actions::revoke_token(const Actor& actor, const Request& request, const std::string& id) {
  const std::string& wanted = id.empty() ? actor.token : id;
  // Logging out is everybody's right; everything else changes what others rely on.
  if (wanted != actor.token) EDA_TRY(allow(actor, Permission::write));
  Act act(actor.subject, actor.request_id, request, {"revoke_token", wanted});
  EDA_TRY(act.check());
  return pool_.transact([&](pg::Tx& tx) -> Result<Token> {
    EDA_ASSIGN(auto done, act.done_before(tx));
    auto token = store::lock_token(tx, wanted);
    if (!token) {
      return fail(Code::not_found, "TOKEN_UNKNOWN",
                  fmt::format("there is no token \"{}\"", text::printable(text::cut(wanted, 60))),
                  "list them: edactl token list");
    }
    if (done) return *token;
    EDA_ASSIGN(Subject subject, parse_subject(token->subject));
    if (token->subject != actor.subject) EDA_TRY(check_authority(tx, actor, subject));
    Instant now = clock_.now();
    if (token->revoked_at || token->expires_at <= now) {
      act.nothing_done(tx, token->id);
      return *token;
    }
    store::revoke_token(tx, token->id, now);
    token->revoked_at = now;
    act.done(tx, token_event("token.revoked", *token, team_of(tx, subject), described(*token), {}), token->id);
    return *token;
  });
}

Result<NewToken> Actions::bootstrap_admin(IfThereIsOne then) {
  Request request{{}, "bootstrap"};
  Act act("edad", {}, request, {});
  Instant now = clock_.now();
  NewToken made{{draw_token_id(),
                 {},
                 scopes_open_to(SubjectKind::user, {Role::admin}),
                 "bootstrap",
                 now,
                 now + default_token_lifetime,
                 {},
                 {}},
                draw_token()};
  return pool_.transact([&](pg::Tx& tx) -> Result<NewToken> {
    store::lock_users(tx);
    auto admins = store::lock_admins(tx);
    if (!admins.empty() && then == IfThereIsOne::refuse) {
      return fail(Code::conflict, "ADMIN_EXISTS", fmt::format("there is an admin already: {}", admins.front()),
                  "ask them for a user and a token");
    }
    std::string name = admins.empty() ? "admin" : admins.front();
    if (admins.empty()) {
      auto before = store::lock_user(tx, name);
      User admin = before.value_or(User{name, "", "", {}, false, now});
      admin.roles.insert(Role::admin);
      admin.disabled = false;
      events::Event event;
      event.verb = before ? "user.changed" : "user.created";
      event.object = Ref{"user", "", name};
      if (before) event.before = described(*before);
      event.after = described(admin);
      if (before) {
        store::update_user(tx, admin);
      } else {
        store::insert_user(tx, admin);
      }
      act.done(tx, std::move(event), name);
    }
    made.token.subject = "user/" + name;
    store::insert_token(tx, made.token, digest(made.secret.reveal()));
    act.done(tx, token_event("token.created", made.token, {}, {}, described(made.token)), made.token.id);
    return made;
  });
}

}  // namespace eda::identity
