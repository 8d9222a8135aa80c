#include "cli/field_words.h"

#include <fmt/format.h>

namespace eda::cli {

using plans::Field;
using plans::FieldType;

std::string_view type_word(FieldType type) {
  switch (type) {
    case FieldType::text:
      return "text";
    case FieldType::name:
      return "name";
    case FieldType::integer:
      return "integer";
    case FieldType::boolean:
      return "true or false";
    case FieldType::duration:
      return "duration";
    case FieldType::size:
      return "size";
    case FieldType::choice:
      return "choice";
    case FieldType::text_list:
      return "list of texts";
    case FieldType::text_map:
      return "map of texts";
    case FieldType::choice_map:
      return "map of choices";
    case FieldType::record_list:
      return "list of records";
  }
  return "";
}

std::string_view type_note(FieldType type) {
  if (type == FieldType::duration) return "units w d h m s ms, as in 7d or 1h30m; unlimited";
  if (type == FieldType::size) return "units B KB MB GB TB KiB MiB GiB TiB, as in 500MiB; unlimited";
  if (plans::is_map(type)) return "each key is a field of its own";
  return {};
}

std::string takes(const Field& field) {
  std::string out(type_word(field.type));
  if (!field.choices.empty()) out += fmt::format(": {}", fmt::join(field.choices, ", "));
  auto edge = [&](std::int64_t value) { return plans::value_text(field, Value(value)); };
  // A duration or size from -1 on, which is unlimited, has no least.
  bool unlimited = field.least == -1 && field.type != FieldType::integer;
  if (field.least && !unlimited) out += " from " + edge(*field.least);
  if (field.most) out += " to " + edge(*field.most);
  if (!field.refers.empty()) out += fmt::format(" of a {}", field.refers);
  return out;
}

}  // namespace eda::cli
