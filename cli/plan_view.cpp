#include "cli/plan_view.h"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

#include "cli/json.h"
#include "cli/markdown.h"
#include "cli/table.h"
#include "cli/wrap.h"
#include "cli/yaml.h"
#include "plans/kind.h"
#include "platform/text/unicode.h"

namespace eda::cli {

namespace v1 = eda::plans::v1;

namespace {

Style risk_style(v1::Risk risk) {
  if (risk == v1::RISK_CRITICAL || risk == v1::RISK_HIGH) return Style::bad;
  return risk == v1::RISK_MODERATE ? Style::warning : Style::dim;
}

// What a created stream is, in a line: `partitions 12, retention 7d`. Long texts say little there; that it may be
// deleted says much.
std::string brief_fields(const v1::Change& change) {
  std::string out;
  for (auto& field : change.fields()) {
    bool wanted = field.path().starts_with("spec.") ? field.path() != "spec.description"
                                                    : field.path() == "metadata.deletionProtection";
    if (!wanted) continue;
    auto [path, key] = plans::split_path(field.path());
    auto name = key.empty() ? std::string(path.substr(path.rfind('.') + 1)) : key;
    out += (out.empty() ? "" : ", ") + name + " " + to_text(field);
  }
  return out;
}

class Lines {
 public:
  Lines(std::size_t width, const Palette& palette) : width_(width), palette_(palette) {}

  void head(const v1::Change& change, const std::string& name, const std::string& rest) {
    auto words = words_of(change.action());
    std::string line = palette_.paint(words.style, fmt::format("{} {}", words.mark, words.word)) + " " +
                       palette_.paint(Style::bold, text::printable(name));
    std::size_t used = 3 + words.word.size() + text::columns(text::printable(name));
    auto risk = risk_word(change.risk());
    line += "  " + palette_.paint(risk_style(change.risk()), risk);
    used += 2 + risk.size();
    bool fits = width_ == 0 || used + 2 + text::columns(rest) <= width_;
    out += line + (rest.empty() || !fits ? "" : "  " + rest) + "\n";
    if (!fits) under(rest);
  }
  void heading(const std::string& text) { out += palette_.paint(Style::bold, text) + "\n"; }
  void under(const std::string& text, Style style = Style::plain) {
    auto room = width_ == 0 ? std::string::npos : std::max<std::size_t>(width_, 20) - 4;
    for (auto& line : wrapped(text, room)) out += "    " + palette_.paint(style, line) + "\n";
  }

  std::string out;

