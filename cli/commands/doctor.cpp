#include "cli/commands/doctor.h"

#include <fmt/format.h>
#include <google/protobuf/struct.pb.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/checkup.h"
#include "cli/listing.h"
#include "cli/session.h"
#include "cli/wrap.h"
#include "platform/text/unicode.h"

namespace eda::cli {

namespace {

std::string word_of(Finding::State state) {
  return state == Finding::State::ok ? "ok" : state == Finding::State::warning ? "warning" : "fault";
}

Style style_of(Finding::State state) {
  return state == Finding::State::ok ? Style::good : state == Finding::State::warning ? Style::warning : Style::bad;
}

// A line each, and under it what to do.
std::string text_of(const std::vector<Finding>& findings, const Terminal& terminal) {
  constexpr std::size_t state_columns = 9;
  std::size_t widest = 0;
  for (auto& finding : findings) widest = std::max(widest, text::columns(finding.check));
  auto before = state_columns + widest + 2;
  auto width = terminal.width();
  auto room = width == 0 ? 0 : std::max<std::size_t>(width > before ? width - before : 0, 20);
  std::string margin(before, ' '), out;
  for (auto& finding : findings) {
    auto word = word_of(finding.state);
    out += terminal.out_palette().paint(style_of(finding.state), word) + std::string(state_columns - word.size(), ' ');
    out += finding.check + std::string(widest + 2 - text::columns(finding.check), ' ');
    out += wrapped_under(text::printable(finding.found), room, margin) + "\n";
    if (finding.state == Finding::State::ok || finding.next.empty()) continue;
    out += margin + wrapped_under("next: " + text::printable(finding.next), room, margin) + "\n";
  }
  return out;
}

void list(Session& session, const std::vector<Finding>& findings) {
  Listing listing(session.terminal(), session.format(), "checks", {{"CHECK"}, {"STATE"}, {"FOUND"}, {"NEXT"}});
  for (auto& finding : findings) {
    google::protobuf::Struct row;
    auto set = [&](const char* key, const std::string& text) {
      if (!text.empty()) (*row.mutable_fields())[key].set_string_value(text);
    };
    set("name", finding.check);
    set("state", word_of(finding.state));
    set("found", finding.found);
    set("next", finding.next);
    listing.add(row, {finding.check, word_of(finding.state), finding.found, finding.next}, finding.check);
  }
  listing.finish("nothing was checked");
}

Result<Exit> doctor(Session& session) {
  auto findings = check_up(session);
  auto count = [&](Finding::State state) {
    return std::count_if(findings.begin(), findings.end(), [&](auto& finding) { return finding.state == state; });
  };
  auto& terminal = session.terminal();
  if (session.format() == Format::table || session.format() == Format::wide) {
    terminal.out(text_of(findings, terminal));
  } else {
    list(session, findings);
  }
  auto faults = count(Finding::State::fault), warnings = count(Finding::State::warning);
  if (faults == 0 && warnings == 0) {
    terminal.say("everything is well");
  } else {
    terminal.say(
        fmt::format("{} fault{}, {} warning{}", faults, faults == 1 ? "" : "s", warnings, warnings == 1 ? "" : "s"));
  }
  return faults > 0 ? Exit::unhealthy : Exit::ok;
}

}  // namespace

Command doctor_command() {
  return {"doctor",
          "check everything from the config to the brokers; exit 10 when something is wrong",
          "edactl doctor\n"
          "edactl doctor --context prod -o json",
          [](CLI::App&) -> Run { return doctor; },
          {},
          "Help"};
}

}  // namespace eda::cli
