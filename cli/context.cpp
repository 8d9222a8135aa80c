#include "cli/context.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/yaml.h"
#include "platform/process/config_file.h"
#include "platform/text/distance.h"

namespace eda::cli {

namespace {

struct ContextKey {
  std::string_view key;
  std::string Context::*member;
};
constexpr std::array<ContextKey, 8> context_keys{{{"server", &Context::server},
                                                  {"cluster", &Context::cluster},
                                                  {"team", &Context::team},
                                                  {"set", &Context::set},
                                                  {"ca", &Context::ca},
                                                  {"tokenFile", &Context::token_file},
                                                  {"tokenCommand", &Context::token_command},
                                                  {"protected", &Context::guarded}}};

struct ProjectKey {
  std::string_view key;
  std::string ProjectFile::*member;
};
constexpr std::array<ProjectKey, 4> project_keys{{{"context", &ProjectFile::context},
                                                  {"cluster", &ProjectFile::cluster},
                                                  {"team", &ProjectFile::team},
                                                  {"set", &ProjectFile::set}}};

template <class Keys>
std::string hint_of(std::string_view key, const Keys& keys) {
  std::vector<std::string> names;
  for (auto& row : keys) names.emplace_back(row.key);
  auto hint = text::did_you_mean(key, names);
  return hint.empty() ? fmt::format("one of {}", fmt::join(names, ", ")) : hint;
}

Violation unknown_key(const process::FileEntry& entry, std::string hint) {
  return {entry.key, "unknown key", entry.at, std::move(hint), {}};
}

Error invalid_file(const std::string& name, std::vector<Violation> violations) {
  Error error(Code::invalid, "CONFIG_INVALID", fmt::format("{} is invalid", name), "correct the file");
  error.violations = std::move(violations);
  return error;
}

// contexts.NAME.KEY, where NAME may hold dots and KEY does not.
std::optional<Violation> read_context(const process::FileEntry& entry, ConfigFile& out) {
  constexpr std::string_view head = "contexts.";
  std::string_view rest = std::string_view(entry.key).substr(head.size());
  auto dot = rest.rfind('.');
  if (dot == std::string_view::npos) {
    return Violation{entry.key, "a context is a mapping", entry.at, "write server: below its name", {}};
  }
  std::string name(rest.substr(0, dot));
  if (auto fault = context_name_fault(name)) return Violation{entry.key, *fault, entry.at, {}, {}};
  auto key = rest.substr(dot + 1);
  for (auto& row : context_keys) {
    if (row.key != key) continue;
    if (key == "protected" && entry.value != "true" && entry.value != "false") {
      return Violation{entry.key, "it is neither true nor false", entry.at, "write protected: true", {}};
    }
    out.at(name).*row.member = entry.value;
    return std::nullopt;
  }
  return unknown_key(entry, hint_of(key, context_keys));
}

}  // namespace

const Context* ConfigFile::find(std::string_view name) const {
  auto found = std::find_if(contexts.begin(), contexts.end(), [&](auto& context) { return context.name == name; });
  return found == contexts.end() ? nullptr : &*found;
}

Context& ConfigFile::at(const std::string& name) {
  auto found = std::find_if(contexts.begin(), contexts.end(), [&](auto& context) { return context.name == name; });
  if (found != contexts.end()) return *found;
  contexts.emplace_back().name = name;
  return contexts.back();
}

std::optional<std::string> context_name_fault(std::string_view name) {
  auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  };
  if (!name.empty() && name.size() <= 64 && name.front() != '.' && std::all_of(name.begin(), name.end(), plain)) {
    return std::nullopt;
  }
  return "a context's name has 1 to 64 letters, digits, \".\", \"_\" or \"-\", and begins with none of the dots";
}

