#include "cli/operation_view.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "cli/errors.h"
#include "cli/json.h"
#include "cli/listing.h"
#include "cli/plan_view.h"
#include "cli/table.h"
#include "cli/view.h"
#include "cli/when.h"
#include "eda/operations/v1/operations.grpc.pb.h"
#include "platform/text/unicode.h"
#include "platform/text/units.h"

namespace eda::cli {

namespace v1 = eda::operations::v1;

namespace {

using Json = nlohmann::ordered_json;

// Each step that is done, and each thing that one comes upon, once.
class Teller {
 public:
  explicit Teller(Terminal& terminal) : terminal_(terminal) {}

  void tell(const v1::Operation& operation) {
    int done = 0;
    for (auto& step : operation.steps()) done += step.state() == "done" ? 1 : 0;
    auto message = operation.message().empty() ? "" : ": " + text::printable(operation.message());
    if (terminal_.err_is_terminal()) {
      auto at = operation.step().empty() ? "" : fmt::format(", at {}", text::printable(operation.step()));
      terminal_.progress(fmt::format("{} of {} steps done{}{}", done, operation.steps_size(), at, message));
      return;
    }
    for (auto& step : operation.steps()) {
      if (step.state() == "done") once(fmt::format("{} done", text::printable(step.name())));
    }
    if (operation.state() == "running" && !message.empty()) once(text::printable(operation.step()) + message);
  }

 private:
  void once(const std::string& line) {
    if (told_.insert(line).second) terminal_.say(line);
  }

