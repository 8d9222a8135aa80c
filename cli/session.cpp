#include "cli/session.h"

#include <fmt/format.h>

#include "cli/errors.h"
#include "platform/text/units.h"

namespace eda::cli {

Session::Session(const Globals& globals, Terminal& terminal, Environment environment)
    : globals_(globals), terminal_(terminal), environment_(std::move(environment)) {}

Result<> Session::prepare() {
  if (globals_.quiet) terminal_.talk(Terminal::Talk::quiet);
  if (globals_.verbose) terminal_.talk(Terminal::Talk::verbose);
  // In front of the command a picture's format may come with its file too.
  EDA_ASSIGN(output_.format, parse_format(globals_.output.substr(0, globals_.output.find('='))));
  output_.rows = globals_.rows;
  bool in_rows = output_ == Format::table || output_ == Format::wide || output_ == Format::tsv;
  if (!in_rows && output_.rows.chosen()) {
    return fail(usage_error(fmt::format("-o {} has no columns or rows to choose", globals_.output),
                            "--columns, --sort-by and --no-headers go with table, wide and tsv"));
  }
  auto span = text::parse_duration_ms(globals_.timeout);
  constexpr std::int64_t most = std::int64_t{24} * 3600 * 1000;
  if (!span || *span < 1 || *span > most) {
    return fail(usage_error(fmt::format("--timeout {} is no time to wait", globals_.timeout),
                            "write 500ms, 60s, 5m or 1h; at most 1d"));
  }
  timeout_ = std::chrono::milliseconds(*span);
  begin();
  return {};
}

std::string Session::ask(std::string_view question) {
  auto left = deadline_.left();
  auto answer = terminal_.ask(question);
  deadline_ = Deadline::in(left);
  return answer;
}

Result<const ConfigFolder*> Session::folder() {
  if (!folder_) {
    EDA_ASSIGN(folder_, ConfigFolder::of(environment_));
  }
  return &*folder_;
}

Result<const Settings*> Session::settings() {
  if (settings_) return &*settings_;
  EDA_ASSIGN(const auto* where, folder());
  EDA_ASSIGN(auto config, where->load());
  std::error_code gone;
  EDA_ASSIGN(auto project, find_project(std::filesystem::current_path(gone)));
  EDA_ASSIGN(settings_, resolve(globals_.context, environment_, project, config));
  terminal_.detail(fmt::format("server {} ({})", settings_->server.value, settings_->server.origin));
  return &*settings_;
}

Result<const rpc::Client*> Session::client() {
  if (client_) return &*client_;
  EDA_ASSIGN(const auto* chosen, settings());
  EDA_ASSIGN(const auto* where, folder());
  auto found = find_token(*chosen, *where);
  if (!found && found.error().reason == "NOT_LOGGED_IN" && knows_no_server(*chosen)) return fail(no_server());
  EDA_ASSIGN(auto token, std::move(found));
  EDA_ASSIGN(client_, rpc::Client::make({chosen->server.value, token, chosen->ca.value}));
  // One reference is never given back: gRPC would end its threads with the last, which takes as long as a call.
  [[maybe_unused]] static const auto* kept = new auto(client_->channel());
  return &*client_;
}

Result<> Session::agree(const google::protobuf::Descriptor& request) {
  if (agreed_ || !changes_something(request)) return {};
  EDA_ASSIGN(const auto* chosen, settings());
  auto& name = chosen->context.value;
  if (!chosen->guarded) return {};
  if (!terminal_.interactive()) {
    if (globals_.context.context != name) {
      return fail(Code::invalid, "CONTEXT_PROTECTED",
                  fmt::format("context {} is protected, and there is no terminal to ask on; nothing was changed", name),
                  fmt::format("name it in the command: --context {}", name));
    }
  } else {
    // Ctrl-C at the question comes before anything was sent.
    auto note = interrupt::noted();
    interrupt::note({});
    auto answer = ask(fmt::format("{} Its edad is {}. Type {} to go on: ",
                                  terminal_.err_palette().paint(Style::alarm, fmt::format(" {} is protected. ", name)),
                                  chosen->server.value, name));
    interrupt::note(note);
    if (answer != name) {
      return fail(Code::invalid, "NOT_AGREED", fmt::format("not agreed for context {}; nothing was changed", name));
    }
  }
  agreed_ = true;
  return {};
}

bool changes_something(const google::protobuf::Descriptor& request) {
  return request.FindFieldByName("request_id") != nullptr && !request.name().starts_with("Plan");
}

}  // namespace eda::cli
