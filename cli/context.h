#pragma once
// What the command works against: server, cluster, team, token. Precedence: flag > EDACTL_* > .edactl.yaml of the
// project > context of $XDG_CONFIG_HOME/edactl/config.yaml > default. Pure: files come in as text, the environment as a
// function (cli/context_files reads and writes them).

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/terminal.h"
#include "platform/core/error.h"

namespace eda::cli {

inline constexpr std::string_view default_server = "127.0.0.1:7070";

/// A named place to work against.
struct Context {
  std::string name;  ///< 1–64 of [A-Za-z0-9._-], not beginning with a dot: it names the token's file too
  std::string server;
  std::string cluster;
  std::string team;
  std::string set;            ///< the apply-set that manifests are applied as
  std::string ca;             ///< PEM file of authorities to trust
  std::string token_file;     ///< instead of the token that login keeps
  std::string token_command;  ///< run by sh; its first line of output is the token
  std::string guarded;        ///< "true": what changes something here is asked for once more
};

struct ConfigFile {
  std::string current;
  std::vector<Context> contexts;

  const Context* find(std::string_view name) const;
  /// The one of that name, made when it is not there.
  Context& at(const std::string& name);
};

/// Errors: invalid CONFIG_INVALID with a violation for each unknown key, bad name or YAML fault.
Result<ConfigFile> parse_config(const std::string& file_name, const std::string& text);
std::string write_config(const ConfigFile& config);
/// Why this is no context's name, or nullopt.
std::optional<std::string> context_name_fault(std::string_view name);

/// .edactl.yaml: what a checkout says for everybody who works in it. It names a context but never a server or a token,
/// for a cloned file must not decide where a token is sent or what is run.
struct ProjectFile {
  std::string file;  ///< empty: there is none
  std::string context;
  std::string cluster;
  std::string team;
  std::string set;
};
Result<ProjectFile> parse_project(const std::string& file_name, const std::string& text);

/// Global flags, empty where not given.
struct ContextFlags {
  std::string context, server, cluster, team, set, ca, token_file;
};

/// A value, and where it came from: "--cluster", "EDACTL_CLUSTER", ".edactl.yaml", "context prod", "default".
struct Setting {
  std::string value;
  std::string origin;
};

struct Settings {
  Setting context;  ///< its name; empty: none
  Setting server, cluster, team, ca;
  Setting set;            ///< empty: the manifests' folder decides (cli/apply_set)
  Setting token_file;     ///< by flag, environment or context
  Setting token_command;  ///< of the context
  std::string token;      ///< of EDACTL_TOKEN
  bool guarded = false;   ///< the context is protected, and the server is its own
  /// The token that login kept belongs to the context's server; it is used only while that is the server.
  bool use_kept_token = false;
};

/// Errors: not_found CONTEXT_UNKNOWN with the nearest name.
Result<Settings> resolve(const ContextFlags& flags, const Environment& environment, const ProjectFile& project,
                         const ConfigFile& config);

/// Everything that says something about a setting, in the order in which it would be taken; the first one is.
struct Origin {
  std::string name;  ///< "server"
  Setting said;
  enum class Rank { taken, behind } rank = Rank::taken;
};
/// Errors: as resolve().
Result<std::vector<Origin>> origins(const ContextFlags& flags, const Environment& environment,
                                    const ProjectFile& project, const ConfigFile& config);

/// What to do when nothing says where edad is: an error of three lines.
Error no_server();
/// Nothing was configured, and nothing was given.
bool knows_no_server(const Settings& settings);

}  // namespace eda::cli
