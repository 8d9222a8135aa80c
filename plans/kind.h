#pragma once
// What the plan engine knows of a kind. A kind is KindRules (pure: its fields and how they are judged; the command uses
// them offline) and KindRows (the server's side). Controlplane lists both, the command only the first.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "platform/core/error.h"
#include "platform/core/name.h"
#include "platform/core/value.h"

namespace eda::plans {

enum class FieldType {
  text,     ///< a string
  name,     ///< a string that is a Unicode name (platform/text/unicode name_fault)
  integer,  ///< int64
  boolean,
  duration,     ///< written 7d, held in ms
  size,         ///< written 500MiB, held in bytes
  choice,       ///< one of `choices`
  text_list,    ///< a list of strings, one value as a whole
  text_map,     ///< each key is a field of its own: spec.config["min.insync.replicas"]
  choice_map,   ///< each key a field of its own, each value one of `choices`: spec.members["ada"]
  record_list,  ///< a list of records of `members`, one value as a whole: spec.consumes[0].stream
};

/// One row of a kind's table. Parser, errors, explain, new and JSON Schema are all read from it.
struct Field {
  std::string_view path = {};  ///< "spec.partitions"; of a map, its path without the key
  FieldType type = FieldType::text;
  std::string_view fallback = {};  ///< the default as people write it; empty: none
  std::string_view doc = {};       ///< one or two sentences
  std::string_view example = {};   ///< as it stands in a manifest
  std::vector<std::string_view> choices = {};
  std::optional<std::int64_t> least = {};  ///< smallest integer, duration (ms) or size (bytes)
  std::optional<std::int64_t> most = {};
  std::string_view refers = {};         ///< lower-case kind that the text names: "team", "cluster"; empty: none
  bool required = false;                ///< on the merged wish, not on each manifest
  bool immutable = false;               ///< a change is refused at plan
  bool confidential = false;            ///< shown to the owning team, auditors, operators and admins only
  bool gives_owner = false;             ///< who owns what it refers to owns the object: a stream is its producer's
  bool flow = false;                    ///< refers along the flow of data, which may run in a circle
  std::span<const Field> members = {};  ///< of a record list, their paths without a prefix: "stream"
  std::string_view since = "0.1";

  /// A record list's member by name; nullptr when there is none.
  const Field* member(std::string_view name) const;
};

enum class Scope { global, cluster };

/// Who manages a field is the apply-set's name; absent from the map = unmanaged.
struct WishField {
  std::optional<Value> value;  ///< nothing: reset to the default
  std::string manager;
  friend bool operator==(const WishField&, const WishField&) = default;
};
/// Field path to what is wished: `spec.partitions`, `spec.config["retention.ms"]`, `metadata.domain`.
using Wish = std::map<std::string, WishField>;

/// Three states of a field as a manifest says it: a value, or reset (`null`); unmanaged is absence.
struct Said {
  std::optional<Value> value;
  Position at;                                 ///< of the value
  std::map<std::string, Position> parts = {};  ///< inside a record list: "[0].stream"
};

/// One manifest document after parsing: typed fields with their positions.
struct Document {
  std::string kind;     ///< "Stream"
  std::string cluster;  ///< metadata.cluster; empty: the caller's
  std::string name;
  std::map<std::string, Said> fields;   ///< everything but kind, name and cluster
  Position at;                          ///< of the document's first line
  std::vector<std::string> notes = {};  ///< what is to be told of it, beside its faults
};

/// Where the document says the field, or a part of it; nullopt: nowhere.
std::optional<Position> said_at(const Document& document, std::string_view path);

enum class Risk { low, moderate, high, critical };
std::string_view risk_name(Risk risk);  ///< "LOW" …

enum class Action { create, change, adopt, remove, unchanged };
std::string_view action_name(Action action);  ///< "create", "change", "adopt", "delete", "unchanged"

/// One field that a plan would change. Absent = unmanaged or default.
struct FieldChange {
  std::string path;
  std::optional<Value> from;
  std::optional<Value> to;
};

/// Whether an older value of a field can come back, and what does not come back with it.
struct WayBack {
  bool possible = true;   ///< false: the field stays as it is
  std::string note = {};  ///< a sentence, or nothing
};

/// A reference that a field makes: where it stands, and to what.
struct Reference {
  std::string field;  ///< "spec.producer", "spec.consumes[0].stream"
  Ref to;             ///< without a cluster where any cluster's will do
  bool flow = false;  ///< along the flow of data, which may run in a circle
};

/// The pure side of a kind.
struct KindRules {
  std::string_view kind = {};    ///< "Stream"
  std::string_view plural = {};  ///< "streams"
  Scope scope = Scope::global;
  int rank = 0;  ///< objects of lower rank are written first, deleted last
  std::string_view doc = {};
  bool deletion_protection = false;    ///< default of metadata.deletionProtection
  bool owned = false;                  ///< belongs to a team, named by metadata.team
  bool live = false;                   ///< has a side outside the database, which a worker makes true
  std::span<const Field> fields = {};  ///< the kind's own `spec.*`; metadata's are metadata_fields()

