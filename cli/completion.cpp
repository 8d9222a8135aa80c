#include "cli/completion.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "cli/columns.h"
#include "cli/command_tree.h"
#include "cli/kinds.h"
#include "cli/output_shapes.h"

namespace eda::cli {

namespace {

// Words that the product gives, by what a flag or an argument is called.
const std::map<std::string, std::vector<std::string>> fixed_words{
    {"ROLE", {"admin", "operator", "auditor"}},
    {"SCOPE", {"read", "write", "delete", "administer"}},
    {"SHELL", {"bash", "zsh", "fish"}},
};

// Where the cursor stands: the command, what was given to it, and what is being written.
struct Place {
  std::vector<std::string> path;  ///< the command's words
  const Command* command = nullptr;
  const std::vector<Command>* inner = nullptr;  ///< commands that may be named next
  std::vector<std::string> arguments;
  ContextFlags flags;
  const CLI::Option* pending = nullptr;  ///< the flag whose value is being written
  bool only_arguments = false;           ///< behind "--"
};

std::string long_name(const CLI::Option& option) {
  return option.get_lnames().empty() ? std::string() : option.get_lnames().front();
}

bool takes_value(const CLI::Option& option) {
  return option.get_items_expected_max() > 0;
}

const CLI::Option* find_flag(CLI::App& app, const std::string& word) {
  auto name = word.substr(0, word.find('='));
  for (const auto* option : app.get_options()) {
    for (auto& one : option->get_lnames()) {
      if (name == "--" + one) return option;
    }
    for (auto& one : option->get_snames()) {
      if (name == "-" + one) return option;
    }
  }
  return nullptr;
}

class Completer {
 public:
  Completer(const std::vector<Command>& commands, const Names& names) : commands_(commands), names_(names) {
    place_.inner = &commands;
  }

  Completions run(const std::vector<std::string>& words) {
    Globals globals;
    CommandTree root(commands_, globals);
    auto* app = root.declare({});
    std::vector<std::unique_ptr<CommandTree>> trees;
    for (std::size_t i = 0; i + 1 < words.size() && app != nullptr; ++i) {
      if (!step(*app, words[i])) continue;
      trees.push_back(std::make_unique<CommandTree>(commands_, globals));
      app = trees.back()->declare(place_.path);
    }
    if (app != nullptr) finish(*app, words.empty() ? std::string() : words.back());
    return std::move(out_);
  }

 private:
  // One word that is complete; true when it named a command.
  bool step(CLI::App& app, const std::string& word) {
    if (place_.pending != nullptr) {
      note_flag(long_name(*std::exchange(place_.pending, nullptr)), word);
      return false;
    }
    if (place_.only_arguments || word == "-" || !word.starts_with("-")) {
      if (!place_.only_arguments && place_.arguments.empty() && descend(word)) return true;
      place_.arguments.push_back(word);
      return false;
    }
    if (word == "--") {
      place_.only_arguments = true;
      return false;
    }
    const auto* option = find_flag(app, word);
    if (option == nullptr || !takes_value(*option)) return false;
    if (auto sign = word.find('='); sign != std::string::npos) {
      note_flag(long_name(*option), word.substr(sign + 1));
    } else {
      place_.pending = option;
    }
    return false;
  }

  bool descend(const std::string& word) {
    if (place_.inner == nullptr) return false;
    for (auto& command : *place_.inner) {
      if (command.name != word) continue;
      place_.command = &command;
      place_.inner = &command.commands;
      place_.path.push_back(word);
      return true;
    }
    return false;
  }

  void note_flag(const std::string& name, const std::string& value) {
    auto& flags = place_.flags;
    if (name == "context") flags.context = value;
    if (name == "server") flags.server = value;
    if (name == "cluster") flags.cluster = value;
    if (name == "team") flags.team = value;
    if (name == "ca") flags.ca = value;
    if (name == "token-file") flags.token_file = value;
  }

  void finish(CLI::App& app, const std::string& word) {
    current_ = word;
    if (place_.pending != nullptr) return values(*place_.pending);
    if (!place_.only_arguments && word.starts_with("-")) {
      auto sign = word.find('=');
      if (sign == std::string::npos) return flags(app);
      const auto* option = find_flag(app, word);
      if (option == nullptr || !takes_value(*option)) return;
      prefix_ = word.substr(0, sign + 1);
      current_ = word.substr(sign + 1);
      return values(*option);
    }
    if (place_.arguments.empty() && place_.inner != nullptr && !place_.only_arguments) {
      for (auto& command : *place_.inner) offer(command.name, command.summary);
    }
    argument(app);
  }

