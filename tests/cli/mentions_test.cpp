// Whatever a message or a help text tells people to type exists: its command words, and its flags.

#include <algorithm>
#include <catch2/catch.hpp>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

#include "cli/app.h"

using namespace eda::cli;
namespace fs = std::filesystem;

namespace {

constexpr const char* folders[] = {"cli",        "streams", "identity", "plans",    "catalog",     "clusters",
                                   "operations", "dev",     "events",   "platform", "controlplane"};

// The string literals of a C++ source, those that stand beside each other as one, with the line where each begins.
std::map<std::size_t, std::string> literals_of(const std::string& source) {
  std::map<std::size_t, std::string> out;
  std::string* open = nullptr;
  std::size_t line = 1;
  for (std::size_t i = 0; i < source.size(); ++i) {
    char c = source[i];
    if (c == '\n') ++line;
    if (c == '/' && source.compare(i, 2, "//") == 0) {
      i = std::min(source.find('\n', i), source.size()) - 1;
    } else if (c == '\'' && i + 2 < source.size() && (source[i + 2] == '\'' || source[i + 1] == '\\')) {
      i = source.find('\'', i + (source[i + 1] == '\\' ? 3 : 2));
    } else if (c == '"') {
      if (open == nullptr) open = &out[line];
      for (++i; i < source.size() && source[i] != '"'; ++i) {
        if (source[i] == '\\') ++i;
        *open += source[i - 1] == '\\' && source[i] == 'n' ? '\n' : source[i];
      }
    } else if (std::isspace(static_cast<unsigned char>(c)) == 0) {
      open = nullptr;
    }
  }
  return out;
}

// What follows each "edactl " in a text, to the end of what is to be typed.
std::vector<std::string> mentions_in(const std::string& text) {
  std::vector<std::string> out;
  constexpr std::string_view word = "edactl ";
  for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    if (at > 0 && (std::isalnum(static_cast<unsigned char>(text[at - 1])) != 0 || text[at - 1] == '/')) continue;
    if (text.substr(0, at).ends_with("this ")) continue;  // the program itself
    auto begin = at + word.size();
    auto end = std::min(text.size(), text.find_first_of("\n;`(,#", begin));
    out.push_back(text.substr(begin, end - begin));
  }
  return out;
}

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream in(text);
  return {std::istream_iterator<std::string>(in), {}};
}

bool is_plain(const std::string& word) {
  return !word.empty() && word.find_first_not_of("abcdefghijklmnopqrstuvwxyz-") == std::string::npos && word[0] != '-';
}

class Checker {
 public:
  // Why these words cannot be typed; empty when they can.
  std::string fault(const std::string& mention) {
    auto words = words_of(mention);
    std::vector<std::string> path;
    const auto* level = &commands_;
    bool acts = false;
    std::size_t at = 0;
    for (; at < words.size() && is_plain(words[at]); ++at) {
      auto found = std::find_if(level->begin(), level->end(), [&](auto& command) { return command.name == words[at]; });
      if (found == level->end()) break;
      path.push_back(words[at]);
      acts = static_cast<bool>(found->declare);
      level = &found->commands;
    }
    if (at < words.size() && is_plain(words[at]) && !acts) return "there is no command " + words[at];
    for (; at < words.size(); ++at) {
      auto flag = words[at].substr(0, words[at].find_first_of("=.|\""));
      if (flag.starts_with("--") && flag.size() > 2 && !has_flag(path, flag)) return "there is no flag " + flag;
    }
    return {};
  }

 private:
  bool has_flag(const std::vector<std::string>& path, const std::string& flag) {
    auto page = help_text(path, 1'000);
    if (!page) return false;
    auto options = page->substr(0, page->find("\nExamples:"));
    for (auto end : {" ", ",", "\n"}) {
      if (options.find(flag + end) != std::string::npos) return true;
    }
    return false;
  }

  std::vector<Command> commands_ = all_commands();
};

std::string content(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("every command that a text of ours names can be typed") {
  Checker checker;
  std::size_t seen = 0;
  for (const auto* folder : folders) {
    for (auto& entry : fs::recursive_directory_iterator(fs::path(EDA_SOURCE_DIR) / folder)) {
      auto kind = entry.path().extension();
      if (kind != ".cpp" && kind != ".h") continue;
      for (auto& [line, text] : literals_of(content(entry.path()))) {
        for (auto& mention : mentions_in(text)) {
          ++seen;
          INFO(fs::relative(entry.path(), EDA_SOURCE_DIR).string() << ":" << line << ": edactl " << mention);
          CHECK(checker.fault(mention) == "");
        }
      }
    }
  }
  CHECK(seen > 100);
}

TEST_CASE("a command that is none, and a flag that its command does not have, are found") {
  Checker checker;
  CHECK(checker.fault("stream adopt --list shows those that no stream manages") == "");
  CHECK(checker.fault("user enable NAME") == "");
  CHECK(checker.fault("stream topics") == "there is no command topics");
  CHECK(checker.fault("user update NAME --enable") == "there is no flag --enable");
  CHECK(checker.fault("user update NAME --add-role admin") == "there is no flag --add-role");
  CHECK(mentions_in("a; edactl get shows it; edactl stream set x --for 4h").size() == 2);
  CHECK(literals_of("f(\"a \\\"b\\\" \"\n  \"c\"); // \"d\"\n'\"' \"e\"").size() == 2);
}
