#include "cli/commands/dev.h"

#include <fmt/format.h>
#include <unistd.h>

#include <iostream>
#include <memory>
#include <string>

namespace eda::cli {
namespace fs = std::filesystem;

namespace {

void say(std::string_view line) {
  std::cerr << line << '\n';
}

Error no_world(const fs::path& state) {
  return Error(Code::not_found, "DEV_NO_WORLD", fmt::format("there is no private world in {}", state.string()),
               "start one with edactl dev up, or name another with --state DIR");
}

Result<> bring_up(const dev::Options& options) {
  EDA_ASSIGN(dev::World world, dev::up(options, say));
  EDA_TRY(register_cluster(world, say));
  say(fmt::format("{}: edad on {}, Kafka {} on {}", world.started == 0 ? "already up" : "ready", world.server,
                  world.kafka_version, world.kafka_bootstrap));
  say(fmt::format("variables for your shell: . {}", (world.state / "env").string()));
  return {};
}

Result<> take_down(const fs::path& state) {
  EDA_ASSIGN(int stopped, dev::down(state, say));
  say(stopped == 0 ? "nothing of this world runs" : fmt::format("stopped {} process(es); the data stays", stopped));
  return {};
}

Result<> show_status(const fs::path& state) {
  dev::World world = dev::status(state);
  if (!world.exists()) return fail(no_world(world.state));
  std::cout << fmt::format("{:<10} {:<9} {:<8} {:<17} {}\n", "PART", "STATE", "PID", "ADDRESS", "LOG");
  for (const auto& part : world.components)
    std::cout << fmt::format("{:<10} {:<9} {:<8} {:<17} {}\n", part.name, part.pid != 0 ? "running" : "stopped",
                             part.pid != 0 ? std::to_string(part.pid) : "-", part.address, part.log.string());
  std::cout << fmt::format("\nKafka {} from {}\nPostgres data in {}\n", world.kafka_version, world.kafka_home.string(),
                           world.postgres_data.string());
  if (world.complete()) return {};
  return fail(Code::unhealthy, "DEV_INCOMPLETE", "not everything of this world runs",
              "edactl dev up starts what is missing");
}

Result<> show_environment(const fs::path& state) {
  dev::World world = dev::status(state);
  if (!world.exists()) return fail(no_world(world.state));
  std::cout << dev::shell_assignments(world);
  return {};
}

enum class Consent { ask, given };

Result<> forget(const fs::path& state, Consent consent) {
  dev::World world = dev::status(state);
  if (!world.exists()) return fail(no_world(world.state));
  if (consent == Consent::ask) {
    if (::isatty(STDIN_FILENO) == 0)
      return fail(Code::invalid, "DEV_CONSENT",
                  fmt::format("this forgets all data of the private world in {}", world.state.string()), "say --yes");
    std::cerr << fmt::format("Forget all data of the private world in {}? [y/N] ", world.state.string()) << std::flush;
    std::string answer;
    if (!std::getline(std::cin, answer) || (answer != "y" && answer != "yes"))
      return fail(Code::invalid, "DEV_CONSENT", "nothing was forgotten");
  }
  EDA_TRY(dev::reset(state, say));
  say("forgotten");
  return {};
}

}  // namespace

void add_dev(CLI::App& app, Runner run) {
  auto options = std::make_shared<dev::Options>();
  options->state = dev::default_state();
  auto* group = app.add_subcommand("dev", "a private Postgres, a real broker and edad, for one developer");
  group->require_subcommand(1);
  auto add = [&](const char* name, const char* what, const char* example) {
    auto* command = group->add_subcommand(name, what);
    command->add_option("--state", options->state, "the directory that holds this world")->type_name("DIR");
    command->footer(fmt::format("\nExamples:\n{}", example));
    return command;
  };

  auto* up_command = add("up", "start what does not run, and wait until it is ready",
                         "  edactl dev up\n  edactl dev up --kafka 3.9 --brokers 3");
  up_command->add_option("--kafka", options->kafka_line, "Kafka's line: 4 or 3.9")->type_name("LINE");
  up_command->add_option("--kafka-home", options->kafka_home, "a Kafka to use: the directory with libs/")
      ->type_name("DIR");
  up_command->add_option("--brokers", options->brokers, "1 or 3")->type_name("N");
  up_command->add_option("--edad", options->edad, "the edad to start (default: beside edactl)")->type_name("FILE");
  up_command->callback([run, options] { run([options] { return bring_up(*options); }); });

  add("down", "stop this world's processes; its data stays", "  edactl dev down")->callback([run, options] {
    run([options] { return take_down(options->state); });
  });
  add("status", "what runs, where it listens and logs", "  edactl dev status")->callback([run, options] {
    run([options] { return show_status(options->state); });
  });
  add("env", "shell assignments for this world (they hold an admin's token)", "  eval \"$(edactl dev env)\"")
      ->callback([run, options] { run([options] { return show_environment(options->state); }); });
  auto consent = std::make_shared<bool>(false);
  auto* reset_command =
      add("reset", "stop, and forget all data after asking", "  edactl dev reset\n  edactl dev reset --yes");
  reset_command->add_flag("-y,--yes", *consent, "do not ask");
  reset_command->callback([run, options, consent] {
    run([options, consent] { return forget(options->state, *consent ? Consent::given : Consent::ask); });
  });
}

}  // namespace eda::cli