  Terminal& terminal_;
  std::set<std::string> told_;
};

bool is_passing(const Error& error) {
  return error.code == Code::unavailable || error.code == Code::timeout || error.code == Code::unknown_outcome;
}

void add_data(Sheet& sheet, const std::string& label, const Json& value) {
  if (value.is_object()) {
    for (auto& [key, item] : value.items()) add_data(sheet, label.empty() ? key : label + "." + key, item);
    return;
  }
  std::string text;
  if (value.is_array()) {
    for (auto& item : value)
      text += (text.empty() ? "" : ", ") + (item.is_string() ? item.get<std::string>() : item.dump());
  } else {
    text = value.is_string() ? value.get<std::string>() : value.dump();
  }
  sheet.line(label, text);
}

Style style_of(const std::string& state) {
  if (state == "done") return Style::good;
  return state == "failed" || state == "unknown" || state == "aborted" ? Style::bad : Style::warning;
}

std::string sheet_of(const Terminal& terminal, const v1::Operation& operation, const std::string& cluster) {
  Sheet sheet(terminal);
  sheet.heading("Operation " + text::printable(operation.id()));
  sheet.line("kind", operation.kind());
  sheet.line("target", ref_text(operation.target(), cluster));
  sheet.line("team", operation.team());
  sheet.line("state", operation.state(), style_of(operation.state()));
  if (!operation.waiting_for().empty()) {
    sheet.line("waits for",
               fmt::format("{}, until {}", operation.waiting_for(), when(terminal, operation.waiting_until())));
  }
  sheet.line("message", operation.message());
  sheet.line("next", operation.next());
  sheet.line("begun", fmt::format("{} by {}", when(terminal, operation.created_at()), operation.actor()));
  sheet.line("reason", operation.reason());
  sheet.line("plan", operation.plan_id());
  sheet.line("changed", when(terminal, operation.updated_at()));
  if (operation.parameters().fields_size() > 0) sheet.heading("Parameters");
  add_data(sheet, {}, to_json(operation.parameters()));
  sheet.heading("Steps");
  for (auto& step : operation.steps()) {
    bool here = step.name() == operation.step();
    auto at = when(terminal, step.at());
    auto state = here && step.state() == "open" ? operation.state() : step.state();
    sheet.line(step.name(), at.empty() ? state : fmt::format("{} ({})", state, at),
               step.state() == "open" && !here ? Style::dim : style_of(state));
    add_data(sheet, step.name(), to_json(step.evidence()));
  }
  return sheet.text();
}

}  // namespace

std::string operation_title(const v1::Operation& operation, const std::string& cluster) {
  return text::printable(fmt::format("{} of {}", operation.kind(), ref_text(operation.target(), cluster)));
}

Result<> follow_operation(Session& session, v1::Operation& operation) {
  auto& terminal = session.terminal();
  auto id = text::printable(operation.id());
  interrupt::note(fmt::format("{0} goes on without you; edactl operation show {0} --wait follows it again", id));
  Teller teller(terminal);
  teller.tell(operation);
  bool away = false;
  while (operation.state() == "running" && !session.deadline().passed()) {
    // Answered before the call's own deadline, so that the last look is a recent one.
    auto left = session.deadline().left() - std::chrono::milliseconds(300);
    v1::GetOperationRequest request;
    request.set_id(operation.id());
    request.set_seen(operation.version());
    request.set_wait_ms(static_cast<std::uint32_t>(
        std::clamp(left, std::chrono::milliseconds(0), std::chrono::milliseconds(5'000)).count()));
    auto seen = session.call(&v1::OperationService::Stub::GetOperation, request);
    if (!seen && !is_passing(seen.error())) return fail(seen.error());
    if (!seen && !away) terminal.say(fmt::format("{}; the operation is kept, asking again", seen.error().message));
    away = !seen;
    if (seen) {
      operation = std::move(*seen->mutable_operation());
      teller.tell(operation);
    }
    if (away || left.count() <= 0) {
      std::this_thread::sleep_for(std::min(std::chrono::milliseconds(away ? 500 : 100), session.deadline().left()));
    }
  }
  terminal.progress_done();
  return {};
}

Exit conclude_operation(Session& session, const v1::Operation& operation) {
  auto& terminal = session.terminal();
  auto title = fmt::format("{} ({} of {})", operation.id(), operation.kind(), ref_text(operation.target(), ""));
  auto complain = [&](Exit exit, Code code, const std::string& message, const std::string& next) {
    terminal.complain(error_text(Error(code, "OPERATION", message, operation.next().empty() ? next : operation.next()),
                                 terminal.err_palette()));
    return exit;
  };
  auto why = operation.message().empty() ? "" : ": " + operation.message();
  auto resume = "edactl operation resume " + operation.id();
  auto& state = operation.state();
  if (state == "done") {
    terminal.say(text::printable(title) + " is done");
    return Exit::ok;
  }
  if (state == "failed") {
    return complain(Exit::failed, Code::internal, fmt::format("{} failed at {}{}", title, operation.step(), why),
                    resume);
  }
  if (state == "aborted") return complain(Exit::failed, Code::internal, title + " was aborted" + why, "");
  if (state == "unknown") {
    return complain(Exit::unknown, Code::unknown_outcome,
                    fmt::format("what became of {} at {} is not known{}", title, operation.step(), why),
                    resume + " looks first, and goes on from there");
  }
  if (state == "waiting") {
    return complain(Exit::approval, Code::needs_approval,
                    fmt::format("{} waits for {} until {}{}", title, operation.waiting_for(),
                                when(terminal, operation.waiting_until()), why),
                    fmt::format("{} says yes, edactl operation abort {} says no", resume, operation.id()));
  }
  return complain(Exit::timeout, Code::timeout,
                  fmt::format("{} stands at {} after {}, and edad goes on{}", title, operation.step(),
                              text::duration_text(session.timeout().count()), why),
                  fmt::format("edactl operation show {} --wait follows it; --timeout gives more time", operation.id()));
}

Result<> show_operation(Session& session, const v1::Operation& operation) {
  EDA_ASSIGN(const auto* settings, session.settings());
  auto& terminal = session.terminal();
  if (show_message(terminal, session.format(), operation, operation.id())) return {};
  if (session.format() != Format::tsv) {
    terminal.out(sheet_of(terminal, operation, settings->cluster.value));
    return {};
  }
  terminal.out(tsv_line({"STEP", "STATE", "AT", "EVIDENCE"}));
  for (auto& step : operation.steps()) {
    terminal.out(tsv_line({step.name(), step.state(), when(terminal, step.at()), to_json(step.evidence()).dump()}));
  }
  return {};
}

}  // namespace eda::cli
