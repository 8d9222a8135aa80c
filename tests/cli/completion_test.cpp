#include "cli/completion.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <map>

#include "cli/app.h"
#include "cli/completion_names.h"
#include "tests/platform/process/scratch.h"

using namespace eda::cli;

namespace {

// The server of these tests has one of each.
std::vector<std::string> known(const NameQuery& query) {
  if (query.what == "context") return {"dev", "prod"};
  if (query.what == "stream") return {"orders.placed", "orders.paid", query.flags.cluster.empty() ? "a" : "on-cluster"};
  if (query.what == "team") return {"checkout", "支付"};
  if (query.what == "user") return {"ada"};
  if (query.what == "operation") return {"op-1"};
  return {};
}

std::string words(std::vector<std::string> typed) {
  auto found = complete(all_commands(), typed, known);
  std::string out;
  for (auto& candidate : found.words) out += (out.empty() ? "" : " ") + candidate.word;
  if (found.paths == Completions::Paths::files) out += "[files]";
  if (found.paths == Completions::Paths::folders) out += "[folders]";
  if (found.space == Completions::Space::none) out += "[nospace]";
  return out;
}

bool has(const std::string& list, const std::string& word) {
  return (" " + list + " ").find(" " + word + " ") != std::string::npos;
}

}  // namespace

TEST_CASE("commands, their commands, and flags are completed") {
  CHECK(words({"desc"}) == "describe");
  CHECK(has(words({""}), "apply"));
  CHECK_FALSE(has(words({""}), "__complete"));
  CHECK(words({"token", ""}) == "create list revoke");
  CHECK(words({"token", "create", "--sc"}) == "--scope");
  CHECK(has(words({"get", "--"}), "--sort-by"));
  CHECK(words({"help", "stream", "ad"}) == "adopt");
  CHECK(words({"nonsense", "x"}).empty());
}

TEST_CASE("names come from the server, by what was said before") {
  CHECK(words({"describe", "stream", "orders.pl"}) == "orders.placed");
  CHECK(words({"describe", "stream", "--cluster", "prod", "on"}) == "on-cluster");
  CHECK(words({"get", "teams", ""}) == "checkout 支付");
  CHECK(words({"get", "teams", "checkout", "支"}) == "支付");
  CHECK(words({"get", "streams", "--team", "c"}) == "checkout");
  CHECK(words({"get", "streams", "--team=c"}) == "--team=checkout");
  CHECK(words({"stream", "drift", "orders.pa"}) == "orders.paid");
  CHECK(words({"config", "use-context", "p"}) == "prod");
  CHECK(words({"get", "--context", ""}) == "dev prod");
  CHECK(words({"operation", "show", ""}) == "op-1");
  CHECK(words({"user", "disable", ""}) == "ada");
  CHECK(words({"audit", "--object", "team/c"}) == "team/checkout");
  CHECK(words({"token", "create", "--subject", "user/"}) == "user/ada");
}

TEST_CASE("kinds, fields, formats and columns are completed") {
  CHECK(words({"get", "str"}) == "streams");
  CHECK(words({"get", "teams,str"}) == "teams,streams");
  CHECK(words({"describe", "str"}) == "stream");
  CHECK(words({"explain", "stream.ret"}) == "stream.retention stream.retentionSize");
  CHECK(words({"get", "teams", "-o", "js"}) == "json");
  CHECK(has(words({"get", "teams", "-o", ""}), "schema"));
  CHECK_FALSE(has(words({"export", "-o", ""}), "json"));
  CHECK(words({"get", "streams", "--columns", "name,ret"}) == "name,retention");
  CHECK(words({"stream", "set", "orders.placed", "ret"}) == "retention= retentionSize=[nospace]");
  CHECK(words({"stream", "set", "orders.placed", "visibility=p"}) ==
        "visibility=private visibility=protected visibility=public");
}

TEST_CASE("files and folders are the shell's") {
  CHECK(words({"apply", "-f", ""}) == "[files]");
  CHECK(words({"cluster", "import", "--dir", ""}) == "[folders]");
}

TEST_CASE("behind -- and behind a flag's value nothing is taken for a command") {
  CHECK(words({"describe", "--", "team", "c"}) == "checkout");
  CHECK(words({"get", "-o", "get", "str"}) == "streams");
}

TEST_CASE("a line is read as bash reads it") {
  using L = std::vector<std::string>;
  CHECK(words_of_line("edactl get te") == L{"get", "te"});
  CHECK(words_of_line("edactl get ") == L{"get", ""});
  CHECK(words_of_line("X=1 ./edactl  get 'a b' \"c\\\" d\" e\\ f") == L{"get", "a b", "c\" d", "e f"});
  CHECK(words_of_line("edactl") == L{});
  CHECK(words_of_line("edactl --reason 'x") == L{"--reason", "x"});
}

TEST_CASE("names are kept in files that nobody else reads, apart for each context and server") {
  eda::test::Scratch scratch;
  std::map<std::string, std::string> values{{"XDG_CACHE_HOME", scratch.path("cache")}};
  Environment environment = [&](const char* name) -> const char* {
    auto found = values.find(name);
    return found == values.end() ? nullptr : found->second.c_str();
  };
  Settings prod, dev;
  prod.context.value = dev.context.value = "here";
  prod.server.value = "edad.example:7070";
  dev.server.value = "127.0.0.1:7070";
  NameCache cache(environment, prod);
  CHECK_FALSE(cache.find("team"));
  cache.keep("team", {"checkout", "支付"});
  REQUIRE(cache.find("team"));
  CHECK(cache.find("team")->names == std::vector<std::string>{"checkout", "支付"});
  CHECK_FALSE(NameCache(environment, dev).find("team"));
  int files = 0;
  for (auto& entry : std::filesystem::recursive_directory_iterator(scratch.path("cache"))) {
    struct stat facts {};
    REQUIRE(::stat(entry.path().c_str(), &facts) == 0);
    CHECK((facts.st_mode & 0777) == (entry.is_directory() ? 0700u : 0600u));
    files += entry.is_regular_file();
  }
  CHECK(files == 1);
}
