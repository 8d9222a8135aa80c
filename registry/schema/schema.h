#pragma once
// What the registry and the schema check ask of a format: parse a text, give its canonical form, say how two differ.
// Avro, JSON Schema and Protobuf each stand behind this in a folder of their own; nothing here does I/O.
//
// A verdict is a list of differences. Each is a value with its kind, its place in both texts, a sentence and a way to
// mend it; the text that clients of a Confluent server know is rendered from it (`message`).

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "platform/core/error.h"

namespace eda::registry {

/// Their names on the wire are AVRO, JSON and PROTOBUF; a body without one means AVRO.
enum class SchemaType { avro, json, protobuf };
std::string_view type_name(SchemaType type);

/// Bounds on one schema. A text beyond them is refused (invalid, SCHEMA_TOO_LARGE for its bytes, else SCHEMA_INVALID).
struct SchemaLimits {
  std::size_t text_bytes = 1u << 20;    ///< one text; references count for themselves
  std::size_t nesting = 500;            ///< depth of values, types or messages within each other
  std::size_t union_branches = 1'000;   ///< of one union, anyOf, oneOf, allOf or oneof
  std::size_t references = 10'000;      ///< texts that stand behind one schema, all depths together
  std::size_t comparisons = 1'000'000;  ///< steps of one differences(), beyond: exhausted, SCHEMA_TOO_COMPLEX
};

/// A schema that another one names, found already.
struct ReferencedText {
  std::string name;  ///< as the other one writes it: a full name (Avro), a $ref (JSON Schema), an import (Protobuf)
  std::string text;
};

/// A schema as somebody wrote it. `references` are all of them at any depth, each after those that it needs itself; the
/// first of one name counts.
struct SchemaText {
  std::string text;
  std::vector<ReferencedText> references;
};

/// A field of a schema, for search and for rules about tags.
struct SchemaField {
  std::string path;  ///< names from the top joined by dots: `Order.customer.email`
  std::string type;  ///< in the format's own words: `["null","string"]`, `integer`, `repeated acme.Item`
  std::string doc;   ///< doc (Avro), title or description (JSON Schema), the comment above it (Protobuf); may be empty
  std::vector<std::string> tags;  ///< `confluent:tags` (Avro, JSON Schema), `(confluent.field_meta).tags` (Protobuf)
  Position at;
};

/// A text that was understood. Immutable, and safe to read from many threads.
class Schema {
 public:
  virtual ~Schema() = default;
  virtual SchemaType type() const = 0;
  /// What the registry keeps and compares for identity: parse(canonical()) has the same canonical form.
  virtual std::string canonical() const = 0;
  /// As `normalize=true` wants it: independent of the order and spelling that carry no meaning.
  virtual std::string normalized() const = 0;
  /// For the query parameter `format`; a format that this type does not know gives canonical().
  virtual std::string formatted(std::string_view format) const = 0;
  virtual std::vector<SchemaField> fields() const = 0;
};
using SchemaPtr = std::shared_ptr<const Schema>;

/// Which way data flows: backward = the new schema reads what was written with the old, forward = the old reads the
/// new.
enum class Direction { backward, forward };
/// Confluent's `compatibilityPolicy`; lenient makes more of JSON Schema's differences compatible, nothing elsewhere.
enum class Policy { strict, lenient };

struct Difference {
  std::string kind;         ///< upper snake, the field's own: READER_FIELD_MISSING_DEFAULT_VALUE, TYPE_NARROWED, …
  bool compatible = false;  ///< in the direction and under the policy that were asked for
  std::string path;         ///< Avro `/fields/1/type`, JSON Schema `#/properties/x`, Protobuf `#/Message/1`
  Position new_at;          ///< in the new text; `file` is the reference's name when it lies in one, else empty
  Position old_at;          ///< in the old text; not known where the old one has nothing to show
  std::string sentence;     ///< for people, names both sides, no full stop
  std::string remedy;       ///< what to do instead; empty when compatible
  std::string message;      ///< as a Confluent server words it; empty when compatible
};

/// One format. The objects live as long as the program (`avro::format()` and its like).
class Format {
 public:
  virtual ~Format() = default;
  virtual SchemaType type() const = 0;
  /// Errors: invalid with reason SCHEMA_INVALID (unresolved references too) or SCHEMA_TOO_LARGE; every fault that can
  /// be told at once is a violation with line and column in its text (`at.file` names the reference, empty = the text).
  virtual Result<SchemaPtr> parse(const SchemaText& text, const SchemaLimits& limits) const = 0;
  /// Both must come from this format. Compatible changes are listed too, so that a diff can be told in words.
  /// Order: by position in the new text. Errors: exhausted SCHEMA_TOO_COMPLEX.
  virtual Result<std::vector<Difference>> differences(const Schema& next, const Schema& previous, Direction direction,
                                                      Policy policy, const SchemaLimits& limits) const = 0;
};

/// The one error of a text that is no schema; the first violation stands in its message, with line and column.
Error schema_invalid(SchemaType type, std::vector<Violation> violations);
Error schema_too_large(std::size_t bytes, std::size_t limit);
Error schema_too_complex(std::size_t comparisons);

}  // namespace eda::registry