  /// Why this is no name of the kind, or nullopt.
  std::optional<std::string> (*name_fault)(std::string_view name) = nullptr;
  /// What the table alone cannot say (one field against another) on a merged wish; violations without positions, the
  /// caller adds them from the document.
  std::vector<Violation> (*judge)(const std::string& name, const Wish& wish) = nullptr;
  /// Risk of one field's change; creation is LOW and deletion CRITICAL without asking.
  Risk (*risk)(const FieldChange& change) = nullptr;
  /// For a rollback: the change back (from what is, to what was). Without it everything comes back.
  WayBack (*way_back)(const FieldChange& change) = nullptr;
  /// Raised whenever the rules judge differently than before; part of a plan's hash, so that an old plan is stale.
  int version = 1;

  /// "stream": the word of references.
  std::string singular() const;
  /// The table row for a path, map keys stripped; nullptr when unknown.
  const Field* field(std::string_view path) const;
};

/// What the kind's judge says of a document by itself, without the objects that are stored: of the fields that it says,
/// when it says all that the kind requires.
std::vector<Violation> judge_document(const KindRules& rules, const Document& document);

/// team, domain, labels, annotations, deletionProtection: the same for every kind.
std::span<const Field> metadata_fields();

/// `spec.config["a.b"]` to its map path and key; the key is empty for a plain path.
struct FieldPath {
  std::string_view field;
  std::string key;
};
FieldPath split_path(std::string_view path);
std::string keyed_path(std::string_view field, std::string_view key);

/// A value as people write it ("7d", "500MiB", "12", "a, b"), by the type of its field.
std::string value_text(const Field& field, const Value& value);

/// "spec.consumes[0].stream": where a member of a record stands. And the path of the list in front of it; any other
/// path is its own.
std::string record_path(std::string_view field, std::size_t index, std::string_view member = {});
std::string_view list_path(std::string_view path);

/// Whether each key of the field is a field of its own.
bool is_map(FieldType type);
/// `"delete", "compact" and "compact,delete"`.
std::string choices_text(const Field& field);
/// What a field takes: `a whole number is wanted`.
std::string wanted_text(const Field& field);

/// Why the key in `path` is no key of this map field, if it is none; a reset needs a legal key too.
std::optional<Violation> check_key(const Field& field, std::string_view path);

/// Checks one said value against its table row: type, range, choices, size limits. Returns what is wrong, if anything.
std::optional<Violation> check_value(const Field& field, std::string_view path, const Value& value);

/// Whether objects of the kind ("stream") live on a cluster and are named together with it.
bool lives_on_cluster(std::string_view kind);

/// What the fields refer to.
std::vector<Reference> references(const KindRules& rules, const Wish& wish, const std::string& cluster);

/// The kinds a program knows, in the order of their rank.
class Kinds {
 public:
  explicit Kinds(std::vector<const KindRules*> kinds);
  /// By kind ("Stream"), plural or singular, any case; nullptr when unknown.
  const KindRules* find(std::string_view word) const;
  const std::vector<const KindRules*>& all() const { return kinds_; }
  /// Words for did-you-mean.
  std::vector<std::string> words() const;

 private:
  std::vector<const KindRules*> kinds_;
};

}  // namespace eda::plans
