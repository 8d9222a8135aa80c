#include "cli/format.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/errors.h"
#include "platform/text/distance.h"

namespace eda::cli {

namespace {

constexpr std::array<std::string_view, 13> words{"table",  "wide", "json", "yaml", "name",    "tsv", "markdown",
                                                 "schema", "svg",  "png",  "dot",  "mermaid", "text"};

}  // namespace

Result<Format> parse_format(const std::string& text) {
  auto found = std::find(words.begin(), words.end(), text);
  if (found != words.end()) return static_cast<Format>(found - words.begin());
  auto hint = text::did_you_mean(text, {words.begin(), words.end()});
  return fail(usage_error(fmt::format("there is no output format \"{}\"", text),
                          hint.empty() ? fmt::format("-o {}", fmt::join(words, ", -o ")) : hint));
}

std::string_view format_word(Format format) {
  return words.at(static_cast<std::size_t>(format));
}

std::vector<Format> formats_of(Shows shows) {
  switch (shows) {
    case Shows::words:
    case Shows::text:
      return {Format::table};
    case Shows::manifests:
      return {Format::yaml};
    case Shows::names:
      return {Format::table, Format::name};
    case Shows::document:
      return {Format::table, Format::json, Format::yaml, Format::name};
    case Shows::list:
      return {Format::table, Format::wide, Format::json, Format::yaml, Format::name, Format::tsv};
    case Shows::picture:
      return {Format::text, Format::svg, Format::png, Format::dot, Format::mermaid, Format::json, Format::yaml};
    case Shows::plans:
      break;
  }
  return {Format::table, Format::wide, Format::json, Format::yaml, Format::name, Format::tsv, Format::markdown};
}

std::string formats_text(Shows shows) {
  auto formats = formats_of(shows);
  std::string out;
  for (auto format : formats) {
    if (!out.empty()) out += format == formats.back() ? " or " : ", ";
    out += format_word(format);
  }
  return formats == std::vector{Format::table} ? std::string() : out;
}

Result<> check_format(Format format, Shows shows, std::string_view command) {
  auto formats = formats_of(shows);
  bool read_by_people = format == Format::table || format == Format::wide;
  if (read_by_people || std::find(formats.begin(), formats.end(), format) != formats.end()) return {};
  auto word = format_word(format);
  if (shows == Shows::words) {
    return fail(usage_error(fmt::format("{} writes no data that -o {} could shape", command, word),
                            fmt::format("leave out -o {}", word)));
  }
  auto choice = formats_text(shows);
  auto whose = format == Format::markdown ? "; plans have" : "";
  return fail(usage_error(fmt::format("{} has no output format \"{}\"{}", command, word, whose),
                          choice.empty() ? fmt::format("leave out -o {}", word) : "-o " + choice));
}

}  // namespace eda::cli
