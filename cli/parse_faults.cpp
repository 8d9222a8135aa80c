#include "cli/parse_faults.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "cli/errors.h"
#include "cli/help.h"
#include "platform/text/distance.h"
#include "platform/text/unicode.h"

namespace eda::cli {

namespace {

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

std::string help_for(CLI::App& app) {
  return fmt::format("{} --help", path_of(app));
}

// The first that has to be given and was not.
const CLI::Option* missing_option(CLI::App& app) {
  auto missing = app.get_options([](const CLI::Option* each) { return each->get_required() && each->count() == 0; });
  return missing.empty() ? nullptr : missing.front();
}

Error missing_argument(CLI::App& app, const CLI::Option& option, const std::string& examples) {
  auto example = first_example(examples);
  return usage_error(fmt::format("{} needs {}: {}", path_of(app), option.get_type_name(), option.get_description()),
                     example.empty() ? help_for(app) : "for example: " + example);
}

// CLI11 says which option in front of what it says about it: "--to: 1 required GENERATION missing".
const CLI::Option* option_in(CLI::App& app, const std::string& text) {
  for (const auto* option : app.get_options()) {
    auto name = option->get_name();
    if (!name.empty() && (text.starts_with(name + ":") || text.starts_with(name + " = "))) return option;
  }
  return nullptr;
}

std::string use_of(const CLI::Option& option) {
  return fmt::format("{} {}: {}", option.get_name(), option.get_type_name(), option.get_description());
}

// "Could not convert: --to = x".
std::optional<Error> not_converted(CLI::App& app, std::string text) {
  constexpr std::string_view head = "Could not convert: ";
  if (!text.starts_with(head)) return std::nullopt;
  text.erase(0, head.size());
  const auto* option = option_in(app, text);
  if (option == nullptr) return std::nullopt;
  auto name = option->get_name();
  auto value = text.substr(std::min(text.size(), name.size() + 3));
  auto shown = text::printable(value);
  if (option->get_type_name().empty()) {
    return usage_error(fmt::format("{} is a flag and takes no value; \"{}\" was given", name, shown),
                       fmt::format("{}, or leave it out", name));
  }
  bool digits = !value.empty() && value.find_first_not_of("0123456789") == std::string::npos;
  return usage_error(digits ? fmt::format("{} is larger than {} takes", shown, name)
                            : fmt::format("{} takes a whole number, \"{}\" is none", name, shown),
                     use_of(*option));
}

}  // namespace

Error unknown_word(CLI::App& app, const std::string& word) {
  auto path = path_of(app);
  auto shown = text::printable(word);
  if (word.starts_with("-") && word.size() > 1) {
    auto hint = text::did_you_mean(word.substr(0, word.find('=')), flags_of(app));
    return usage_error(fmt::format("{} has no flag {}", path, shown), hint.empty() ? help_for(app) : hint);
  }
  auto commands = commands_of(app);
  if (commands.empty()) {
    return usage_error(fmt::format("{}: \"{}\" is one argument too many", path, shown), help_for(app));
  }
  auto hint = text::did_you_mean(word, commands);
  return usage_error(fmt::format("{} has no command \"{}\"", path, shown), hint.empty() ? help_for(app) : hint);
}

Error parse_fault(CLI::App& root, CLI::App& named, const CLI::ParseError& fault, const std::string& examples) {
  auto left = root.remaining(true);
  if (!left.empty() && dynamic_cast<const CLI::ExtrasError*>(&fault) != nullptr) {
    return unknown_word(named, left.front());
  }
  if (const auto* missing = missing_option(named);
      missing != nullptr && dynamic_cast<const CLI::RequiredError*>(&fault) != nullptr) {
    return missing_argument(named, *missing, examples);
  }
  if (auto error = not_converted(named, fault.what())) return *error;
  if (const auto* option = option_in(named, fault.what());
      option != nullptr && dynamic_cast<const CLI::ArgumentMismatch*>(&fault) != nullptr) {
    return usage_error(fmt::format("{} stands without its {}", option->get_name(), option->get_type_name()),
                       use_of(*option));
  }
  return usage_error(text::printable(fault.what()), help_for(named));
}

}  // namespace eda::cli
