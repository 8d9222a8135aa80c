#include "cli/commands/dev.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "cli/errors.h"
#include "cli/json.h"
#include "cli/session.h"
#include "cli/table.h"
#include "cli/yaml.h"

namespace eda::cli {
namespace {

namespace fs = std::filesystem;

dev::Progress progress_on(Session& session) {
  return [&session](std::string_view line) { session.terminal().say(line); };
}

Result<dev::World> existing_world(const fs::path& state) {
  dev::World world = dev::status(state);
  if (world.exists()) return world;
  return fail(Code::not_found, "DEV_NO_WORLD", fmt::format("there is no private world in {}", world.state.string()),
              "start one with edactl dev up, or name another with --state DIR");
}

Result<Exit> bring_up(Session& session, const dev::Options& options) {
  interrupt::note("What was started goes on: `edactl dev up` carries on from there, `edactl dev down` stops it.");
  EDA_ASSIGN(dev::World world, dev::up(options, progress_on(session)));
  EDA_TRY(register_cluster(world, progress_on(session)));
  EDA_TRY(dev::await_ready(world.state, progress_on(session)));
  Terminal& terminal = session.terminal();
  terminal.say(fmt::format("{}: edad on {}, Kafka {} on {}", world.started == 0 ? "already up" : "ready", world.server,
                           world.kafka_version, world.kafka_bootstrap));
  terminal.say(fmt::format("variables for your shell: . {}", (world.state / "env").string()));
  return Exit::ok;
}

Result<Exit> take_down(Session& session, const fs::path& state) {
  interrupt::note("Some of it may have stopped: run `edactl dev down` again.");
  EDA_ASSIGN(int stopped, dev::down(state, progress_on(session)));
  session.terminal().say(stopped == 0
                             ? "nothing of this world runs"
                             : fmt::format("stopped {} process{}; the data stays", stopped, stopped == 1 ? "" : "es"));
  return Exit::ok;
}

nlohmann::ordered_json as_json(const dev::World& world) {
  nlohmann::ordered_json all = {{"state", world.state.string()},
                                {"kafkaVersion", world.kafka_version},
                                {"kafkaHome", world.kafka_home.string()},
                                {"postgresData", world.postgres_data.string()}};
  for (const auto& part : world.components)
    all["components"].push_back(
        {{"name", part.name}, {"pid", part.pid}, {"address", part.address}, {"log", part.log.string()}});
  return all;
}

Table as_table(const dev::World& world) {
  Table table({{"PART"}, {"STATE"}, {"PID"}, {"ADDRESS"}, {"LOG"}});
  for (const auto& part : world.components)
    table.row({part.name, part.pid != 0 ? Cell("running", Style::good) : Cell("stopped", Style::bad),
               part.pid != 0 ? std::to_string(part.pid) : "", part.address, part.log.string()});
  return table;
}

Result<Exit> show_status(Session& session, const fs::path& state) {
  EDA_ASSIGN(dev::World world, existing_world(state));
  Terminal& terminal = session.terminal();
  switch (session.format()) {
    case Format::json:
      terminal.out(json_text(as_json(world)));
      break;
    case Format::yaml:
      terminal.out(to_yaml(as_json(world)));
      break;
    case Format::name:
      for (const auto& part : world.components) terminal.out(part.name + "\n");
      break;
    case Format::tsv:
      terminal.out(tsv_line({"PART", "STATE", "PID", "ADDRESS", "LOG"}));
      for (const auto& part : world.components)
        terminal.out(tsv_line({part.name, part.pid != 0 ? "running" : "stopped", std::to_string(part.pid), part.address,
                               part.log.string()}));
      break;
    default:
      terminal.out(as_table(world).text(terminal.width(), terminal.out_palette(), Table::Detail::normal));
      terminal.say(fmt::format("Kafka {} from {}; Postgres data in {}", world.kafka_version, world.kafka_home.string(),
                               world.postgres_data.string()));
  }
  if (!world.complete()) terminal.say("not everything runs; edactl dev up starts what is missing");
  return world.complete() ? Exit::ok : Exit::unhealthy;
}

Result<Exit> show_environment(Session& session, const fs::path& state) {
  EDA_ASSIGN(dev::World world, existing_world(state));
  session.terminal().out(dev::shell_assignments(world));
  return Exit::ok;
}

enum class Forget { after_asking, at_once };

Result<Exit> forget(Session& session, const fs::path& state, Forget how) {
  EDA_ASSIGN(dev::World world, existing_world(state));
  if (how == Forget::after_asking) {
    std::string what = fmt::format("all data of the private world in {}", world.state.string());
    if (!session.terminal().interactive())
      return fail(usage_error("this forgets " + what, "say --yes, or run it on a terminal"));
    std::string answer = session.terminal().ask(fmt::format("Forget {}? [y/N] ", what));
    if (answer != "y" && answer != "yes") {
      session.terminal().say("nothing was forgotten");
      return Exit::failed;
    }
  }
  interrupt::note("Some of it is forgotten: run `edactl dev reset` again.");
  EDA_TRY(dev::reset(world.state, progress_on(session)));
  session.terminal().say("forgotten");
  return Exit::ok;
}

using State = std::shared_ptr<fs::path>;

State state_option(CLI::App& app) {
  auto state = std::make_shared<fs::path>(dev::default_state());
  app.add_option("--state", *state, "the directory that holds this world")->type_name("DIR")->capture_default_str();
  return state;
}

Run declare_up(CLI::App& app) {
  auto options = std::make_shared<dev::Options>();
  auto state = state_option(app);
  app.add_option("--kafka", options->kafka_line, "Kafka's line: 4 or 3.9")->type_name("LINE");
  app.add_option("--kafka-home", options->kafka_home, "a Kafka to use: the directory with its libs/")->type_name("DIR");
  app.add_option("--brokers", options->brokers, "1 or 3")->type_name("N");
  app.add_option("--edad", options->edad, "the edad to start (default: beside edactl)")->type_name("FILE");
  return [options, state](Session& session) {
    options->state = *state;
    return bring_up(session, *options);
  };
}

Run declare_reset(CLI::App& app) {
  auto state = state_option(app);
  auto yes = std::make_shared<bool>(false);
  app.add_flag("-y,--yes", *yes, "do not ask");
  return
      [state, yes](Session& session) { return forget(session, *state, *yes ? Forget::at_once : Forget::after_asking); };
}

/// A command that needs nothing but the state.
template <Result<Exit> (*act)(Session&, const fs::path&)>
Run declare(CLI::App& app) {
  return [state = state_option(app)](Session& session) { return act(session, *state); };
}

}  // namespace

Command dev_command() {
  Command dev{"dev",
              "a private Postgres, a real broker and edad, for one developer",
              "edactl dev up\n"
              "eval \"$(edactl dev env)\"\n"
              "edactl dev status\n"
              "edactl dev down",
              {},
              {}};
  const auto* group = "Commands";
  dev.commands = {
      {"up",
       "start what does not run, and wait until it is ready",
       "edactl dev up\nedactl dev up --kafka 3.9 --brokers 3",
       declare_up,
       {},
       group,
       Shows::words},
      {"down",
       "stop this world's processes; its data stays",
       "edactl dev down",
       declare<take_down>,
       {},
       group,
       Shows::words},
      {"status",
       "what runs, where it listens and logs",
       "edactl dev status\nedactl dev status -o json",
       declare<show_status>,
       {}},
      {"reset",
       "stop, and forget all data after asking",
       "edactl dev reset\nedactl dev reset --yes",
       declare_reset,
       {},
       group,
       Shows::words},
      {"env",
       "shell assignments for this world (they hold an admin's token)",
       "eval \"$(edactl dev env)\"",
       declare<show_environment>,
       {},
       group,
       Shows::text},
  };
  return dev;
}

}  // namespace eda::cli
