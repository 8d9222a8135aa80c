#include "plans/manifest_wording.h"

namespace eda::plans {
namespace {

constexpr Wording wordings[] = {
    {"without a closing b", "a bracket is opened before and never closed", "close it with ] or }"},
    {"without closing quote", "the quote that is opened here is never closed",
     "close it, or double it inside the text"},
    {"wrongly indented double-quoted", "the text in quotes that begins here goes on in a line that is not indented",
     "close the quote; the closing one is probably missing"},
    {"wrongly indented single-quoted", "the text in quotes that begins here goes on in a line that is not indented",
     "close the quote; the closing one is probably missing"},
    {"nested block mapping on the same line", "a second \": \" stands on this line",
     "put the value in quotes if the colon belongs to it"},
    {"extra closing", "this bracket closes nothing", "delete it, or open it before"},
    {"mismatched flow", "this bracket closes one of the other kind", "close [ with ] and { with }"},
    {"cannot start with", "a value without quotes cannot begin with this character", "put the value in quotes"},
    {"multiline plain key", "the value that begins here runs on into a line that looks like a field",
     "indent the fields of one object alike"},
    {"used as key", "a field's name cannot span lines", "write the name on one line, followed by \": \""},
    {"missing document start", "something follows after the end of the document",
     "put a line with --- between two documents"},
    {"document-", "a line with --- or ... stands inside a text or a bracket",
     "close the quote or the bracket before it"},
    {"document", "a document marker stands where none can", "--- and ... each stand on a line of their own"},
    {"directive", "a line that begins with % is no field", "delete it; manifests need no directives"},
    {"invalid escape", "this text in double quotes has an unknown escape",
     "write \\\\ for a backslash, or use single quotes"},
    {"escape", "this text in double quotes has an escape that is no character",
     "write \\\\ for a backslash, or use single quotes"},
    {"anchor", "an anchor (&name) stands where none can", "put it directly before the value that it names"},
    {"alias", "an alias (*name) stands where none can", "write the value out"},
    {"tag", "tags (!name) are not supported", "delete the tag; quotes make a value text"},
    {"block scalar", "this text block (| or >) is not indented evenly",
     "indent its lines deeper than the field's name"},
    {"comment", "a comment needs a blank before its #", "put a blank before it"},
    {"trailing content", "something follows after the closing quote",
     "quote the whole value, or escape the quote inside"},
    {"comma", "a comma is missing or one too many", "separate items by one comma each"},
    {"expected ':'", "a field's name without \": \" and a value stands here", "write name: value"},
    {"value after mapping", "this is no field", "write name: value"},
    {"did not find expected key", "a field is expected here", "write name: value, indented like its neighbours"},
    {"end of block sequence", "a list ends here and something else follows at the same depth",
     "indent the list's items alike, each beginning with \"- \""},
    {"expected '-'", "an item of the list does not begin with \"- \"", "begin each item with \"- \""},
    {"block sequence", "a list item (- ) stands where none can", "begin the list on a line of its own"},
    {"complex key", "a field's name must be text", "write name: value"},
    {"node content", "a value is missing here, or a comma is too many", "write the value, or {} or [] or null"},
    {"ndent", "the indentation fits neither the line above nor any before it",
     "indent the fields of one object alike, with spaces"},
    {"depth limit", "this is nested too deep", "nest less"},
};

}  // namespace

Wording wording_of(std::string_view complaint) {
  for (const Wording& wording : wordings) {
    if (complaint.find(wording.part) != std::string_view::npos) return wording;
  }
  return {"", "this is not valid YAML", "check the quotes, brackets and indentation around it"};
}

}  // namespace eda::plans
