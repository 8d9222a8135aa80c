#include "cli/view.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "cli/columns.h"
#include "cli/export.h"
#include "cli/json.h"
#include "cli/plan_words.h"
#include "cli/when.h"
#include "cli/wrap.h"
#include "platform/text/unicode.h"

namespace eda::cli {

namespace {

using Json = nlohmann::ordered_json;

std::string scalar_text(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_null()) return "(default)";
  return value.dump();
}

// "stream carts.checked-out, maxLag 30s"
std::string record_text(const Json& record) {
  std::string text;
  for (auto& [key, item] : record.items())
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", key, scalar_text(item));
  return text;
}

// Nested data as lines: `config.retention.ms  604800000`; lists of plain values on one line, records on one each.
void add_data(Sheet& sheet, const std::string& label, const Json& value) {
  if (value.is_object()) {
    for (auto& [key, item] : value.items()) add_data(sheet, label.empty() ? key : label + "." + key, item);
    return;
  }
  if (!value.is_array()) {
    sheet.line(label, scalar_text(value));
    return;
  }
  std::string text;
  if (!value.empty() && value.front().is_object()) {
    for (auto& item : value) sheet.line(&item == &value.front() ? label : "", record_text(item));
    return;
  }
  for (auto& item : value) text += (text.empty() ? "" : ", ") + scalar_text(item);
  sheet.line(label, text);
}

void add_conditions(Sheet& sheet, const Terminal& terminal, const eda::catalog::v1::Status& status) {
  if (status.conditions().empty()) return;
  sheet.heading("Conditions");
  for (auto& condition : status.conditions()) {
    bool good = condition.status() == "True";
    auto text = condition.status();
    if (!condition.message().empty()) text += ": " + condition.message();
    auto since = when(terminal, condition.since());
    if (!since.empty()) text += fmt::format(" (since {})", since);
    sheet.line(condition.type(), text, good ? Style::good : Style::bad);
    if (!condition.next().empty()) sheet.line("", "next: " + condition.next());
  }
}

// "retention" of "spec.retention"; other places keep their whole name.
std::string short_field(const std::string& path) {
  return path.starts_with("spec.") ? path.substr(5) : path;
}

void add_overlays(Sheet& sheet, const Terminal& terminal, const eda::catalog::v1::Status& status) {
  if (status.overlays().empty()) return;
  sheet.heading("For a while");
  for (auto& overlay : status.overlays()) {
    auto text = fmt::format("{} until {}", overlay.value().empty() ? "(default)" : overlay.value(),
                            when(terminal, overlay.until()));
    if (!overlay.by().empty()) text += ", by " + overlay.by();
    if (!overlay.reason().empty()) text += ": " + overlay.reason();
    sheet.line(short_field(overlay.field()), text, Style::warning);
  }
}

void add_drift(Sheet& sheet, const Terminal& terminal, const eda::catalog::v1::Status& status) {
  if (status.drift().empty()) return;
  sheet.heading("Drift");
  for (auto& drift : status.drift()) {
    auto side = [](const std::string& text) { return text.empty() ? std::string("(default)") : text; };
    auto text = fmt::format("{} is wished, {} is there ({})", side(drift.wish()), side(drift.fact()), drift.what());
    auto since = when(terminal, drift.since());
    if (!since.empty()) text += fmt::format(", seen since {}", since);
    sheet.line(short_field(drift.field()), text, Style::bad);
  }
}

// What a service reads and who reads a stream, with whose the other end is.
void add_edges(Sheet& sheet, const eda::catalog::v1::Object& object) {
  auto& status = object.status();
  if (status.edges().empty()) return;
  bool of_service = object.kind() == "Service";
  sheet.heading(of_service ? "Reads" : "Read by");
  for (auto& edge : status.edges()) {
    auto cluster = of_service ? std::string() : object.metadata().cluster();
    auto other = of_service ? edge.stream() : edge.service();
    auto text = fmt::format("team {}, group {}, {}", edge.team(), edge.group(), edge.grant());
    if (of_service && edge.grant() == "not granted" && !edge.contact().empty()) text += "; ask " + edge.contact();
    sheet.line(ref_text(other, cluster), text, edge.grant() == "not granted" ? Style::warning : Style::plain);
  }
}

// One line for each set that manages something: most objects have one.
void add_managers(Sheet& sheet, const eda::catalog::v1::Status& status) {
  std::map<std::string, std::string> fields;
  // A protobuf map has no order of its own.
  std::map<std::string, std::string> managers(status.managers().begin(), status.managers().end());
  for (auto& [path, manager] : managers) {
    if (manager.empty()) continue;
    auto& text = fields[manager];
    text += (text.empty() ? "" : ", ") + short_field(path);
  }
  if (fields.empty()) return;
  sheet.heading("Managed by set");
  for (auto& [manager, text] : fields) sheet.line(manager, text);
}

}  // namespace