 private:
  std::size_t width_;
  const Palette& palette_;
};

std::string list_text(const google::protobuf::RepeatedPtrField<std::string>& items) {
  return text::printable(fmt::format("{}", fmt::join(items, ", ")));
}

void add_change(Lines& lines, const v1::Change& change, Format format, const std::string& cluster) {
  bool brief = format == Format::table && (change.action() == v1::ACTION_CREATE || change.action() == v1::ACTION_ADOPT);
  bool its_own =
      change.owner().empty() || (change.object().kind() == "team" && change.object().name() == change.owner());
  std::string rest = its_own ? "" : "team " + text::printable(change.owner());
  if (brief) {
    auto fields = brief_fields(change);
    if (!fields.empty()) rest += (rest.empty() ? "" : "; ") + fields;
  }
  lines.head(change, ref_text(change.object(), cluster), rest);
  for (auto& field : change.fields()) {
    // What is taken over and differs is told in either form.
    if (brief && !field.has_from()) continue;
    bool fresh = change.action() == v1::ACTION_CREATE;
    auto from = fresh ? std::string() : from_text(field) + " → ";
    lines.under(fmt::format("{}: {}{}", text::printable(field.path()), from, to_text(change, field)));
  }
  for (auto& reason : change.risk_reasons()) lines.under("risk: " + text::printable(reason), risk_style(change.risk()));
  if (change.affected_size() > 0) lines.under("affected: " + list_text(change.affected()));
  for (auto& note : change.notes()) lines.under("note: " + text::printable(note));
}

bool says_something(const v1::Change& change) {
  return change.action() != v1::ACTION_UNCHANGED || change.notes_size() > 0;
}

std::string tsv_text(const WholePlan& plan, const std::string& cluster) {
  std::string out = tsv_line({"ACTION", "OBJECT", "RISK", "FIELD", "FROM", "TO"});
  for (auto& change : plan.changes) {
    std::string act(words_of(change.action()).word), risk(risk_word(change.risk()));
    auto name = ref_text(change.object(), cluster);
    if (change.fields().empty()) out += tsv_line({act, name, risk, "", "", ""});
    for (auto& field : change.fields()) {
      out += tsv_line({act, name, risk, field.path(), field.from_text(), field.to_text()});
    }
  }
  return out;
}

std::string names_text(const WholePlan& plan, const std::string& cluster) {
  std::string out;
  for (auto& change : plan.changes) {
    if (says_something(change)) out += ref_text(change.object(), cluster) + "\n";
  }
  return out;
}

// What is pruned stands under a heading of its own: it is what nobody wrote down.
void add_changes(Lines& lines, const WholePlan& plan, Format format, const std::string& cluster) {
  for (auto& change : plan.changes) {
    if (!change.pruned() && says_something(change)) add_change(lines, change, format, cluster);
  }
  if (plan.plan.prunes() == 0) return;
  lines.heading(fmt::format("Pruned: set {} names {} no more", text::printable(set_text(plan.plan)),
                            plan.plan.prunes() == 1 ? "it" : "them"));
  for (auto& change : plan.changes) {
    if (change.pruned()) add_change(lines, change, format, cluster);
  }
}

}  // namespace

std::string plan_json(const WholePlan& plan, const std::string& server) {
  std::string out = "{\n  \"apiVersion\": ";
  write_json(out, plan_version);
  out += ",\n  \"server\": ";
  write_json(out, server);
  out += ",\n  \"plan\": ";
  write_json(out, plan.plan, 2);
  out += ",\n  \"changes\": [";
  for (auto& change : plan.changes) {
    out += &change == &plan.changes.front() ? "\n    " : ",\n    ";
    write_json(out, change, 4);
  }
  return out + (plan.changes.empty() ? "]\n}\n" : "\n  ]\n}\n");
}

std::string plan_text(const WholePlan& plan, Format format, const Viewpoint& from, const Palette& palette) {
  switch (format) {
    case Format::json:
      return plan_json(plan, from.server);
    case Format::yaml:
      return to_yaml(nlohmann::ordered_json::parse(plan_json(plan, from.server)));
    case Format::tsv:
      return tsv_text(plan, from.cluster);
    case Format::markdown:
      return plan_markdown(plan, from.cluster);
    case Format::name:
      return names_text(plan, from.cluster);
    default:
      break;
  }
  Lines lines(from.width, palette);
  add_changes(lines, plan, format, from.cluster);
  auto risk = plan.changes_anything() ? fmt::format("; risk {}", risk_word(plan.plan.risk())) : std::string();
  return lines.out + fmt::format("plan {}: {}{}\n", plan.plan.id(), plan_summary(plan.plan), risk);
}

std::vector<Risky> critical_changes(const WholePlan& plan, const std::string& cluster) {
  std::map<std::string, std::string> sentences;
  for (auto& change : plan.changes) {
    if (change.risk() != v1::RISK_CRITICAL) continue;
    if (change.pruned()) continue;
    sentences.emplace(change.object().name(),
                      fmt::format("{} {}", words_of(change.action()).word, ref_text(change.object(), cluster)));
  }
  if (auto prunes = plan.plan.prunes(); prunes > 0) {
    sentences.emplace(plan.plan.set(), fmt::format("prune {} object{} of the set {}", prunes, prunes == 1 ? "" : "s",
                                                   text::printable(set_text(plan.plan))));
  }
  std::vector<Risky> out;
  for (auto& name : plan.plan.confirm()) {
    auto found = sentences.find(name);
    out.push_back({name, found == sentences.end() ? "change " + name : found->second});
  }
  return out;
}

std::vector<Risky> risky_changes(const WholePlan& plan, const std::string& cluster) {
  std::vector<Risky> out;
  for (auto& change : plan.changes) {
    if (change.risk() != v1::RISK_MODERATE && change.risk() != v1::RISK_HIGH) continue;
    if (change.action() == v1::ACTION_UNCHANGED) continue;
    out.push_back({change.object().name(),
                   fmt::format("{} {}", words_of(change.action()).word, ref_text(change.object(), cluster))});
  }
  return out;
}

}  // namespace eda::cli
