#include "cli/app.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/command_tree.h"
#include "cli/commands/catalog.h"
#include "cli/commands/clusters.h"
#include "cli/commands/completion.h"
#include "cli/commands/config.h"
#include "cli/commands/dev.h"
#include "cli/commands/doctor.h"
#include "cli/commands/events.h"
#include "cli/commands/history.h"
#include "cli/commands/identity.h"
#include "cli/commands/kinds.h"
#include "cli/commands/operations.h"
#include "cli/commands/plans.h"
#include "cli/commands/reference.h"
#include "cli/commands/search.h"
#include "cli/commands/services.h"
#include "cli/commands/streams.h"
#include "cli/commands/teams.h"
#include "cli/commands/topology.h"
#include "cli/commands/version.h"
#include "cli/errors.h"
#include "cli/help.h"
#include "cli/json.h"
#include "cli/output_shapes.h"
#include "cli/parse_faults.h"
#include "cli/session.h"
#include "platform/text/unicode.h"

namespace eda::cli {

namespace {

int end(Terminal& terminal, Exit exit) {
  auto written = terminal.finish();
  if (!written) {
    terminal.complain(error_text(written.error(), terminal.err_palette()));
    if (exit == Exit::ok) exit = exit_of(written.error().code);
  }
  return static_cast<int>(exit);
}

int end(Terminal& terminal, const Error& error) {
  terminal.complain(error_text(error, terminal.err_palette()));
  for (auto& [key, value] : error.facts) terminal.detail(fmt::format("  {}: {}", key, text::printable(value)));
  return end(terminal, exit_of(error.code));
}

// -o schema, where what is written does not depend on the arguments.
Result<Exit> show_schema(Terminal& terminal, const OutputShape& shape) {
  terminal.out(json_text(shape.schema()));
  return Exit::ok;
}

// What runs: the command, or what says its output's schema.
Result<Exit> run_command(Session& session, CommandTree& tree) {
  auto& run = tree.run();
  auto shape = output_shape(words_of(tree.named()));
  if (session.format() != Format::schema || !shape) {
    EDA_TRY(check_format(session.format(), tree.shows(), path_of(tree.named())));
    return run(session);
  }
  return shape->schema != nullptr ? show_schema(session.terminal(), *shape) : run(session);
}

// A newcomer who types `edactl` alone.
bool nothing_is_known(const Globals& globals, Terminal& terminal, const Environment& environment) {
  Session session(globals, terminal, environment);
  auto settings = session.settings();
  return settings && knows_no_server(**settings);
}

constexpr std::size_t unknown_width = 80;

std::size_t width_or(std::size_t width) {
  return width == 0 ? unknown_width : width;
}

struct HelpOptions {
  std::vector<std::string> words;
};

Command help_command() {
  return {"help",
          "the help of a command",
          "edactl help\n"
          "edactl help stream set",
          [](CLI::App& app) -> Run {
            auto options = std::make_shared<HelpOptions>();
            app.add_option("command", options->words, "its words (default: everything)")->type_name("COMMAND");
            return [options](Session& session) -> Result<Exit> {
              EDA_ASSIGN(auto page, help_text(options->words, width_or(session.terminal().width())));
              session.terminal().out(page);
              return Exit::ok;
            };
          },
          {},
          "Help",
          Shows::text};
}

}  // namespace

Result<std::string> help_text(const std::vector<std::string>& words, std::size_t width) {
  auto commands = all_commands();
  Globals globals;
  CommandTree tree(commands, globals);
  auto arguments = words;
  arguments.emplace_back("--help");
  try {
    tree.parse(arguments);
  } catch (const CLI::Success&) {
    auto& app = tree.named();
    if (auto left = tree.root().remaining(true); !left.empty()) return fail(unknown_word(app, left.front()));
    return help_page(app, tree.examples(), width);
  } catch (const CLI::ParseError& fault) {
    return fail(parse_fault(tree.root(), tree.named(), fault, tree.examples()));
  }
  return help_page(tree.named(), tree.examples(), width);
}

std::vector<Command> all_commands() {
  std::vector<Command> out = plan_commands();
  auto take = [&](std::vector<Command> more) {
    for (auto& command : more) out.push_back(std::move(command));
  };
  take(catalog_commands());
  take(search_commands());
  take(history_commands());
  out.push_back(cluster_command());
  out.push_back(team_command());
  out.push_back(service_command());
  out.push_back(stream_command());
  out.push_back(topology_command());
  out.push_back(operation_command());
  out.push_back(audit_command());
  take(identity_commands());
  out.push_back(user_command());
  out.push_back(config_command());
  take(kind_commands());
  out.push_back(doctor_command());
  out.push_back(completion_command());
  out.push_back(help_command());
  out.push_back(version_command());
  out.push_back(dev_command());
  out.back().group = "For one developer";
  return out;
}

int run_app(const std::vector<std::string>& arguments, Terminal& terminal, const Environment& environment) {
  for (auto& argument : arguments) {
    if (!text::invalid_utf8(argument)) continue;
    return end(terminal, usage_error(fmt::format("the argument {} is not UTF-8", text::printable(argument))));
  }
  auto commands = all_commands();
  // What the shells' scripts and tools/reference call, and nobody types.
  if (!arguments.empty() && arguments.front() == "__complete") {
    return end(terminal, print_completions(commands, {arguments.begin() + 1, arguments.end()}, terminal, environment));
  }
  if (!arguments.empty() && arguments.front() == "__reference") {
    auto written = print_reference(commands, {arguments.begin() + 1, arguments.end()}, terminal);
    return written ? end(terminal, *written) : end(terminal, written.error());
  }
  Globals globals;
  CommandTree tree(commands, globals);
  try {
    tree.parse(arguments);
  } catch (const CLI::CallForVersion& version) {
    terminal.out(version.what());
    return end(terminal, Exit::ok);
  } catch (const CLI::Success&) {
    terminal.out(help_page(tree.named(), tree.examples(), width_or(terminal.width())));
    return end(terminal, Exit::ok);
  } catch (const CLI::ParseError& fault) {
    return end(terminal, parse_fault(tree.root(), tree.named(), fault, tree.examples()));
  }
  if (!tree.run()) {
    if (&tree.named() == &tree.root() && nothing_is_known(globals, terminal, environment)) {
      terminal.complain(error_text(no_server(), terminal.err_palette()));
      return end(terminal, Exit::usage);
    }
    terminal.complain(help_page(tree.named(), tree.examples(), width_or(terminal.err_width())));
    return end(terminal, Exit::usage);
  }
  Session session(globals, terminal, environment);
  if (auto ready = session.prepare(); !ready) return end(terminal, ready.error());
  auto exit = run_command(session, tree);
  return exit ? end(terminal, *exit) : end(terminal, exit.error());
}

}  // namespace eda::cli
