#include "cli/help.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <sstream>

#include "cli/wrap.h"
#include "platform/text/unicode.h"

namespace eda::cli {

namespace {

constexpr std::size_t column = 34;         // where explanations begin
constexpr std::size_t least_for_two = 70;  // columns of a terminal on which they stand beside what they explain

// CLI11's help with the whole path in the usage line, and options as people type them.
class HelpText final : public CLI::Formatter {
 public:
  explicit HelpText(std::size_t width) : width_(width) {}

  std::string make_description(const CLI::App* app) const override {
    return wrapped_under(app->get_description(), width_, "") + "\n";
  }

  std::string make_usage(const CLI::App* app, std::string /*name*/) const override {
    std::string out = "usage: " + path_of(*app);
    if (!app->get_subcommands([](const CLI::App*) { return true; }).empty()) out += " COMMAND";
    for (const auto* option : app->get_options([](const CLI::Option* each) { return each->get_positional(); })) {
      auto word = option->get_type_name() + (option->get_expected_max() > 1 ? "..." : "");
      out += " " + (option->get_required() ? word : "[" + word + "]");
    }
    return wrapped_under(out + " [FLAGS]", width_, "  ") + "\n";
  }

  std::string make_option(const CLI::Option* option, bool is_positional) const override {
    auto type = option->get_type_name();
    if (is_positional) return entry(type + (option->get_expected_max() > 1 ? "..." : ""), option->get_description());
    std::vector<std::string> names;
    for (auto& name : option->get_snames()) names.push_back("-" + name);
    for (auto& name : option->get_lnames()) names.push_back("--" + name);
    return entry(fmt::format("{}{}{}", fmt::join(names, ", "), type.empty() ? "" : " ", type),
                 option->get_description());
  }

  std::string make_subcommand(const CLI::App* app) const override {
    return entry(app->get_name(), app->get_description());
  }

 private:
  std::string entry(const std::string& what, const std::string& explanation) const {
    auto head = "  " + what;
    auto at = width_ < least_for_two ? 6 : column;
    std::string margin(at, ' ');
    bool beside = text::columns(head) + 2 <= at;
    auto begin = beside ? head + std::string(at - text::columns(head), ' ') : head + "\n" + margin;
    return begin + wrapped_under(explanation, std::max<std::size_t>(width_, at + 10) - at, margin) + "\n";
  }

  std::size_t width_;
};

// The words of a command that stay on one line: what is quoted, and a flag with its value.
std::vector<std::string> units_of(const std::string& command) {
  std::vector<std::string> out(1);
  char quote = 0;
  for (char c : command) {
    if (c == ' ' && quote == 0) {
      out.emplace_back();
      continue;
    }
    if (c == '"' || c == '\'') quote = quote == 0 ? c : quote == c ? '\0' : quote;
    out.back() += c;
  }
  for (std::size_t i = 1; i < out.size();) {
    auto is_flag = [](const std::string& word) { return word.starts_with("-") && word.size() > 1; };
    if (is_flag(out[i - 1]) && !is_flag(out[i]) && out[i - 1].find(' ') == std::string::npos) {
      out[i - 1] += " " + out[i];
      out.erase(out.begin() + static_cast<std::ptrdiff_t>(i));
    } else {
      ++i;
    }
  }
  return out;
}

// A command over several lines, as a shell reads it.
std::string continued(const std::string& command, std::size_t width) {
  constexpr std::string_view more = " \\";
  std::string out, line;
  for (auto& unit : units_of(command)) {
    if (line.empty()) {
      line = "  " + unit;
    } else if (text::columns(line) + 1 + text::columns(unit) + more.size() <= width) {
      line += " " + unit;
    } else {
      out.append(line).append(more).append("\n");
      line = "    " + unit;
    }
  }
  return out + line;
}

std::string comment(const std::string& text, std::size_t width) {
  return "  # " + wrapped_under(text, width - 4, "  # ");
}

// A line that is too long has its comment above it.
std::string example_lines(const std::string& line, std::size_t width) {
  if (line.starts_with("# ")) return comment(line.substr(2), width);
  if (text::columns(line) + 2 <= width) return "  " + line;
  auto hash = line.find(" # ");
  if (hash == std::string::npos) return continued(line, width);
  auto command = line.substr(0, line.find_last_not_of(' ', hash) + 1);
  return comment(line.substr(hash + 3), width) + "\n" + continued(command, width);
}

std::string examples_text(const std::string& examples, std::size_t width) {
  if (examples.empty()) return {};
  std::istringstream lines(examples);
  std::string out = "\nExamples:", line;
  while (std::getline(lines, line)) out += "\n" + example_lines(line, width);
  return out + "\n";
}

}  // namespace

std::string path_of(const CLI::App& app) {
  const auto* parent = app.get_parent();
  return parent == nullptr ? app.get_name() : path_of(*parent) + " " + app.get_name();
}

std::string help_page(CLI::App& app, const std::string& examples, std::size_t width) {
  width = std::max<std::size_t>(width, 40);
  app.formatter(std::make_shared<HelpText>(width));
  auto out = app.help();
  // With one empty line between groups.
  for (auto at = out.find("\n\n\n"); at != std::string::npos; at = out.find("\n\n\n", at)) out.erase(at, 1);
  while (out.ends_with("\n")) out.pop_back();
  return out + "\n" + examples_text(examples, width);
}

std::string first_example(const std::string& examples) {
  std::istringstream lines(examples);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("#")) continue;
    auto end = line.find(" # ");
    if (end == std::string::npos) return line;
    return line.substr(0, line.find_last_not_of(' ', end) + 1);
  }
  return {};
}

}  // namespace eda::cli
