#include "platform/process/config.h"

#include <catch2/catch.hpp>

#include "tests/platform/process/scratch.h"

using namespace eda;
using namespace eda::process;

namespace {

constexpr Setting table[] = {
    {"config", "EDAD_CONFIG", "--config", "", "The configuration file."},
    {"database.url", "EDAD_DATABASE_URL", "", "", "Postgres.", Exposure::masked},
    {"database.pool", "EDAD_DATABASE_POOL", "--database-pool", "16", "Connections, 1 to 100."},
    {"grpc.listen", "EDAD_GRPC_LISTEN", "--grpc-listen", "127.0.0.1:7070", "host:port."},
    {"grpc.reflection", "", "--grpc-reflection", "true", "Whether it answers."},
};

struct World {
  test::Scratch scratch;
  std::map<std::string, std::string> environment;
  std::vector<std::string> arguments;

  Result<Config> load(const std::string& yaml) {
    auto file = scratch.write("edad.yaml", yaml);
    arguments.insert(arguments.begin(), {"--config", file});
    return load();
  }
  Result<Config> load() {
    ConfigSources sources;
    sources.arguments = arguments;
    sources.environment = [this](const char* name) {
      auto found = environment.find(name);
      return found == environment.end() ? nullptr : found->second.c_str();
    };
    sources.did_you_mean = [](std::string_view word, const std::vector<std::string>& names) {
      for (auto& name : names) {
        if (name.substr(0, 10) == word.substr(0, 10)) return "did you mean \"" + name + "\"?";
      }
      return std::string();
    };
    return Config::load(table, sources);
  }
};

}  // namespace

TEST_CASE("a flag beats the environment, which beats the file, which beats the default") {
  World world;
  world.environment = {{"EDAD_DATABASE_POOL", "20"}, {"EDAD_GRPC_LISTEN", "127.0.0.1:2"}};
  world.arguments = {"--grpc-listen=127.0.0.1:3", "bootstrap"};
  auto config =
      world.load("database:\n  url: postgresql://me:sesame@db/eda\n  pool: 10\ngrpc: {listen: '127.0.0.1:1'}\n");
  REQUIRE(config);
  CHECK(config->text("database.url") == "postgresql://me:sesame@db/eda");
  CHECK(config->origin("database.url") == world.scratch.path("edad.yaml") + ":2:8");
  CHECK(config->text("database.pool") == "20");
  CHECK(config->origin("database.pool") == "environment EDAD_DATABASE_POOL");
  CHECK(config->text("grpc.listen") == "127.0.0.1:3");
  CHECK(config->origin("grpc.listen") == "flag --grpc-listen");
  CHECK(config->boolean("grpc.reflection") == true);
  CHECK(config->origin("grpc.reflection") == "default");
  CHECK(config->words() == std::vector<std::string>{"bootstrap"});
  CHECK(config->integer("database.pool", 1, 100) == 20);
}

TEST_CASE("effective values mask secrets, and so does a refusal") {
  World world;
  auto config = world.load("database: {url: sesame}\n");
  REQUIRE(config);
  auto all = config->effective();
  REQUIRE(all.size() == std::size(table));
  CHECK(all[1].key == "database.url");
  CHECK(all[1].value == "********");
  CHECK(config->refuse("database.url", "it is no URL").message.find("sesame") == std::string::npos);
  CHECK(config->refuse("database.url", "it is no URL").message ==
        "database.url (" + world.scratch.path("edad.yaml") + ":1:17): it is no URL");
}

TEST_CASE("everything wrong is told at once, with positions and the nearest name") {
  World world;
  world.arguments = {"--grpc-lisen", "--database-pool"};
  auto config =
      world.load("database:\n  pol: 3\n  url: [a, b]\ngrpc:\n  reflection: true\n  reflexion: true\n# é\nnö: 1\n");
  REQUIRE_FALSE(config);
  auto& error = config.error();
  CHECK(error.code == Code::invalid);
  CHECK(error.reason == "CONFIG_INVALID");
  std::vector<std::string> lines;
  auto file = world.scratch.path("edad.yaml");
  for (auto& violation : error.violations) {
    auto place = violation.at.text();
    lines.push_back((place.empty() ? "" : place.substr(file.size() + 1) + " ") + violation.message + " | " +
                    violation.hint);
  }
  CHECK(lines == std::vector<std::string>{
                     "there is no flag --grpc-lisen | did you mean \"--grpc-listen\"?",
                     "--database-pool has no value | write --database-pool VALUE",
                     "2:3 there is no setting \"database.pol\" | did you mean \"database.pool\"?",
                     "3:3 a setting is one text, not a list | write it as one text",
                     "6:3 there is no setting \"grpc.reflexion\" | did you mean \"grpc.reflection\"?",
                     "8:1 there is no setting \"nö\" | ",
                 });
}