  void flags(CLI::App& app) {
    for (const auto* option : app.get_options()) {
      for (auto& name : option->get_lnames()) offer("--" + name, option->get_description());
    }
  }

  // The argument whose turn it is; the last one may be given again and again.
  void argument(CLI::App& app) {
    auto all = app.get_options([](const CLI::Option* each) { return each->get_positional(); });
    if (all.empty()) return;
    auto index = place_.arguments.size();
    if (index < all.size()) return values(*all[index]);
    if (all.back()->get_expected_max() > 1) values(*all.back());
  }

  void values(const CLI::Option& option) {
    auto type = option.get_type_name();
    auto name = long_name(option);
    auto fixed = fixed_words.find(type);
    if (fixed != fixed_words.end()) return offer_all(fixed->second);
    if (type.starts_with("FORMAT")) return formats();
    if (name == "context") return offer_names("context");
    if (name == "cluster" || name == "team" || name == "domain") return offer_names(name);
    if (type == "FILE") return paths(Completions::Paths::files);
    if (type == "DIR" || type == "FOLDER") return paths(Completions::Paths::folders);
    if (type == "COLUMN" || type == "COLUMN,…") return columns();
    if (type == "COMMAND" && path() == "help") return help_words();
    if (type == "FIELD=VALUE") return assignments("stream");
    if (type == "REF") return references();
    if (type == "SUBJECT") return subjects();
    if (type == "TOPIC") return offer_names("topic");
    if (type == "ID") return offer_names(place_.path.front());
    if (type.starts_with("KIND")) return kind_words(type);
    if (type == "NAME") return named(option);
    if (const auto* rules = kinds().find(type)) return offer_names(rules->singular());
  }

  std::string path() const {
    std::string out;
    for (auto& word : place_.path) out += (out.empty() ? "" : " ") + word;
    return out;
  }

  // A name: of the kind that was given before, else of what the command is about.
  void named(const CLI::Option& option) {
    if (!option.get_positional()) return;
    auto about = place_.path.empty() ? std::string() : place_.path.front();
    if (path() == "config use-context" || path() == "config set-context") return offer_names("context");
    if (const auto* rules = kinds().find(about)) return offer_names(rules->singular());
    if (about == "user") return offer_names("user");
    if (place_.arguments.empty()) return;
    auto& kind = place_.arguments.front();
    if (const auto* rules = kinds().find(kind)) return offer_names(rules->singular());
    if (kind == "user" || kind == "users") offer_names("user");
  }

  void kind_words(const std::string& type) {
    auto dot = current_.find('.');
    if (type == "KIND[.FIELD]" && dot != std::string::npos) return fields(current_.substr(0, dot));
    bool many = type == "KINDS", lists = path() == "get" || path() == "describe";
    if (many) {
      if (auto comma = current_.rfind(','); comma != std::string::npos) {
        prefix_ += current_.substr(0, comma + 1);
        current_.erase(0, comma + 1);
      }
      if (prefix_.empty()) offer("all", "every kind");
    }
    for (const auto* rules : kinds().all()) {
      offer(many ? std::string(rules->plural) : rules->singular(), std::string(rules->doc));
    }
    if (!lists || !prefix_.empty()) return;
    offer(many ? "users" : "user", "people who call edad");
    offer(many ? "plans" : "plan", "plans of changes");
    if (many) offer("domains", "bounded contexts that objects name");
  }

  void fields(const std::string& kind) {
    const auto* rules = kinds().find(kind);
    if (rules == nullptr) return;
    for (auto table : {rules->fields, plans::metadata_fields()}) {
      for (auto& field : table) {
        auto path = field.path;
        if (path.starts_with("spec.")) path.remove_prefix(5);
        offer(kind + "." + std::string(path), std::string(field.doc));
      }
    }
  }

