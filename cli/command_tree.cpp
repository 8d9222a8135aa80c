#include "cli/command_tree.h"

#include <fmt/format.h>

#include "cli/commands/version.h"
#include "cli/help.h"
#include "cli/output_shapes.h"

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

// Where a command writes a list.
void declare_rows(CLI::App& app, Rows& rows) {
  constexpr auto group = "Lists";
  app.add_option("--columns", rows.columns, "only these, in this order, as their headers say")
      ->type_name("COLUMN,…")
      ->group(group);
  app.add_option("--sort-by", rows.sort_by, "order by this column; COLUMN:desc turns it around")
      ->type_name("COLUMN")
      ->group(group);
  app.add_flag("!--no-headers", rows.headers, "no line of headers")->group(group);
}

constexpr auto root_examples =
    "edactl get teams\n"
    "edactl plan -f streams/\n"
    "edactl apply -f streams/ --reason \"first streams\"\n"
    "edactl help apply";

}  // namespace

CommandTree::CommandTree(const std::vector<Command>& commands, Globals& globals)
    : globals_(globals), examples_(root_examples) {
  root_.name("edactl");
  root_.description("Who owns which stream, who may use it, and what is on the brokers. Changes are planned first.");
  root_.set_help_flag("-h,--help", "this help");
  root_.set_version_flag("--version", version_text(), "edactl's version");
  root_.require_subcommand(0, 1);
  declare_globals(root_, globals_, "how data is written; each command's help says what it has");
  for (auto& command : commands) add(root_, command);
}

void CommandTree::parse(const std::vector<std::string>& arguments) {
  root_.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
}

CLI::App* CommandTree::declare(const std::vector<std::string>& words) {
  auto arguments = words;
  arguments.emplace_back("--help");  // reads the words, and stops before anything that is missing is missed
  try {
    parse(arguments);
  } catch (const CLI::Success&) {
    return root_.remaining(true).empty() ? &named() : nullptr;
  } catch (const CLI::ParseError&) {
    return nullptr;
  }
  return &named();
}

CLI::App& CommandTree::named() {
  CLI::App* app = &root_;
  while (!app->get_subcommands().empty()) app = app->get_subcommands().front();
  return *app;
}

void CommandTree::add(CLI::App& parent, const Command& command) {
  auto* app = parent.add_subcommand(command.name, command.summary);
  app->group(&parent == &root_ ? command.group : "Commands");
  app->preparse_callback([this, app, &command](std::size_t) {
    examples_ = command.examples;
    for (auto& inner : command.commands) add(*app, inner);
    if (!command.commands.empty()) app->require_subcommand(0, 1);
    if (command.declare) {
      run_ = command.declare(*app);
      shows_ = command.shows;
      auto shape = output_shape(words_of(*app));
      if (shape && shape->of == OutputShape::Of::list) declare_rows(*app, globals_.rows);
      auto formats = formats_text(command.shows);
      declare_globals(*app, globals_, shape ? formats + "; schema: JSON Schema of the output" : formats, command.shows);
    }
  });
}

std::string words_of(const CLI::App& app) {
  auto path = path_of(app);
  auto space = path.find(' ');
  return space == std::string::npos ? std::string() : path.substr(space + 1);
}

}  // namespace eda::cli