Result<ConfigFile> parse_config(const std::string& file_name, const std::string& text) {
  ConfigFile out;
  auto read = process::read_config(file_name, text);
  for (auto& entry : read.entries) {
    if (entry.key == "currentContext") {
      out.current = entry.value;
    } else if (entry.key.starts_with("contexts.")) {
      if (auto violation = read_context(entry, out)) read.violations.push_back(std::move(*violation));
    } else {
      read.violations.push_back(unknown_key(entry, text::did_you_mean(entry.key, {"currentContext", "contexts"})));
    }
  }
  if (!read.violations.empty()) return fail(invalid_file(file_name, std::move(read.violations)));
  return out;
}

std::string write_config(const ConfigFile& config) {
  std::string out = "# edactl's contexts; `edactl config` writes this file.\n";
  if (!config.current.empty()) out += "currentContext: " + yaml_scalar(config.current) + "\n";
  out += config.contexts.empty() ? "" : "contexts:\n";
  for (auto& context : config.contexts) {
    out += "  " + yaml_scalar(context.name) + ":\n";
    bool any = false;
    for (auto& row : context_keys) {
      if ((context.*row.member).empty()) continue;
      bool plain = row.key == "protected";
      out += fmt::format("    {}: {}\n", row.key, plain ? context.guarded : yaml_scalar(context.*row.member));
      any = true;
    }
    if (!any) out += fmt::format("    server: {}\n", default_server);
  }
  return out;
}

Result<ProjectFile> parse_project(const std::string& file_name, const std::string& text) {
  ProjectFile out;
  out.file = file_name;
  auto read = process::read_config(file_name, text);
  for (auto& entry : read.entries) {
    auto row = std::find_if(project_keys.begin(), project_keys.end(), [&](auto& r) { return r.key == entry.key; });
    if (row != project_keys.end()) {
      out.*row->member = entry.value;
    } else if (entry.key == "server" || entry.key.starts_with("token") || entry.key == "ca") {
      read.violations.push_back({entry.key,
                                 "a project's file does not decide where a token is sent",
                                 entry.at,
                                 "name a context, and give the server there",
                                 {}});
    } else {
      read.violations.push_back(unknown_key(entry, hint_of(entry.key, project_keys)));
    }
  }
  if (!read.violations.empty()) return fail(invalid_file(file_name, std::move(read.violations)));
  return out;
}

namespace {

// The first of flag, environment, project and context that says something.
class Precedence {
 public:
  Precedence(const Environment& environment, const ProjectFile& project)
      : environment_(environment), project_(project) {}
  void context(const Context* context) { context_ = context; }

  /// All that say something, the one that is taken first.
  std::vector<Setting> candidates(const std::string& flag, const char* flag_name, const char* variable,
                                  std::string ProjectFile::*in_project, std::string Context::*in_context,
                                  std::string_view fallback = {}) const {
    std::vector<Setting> out;
    if (!flag.empty()) out.push_back({flag, flag_name});
    if (const char* value = variable ? environment_(variable) : nullptr; value && *value) {
      out.push_back({value, variable});
    }
    if (in_project && !(project_.*in_project).empty()) out.push_back({project_.*in_project, project_.file});
    if (in_context && context_ && !(context_->*in_context).empty()) {
      out.push_back({context_->*in_context, "context " + context_->name});
    }
    if (!fallback.empty()) out.push_back({std::string(fallback), "default"});
    return out;
  }

  Setting pick(const std::string& flag, const char* flag_name, const char* variable,
               std::string ProjectFile::*in_project, std::string Context::*in_context,
               std::string_view fallback = {}) const {
    auto all = candidates(flag, flag_name, variable, in_project, in_context, fallback);
    return all.empty() ? Setting() : std::move(all.front());
  }

 private:
  const Environment& environment_;
  const ProjectFile& project_;
  const Context* context_ = nullptr;
};

Error unknown_context(const Setting& wanted, const ConfigFile& config) {
  std::vector<std::string> names;
  for (auto& context : config.contexts) names.push_back(context.name);
  auto hint = text::did_you_mean(wanted.value, names);
  return Error(Code::not_found, "CONTEXT_UNKNOWN",
               fmt::format("there is no context \"{}\" ({} names it)", wanted.value, wanted.origin),
               hint.empty()
                   ? "edactl config get-contexts lists them; edactl login --context NAME --server HOST:PORT makes one"
                   : hint);
}

}  // namespace