  // retention=, and behind the sign what a choice may be.
  void assignments(const std::string& kind) {
    const auto* rules = kinds().find(kind);
    if (place_.arguments.empty() || rules == nullptr) return;
    auto sign = current_.find('=');
    for (auto& field : rules->fields) {
      auto word = std::string(field.path.substr(field.path.find('.') + 1)) + (plans::is_map(field.type) ? "." : "=");
      if (sign == std::string::npos) {
        out_.space = Completions::Space::none;
        offer(word, std::string(field.doc));
      } else if (current_.starts_with(word)) {
        for (auto choice : field.choices) offer(word + std::string(choice), {});
      }
    }
  }

  void references() {
    auto slash = current_.find('/');
    const auto* rules = slash == std::string::npos ? nullptr : kinds().find(current_.substr(0, slash));
    if (rules != nullptr) {
      for (auto& name : ask(rules->singular())) offer(rules->singular() + "/" + name, {});
      return;
    }
    out_.space = Completions::Space::none;
    for (const auto* one : kinds().all()) offer(one->singular() + "/", std::string(one->doc));
  }

  void subjects() {
    if (current_.find('/') != std::string::npos) {
      for (auto& name : ask("user")) offer("user/" + name, {});
      return;
    }
    out_.space = Completions::Space::none;
    for (const auto* word : {"user/", "service/", "ci/"}) offer(word, {});
  }

  void formats() {
    auto shape = output_shape(path());
    for (auto format : formats_of(place_.command == nullptr ? Shows::list : place_.command->shows)) {
      offer(std::string(format_word(format)), {});
    }
    if (shape) offer("schema", "JSON Schema of the output");
  }

  void columns() {
    if (path() != "get" || place_.arguments.empty()) return;
    const auto* rules = kinds().find(place_.arguments.front());
    if (auto comma = current_.rfind(','); comma != std::string::npos) {
      prefix_ += current_.substr(0, comma + 1);
      current_.erase(0, comma + 1);
    }
    for (auto& column : ObjectColumns(rules).columns()) {
      auto word = column.header;
      std::transform(word.begin(), word.end(), word.begin(), [](unsigned char c) { return std::tolower(c); });
      offer(word, {});
    }
  }

  void help_words() {
    const auto* inner = &commands_;
    for (auto& word : place_.arguments) {
      auto found = std::find_if(inner->begin(), inner->end(), [&](auto& command) { return command.name == word; });
      if (found == inner->end()) return;
      inner = &found->commands;
    }
    for (auto& command : *inner) offer(command.name, command.summary);
  }

  void paths(Completions::Paths what) { out_.paths = what; }

  std::vector<std::string> ask(const std::string& what) { return names_({what, place_.flags}); }
  void offer_names(const std::string& what) { offer_all(ask(what)); }
  void offer_all(const std::vector<std::string>& words) {
    for (auto& word : words) offer(word, {});
  }
  void offer(const std::string& word, const std::string& says) {
    if (word.starts_with(current_)) out_.words.push_back({prefix_ + word, says});
  }

  const std::vector<Command>& commands_;
  const Names& names_;
  Place place_;
  Completions out_;
  std::string current_;  ///< what is written of the word so far
  std::string prefix_;   ///< what stands in front of it in the same word: "--cluster=", "teams,"
};

}  // namespace

Completions complete(const std::vector<Command>& commands, const std::vector<std::string>& words, const Names& names) {
  return Completer(commands, names).run(words);
}

std::vector<std::string> words_of_line(const std::string& line) {
  std::vector<std::string> out;
  std::string word;
  bool open = false;  // a word has begun, if only with a quote
  char quote = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    char c = line[i];
    if (c == '\\' && quote != '\'' && i + 1 < line.size()) {
      word += line[++i];
      open = true;
    } else if (quote != 0 ? c == quote : c == '\'' || c == '"') {
      quote = quote == 0 ? c : '\0';
      open = true;
    } else if (quote == 0 && (c == ' ' || c == '\t')) {
      if (open || !word.empty()) out.push_back(std::move(word));
      word.clear();
      open = false;
    } else {
      word += c;
    }
  }
  out.push_back(std::move(word));
  // EDACTL_TOKEN=… in front, then the program.
  auto program = out.begin();
  while (program != out.end() && program + 1 != out.end() && program->find('=') != std::string::npos) ++program;
  out.erase(out.begin(), program == out.end() ? program : program + 1);
  return out;
}

}  // namespace eda::cli
