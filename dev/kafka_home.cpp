#include "dev/kafka_home.h"

#include <fmt/format.h>

#include <cstdlib>
#include <vector>

namespace eda::dev {
namespace {

bool of_line(const std::string& version, const std::string& line) {
  return version.rfind(line + ".", 0) == 0;
}

/// The version that a Kafka home holds: of kafka-clients-VERSION.jar; empty when it is none.
std::string version_in(const fs::path& home) {
  constexpr std::string_view before = "kafka-clients-", behind = ".jar";
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(home / "libs", ignored)) {
    std::string name = entry.path().filename().string();
    if (name.rfind(before, 0) == 0 && name.size() > before.size() + behind.size() &&
        std::isdigit(name[before.size()]) != 0)
      return name.substr(before.size(), name.size() - before.size() - behind.size());
  }
  return "";
}

std::vector<fs::path> directories_upward(fs::path from) {
  std::vector<fs::path> all;
  for (; !from.empty(); from = from.parent_path()) {
    all.push_back(from);
    if (from == from.root_path()) break;
  }
  return all;
}

}  // namespace

fs::path java_program() {
  if (const char* home = std::getenv("JAVA_HOME"); home != nullptr && *home != '\0')
    if (fs::path java = fs::path(home) / "bin/java"; fs::exists(java)) return java;
  return program_on_path("java");
}

Result<KafkaHome> find_kafka(const fs::path& given, const std::string& line) {
  if (!line.empty() && line != "4" && line != "3.9")
    return fail(Code::invalid, "DEV_KAFKA_LINE", fmt::format("there is no Kafka line \"{}\" here", line),
                "say --kafka 4 or --kafka 3.9");
  const char* environment = std::getenv("KAFKA_HOME");
  fs::path named = !given.empty() ? given : fs::path(environment == nullptr ? "" : environment);
  if (!named.empty()) {
    KafkaHome kafka{fs::absolute(named), version_in(named)};
    if (kafka.version.empty())
      return fail(Code::unavailable, "DEV_KAFKA_MISSING",
                  fmt::format("{} is no Kafka: there is no libs/kafka-clients-*.jar in it", named.string()),
                  "give the directory that holds Kafka's libs/");
    if (!line.empty() && !of_line(kafka.version, line))
      return fail(Code::invalid, "DEV_KAFKA_LINE",
                  fmt::format("{} holds Kafka {}, and --kafka {} was asked for", named.string(), kafka.version, line),
                  "leave one of the two away");
    return kafka;
  }
  std::error_code ignored;
  auto places = directories_upward(fs::canonical("/proc/self/exe", ignored).parent_path());
  for (const auto& place : directories_upward(fs::current_path(ignored))) places.push_back(place);
  KafkaHome best;
  for (const auto& place : places) {
    for (const auto& entry : fs::directory_iterator(place / ".deps/kafka", ignored)) {
      KafkaHome found{entry.path(), version_in(entry.path())};
      if (!found.version.empty() && (line.empty() || of_line(found.version, line)) && found.version > best.version)
        best = found;
    }
    if (!best.version.empty()) return best;
  }
  return fail(Code::unavailable, "DEV_KAFKA_MISSING",
              fmt::format("there is no Kafka{} here: not in --kafka-home, $KAFKA_HOME or .deps/kafka",
                          line.empty() ? "" : " " + line),
              "run ./x setup in a checkout (it fetches Kafka), or unpack a Kafka release and give --kafka-home DIR");
}

}  // namespace eda::dev