Result<Settings> resolve(const ContextFlags& flags, const Environment& environment, const ProjectFile& project,
                         const ConfigFile& config) {
  Precedence by(environment, project);
  Settings out;
  out.context = by.pick(flags.context, "--context", "EDACTL_CONTEXT", &ProjectFile::context, nullptr);
  if (out.context.value.empty() && !config.current.empty()) out.context = {config.current, "config.yaml"};
  const Context* context = nullptr;
  if (!out.context.value.empty()) {
    context = config.find(out.context.value);
    if (!context) return fail(unknown_context(out.context, config));
  }
  by.context(context);
  out.server = by.pick(flags.server, "--server", "EDACTL_SERVER", nullptr, &Context::server, default_server);
  out.cluster = by.pick(flags.cluster, "--cluster", "EDACTL_CLUSTER", &ProjectFile::cluster, &Context::cluster);
  out.team = by.pick(flags.team, "--team", "EDACTL_TEAM", &ProjectFile::team, &Context::team);
  out.set = by.pick(flags.set, "--set", "EDACTL_SET", &ProjectFile::set, &Context::set);
  out.ca = by.pick(flags.ca, "--ca", "EDACTL_CA", nullptr, &Context::ca);

  std::string context_server =
      context == nullptr || context->server.empty() ? std::string(default_server) : context->server;
  bool at_home = context != nullptr && out.server.value == context_server;
  out.use_kept_token = at_home;
  out.guarded = at_home && context->guarded == "true";
  out.token_file = by.pick(flags.token_file, "--token-file", nullptr, nullptr, nullptr);
  if (!out.token_file.value.empty()) return out;
  if (const char* token = environment("EDACTL_TOKEN"); token && *token) {
    out.token = token;
    return out;
  }
  out.token_file = by.pick({}, "", "EDACTL_TOKEN_FILE", nullptr, at_home ? &Context::token_file : nullptr);
  if (at_home) out.token_command = by.pick({}, "", nullptr, nullptr, &Context::token_command);
  return out;
}

Result<std::vector<Origin>> origins(const ContextFlags& flags, const Environment& environment,
                                    const ProjectFile& project, const ConfigFile& config) {
  EDA_ASSIGN(auto settings, resolve(flags, environment, project, config));
  Precedence by(environment, project);
  std::vector<Origin> out;
  auto add = [&](const char* name, std::vector<Setting> all) {
    auto rank = Origin::Rank::taken;
    for (auto& said : all) out.push_back({name, std::move(said), std::exchange(rank, Origin::Rank::behind)});
  };
  auto contexts = by.candidates(flags.context, "--context", "EDACTL_CONTEXT", &ProjectFile::context, nullptr);
  if (!config.current.empty()) contexts.push_back({config.current, "config.yaml"});
  add("context", std::move(contexts));
  by.context(config.find(settings.context.value));
  add("server", by.candidates(flags.server, "--server", "EDACTL_SERVER", nullptr, &Context::server, default_server));
  add("cluster", by.candidates(flags.cluster, "--cluster", "EDACTL_CLUSTER", &ProjectFile::cluster, &Context::cluster));
  add("team", by.candidates(flags.team, "--team", "EDACTL_TEAM", &ProjectFile::team, &Context::team));
  add("set", by.candidates(flags.set, "--set", "EDACTL_SET", &ProjectFile::set, &Context::set));
  add("ca", by.candidates(flags.ca, "--ca", "EDACTL_CA", nullptr, &Context::ca));
  return out;
}

Error no_server() {
  return Error(Code::unauthenticated, "NO_SERVER", "edactl knows no edad yet (edactl --help lists the commands)",
               "edactl login --server HOST:PORT    one that runs; asks for the token that an admin made for you\n"
               "    edactl dev up                      a private one on this machine, with Postgres and Kafka");
}

bool knows_no_server(const Settings& settings) {
  return settings.server.origin == "default" && settings.context.value.empty() && settings.token.empty() &&
         settings.token_file.value.empty();
}

}  // namespace eda::cli
