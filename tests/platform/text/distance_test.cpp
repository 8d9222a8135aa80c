#include "platform/text/distance.h"

#include <catch2/catch.hpp>

using namespace eda::text;

TEST_CASE("distance counts edits in code points and a transposition once") {
  CHECK(distance("", "") == 0);
  CHECK(distance("abc", "") == 3);
  CHECK(distance("partitions", "partitoins") == 1);
  CHECK(distance("Partitions", "pARTITIONS") == 0);
  CHECK(distance("retention", "retentoin") == 1);
  CHECK(distance("kitten", "sitting") == 3);
  CHECK(distance("größe", "grösse") == 2);
  CHECK(distance("é", "e") == 1);
  CHECK(distance("ab", "ba") == 1);
  CHECK(distance("a\xff", "a") == 1);
}

TEST_CASE("the nearest candidate lies within a third of the word's length") {
  std::vector<std::string> names{"partitions", "replication", "retention", "retentionSize", "config"};
  CHECK(nearest("partition", names) == "partitions");
  CHECK(nearest("REPLICATION", names) == "replication");
  CHECK(nearest("retension", names) == "retention");
  CHECK(nearest("retention.ms", names) == "retention");
  CHECK(nearest("confg", names) == "config");
  CHECK_FALSE(nearest("compaction", names).has_value());
  CHECK_FALSE(nearest("", names).has_value());
  CHECK_FALSE(nearest("x", {}).has_value());
}

TEST_CASE("of two equally near candidates the first is meant") {
  CHECK(nearest("tea", {"team", "teal"}) == "team");
  CHECK(nearest("tea", {"teal", "team"}) == "teal");
}

TEST_CASE("an overlong word is not compared at all") {
  std::string word(1u << 20, 'a');
  CHECK_FALSE(nearest(word, {"partitions", word}).has_value());
}

TEST_CASE("did-you-mean is a question or nothing") {
  CHECK(did_you_mean("partiton", {"partitions"}) == "did you mean \"partitions\"?");
  CHECK(did_you_mean("zzz", {"partitions"}).empty());
  CHECK(did_you_mean("a\x1b", {"a\x1c"}) == "did you mean \"a\\x1c\"?");
}