TEST_CASE("a value of the wrong form is refused with where it came from") {
  World world;
  world.environment = {{"EDAD_DATABASE_POOL", "many"}};
  world.arguments = {"--grpc-reflection", "perhaps"};
  auto config = world.load();
  REQUIRE(config);
  CHECK(config->integer("database.pool", 1, 100).error().message ==
        "database.pool (environment EDAD_DATABASE_POOL): it has to be a whole number from 1 to 100");
  CHECK(config->boolean("grpc.reflection").error().message ==
        "grpc.reflection (flag --grpc-reflection): it has to be true or false");
  CHECK_THROWS_AS(config->text("database.pol"), std::logic_error);
}

TEST_CASE("hostile files get a sentence and a position, and never a crash") {
  struct Row {
    std::string yaml, message;
    std::uint32_t line;
  };
  const Row rows[] = {
      {"database: {url: a\n", "", 0},
      {"database:\n\tpool: 1\n", "", 2},
      {"database:\n  pool: 1\n  pool: 2\n", "", 3},
      {"database: {pool: 1}\ndatabase.pool: 2\n", "\"database.pool\" stands here and at", 2},
      {"- a\n- b\n", "the file is no mapping of settings", 0},
      {"a: &x 1\nb: *x\n", "there is no setting \"a\"", 1},
      {"database: {pool: \xff\xfe}\n", "", 0},
      {"---\ndatabase: {pool: 1}\n---\ndatabase: {pool: 2}\n", "there is more than one document in the file", 0},
      {"config: other.yaml\n", "the file cannot name another file", 1},
      {std::string(200, '{'), "", 0},
  };
  for (auto& row : rows) {
    World world;
    CAPTURE(row.yaml);
    auto config = world.load(row.yaml);
    REQUIRE_FALSE(config);
    CHECK(config.error().code == Code::invalid);
    REQUIRE_FALSE(config.error().violations.empty());
    auto& first = config.error().violations.front();
    CAPTURE(first.message, first.at.text());
    CHECK_FALSE(first.message.empty());
    CHECK(first.message.starts_with(row.message));
    if (row.line != 0) CHECK(first.at.line == row.line);
  }
}

TEST_CASE("a byte order mark, CRLF and an empty file are read") {
  World bom;
  auto config = bom.load(
      "\xEF\xBB\xBF"
      "database:\r\n  pool: 7\r\n");
  REQUIRE(config);
  CHECK(config->text("database.pool") == "7");
  CHECK(config->origin("database.pool") == bom.scratch.path("edad.yaml") + ":2:9");
  for (std::string empty : {"", "# only a comment\n", "---\n", "database:\n", "null\n"}) {
    World world;
    CAPTURE(empty);
    CHECK(world.load(empty));
  }
}

TEST_CASE("a file named by hand has to be there, and at most 1 MiB") {
  World world;
  world.environment = {{"EDAD_CONFIG", "/nonexistent/edad.yaml"}};
  CHECK(world.load().error().reason == "CONFIG_FILE");
  World directory;
  directory.arguments = {"--config", directory.scratch.path()};
  CHECK(directory.load().error().reason == "CONFIG_FILE");
  World large;
  CHECK(large.load(std::string((1 << 20) + 1, '#')).error().message.find("larger than 1 MiB") != std::string::npos);
}

TEST_CASE("the help shows flag, key, environment and default of each setting") {
  auto help = settings_help(table);
  CHECK(help.find("--database-pool              Connections, 1 to 100. (default 16)") != std::string::npos);
  CHECK(help.find("database.pool in the file, EDAD_DATABASE_POOL") != std::string::npos);
}
