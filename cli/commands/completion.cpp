#include "cli/commands/completion.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/completion.h"
#include "cli/completion_names.h"
#include "cli/errors.h"
#include "cli/session.h"

namespace eda::cli {

namespace {

// bash breaks words at "=" and ":", and replaces only what stands behind the last of them.
constexpr auto bash_script = R"(# edactl's completion for bash. Load it now: source <(edactl completion bash)
# For every shell to come: edactl completion bash > ~/.local/share/bash-completion/completions/edactl
_edactl() {
  local line whole head rest flags= cur=${COMP_WORDS[COMP_CWORD]}
  COMPREPLY=()
  whole=${COMP_LINE:0:COMP_POINT}
  whole=${whole##*[[:space:]]}
  [[ $cur == [=:] ]] && cur=
  head=${whole%"$cur"}
  while IFS= read -r line; do
    case $line in
      :*) flags=$line ;;
      *) rest=${line%%$'\t'*}; COMPREPLY+=("${rest#"$head"}") ;;
    esac
  done < <("$1" __complete --line "${COMP_LINE:0:COMP_POINT}" 2> /dev/null)
  case $flags in
    *files*) compopt -o filenames 2> /dev/null; while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$cur") ;;
    *folders*) compopt -o filenames 2> /dev/null; while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -d -- "$cur") ;;
  esac
  [[ $flags == *nospace* ]] && compopt -o nospace 2> /dev/null
  return 0
}
complete -F _edactl -- edactl
)";

constexpr auto zsh_script = R"(#compdef edactl
# edactl's completion for zsh. Load it now: source <(edactl completion zsh)
# For every shell to come: edactl completion zsh > a folder of $fpath, as _edactl
_edactl() {
  local line flags=
  local -a said words_only shown space
  said=("${(@f)$("${(Q)words[1]}" __complete -- "${(@Q)words[2,CURRENT]}" 2> /dev/null)}")
  for line in $said; do
    if [[ $line == :* ]]; then
      flags=$line
    else
      words_only+=("${line%%$'\t'*}")
      [[ $line == *$'\t'* ]] && shown+=("${line%%$'\t'*}  -- ${line#*$'\t'}") || shown+=("$line")
    fi
  done
  [[ $flags == *nospace* ]] && space=(-S '')
  (( $#words_only )) && compadd $space -l -d shown -a words_only
  case $flags in
    *files*) _files ;;
    *folders*) _files -/ ;;
  esac
}
if [[ $funcstack[1] == _edactl ]]; then
  _edactl "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit -D }
  compdef "_edactl" edactl
fi
)";

constexpr auto fish_script = R"(# edactl's completion for fish. Load it now: edactl completion fish | source
# For every shell to come: edactl completion fish > ~/.config/fish/completions/edactl.fish
function __edactl_complete
    set -l typed (commandline -opc)
    set -l current (commandline -ct)
    set -l program $typed[1]
    set -e typed[1]
    for line in ($program __complete -- $typed $current 2> /dev/null)
        switch $line
            case ':files*'
                __fish_complete_path $current
            case ':folders*'
                __fish_complete_directories $current
            case ':*'
            case '*'
                echo $line
        end
    end
end
complete -c edactl -f -a '(__edactl_complete)'
)";

Result<Exit> print_script(Session& session, const std::string& shell) {
  const char* script = shell == "bash" ? bash_script : shell == "zsh" ? zsh_script : shell == "fish" ? fish_script : "";
  if (*script == '\0') {
    return fail(usage_error(fmt::format("there is no completion for \"{}\"", shell), "bash, zsh or fish"));
  }
  session.terminal().out(script);
  return Exit::ok;
}

}  // namespace

Command completion_command() {
  return {"completion",
          "a script that completes commands, flags and names in your shell",
          "source <(edactl completion bash)   # now; the script's first lines say how for good\n"
          "edactl completion zsh > ~/.zsh/completions/_edactl\n"
          "edactl completion fish > ~/.config/fish/completions/edactl.fish",
          [](CLI::App& app) -> Run {
            auto shell = std::make_shared<std::string>();
            app.add_option("shell", *shell, "bash, zsh or fish")->type_name("SHELL")->required();
            return [shell](Session& session) { return print_script(session, *shell); };
          },
          {},
          "Help",
          Shows::text};
}

Exit print_completions(const std::vector<Command>& commands, const std::vector<std::string>& arguments,
                       Terminal& terminal, const Environment& environment) {
  std::vector<std::string> words;
  if (arguments.size() == 2 && arguments.front() == "--line") {
    words = words_of_line(arguments.back());
  } else if (!arguments.empty() && arguments.front() == "--") {
    words.assign(arguments.begin() + 1, arguments.end());
  }
  auto found =
      complete(commands, words, [&](const NameQuery& query) { return names_for_completion(environment, query); });
  std::string out;
  for (auto& candidate : found.words) {
    out += candidate.word + (candidate.says.empty() ? "" : "\t" + candidate.says) + "\n";
  }
  using Paths = Completions::Paths;
  out += found.paths == Paths::files ? ":files" : found.paths == Paths::folders ? ":folders" : ":none";
  terminal.out(out + (found.space == Completions::Space::none ? " nospace\n" : "\n"));
  return Exit::ok;
}

}  // namespace eda::cli