void Sheet::heading(std::string_view text) {
  lines_.push_back({std::string(text), {}, Style::bold, true});
}

void Sheet::line(std::string_view label, std::string_view value, Style style) {
  if (!value.empty()) lines_.push_back({std::string(label), std::string(value), style, false});
}

std::string Sheet::text() const {
  constexpr std::size_t least_room = 16;
  auto& palette = terminal_.out_palette();
  auto width = terminal_.width();
  std::size_t widest = 0;
  for (auto& line : lines_) {
    if (!line.heading)
      widest = std::max(widest, text::columns(text::printable(line.label)) + (line.label.empty() ? 0 : 1));
  }
  std::string out;
  for (auto& line : lines_) {
    if (line.heading) {
      out += palette.paint(Style::bold, line.label) + "\n";
      continue;
    }
    auto label = line.label.empty() ? std::string() : text::printable(line.label) + ":";
    auto margin = std::string(widest + 4, ' ');
    auto room = width == 0 ? 0 : std::max(least_room, width > margin.size() ? width - margin.size() : 0);
    auto head = "  " + label + std::string(widest - text::columns(label) + 2, ' ');
    for (auto& part : wrapped(text::printable(line.value), room == 0 ? std::string::npos : room)) {
      out += std::exchange(head, margin) + palette.paint(line.style, part) + "\n";
    }
  }
  return out;
}

std::string describe_object(const Terminal& terminal, const plans::KindRules& rules,
                            const eda::catalog::v1::Object& object) {
  Sheet sheet(terminal);
  auto& metadata = object.metadata();
  auto& status = object.status();
  sheet.heading(object.kind() + " " + text::printable(metadata.name()));
  sheet.line("cluster", metadata.cluster());
  if (rules.owned) sheet.line("team", status.owner().team());
  sheet.line("service", status.owner().service());
  sheet.line("contact", status.owner().contact());
  sheet.line("domain", metadata.domain());
  auto data = to_json(metadata);
  for (auto* part : {"labels", "annotations"}) {
    if (data.contains(part)) add_data(sheet, part, data[part]);
  }
  bool guarded = metadata.has_deletion_protection() ? metadata.deletion_protection() : rules.deletion_protection;
  sheet.line("deletion protection", guarded ? "on" : "off");
  auto state = state_cell(status.state());
  sheet.line("state", state.text, state.style);
  auto behind = status.observed_generation() < status.generation();
  sheet.line("generation", behind ? fmt::format("{} ({} is seen)", status.generation(), status.observed_generation())
                                  : std::to_string(status.generation()));
  sheet.line("created", when(terminal, status.created_at()));
  auto changed = when(terminal, status.updated_at());
  sheet.line("changed", status.updated_by().empty() ? changed : fmt::format("{} by {}", changed, status.updated_by()));
  if (!object.has_spec()) {
    sheet.line("spec", "not shown: only the owning team, auditors, operators and admins may read it");
    return sheet.text();
  }
  sheet.heading("Wished");
  add_data(sheet, {}, ordered_spec(rules, object));
  if (status.observed().fields_size() > 0) {
    sheet.heading("Observed");
    add_data(sheet, {}, to_json(status.observed()));
  }
  add_edges(sheet, object);
  add_overlays(sheet, terminal, status);
  add_drift(sheet, terminal, status);
  add_managers(sheet, status);
  add_conditions(sheet, terminal, status);
  return sheet.text();
}

}  // namespace eda::cli
