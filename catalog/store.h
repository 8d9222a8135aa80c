#pragma once
// Rows of teams, members and owners, and the reading of objects together with their owners.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "catalog/selection.h"
#include "catalog/services.h"
#include "platform/core/page.h"
#include "platform/pg/tx.h"

namespace eda::catalog::store {

// --- teams
struct TeamRow {
  std::int64_t object_id = 0;
  std::string contact;
  std::map<std::string, std::string> roles_by_user;
};
/// Each with exactly these members.
void write_teams(pg::Tx& tx, const std::vector<TeamRow>& teams);
/// Teams of a user with the role in each.
std::map<std::string, TeamRole> roles_of(pg::Tx& tx, const std::string& user);
/// Those of the names that are teams, with their contacts.
std::map<std::string, Owner> teams(pg::Tx& tx, const std::vector<std::string>& names);
/// A team with its contact; of one that is gone, its name.
Owner team(pg::Tx& tx, const std::string& name);
/// References of what a team owns, at most `limit`, and how many in all. Waits for whoever is just giving it something.
struct Owned {
  std::vector<std::string> some;
  std::int64_t total = 0;
};
Owned owned_by(pg::Tx& tx, std::int64_t team_object_id, int limit);
/// Those that have a tag, likewise.
Owned tagged(pg::Tx& tx, const std::string& tag, int limit);
/// Which of the names are no users.
std::vector<std::string> unknown_users(pg::Tx& tx, const std::vector<std::string>& names);

// --- owners
std::map<std::int64_t, Owner> owners_of(pg::Tx& tx, const std::vector<std::int64_t>& object_ids);
/// Who owns an object from now on: a service, which is a team's, or a team.
struct OwnerRow {
  std::int64_t object_id = 0;
  std::string team;  ///< unless a service is said
  std::string service;
};
void write_owners(pg::Tx& tx, const std::vector<OwnerRow>& rows);

/// Who owned an object for a while. Its team is that of its service, where one owned it.
struct OwnerSpan {
  Ref object;
  std::string team;
  std::string service;
  Instant since{};
  std::optional<Instant> until;  ///< nothing: still
};
struct SpanFilter {
  Instant at{};
  std::string kind;  ///< lower-case singular; empty: all
  std::string cluster;
  std::string team;
};
/// Who owned what at that moment, by name.
Page<OwnerSpan> owners_at(pg::Tx& tx, const SpanFilter& filter, const PageRequest& page);

// --- reading
struct Entry {
  plans::Object object;
  Owner owner;
  std::vector<ReadEdge> edges = {};  ///< of one service or stream that is looked at; lists leave them out
};
struct Filter {
  std::string kind;  ///< lower-case singular; empty: all
  std::string cluster;
  Selection selection;
};
Page<Entry> list(pg::Tx& tx, const Filter& filter, const PageRequest& page);

/// A domain exists when an object names it.
struct Domain {
  std::string name;
  std::vector<std::string> teams;  ///< whose objects are in it
  std::uint32_t services = 0, streams = 0, objects = 0;
};
Page<Domain> domains(pg::Tx& tx, const PageRequest& page);
std::optional<Entry> find(pg::Tx& tx, const Ref& ref);

}  // namespace eda::catalog::store
