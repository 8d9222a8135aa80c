#include "cli/app.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/commands/catalog.h"
#include "cli/commands/clusters.h"
#include "cli/commands/config.h"
#include "cli/commands/dev.h"
#include "cli/commands/events.h"
#include "cli/commands/history.h"
#include "cli/commands/identity.h"
#include "cli/commands/kinds.h"
#include "cli/commands/operations.h"
#include "cli/commands/plans.h"
#include "cli/commands/search.h"
#include "cli/commands/services.h"
#include "cli/commands/streams.h"
#include "cli/commands/topology.h"
#include "cli/commands/version.h"
#include "cli/errors.h"
#include "cli/help.h"
#include "cli/parse_faults.h"
#include "cli/session.h"
#include "platform/text/unicode.h"

namespace eda::cli {

namespace {

// At every command as well as in front of it, so that `edactl get teams -o json` and `edactl -o json get teams` both
// work, and a stream that is named like a command is still an argument (CLI11's fallthrough would take it for one).
void declare_globals(CLI::App& app, Globals& globals, const std::string& formats, Shows shows = Shows::list) {
  constexpr auto group = "Everywhere";
  auto option = [&](const char* names, std::string& value, const char* type, const std::string& what) {
    app.add_option(names, value, what)->type_name(type)->group(group);
  };
  if (shows == Shows::picture) {
    app.add_option("-o,--output", globals.outputs, formats + "; repeatable")
        ->type_name("FORMAT[=FILE]")
        ->group(group)
        ->allow_extra_args(false);
  } else {
    option("-o,--output", globals.output, "FORMAT", formats.empty() ? "there is nothing to choose here" : formats);
  }
  option("--context", globals.context.context, "NAME", "the context to work against");
  option("--server", globals.context.server, "HOST:PORT", "edad's address");
  option("--cluster", globals.context.cluster, "NAME", "the cluster where none is named");
  option("--team", globals.context.team, "NAME", "whose");
  option("--set", globals.context.set, "NAME",
         "the apply-set that manages the fields (default: git's origin, or the folder)");
  option("--token-file", globals.context.token_file, "FILE", "a file that holds the token; - is stdin");
  option("--ca", globals.context.ca, "FILE", "authorities to trust, PEM");
  option("--timeout", globals.timeout, "DURATION", "how long to wait (60s)");
  option("--reason", globals.reason, "TEXT", "why; it stands in the audit trail");
  app.add_flag("-q,--quiet", globals.quiet, "no words but errors")->group(group);
  app.add_flag("-v,--verbose", globals.verbose, "more words")->group(group);
}

constexpr auto root_examples =
    "edactl get teams\n"
    "edactl plan -f streams/\n"
    "edactl apply -f streams/ --reason \"first streams\"\n"
    "edactl help apply";

// The tree of commands in CLI11. What a command declares is declared when it is named.
class Tree {
 public:
  Tree(const std::vector<Command>& commands, Globals& globals) : globals_(globals) {
    root_.name("edactl");
    root_.description("Who owns which stream, who may use it, and what is on the brokers. Changes are planned first.");
    root_.set_help_flag("-h,--help", "this help");
    root_.set_version_flag("--version", version_text(), "edactl's version");
    root_.require_subcommand(0, 1);
    declare_globals(root_, globals_, "how data is written; each command's help says what it has");
    for (auto& command : commands) add(root_, command);
  }

  void parse(const std::vector<std::string>& arguments) {
    root_.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  }
  CLI::App& root() { return root_; }
  const Run& run() const { return run_; }
  Shows shows() const { return shows_; }
  const std::string& examples() const { return examples_; }
  /// The deepest command that was named.
  CLI::App& named() {
    CLI::App* app = &root_;
    while (!app->get_subcommands().empty()) app = app->get_subcommands().front();
    return *app;
  }

 private:
  void add(CLI::App& parent, const Command& command) {
    auto* app = parent.add_subcommand(command.name, command.summary);
    app->group(&parent == &root_ ? command.group : "Commands");
    app->preparse_callback([this, app, &command](std::size_t) {
      examples_ = command.examples;
      for (auto& inner : command.commands) add(*app, inner);
      if (!command.commands.empty()) app->require_subcommand(0, 1);
      if (command.declare) {
        run_ = command.declare(*app);
        shows_ = command.shows;
        declare_globals(*app, globals_, formats_text(command.shows), command.shows);
      }
    });
  }

  Globals& globals_;
  CLI::App root_;
  Run run_;
  Shows shows_ = Shows::list;
  std::string examples_ = root_examples;
};

int end(Terminal& terminal, Exit exit) {
  auto written = terminal.finish();
  if (!written) {
    terminal.complain(error_text(written.error(), terminal.err_palette()));
    if (exit == Exit::ok) exit = Exit::failed;
  }
  return static_cast<int>(exit);
}

int end(Terminal& terminal, const Error& error) {
  terminal.complain(error_text(error, terminal.err_palette()));
  for (auto& [key, value] : error.facts) terminal.detail(fmt::format("  {}: {}", key, text::printable(value)));
  return end(terminal, exit_of(error.code));
}

}  // namespace

namespace {

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
  Tree tree(commands, globals);
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
  out.push_back(service_command());
  out.push_back(stream_command());
  out.push_back(topology_command());
  out.push_back(operation_command());
  out.push_back(audit_command());
  take(identity_commands());
  out.push_back(user_command());
  out.push_back(config_command());
  take(kind_commands());
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
  Globals globals;
  Tree tree(commands, globals);
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
    terminal.complain(help_page(tree.named(), tree.examples(), width_or(terminal.err_width())));
    return end(terminal, Exit::usage);
  }
  Session session(globals, terminal, environment);
  auto outcome = session.prepare();
  if (outcome) outcome = check_format(session.format(), tree.shows(), path_of(tree.named()));
  if (!outcome) return end(terminal, outcome.error());
  auto exit = tree.run()(session);
  return exit ? end(terminal, *exit) : end(terminal, exit.error());
}

}  // namespace eda::cli
