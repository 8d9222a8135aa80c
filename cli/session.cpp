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
  EDA_ASSIGN(format_, parse_format(globals_.output.substr(0, globals_.output.find('='))));
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
  EDA_ASSIGN(auto token, find_token(*chosen, *where));
  EDA_ASSIGN(client_, rpc::Client::make({chosen->server.value, token, chosen->ca.value}));
  // One reference is never given back: gRPC would end its threads with the last, which takes as long as a call.
  [[maybe_unused]] static const auto* kept = new auto(client_->channel());
  return &*client_;
}

}  // namespace eda::cli
