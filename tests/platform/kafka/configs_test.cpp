#include <librdkafka/rdkafka.h>

#include <algorithm>

#include "tests/platform/kafka/line.h"

using namespace eda;
using namespace eda::kafka;
using namespace eda::test;

namespace {

// What is set on the topic itself.
std::map<std::string, std::string> own_configs(Admin& broker, const std::string& topic) {
  auto configs = must(broker.describe_configs({topic}, soon()));
  REQUIRE(configs.size() == 1);
  REQUIRE_FALSE(configs[0].error);
  std::map<std::string, std::string> own;
  for (const auto& entry : configs[0].entries) {
    if (entry.source == ConfigSource::topic) own[entry.name] = entry.value.value_or("");
  }
  return own;
}

std::string new_topic(Admin& broker, std::map<std::string, std::string> config) {
  auto name = unique_name("config");
  create(broker, {name, 1, 1, std::move(config)});
  return name;
}

using Configs = std::map<std::string, std::string>;

}  // namespace

TEST_CASE("changing and resetting configs leaves the other keys alone") {
  auto broker = admin(line(GENERATE(as<std::string>(), "3.9", "4.x")));
  auto topic = new_topic(*broker, {{"retention.ms", "1000"}, {"cleanup.policy", "compact"}});
  std::vector<ConfigChange> change = {{topic, {{"retention.ms", "2000"}, {"segment.ms", "60000"}}, {}}};
  all_done(must(broker->alter_configs(change, Mode::apply, soon())));
  CHECK(eventually([&] {
    return own_configs(*broker, topic) ==
           Configs{{"retention.ms", "2000"}, {"cleanup.policy", "compact"}, {"segment.ms", "60000"}};
  }));

  change = {{topic, {{"segment.ms", "70000"}}, {"retention.ms"}}};
  all_done(must(broker->alter_configs(change, Mode::apply, soon())));
  CHECK(eventually([&] {
    return own_configs(*broker, topic) == Configs{{"cleanup.policy", "compact"}, {"segment.ms", "70000"}};
  }));
}

TEST_CASE("a config change that is only validated changes nothing") {
  auto broker = admin(line(GENERATE(as<std::string>(), "3.9", "4.x")));
  auto topic = new_topic(*broker, {{"retention.ms", "1000"}});
  std::vector<ConfigChange> change = {{topic, {{"segment.ms", "60000"}}, {"retention.ms"}}};
  all_done(must(broker->alter_configs(change, Mode::validate_only, soon())));
  // A later change that is seen proves that the first one would have been.
  change = {{topic, {{"segment.bytes", "1048576"}}, {}}};
  all_done(must(broker->alter_configs(change, Mode::apply, soon())));
  CHECK(eventually([&] { return own_configs(*broker, topic).contains("segment.bytes"); }));
  CHECK(own_configs(*broker, topic) == Configs{{"retention.ms", "1000"}, {"segment.bytes", "1048576"}});
}

TEST_CASE("a bad config is refused with the broker's sentence, and the other topics are changed") {
  auto broker = admin(line(GENERATE(as<std::string>(), "3.9", "4.x")));
  auto good = new_topic(*broker, {});
  auto bad_value = new_topic(*broker, {});
  auto bad_key = new_topic(*broker, {});
  std::vector<ConfigChange> changes = {
      {good, {{"retention.ms", "5"}}, {}},    {bad_value, {{"retention.ms", "soon"}}, {}},
      {bad_key, {{"retention.sm", "5"}}, {}}, {unique_name("missing"), {{"retention.ms", "5"}}, {}},
      {unique_name("untouched"), {}, {}},     {good, {{"retention.ms", "6"}}, {}},
      {"", {{"retention.ms", "5"}}, {}}};
  auto mode = GENERATE(Mode::validate_only, Mode::apply);
  auto outcomes = must(broker->alter_configs(changes, mode, soon()));
  REQUIRE(outcomes.size() == 7);
  CHECK_FALSE(outcomes[0].error);
  REQUIRE(outcomes[1].error);
  CHECK(outcomes[1].error->reason == "CONFIG_INVALID");
  CHECK_THAT(outcomes[1].error->message, Catch::Contains("Invalid value soon for configuration retention.ms"));
  REQUIRE(outcomes[2].error);
  CHECK(outcomes[2].error->reason == "CONFIG_INVALID");
  CHECK_THAT(outcomes[2].error->message, Catch::Contains("Unknown topic config name: retention.sm"));
  REQUIRE(outcomes[3].error);
  CHECK(outcomes[3].error->reason == "TOPIC_UNKNOWN");
  CHECK_FALSE(outcomes[4].error);
  REQUIRE(outcomes[5].error);
  CHECK_THAT(outcomes[5].error->message, Catch::Contains("comes twice"));
  REQUIRE(outcomes[6].error);
  CHECK(outcomes[6].error->reason == "TOPIC_NAME_INVALID");
}

TEST_CASE("configs say where their value comes from") {
  auto broker = admin(line(GENERATE(as<std::string>(), "3.9", "4.x")));
  auto topic = new_topic(*broker, {{"retention.ms", "1000"}});
  auto configs = must(broker->describe_configs({unique_name("missing"), topic, "", topic}, soon()));
  REQUIRE(configs.size() == 4);
  CHECK(configs[2].error->reason == "TOPIC_NAME_INVALID");
  CHECK(configs[0].error->reason == "TOPIC_UNKNOWN");
  CHECK(configs[1].topic == topic);
  auto entry = [&](const char* name) { return *std::ranges::find(configs[1].entries, name, &ConfigEntry::name); };
  CHECK(entry("retention.ms").source == ConfigSource::topic);
  CHECK(entry("retention.ms").value == "1000");
  CHECK(entry("flush.messages").source == ConfigSource::built_in);
  CHECK(entry("cleanup.policy").value == "delete");

  auto cluster = must(broker->describe_cluster(soon()));
  auto own = must(broker->describe_broker(cluster.brokers.at(0).id, soon()));
  auto node = std::ranges::find(own, "node.id", &ConfigEntry::name);
  REQUIRE(node != own.end());
  CHECK(node->value == std::to_string(cluster.brokers[0].id));
  CHECK(node->read_only);
  for (const auto& config : own) {
    if (config.sensitive) CHECK_FALSE(config.value);
  }
}
