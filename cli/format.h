#pragma once
// Shapes of what goes to stdout, and which of them a command has.

#include <string>
#include <string_view>
#include <vector>

#include "cli/rows.h"
#include "platform/core/error.h"

namespace eda::cli {

enum class Format { table, wide, json, yaml, name, tsv, markdown, schema, svg, png, dot, mermaid, text };

/// Errors: invalid USAGE with the nearest format.
Result<Format> parse_format(const std::string& text);
std::string_view format_word(Format format);

/// -o together with the flags that shape rows; a Format wherever one is wanted.
struct Output {
  Format format = Format::table;
  Rows rows = {};

  Output() = default;
  Output(Format how) : format(how) {}         // NOLINT: a format is an output without wishes about rows
  operator Format() const { return format; }  // NOLINT
};

/// What a command writes to stdout. Every one takes table and wide, which are what people read.
enum class Shows {
  words,      ///< nothing: it speaks on stderr
  text,       ///< one text that has no other shape
  manifests,  ///< YAML
  names,      ///< names
  document,   ///< one message: JSON, YAML, its name
  list,       ///< the same of many, and tab-separated
  plans,      ///< and Markdown
  picture,    ///< a graph: drawn, as text or as data; -o FORMAT=FILE, repeatable
};

/// Without wide where it says no more than table.
std::vector<Format> formats_of(Shows shows);
/// "table, json, yaml or name"; empty where there is nothing to choose.
std::string formats_text(Shows shows);
/// schema is not among them: a command has it where cli/output_shapes knows what it writes.
/// Errors: invalid USAGE where `command` does not write in this format.
Result<> check_format(Format format, Shows shows, std::string_view command);

}  // namespace eda::cli
