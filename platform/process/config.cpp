#include "platform/process/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>

#include "platform/process/config_file.h"

namespace eda::process {

namespace {

constexpr std::size_t largest_file = 1u << 20;
constexpr std::string_view mask = "********";

}  // namespace

class ConfigReader {
 public:
  ConfigReader(std::span<const Setting> settings, const ConfigSources& sources) : sources_(sources) {
    config_.settings_ = settings;
    for (auto& setting : settings) hold(setting, std::string(setting.fallback), "default", {});
  }

  Result<Config> read() {
    read_flags();
    read_environment();
    std::string path;
    Named named = Named::by_default;
    if (auto found = config_.held_.find(sources_.file_key); found != config_.held_.end()) path = found->second.value;
    apply(environment_);
    apply(flags_);
    if (auto found = config_.held_.find(sources_.file_key); found != config_.held_.end()) {
      path = found->second.value;
      if (found->second.origin != "default") named = Named::by_hand;
    }
    if (!path.empty()) EDA_TRY(read_file(path, named));
    apply(environment_);
    apply(flags_);
    if (!violations_.empty()) return fail(refusal());
    return std::move(config_);
  }

 private:
  enum class Named { by_default, by_hand };
  struct Given {
    const Setting* setting;
    std::string value;
    std::string origin;
  };

  void hold(const Setting& setting, std::string value, std::string origin, Position at) {
    config_.held_.insert_or_assign(std::string(setting.key),
                                   Config::Held{std::move(value), std::move(origin), std::move(at)});
  }

  void apply(const std::vector<Given>& given) {
    for (auto& one : given) hold(*one.setting, one.value, one.origin, {});
  }

  void complain(std::string field, std::string message, Position at, std::string hint) {
    violations_.push_back(Violation{std::move(field), std::move(message), std::move(at), std::move(hint), {}});
  }

  std::string nearest(std::string_view word, std::string_view Setting::*part) const {
    std::vector<std::string> names;
    for (auto& setting : config_.settings_) {
      if (!(setting.*part).empty()) names.emplace_back(setting.*part);
    }
    return sources_.did_you_mean ? sources_.did_you_mean(word, names) : std::string();
  }

  const Setting* find(std::string_view name, std::string_view Setting::*part) const {
    auto found = std::find_if(config_.settings_.begin(), config_.settings_.end(),
                              [&](auto& setting) { return setting.*part == name; });
    return found == config_.settings_.end() ? nullptr : &*found;
  }

  void read_flags() {
    auto& arguments = sources_.arguments;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      std::string_view word = arguments[i];
      if (!word.starts_with("-") || word == "-") {
        config_.words_.emplace_back(word);
        continue;
      }
      auto equals = word.find('=');
      auto name = word.substr(0, equals);
      const auto* setting = find(name, &Setting::flag);
      if (setting == nullptr) {
        complain(std::string(name), fmt::format("there is no flag {}", name), {}, nearest(name, &Setting::flag));
        continue;
      }
      auto origin = fmt::format("flag {}", name);
      if (std::any_of(flags_.begin(), flags_.end(), [&](auto& given) { return given.setting == setting; })) {
        complain(std::string(name), fmt::format("{} is given twice", name), {}, "keep one");
      } else if (equals != std::string_view::npos) {
        flags_.push_back({setting, std::string(word.substr(equals + 1)), origin});
      } else if (i + 1 < arguments.size()) {
        flags_.push_back({setting, arguments[++i], origin});
      } else {
        complain(std::string(name), fmt::format("{} has no value", name), {}, fmt::format("write {} VALUE", name));
      }
    }
  }

  void read_environment() {
    if (!sources_.environment) return;
    for (auto& setting : config_.settings_) {
      if (setting.environment.empty()) continue;
      if (const char* value = sources_.environment(std::string(setting.environment).c_str())) {
        environment_.push_back({&setting, value, fmt::format("environment {}", setting.environment)});
      }
    }
  }

