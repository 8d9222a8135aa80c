#include "cli/context.h"

#include <google/protobuf/descriptor.h>
#include <sys/stat.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <map>

#include "cli/context_files.h"
#include "cli/session.h"
#include "tests/platform/process/scratch.h"

using namespace eda;
using namespace eda::cli;
using eda::test::Scratch;

namespace {

Environment environment(std::map<std::string, std::string> values) {
  return [values = std::move(values)](const char* name) -> const char* {
    auto found = values.find(name);
    return found == values.end() ? nullptr : found->second.c_str();
  };
}

ContextFlags flags(std::string ContextFlags::*flag, const std::string& value) {
  ContextFlags out;
  out.*flag = value;
  return out;
}

ConfigFile config() {
  return *parse_config("config.yaml",
                       "currentContext: dev\n"
                       "contexts:\n"
                       "  dev: {server: 'dev:7070', cluster: local, team: checkout}\n"
                       "  prod.eu: {server: 'prod:7070', cluster: prod, tokenFile: /run/token}\n");
}

unsigned mode_of(const std::filesystem::path& path) {
  struct stat facts {};
  REQUIRE(::stat(path.c_str(), &facts) == 0);
  return facts.st_mode & 0777;
}

}  // namespace

TEST_CASE("a flag goes before the environment, the project, the context and the default") {
  ProjectFile project{".edactl.yaml", "", "of-project", "", ""};
  ContextFlags flags;
  auto none = environment({});
  CHECK(resolve({}, none, {}, {})->server.value == "127.0.0.1:7070");
  CHECK(resolve({}, none, {}, {})->server.origin == "default");
  CHECK(resolve({}, none, {}, config())->cluster.value == "local");
  CHECK(resolve({}, none, {}, config())->cluster.origin == "context dev");
  CHECK(resolve({}, none, project, config())->cluster.value == "of-project");
  auto variable = environment({{"EDACTL_CLUSTER", "of-env"}});
  CHECK(resolve({}, variable, project, config())->cluster.value == "of-env");
  flags.cluster = "of-flag";
  CHECK(resolve(flags, variable, project, config())->cluster.value == "of-flag");
  CHECK(resolve(flags, variable, project, config())->cluster.origin == "--cluster");
}

TEST_CASE("a context that is not there is named with the nearest one") {
  ContextFlags flags;
  flags.context = "prod.eo";
  auto settings = resolve(flags, environment({}), {}, config());
  REQUIRE_FALSE(settings);
  CHECK(settings.error().code == Code::not_found);
  CHECK(settings.error().next == "did you mean \"prod.eu\"?");
}

TEST_CASE("a context's token never goes to another server") {
  ContextFlags flags;
  flags.context = "prod.eu";
  CHECK(resolve(flags, environment({}), {}, config())->token_file.value == "/run/token");
  auto elsewhere = environment({{"EDACTL_SERVER", "evil:7070"}});
  CHECK(resolve(flags, elsewhere, {}, config())->token_file.value.empty());
  CHECK_FALSE(resolve(flags, elsewhere, {}, config())->use_kept_token);
  CHECK(resolve({}, environment({}), {}, config())->use_kept_token);
}

TEST_CASE("a project's file may not say where a token is sent") {
  auto project = parse_project(".edactl.yaml", "context: dev\nserver: evil:7070\n");
  REQUIRE_FALSE(project);
  REQUIRE(project.error().violations.size() == 1);
  CHECK(project.error().violations[0].at.line == 2);
  CHECK(parse_project(".edactl.yaml", "context: dev\nteam: checkout\n")->team == "checkout");
}

TEST_CASE("an unknown key of the configuration has its place and the nearest name") {
  auto wrong = parse_config("config.yaml", "contexts:\n  dev:\n    sever: x\n");
  REQUIRE_FALSE(wrong);
  REQUIRE(wrong.error().violations.size() == 1);
  CHECK(wrong.error().violations[0].at.text() == "config.yaml:3:5");
  CHECK(wrong.error().violations[0].hint == "did you mean \"server\"?");
}

TEST_CASE("what is written is read back, dots in names included") {
  auto before = config();
  before.at("prod.eu").token_command = "pass show 'x: y'";
  auto after = parse_config("config.yaml", write_config(before));
  REQUIRE(after);
  CHECK(after->current == "dev");
  REQUIRE(after->contexts.size() == 2);
  CHECK(after->find("prod.eu")->token_command == "pass show 'x: y'");
  CHECK(after->find("prod.eu")->server == "prod:7070");
}

TEST_CASE("a context's name is no path") {
  CHECK_FALSE(context_name_fault("prod-1.eu"));
  for (auto* bad : {"", "..", "a/b", ".hidden", "a b", "ü"}) CHECK(context_name_fault(bad));
}

TEST_CASE("files are their owner's alone") {
  Scratch scratch;
  ConfigFolder folder(scratch.path("edactl"));
  REQUIRE(folder.save(config()));
  REQUIRE(folder.keep_token("dev", Secret("eda_secret")));
  CHECK(mode_of(folder.config_path()) == 0600);
  CHECK(mode_of(folder.token_path("dev")) == 0600);
  CHECK(mode_of(folder.token_path("dev").parent_path()) == 0700);
  CHECK(folder.kept_token("dev")->reveal() == "eda_secret");
  CHECK(folder.kept_token("other")->empty());
  REQUIRE(folder.forget_token("dev"));
  CHECK(folder.kept_token("dev")->empty());
  CHECK(folder.forget_token("dev"));
}

TEST_CASE("a kept token that others can read is not used") {
  Scratch scratch;
  ConfigFolder folder(scratch.path("edactl"));
  REQUIRE(folder.keep_token("dev", Secret("eda_secret")));
  ::chmod(folder.token_path("dev").c_str(), 0644);
  auto token = folder.kept_token("dev");
  REQUIRE_FALSE(token);
  CHECK(token.error().reason == "TOKEN_EXPOSED");
}

