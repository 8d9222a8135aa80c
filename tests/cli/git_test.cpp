#include "cli/git.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>

#include "cli/apply_set.h"
#include "tests/platform/process/scratch.h"

using namespace eda::cli;
using eda::test::Scratch;

namespace {

struct Form {
  const char* url;
  const char* origin;
  const char* set;
};

// A checkout with one commit of one manifest.
void make_checkout(const Scratch& scratch, const std::string& origin) {
  scratch.write("a.yaml", "kind: Team\n");
  auto command = "cd '" + scratch.path() +
                 "' && git init -q . && git add a.yaml && git -c user.name=a -c user.email=a@b commit -q -m one";
  if (!origin.empty()) command += " && git remote add origin '" + origin + "'";
  REQUIRE(std::system(command.c_str()) == 0);
}

constexpr std::chrono::milliseconds patience{10'000};

}  // namespace

TEST_CASE("every form of an origin gives the same place without what is secret in it") {
  const Form forms[] = {
      {"https://github.com/acme/shop.git", "github.com/acme/shop", "shop"},
      {"https://github.com/acme/shop", "github.com/acme/shop", "shop"},
      {"https://github.com/acme/shop/", "github.com/acme/shop", "shop"},
      {"https://ada:s3cret@github.com/acme/shop.git", "github.com/acme/shop", "shop"},
      {"https://oauth2:glpat-x@gitlab.example:8443/g/sub/shop.git", "gitlab.example/g/sub/shop", "shop"},
      {"https://git.example/shop.git?token=s3cret", "git.example/shop", "shop"},
      {"https://a:b@c@git.example/shop.git", "git.example/shop", "shop"},
      {"git@github.com:acme/shop.git", "github.com/acme/shop", "shop"},
      {"ssh://git@git.example:2222/acme/shop.git", "git.example/acme/shop", "shop"},
      {"git.example:shop", "git.example/shop", "shop"},
      {"git://git.example/~ada/shop.git", "git.example/~ada/shop", "shop"},
      {"file:///srv/git/shop.git", "/srv/git/shop", "shop"},
      {"/srv/git/shop.git/", "/srv/git/shop", "shop"},
      {"../shop.git", "../shop", "shop"},
      {"./odd:name/shop", "./odd:name/shop", "shop"},
      {"", "", "checkout"},
      {"https://github.com/", "github.com", "github.com"},
  };
  for (auto& form : forms) {
    INFO(form.url);
    CHECK(normal_origin(form.url) == form.origin);
    CHECK(set_of({"/home/ada/checkout", form.url, "4f2a9c1", false}) == form.set);
  }
}

TEST_CASE("the source names origin, commit and whether something differs from it") {
  CHECK(source_of({"/home/ada/shop", "git@github.com:acme/shop.git", "4f2a9c1", false}) ==
        "github.com/acme/shop@4f2a9c1");
  CHECK(source_of({"/home/ada/shop", "git@github.com:acme/shop.git", "4f2a9c1", true}) ==
        "github.com/acme/shop@4f2a9c1+dirty");
  CHECK(source_of({"/home/ada/shop", "", "4f2a9c1", false}) == "shop@4f2a9c1");
  CHECK(source_of({"/home/ada/shop", "", "", true}) == "shop+dirty");
}

TEST_CASE("a set's name holds nothing that a name may not hold") {
  CHECK(default_set(std::nullopt, "/srv/my manifests") == "my-manifests");
  CHECK(default_set(std::nullopt, "/srv/支付") == "支付");
  CHECK(default_set(std::nullopt, "/") == "");
  CHECK(default_set(Checkout{"/srv/a b", "", "", false}, "/srv/a b/streams") == "a-b");
}

TEST_CASE("a file's folder decides, a folder itself does, and of stdin where we are") {
  Scratch scratch;
  auto file = scratch.write("a.yaml", "");
  CHECK(deciding_folder({file}) == scratch.path().substr(0, scratch.path().find_last_not_of('/') + 1));
  CHECK(deciding_folder({scratch.path() + "/"}) == deciding_folder({file}));
  CHECK(deciding_folder({"-"}) == std::filesystem::current_path().string());
}

TEST_CASE("a checkout knows its origin, its commit, and whether manifests are as committed") {
  Scratch scratch;
  make_checkout(scratch, "https://ada:s3cret@git.example/acme/shop.git");
  auto folder = scratch.path();
  auto clean = find_checkout(folder, {folder}, patience);
  REQUIRE(clean);
  CHECK(set_of(*clean) == "shop");
  CHECK(source_of(*clean) == "git.example/acme/shop@" + clean->commit);
  CHECK(clean->commit.size() >= 7);

  // What lies about and is no manifest, like a plan's text, does not matter.
  scratch.write("plan.md", "x");
  CHECK_FALSE(find_checkout(folder, {folder}, patience)->dirty);
  scratch.write("b.yaml", "kind: Team\n");
  CHECK(find_checkout(folder, {folder}, patience)->dirty);
  std::filesystem::remove(scratch.path("b.yaml"));
  scratch.write("a.yaml", "kind: Stream\n");
  CHECK(find_checkout(folder, {}, patience)->dirty);
}

TEST_CASE("where there is no checkout, or no time to ask, there is none") {
  Scratch scratch;
  CHECK_FALSE(find_checkout(scratch.path(), {}, patience));
  CHECK_FALSE(find_checkout(scratch.path("missing"), {}, patience));
  make_checkout(scratch, "");
  CHECK_FALSE(find_checkout(scratch.path(), {}, std::chrono::milliseconds(0)));
  CHECK(set_of(*find_checkout(scratch.path(), {}, patience)) ==
        std::filesystem::path(scratch.path()).parent_path().filename());
}
