#include "cli/app.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <sstream>

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
#include "cli/commands/streams.h"
#include "cli/commands/version.h"
#include "cli/errors.h"
#include "cli/session.h"
#include "platform/text/distance.h"
#include "platform/text/unicode.h"

namespace eda::cli {

namespace {

// At every command as well as in front of it, so that `edactl get teams -o json` and `edactl -o json get teams` both
// work, and a stream that is named like a command is still an argument (CLI11's fallthrough would take it for one).
void declare_globals(CLI::App& app, Globals& globals) {
  constexpr auto group = "Everywhere";
  auto option = [&](const char* names, std::string& value, const char* type, const char* what) {
    app.add_option(names, value, what)->type_name(type)->group(group);
  };
  option("-o,--output", globals.output, "FORMAT", "table, wide, json, yaml, name or tsv; plans: markdown too");
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

std::string examples_text(const std::string& examples) {
  if (examples.empty()) return {};
  std::istringstream lines(examples);
  std::string out = "\nExamples:", line;
  while (std::getline(lines, line)) out += "\n  " + line;
  return out;
}

std::string path_of(const CLI::App& app) {
  const auto* parent = app.get_parent();
  return parent == nullptr ? app.get_name() : path_of(*parent) + " " + app.get_name();
}

// CLI11's help with the whole path in the usage line, and options as people type them.
class HelpText final : public CLI::Formatter {
 public:
  HelpText() { column_width(34); }

  std::string make_usage(const CLI::App* app, std::string /*name*/) const override {
    std::string out = "usage: " + path_of(*app);
    if (!app->get_subcommands([](const CLI::App*) { return true; }).empty()) out += " COMMAND";
    for (const auto* option : app->get_options([](const CLI::Option* each) { return each->get_positional(); })) {
      auto word = option->get_type_name() + (option->get_expected_max() > 1 ? "..." : "");
      out += " " + (option->get_required() ? word : "[" + word + "]");
    }
    return out + " [FLAGS]\n";
  }

  std::string make_option_opts(const CLI::Option* option) const override {
    if (option->get_type_size() == 0) return {};
    return " " + option->get_type_name() + (option->get_positional() && option->get_expected_max() > 1 ? "..." : "");
  }

  std::string make_option_name(const CLI::Option* option, bool is_positional) const override {
    if (is_positional) return {};
    std::vector<std::string> names;
    for (auto& name : option->get_snames()) names.push_back("-" + name);
    for (auto& name : option->get_lnames()) names.push_back("--" + name);
    return fmt::format("{}", fmt::join(names, ", "));
  }
};

// The tree of commands in CLI11. What a command declares is declared when it is named.
class Tree {
 public:
  Tree(const std::vector<Command>& commands, Globals& globals) : globals_(globals) {
    root_.name("edactl");
    root_.description("Who owns which stream, who may use it, and what is on the brokers. Changes are planned first.");
    root_.set_help_flag("-h,--help", "this help");
    root_.require_subcommand(0, 1);
    root_.formatter(std::make_shared<HelpText>());
    root_.footer(
        examples_text("edactl get teams\nedactl plan -f streams/\nedactl apply -f streams/ --reason \"first streams\"\n"
                      "edactl apply --help"));
    declare_globals(root_, globals_);
    for (auto& command : commands) add(root_, command);
  }

  CLI::App& root() { return root_; }
  const Run& run() const { return run_; }
  Shows shows() const { return shows_; }
  /// The deepest command that was named.
  CLI::App& named() {
    CLI::App* app = &root_;
    while (!app->get_subcommands().empty()) app = app->get_subcommands().front();
    return *app;
  }

 private:
  void add(CLI::App& parent, const Command& command) {
    auto* app = parent.add_subcommand(command.name, command.summary);
    app->group(command.group);
    app->preparse_callback([this, app, &command](std::size_t) {
      app->footer(examples_text(command.examples));
      for (auto& inner : command.commands) add(*app, inner);
      if (!command.commands.empty()) app->require_subcommand(0, 1);
      if (command.declare) {
        run_ = command.declare(*app);
        shows_ = command.shows;
        declare_globals(*app, globals_);
      }
    });
  }

  Globals& globals_;
  CLI::App root_;
  Run run_;
  Shows shows_ = Shows::data;
};

std::vector<std::string> flags_of(CLI::App& app) {
  std::vector<std::string> out;
  for (const auto* option : app.get_options()) {
    for (auto& name : option->get_lnames()) out.push_back("--" + name);
    for (auto& name : option->get_fnames()) out.push_back("--" + name);
  }
  return out;
}

std::vector<std::string> commands_of(CLI::App& app) {
  std::vector<std::string> out;
  for (auto* inner : app.get_subcommands([](CLI::App*) { return true; })) out.push_back(inner->get_name());
  return out;
}

// A word that is nothing here: a mistyped command, a mistyped flag, or one argument too many.
Error unknown_word(CLI::App& app, const std::string& word) {
  auto path = path_of(app);
  auto help = fmt::format("{} --help", path);
  auto shown = text::printable(word);
  if (word.starts_with("-") && word.size() > 1) {
    auto hint = text::did_you_mean(word.substr(0, word.find('=')), flags_of(app));
    return usage_error(fmt::format("{} has no flag {}", path, shown), hint.empty() ? help : hint);
  }
  auto commands = commands_of(app);
  if (commands.empty()) return usage_error(fmt::format("{}: \"{}\" is one argument too many", path, shown), help);
  auto hint = text::did_you_mean(word, commands);
  return usage_error(fmt::format("{} has no command \"{}\"", path, shown), hint.empty() ? help : hint);
}

Error parse_error(Tree& tree, const CLI::ParseError& fault) {
  auto& app = tree.named();
  auto left = tree.root().remaining(true);
  if (!left.empty() && dynamic_cast<const CLI::ExtrasError*>(&fault) != nullptr) return unknown_word(app, left.front());
  return usage_error(text::printable(fault.what()), fmt::format("{} --help", path_of(app)));
}

// With one empty line between groups.
std::string help_of(CLI::App& app) {
  auto out = app.help();
  for (auto at = out.find("\n\n\n"); at != std::string::npos; at = out.find("\n\n\n", at)) out.erase(at, 1);
  while (out.ends_with("\n\n")) out.pop_back();
  return out;
}

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

std::vector<Command> all_commands() {
  std::vector<Command> out = plan_commands();
  auto take = [&](std::vector<Command> more) {
    for (auto& command : more) out.push_back(std::move(command));
  };
  take(catalog_commands());
  take(history_commands());
  out.push_back(cluster_command());
  out.push_back(stream_command());
  out.push_back(operation_command());
  out.push_back(audit_command());
  take(identity_commands());
  out.push_back(user_command());
  out.push_back(config_command());
  take(kind_commands());
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
    tree.root().parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::Success&) {
    terminal.out(help_of(tree.named()));
    return end(terminal, Exit::ok);
  } catch (const CLI::ParseError& fault) {
    return end(terminal, parse_error(tree, fault));
  }
  if (!tree.run()) {
    auto& app = tree.named();
    terminal.complain(help_of(app));
    return end(terminal, Exit::usage);
  }
  Session session(globals, terminal, environment);
  auto outcome = session.prepare();
  if (outcome && session.format() == Format::markdown && tree.shows() != Shows::plans) {
    outcome = fail(usage_error(fmt::format("{} has no output format \"markdown\"; plans have", path_of(tree.named())),
                               "-o table, wide, json, yaml, name or tsv"));
  }
  if (!outcome) return end(terminal, outcome.error());
  auto exit = tree.run()(session);
  return exit ? end(terminal, *exit) : end(terminal, exit.error());
}

}  // namespace eda::cli