TEST_CASE("a token comes from the flag's file, then the variable, then the command") {
  Scratch scratch;
  auto file = scratch.write("token", "  from-file\n");
  ConfigFolder folder(scratch.path("edactl"));
  ContextFlags flags;
  flags.token_file = file;
  auto both = environment({{"EDACTL_TOKEN", "from-env"}});
  CHECK(find_token(*resolve(flags, both, {}, {}), folder)->reveal() == "from-file");
  CHECK(find_token(*resolve({}, both, {}, {}), folder)->reveal() == "from-env");
  auto with_command = config();
  with_command.at("dev").token_command = "printf 'from-command\\n'";
  CHECK(find_token(*resolve({}, environment({}), {}, with_command), folder)->reveal() == "from-command");
  with_command.at("dev").token_command = "exit 3";
  CHECK(find_token(*resolve({}, environment({}), {}, with_command), folder).error().reason == "TOKEN_COMMAND");
  CHECK(find_token(*resolve({}, environment({}), {}, {}), folder).error().reason == "NOT_LOGGED_IN");
}

TEST_CASE("the project's file is looked for up to the root of the checkout and no further") {
  Scratch scratch;
  scratch.write(".edactl.yaml", "team: outside\n");
  std::filesystem::create_directories(scratch.path("repo/.git"));
  std::filesystem::create_directories(scratch.path("repo/a/b"));
  CHECK(find_project(scratch.path("repo/a/b"))->team.empty());
  scratch.write("repo/.edactl.yaml", "team: inside\n");
  CHECK(find_project(scratch.path("repo/a/b"))->team == "inside");
}

TEST_CASE("protection is a context's own, and only at its own server") {
  auto read = parse_config("config.yaml",
                           "currentContext: prod\n"
                           "contexts:\n"
                           "  prod: {server: 'prod:7070', protected: true}\n"
                           "  dev: {server: 'dev:7070', protected: false}\n");
  REQUIRE(read);
  CHECK(resolve({}, environment({}), {}, *read)->guarded);
  CHECK_FALSE(resolve(flags(&ContextFlags::server, "other:7070"), environment({}), {}, *read)->guarded);
  CHECK_FALSE(resolve(flags(&ContextFlags::context, "dev"), environment({}), {}, *read)->guarded);
  auto again = parse_config("config.yaml", write_config(*read));
  REQUIRE(again);
  CHECK(again->find("prod")->guarded == "true");
  auto odd = parse_config("config.yaml", "contexts:\n  prod: {server: 'prod:7070', protected: perhaps}\n");
  REQUIRE_FALSE(odd);
  CHECK(odd.error().violations.front().message == "it is neither true nor false");
}

TEST_CASE("every origin of a setting is told, the one that is taken first") {
  auto all = origins(flags(&ContextFlags::cluster, "flagged"), environment({{"EDACTL_CLUSTER", "from-env"}}),
                     ProjectFile{.file = ".edactl.yaml", .context = "", .cluster = "of-project", .team = "", .set = ""},
                     config());
  REQUIRE(all);
  std::vector<std::string> clusters;
  for (auto& origin : *all) {
    if (origin.name != "cluster") continue;
    clusters.push_back(origin.said.value + " by " + origin.said.origin);
    CHECK((origin.rank == Origin::Rank::taken) == (clusters.size() == 1));
  }
  CHECK(clusters == std::vector<std::string>{"flagged by --cluster", "from-env by EDACTL_CLUSTER",
                                             "of-project by .edactl.yaml", "local by context dev"});
}

TEST_CASE("without a server that anybody named, three lines say what to do") {
  CHECK(knows_no_server(*resolve({}, environment({}), {}, {})));
  CHECK_FALSE(knows_no_server(*resolve(flags(&ContextFlags::server, "127.0.0.1:7070"), environment({}), {}, {})));
  CHECK_FALSE(knows_no_server(*resolve({}, environment({{"EDACTL_TOKEN", "x"}}), {}, {})));
  CHECK_FALSE(knows_no_server(*resolve({}, environment({}), {}, config())));
  auto text = no_server().message + "\n" + no_server().next;
  CHECK(std::count(text.begin(), text.end(), '\n') == 2);
}

// Which rpc may be called in a protected context without a question. A new one that only reads begins with one of these
// words, or it carries a request_id and is asked for.
TEST_CASE("every call that changes something is known as one") {
  const std::vector<std::string> reading{"Get",  "List",   "Follow", "Verify", "WhoAmI", "Check", "Draft",   "Stage",
                                         "Plan", "Search", "Find",   "Render", "Look",   "Show",  "Preview", "Watch"};
  int changing = 0;
  for (auto& file : std::filesystem::recursive_directory_iterator(EDA_SOURCE_DIR "/proto/eda")) {
    if (file.path().extension() != ".proto") continue;
    auto name = std::filesystem::relative(file.path(), EDA_SOURCE_DIR "/proto").string();
    const auto* contract = google::protobuf::DescriptorPool::generated_pool()->FindFileByName(name);
    if (contract == nullptr) continue;  // not linked here
    for (int s = 0; s < contract->service_count(); ++s) {
      for (int m = 0; m < contract->service(s)->method_count(); ++m) {
        const auto& method = *contract->service(s)->method(m);
        INFO(method.full_name());
        bool reads =
            std::any_of(reading.begin(), reading.end(), [&](auto& word) { return method.name().starts_with(word); });
        CHECK(changes_something(*method.input_type()) == !reads);
        changing += changes_something(*method.input_type());
      }
    }
  }
  CHECK(changing > 5);
}
