#pragma once
// What a kind and the owners' book add to the plan engine on the server's side. The engine knows them only through
// these.

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "identity/identity.h"
#include "plans/plan.h"
#include "platform/pg/tx.h"

namespace eda::plans {

/// One object that an apply has written, in the applying transaction.
struct Written {
  const Draft* draft = nullptr;
  std::int64_t id = 0;  ///< the object's surrogate key; for a removal, the one that went
  std::string_view actor = {};
  std::string_view reason = {};
  std::string_view plan_id = {};
};

/// The server's side of a kind. Each call is given all drafts of its kind at once.
class KindRows {
 public:
  virtual ~KindRows() = default;
  virtual const KindRules& rules() const = 0;

  /// Looks at the world, outside any transaction, at plan and again at apply: fingerprint, adoption, what Kafka
  /// forbids. A world that is away is a note on the drafts, not an error. `Look::again` at apply: the fingerprint is
  /// enough.
  enum class Look { first, again };
  virtual Result<> observe(const std::vector<Draft*>& drafts, Look look, Deadline deadline);
  /// In the planning transaction: what needs rows. Violations and refusals go into the drafts.
  virtual Result<> plan(pg::Tx& tx, const std::vector<Draft*>& drafts);
  /// In the planning transaction, and again in the applying one of whoever applies: what the kind itself asks of the
  /// actor. Refusals (denied) go into the drafts.
  virtual Result<> may(pg::Tx& /*tx*/, const identity::Actor& /*actor*/, const std::vector<Draft*>& /*drafts*/) {
    return {};
  }
  /// In the applying transaction, after the objects were written: tables of the kind's own.
  virtual Result<> write(pg::Tx& tx, const std::vector<Written>& written);
};

/// What holds between objects of several kinds once a plan is applied. Whatever knows such a rule registers one.
class Rule {
 public:
  virtual ~Rule() = default;
  /// In the planning transaction and again in the applying one, all that the plan writes at once, with owners known.
  /// Refusals and notes go into the drafts; a refusal that is there already stays.
  virtual void judge(pg::Tx& tx, const std::vector<Draft*>& drafts) = 0;
};

/// Who else a change touches. Whatever knows readers, consumers or watchers of objects registers one.
class Audience {
 public:
  virtual ~Audience() = default;
  /// Adds to `affected`.
  virtual Result<> affected(pg::Tx& tx, const std::vector<Draft*>& drafts) = 0;
};

/// Whose contents a caller may read, confidential fields included.
struct Sight {
  enum class Reach { own, all } reach = Reach::own;
  std::set<std::string> teams;
  bool covers(const std::string& team) const { return reach == Reach::all || teams.contains(team); }
};

/// Who may change what, and whose it is; the catalog's book.
class Authority {
 public:
  virtual ~Authority() = default;
  /// Fills `owner`; refuses what the actor may not do (denied, naming owner and contact).
  virtual Result<> judge(pg::Tx& tx, const identity::Actor& actor, const std::vector<Draft*>& drafts) = 0;
  /// The team whose set it is: the one that is wished, if the caller acts for it (denied SET_OF_OTHERS otherwise);
  /// where none is, the only one that the caller is in, or none.
  virtual Result<std::string> set_team(pg::Tx& tx, const identity::Actor& actor, const std::string& wished) = 0;
  virtual Sight sight(pg::Tx& tx, const identity::Actor& actor) = 0;
  /// What the teams that had these names are called now, by the name that they had; other names are left out.
  virtual std::map<std::string, std::string> names_now(pg::Tx& /*tx*/, const std::vector<std::string>& /*teams*/) {
    return {};
  }
  /// The teams that own the objects, in their order; empty: none does.
  virtual std::vector<std::string> owners(pg::Tx& tx, const std::vector<const Object*>& objects) = 0;
  /// Owner rows of what was written.
  virtual Result<> write(pg::Tx& tx, const std::vector<Written>& written) = 0;
};

}  // namespace eda::plans