  Result<> read_file(const std::string& path, Named named) {
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    auto cannot = [&](std::string_view why) {
      return fail(Code::unavailable, "CONFIG_FILE",
                  fmt::format("the configuration file {} cannot be read: {}", path, why),
                  "check the path and its permissions");
    };
    if (!file) {
      int fault = errno;
      if (fault == ENOENT && named == Named::by_default) return {};
      return cannot(std::generic_category().message(fault));
    }
    std::string yaml(largest_file + 1, '\0');
    errno = 0;
    file.read(yaml.data(), static_cast<std::streamsize>(yaml.size()));
    if (file.bad() || errno != 0) return cannot(std::generic_category().message(errno));
    yaml.resize(static_cast<std::size_t>(file.gcount()));
    if (yaml.size() > largest_file) return cannot("it is larger than 1 MiB");
    auto found = read_config(path, yaml);
    for (auto& violation : found.violations) violations_.push_back(std::move(violation));
    std::map<std::string, Position> seen;
    for (auto& entry : found.entries) {
      const auto* setting = find(entry.key, &Setting::key);
      if (setting == nullptr) {
        complain(entry.key, fmt::format("there is no setting \"{}\"", entry.key), entry.at,
                 nearest(entry.key, &Setting::key));
      } else if (entry.key == sources_.file_key) {
        complain(entry.key, "the file cannot name another file", entry.at, "take the line out");
      } else if (auto [first, fresh] = seen.emplace(entry.key, entry.at); !fresh) {
        complain(entry.key, fmt::format("\"{}\" stands here and at {}", entry.key, first->second.text()), entry.at,
                 "keep one");
      } else {
        hold(*setting, entry.value, entry.value_at.text(), entry.value_at);
      }
    }
    return {};
  }

  Error refusal() {
    std::stable_sort(violations_.begin(), violations_.end(), [](auto& a, auto& b) {
      return std::pair(a.at.line, a.at.column) < std::pair(b.at.line, b.at.column);
    });
    auto& first = violations_.front();
    auto place = first.at.text();
    Error error(Code::invalid, "CONFIG_INVALID",
                place.empty() ? first.message : fmt::format("{}: {}", place, first.message), first.hint);
    if (violations_.size() > 1) error.message += fmt::format(" (and {} more)", violations_.size() - 1);
    error.violations = std::move(violations_);
    return error;
  }

  const ConfigSources& sources_;
  Config config_;
  std::vector<Given> environment_;
  std::vector<Given> flags_;
  std::vector<Violation> violations_;
};

Result<Config> Config::load(std::span<const Setting> settings, const ConfigSources& sources) {
  return ConfigReader(settings, sources).read();
}

const Config::Held& Config::held(std::string_view key) const {
  auto found = held_.find(key);
  if (found == held_.end()) throw std::logic_error(fmt::format("no setting {} is declared", key));
  return found->second;
}

const std::string& Config::text(std::string_view key) const {
  return held(key).value;
}
const std::string& Config::origin(std::string_view key) const {
  return held(key).origin;
}

Result<std::int64_t> Config::integer(std::string_view key, std::int64_t least, std::int64_t most) const {
  auto& value = text(key);
  std::int64_t number = 0;
  auto [end, fault] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (value.empty() || fault != std::errc() || end != value.data() + value.size() || number < least || number > most) {
    return fail(refuse(key, fmt::format("it has to be a whole number from {} to {}", least, most)));
  }
  return number;
}

Result<bool> Config::boolean(std::string_view key) const {
  auto& value = text(key);
  if (value == "true" || value == "yes" || value == "on") return true;
  if (value == "false" || value == "no" || value == "off") return false;
  return fail(refuse(key, "it has to be true or false"));
}

Error Config::refuse(std::string_view key, std::string_view why, std::string next) const {
  auto& value = held(key);
  Error error(Code::invalid, "CONFIG_VALUE", fmt::format("{} ({}): {}", key, value.origin, why), std::move(next));
  error.violations.push_back(Violation{std::string(key), std::string(why), value.at, error.next, {}});
  return error;
}

std::vector<Effective> Config::effective() const {
  std::vector<Effective> all;
  for (auto& setting : settings_) {
    auto& value = held(setting.key);
    auto shown = setting.exposure == Exposure::masked && !value.value.empty() ? std::string(mask) : value.value;
    all.push_back({std::string(setting.key), std::move(shown), value.origin});
  }
  return all;
}

std::string settings_help(std::span<const Setting> settings) {
  std::string help;
  for (auto& setting : settings) {
    auto fallback = setting.fallback.empty() ? std::string() : fmt::format(" (default {})", setting.fallback);
    fmt::format_to(std::back_inserter(help), "  {:<28} {}{}\n", setting.flag.empty() ? "-" : setting.flag, setting.doc,
                   fallback);
    fmt::format_to(std::back_inserter(help), "  {:<28}   {} in the file{}\n", "", setting.key,
                   setting.environment.empty() ? "" : fmt::format(", {}", setting.environment));
  }
  return help;
}

}  // namespace eda::process
