#include "cli/markdown.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/when.h"
#include "platform/rpc/convert.h"
#include "platform/text/unicode.h"

namespace eda::cli {

namespace v1 = eda::plans::v1;

namespace {

constexpr std::size_t most_bytes = 60'000;
constexpr std::size_t folded_above = 20;  // rows of one table
constexpr std::size_t widest_value = 200;

std::string cut_value(const std::string& text) {
  return text::cut(text, widest_value);
}

std::string fields_cell(const v1::Change& change) {
  std::string out;
  auto add = [&](const std::string& line) { out += (out.empty() ? "" : "<br>") + line; };
  bool fresh = change.action() == v1::ACTION_CREATE;
  for (auto& field : change.fields()) {
    auto from = fresh ? std::string() : markdown_code(cut_value(from_text(field))) + " → ";
    add(fmt::format("{}: {}{}", markdown_code(field.path()), from, markdown_code(cut_value(to_text(change, field)))));
  }
  for (auto& reason : change.risk_reasons()) add("⚠ " + markdown_escaped(reason));
  if (change.affected_size() > 0) {
    add("affected: " + markdown_escaped(fmt::format("{}", fmt::join(change.affected(), ", "))));
  }
  for (auto& note : change.notes()) add("note: " + markdown_escaped(note));
  return out;
}

std::string row(const v1::Change& change, const std::string& cluster) {
  auto risk = std::string(risk_word(change.risk()));
  bool loud = change.risk() == v1::RISK_HIGH || change.risk() == v1::RISK_CRITICAL;
  return fmt::format("| {} | {} | {} | {} |\n", markdown_code(ref_text(change.object(), cluster)),
                     loud ? "**" + risk + "**" : risk, markdown_escaped(change.owner()), fields_cell(change));
}

struct Group {
  std::string heading;
  bool (*wanted)(const v1::Change&);
};

const std::array<Group, 6> groups{{
    {"To create", [](const v1::Change& change) { return change.action() == v1::ACTION_CREATE; }},
    {"To change", [](const v1::Change& change) { return change.action() == v1::ACTION_CHANGE; }},
    {"To adopt", [](const v1::Change& change) { return change.action() == v1::ACTION_ADOPT; }},
    {"To delete", [](const v1::Change& change) { return change.action() == v1::ACTION_DELETE && !change.pruned(); }},
    {"Pruned", [](const v1::Change& change) { return change.pruned(); }},
    {"Unchanged, worth knowing",
     [](const v1::Change& change) { return change.action() == v1::ACTION_UNCHANGED && change.notes_size() > 0; }},
}};

std::string head_of(const WholePlan& plan) {
  auto& facts = plan.plan;
  auto out = fmt::format("### Plan: {}\n\n", plan_summary(facts));
  if (plan.changes_anything()) out += fmt::format("Risk **{}** · ", risk_word(facts.risk()));
  out += "plan " + markdown_code(facts.id());
  if (!facts.set().empty()) out += " · set " + markdown_code(set_text(facts));
  if (!facts.cluster().empty()) out += " · cluster " + markdown_code(facts.cluster());
  if (!facts.source().empty()) out += " · from " + markdown_code(facts.source());
  if (facts.has_expires_at()) out += " · good until " + to_rfc3339(rpc::from_proto(facts.expires_at()));
  return out + "\n";
}

// A table of rows that fit into what is left of the comment.
void add_group(std::string& out, const Group& group, const WholePlan& plan, const std::string& cluster) {
  std::string rows;
  std::size_t count = 0, left_out = 0;
  for (auto& change : plan.changes) {
    if (!group.wanted(change)) continue;
    ++count;
    auto one = row(change, cluster);
    bool fits = left_out == 0 && out.size() + rows.size() + one.size() < most_bytes;
    if (fits) rows += one;
    left_out += fits ? 0 : 1;
  }
  if (count == 0) return;
  out += fmt::format("\n#### {} ({})\n\n", group.heading, count);
  if (count > 0 && group.wanted == groups[4].wanted) {
    out += fmt::format("The set {} names them no more.\n\n", markdown_code(set_text(plan.plan)));
  }
  bool folded = count > folded_above;
  if (folded) out += fmt::format("<details><summary>{} objects</summary>\n\n", count);
  if (!rows.empty()) out += "| Object | Risk | Team | Fields |\n| --- | --- | --- | --- |\n" + rows;
  if (left_out > 0) {
    out += fmt::format("\n… and {} more: `edactl describe plan {}`\n", left_out, plan.plan.id());
  }
  if (folded) out += "\n</details>\n";
}

}  // namespace

std::string markdown_escaped(std::string_view text) {
  constexpr std::string_view meaning = "\\`*_{}[]<>()#+-.!|~&:";
  std::string out;
  for (char c : text::printable(text)) {
    if (meaning.find(c) != std::string_view::npos) out += '\\';
    out += c;
    // Nobody is called by what a manifest says.
    if (c == '@') out += "<!-- -->";
  }
  return out;
}

std::string markdown_code(std::string_view text) {
  auto shown = text::printable(text);
  if (shown.empty()) return {};
  std::size_t longest = 0, run = 0;
  for (char c : shown) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  // Inside a table's cell a | ends it even in code, unless it is escaped; so backslashes before it are too.
  std::string inner;
  std::size_t slashes = 0;
  for (char c : shown) {
    if (c == '|') inner += std::string(slashes, '\\') + '\\';
    slashes = c == '\\' ? slashes + 1 : 0;
    inner += c;
  }
  std::string fence(longest + 1, '`');
  std::string space = inner.front() == '`' || inner.back() == '`' ? " " : "";
  return fence + space + inner + space + fence;
}

std::string plan_markdown(const WholePlan& plan, const std::string& cluster) {
  auto out = head_of(plan);
  for (auto& group : groups) add_group(out, group, plan, cluster);
  if (plan.plan.unchanged() > 0 && !plan.changes_anything()) out += "\nNothing to change.\n";
  return out;
}

}  // namespace eda::cli
