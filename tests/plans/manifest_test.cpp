#include "plans/manifest.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <random>

#include "platform/core/limits.h"
#include "tests/plans/small_kinds.h"

using namespace eda;
using namespace eda::plans;
using namespace eda::plans::test;
using namespace std::string_literals;

namespace {

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

Result<std::vector<Document>> parse(const std::string& text) {
  return parse_manifests(small_kinds(), {{"a.yaml", text}});
}

/// A good head of four lines; what follows begins in line 5.
std::string stream(const std::string& spec) {
  return "apiVersion: eda/v1\nkind: Stream\nmetadata: {name: orders}\nspec:\n" + spec;
}
std::string team(const std::string& rest) {
  return "apiVersion: eda/v1\nkind: Team\n" + rest;
}

/// "a.yaml:5:15 spec.partitions: sentence (hint)", one a line.
std::string told(const Result<std::vector<Document>>& read) {
  if (read) return "";
  std::string out;
  for (const Violation& v : read.error().violations) {
    out += v.at.text() + " " + v.field + ": " + v.message + (v.hint.empty() ? "" : " (" + v.hint + ")") + "\n";
  }
  return out;
}

struct Row {
  std::string text;
  std::string told;  // without "a.yaml:" and the last line break
};

void check(std::initializer_list<Row> rows) {
  for (const Row& row : rows) {
    INFO(row.text.substr(0, 300));
    std::string found = replaced(told(parse(row.text)), "a.yaml:", "");
    if (!found.empty()) found.pop_back();
    CHECK(found == row.told);
  }
}

const Said& said(const Document& document, const std::string& path) {
  auto found = document.fields.find(path);
  REQUIRE(found != document.fields.end());
  return found->second;
}

}  // namespace

TEST_CASE("a manifest is read with its three states and every value's place") {
  auto read = parse(
      "# a comment\n"
      "apiVersion: eda/v1\n"
      "kind: Stream\n"
      "metadata:\n"
      "  name: orders.placed\n"
      "  cluster: prod\n"
      "  team: checkout\n"
      "  labels: {größe: \"1\", tier: gold}\n"
      "  deletionProtection: false\n"
      "spec:\n"
      "  description: |\n"
      "    two\n"
      "    lines\n"
      "  partitions: 12\n"
      "  retention: 1h30m\n"
      "  retentionSize: null\n"
      "  cleanup: 'compact,delete'\n"
      "  config: {min.insync.replicas: 2, unclean.leader.election.enable: false, a: ~, b: 1.50}\n"
      "  topic:\n"
      "status: {anything: [1, {deep: true}]}\n");
  INFO(told(read));
  REQUIRE(read);
  REQUIRE(read->size() == 1);
  const Document& d = read->front();
  CHECK(d.kind == "Stream");
  CHECK(d.cluster == "prod");
  CHECK(d.name == "orders.placed");
  CHECK(d.at.text() == "a.yaml:2:1");
  CHECK(d.fields.size() == 14);
  CHECK(said(d, "metadata.team").value == Value("checkout"));
  CHECK(said(d, "metadata.team").at.text() == "a.yaml:7:9");
  CHECK(said(d, "metadata.labels[\"größe\"]").value == Value("1"));
  CHECK(said(d, "metadata.labels[\"tier\"]").at.text() == "a.yaml:8:30");
  CHECK(said(d, "metadata.deletionProtection").value == Value(false));
  CHECK(said(d, "spec.description").value == Value("two\nlines\n"));
  CHECK(said(d, "spec.description").at.text() == "a.yaml:11:16");
  CHECK(said(d, "spec.partitions").value == Value(12));
  CHECK(said(d, "spec.retention").value == Value(5'400'000));
  CHECK_FALSE(said(d, "spec.retentionSize").value.has_value());
  CHECK(said(d, "spec.retentionSize").at.text() == "a.yaml:16:18");
  CHECK(said(d, "spec.cleanup").value == Value("compact,delete"));
  CHECK(said(d, "spec.cleanup").at.text() == "a.yaml:17:12");
  CHECK(said(d, "spec.config[\"min.insync.replicas\"]").value == Value("2"));
  CHECK(said(d, "spec.config[\"unclean.leader.election.enable\"]").value == Value("false"));
  CHECK_FALSE(said(d, "spec.config[\"a\"]").value.has_value());
  CHECK(said(d, "spec.config[\"b\"]").value == Value("1.50"));
  CHECK_FALSE(said(d, "spec.topic").value.has_value());
}

TEST_CASE("an empty map says nothing, an absent spec neither") {
  auto read = parse(stream("  config: {}\n") + "---\n" + replaced(stream(""), "orders", "b") + "---\n" +
                    team("metadata: {name: a, labels: {}}\n"));
  REQUIRE(read);
  for (const Document& document : *read) CHECK(document.fields.empty());
}

TEST_CASE("JSON is a manifest as well, also indented with tabs") {
  auto read = parse(
      "{\n\t\"apiVersion\": \"eda/v1\",\n\t\"kind\": \"Stream\",\n\t\"metadata\": {\"name\": \"orders\"},\n"
      "\t\"spec\": {\"partitions\": 12, \"description\": \"\\ud83d\\ude00 \\/ \\u0041\", \"retention\": null}\n}\n"
      "---\n{\"apiVersion\":\"eda/v1\",\"kind\":\"Team\",\"metadata\":{\"name\":\"a\"},\"spec\":{\"notify\":true}}");
  INFO(told(read));
  REQUIRE(read);
  REQUIRE(read->size() == 2);
  CHECK(said(read->at(0), "spec.description").value == Value("😀 / A"));
  CHECK(said(read->at(0), "spec.partitions").at.text() == "a.yaml:5:25");
  CHECK(said(read->at(1), "spec.notify").value == Value(true));
}

TEST_CASE("a BOM, CRLF and lone CR are accepted and positions stay right") {
  for (std::string end : {"\n", "\r\n", "\r"}) {
    auto bad = "\xEF\xBB\xBF" + replaced(stream("  description: |\n    é\n    b\n  partitions: x\n"), "\n", end);
    CHECK(told(parse(bad)) ==
          "a.yaml:8:15 spec.partitions: the text \"x\" was found; a whole number is wanted (for example partitions: "
          "12)\n");
    auto good =
        "\xEF\xBB\xBF" +
        replaced(stream("  description: |\n    é\n    b\n") + "---\n" + team("metadata: {name: a}\n"), "\n", end);
    auto read = parse(good);
    INFO(told(read));
    REQUIRE(read);
    REQUIRE(read->size() == 2);
    CHECK(said(read->at(0), "spec.description").value == Value("é\nb\n"));
    CHECK(read->at(1).at.text() == "a.yaml:9:1");
    CHECK(told(parse("\xEF\xBB\xBFx" + end)).starts_with("a.yaml:1:1 "));
  }
}

TEST_CASE("comments, directives, empty documents and end markers are no documents") {
  auto read = parse("# only a comment\n%YAML 1.2\n---\n# nothing\n---\n" + team("metadata: {name: a}\n") +
                    "...\n# between\n--- # another\n" + team("metadata: {name: b}\n") + "---\n\n");
  INFO(told(read));
  REQUIRE(read);
  REQUIRE(read->size() == 2);
  CHECK(read->at(1).at.text() == "a.yaml:12:1");
  CHECK(parse_manifests(small_kinds(), {})->empty());
}

TEST_CASE("anchors and aliases repeat values") {
  auto read = parse(stream("  retention: &keep 7d\n  grace: *keep\n  config: &c {a: b}\n") + "---\n" +
                    team("metadata: {name: a, labels: &l {x: y}, annotations: *l}\n"));
  INFO(told(read));
  // 7d is above grace's limit: told where the alias stands.
  CHECK(told(read) == "a.yaml:6:10 spec.grace: 7d is too large; 1d is the most\n");
  auto good = parse(team("metadata: {name: a, labels: &l {x: y}, annotations: *l}\n"));
  REQUIRE(good);
  CHECK(said(good->front(), "metadata.annotations[\"x\"]").value == Value("y"));
}

TEST_CASE("global kinds ignore a cluster") {
  auto read = parse(team("metadata: {name: a, cluster: prod}\n"));
  REQUIRE(read);
  CHECK(read->front().cluster.empty());
}

TEST_CASE("what has no document, or not only UTF-8, is told") {
  check({
      {"", "a.yaml : the file contains no document (write at least apiVersion, kind and metadata: {name: …})"},
      {"\xEF\xBB\xBF",
       "a.yaml : the file contains no document (write at least apiVersion, kind and metadata: {name: …})"},
      {"\n# c\n---\n...\n",
       "a.yaml : the file contains no document (write at least apiVersion, kind and metadata: {name: …})"},
      {"\xff\xfe"
       "a\0"s,
       "1:1 : the file is UTF-16 (save the file as UTF-8)"},
      {stream("  topic: é\xff\n"), "5:11 : the byte 0xFF here is not valid UTF-8 (save the file as UTF-8)"},
      {stream("  topic: a\xc3\n"), "5:11 : the byte 0xC3 here is not valid UTF-8 (save the file as UTF-8)"},
      {stream("  topic: a\0b\n"s),
       "5:11 : the control character U+0000 stands here (delete it; a manifest is plain text)"},
      {stream("  topic: \x1b[31m\n"),
       "5:10 : the control character U+001B stands here (delete it; a manifest is plain text)"},
      {"# \x07\n" + team("metadata: {name: a}\n"),
       "1:3 : the control character U+0007 stands here (delete it; a manifest is plain text)"},
      {stream("  topic: \"\\x07\"\n"), "5:10 spec.topic: the text holds the control character U+0007 (leave it out)"},
  });
}

TEST_CASE("kind, apiVersion and the shape of a document are told") {
  check({
      {"kind: Team\nmetadata: {name: a}\n", "1:1 apiVersion: apiVersion is missing (write apiVersion: eda/v1)"},
      {"apiVersion: eda/v2\nkind: Team\nmetadata: {name: a}\n",
       "1:13 apiVersion: the text \"eda/v2\" is no version of manifests (write apiVersion: eda/v1)"},
      {"apiVersion: 1\nkind: Team\nmetadata: {name: a}\n",
       "1:13 apiVersion: the number 1 is no version of manifests (write apiVersion: eda/v1)"},
      {"apiVersion: eda/v1\nmetadata: {name: a}\n",
       "1:1 kind: kind is missing (write kind: and one of Team, Cluster, Stream)"},
      {"apiVersion: eda/v1\nkind: Streem\nmetadata: {name: a}\n",
       "2:7 kind: \"Streem\" is no kind (did you mean \"Stream\"?)"},
      {"apiVersion: eda/v1\nkind: streams\nmetadata: {name: a}\n",
       "2:7 kind: \"streams\" is no kind (did you mean \"Stream\"?)"},
      {"apiVersion: eda/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {replicas: 1}\n",
       "2:7 kind: \"Deployment\" is no kind (write one of Team, Cluster, Stream)"},
      {"apiVersion: eda/v1\nkind: [Team]\nmetadata: {name: a}\n",
       "2:7 kind: a list is no kind (write one of Team, Cluster, Stream)"},
      {"apiVersion: eda/v1\nkind:\nmetadata: {name: a}\n",
       "2:5 kind: nothing is no kind (write one of Team, Cluster, Stream)"},
      {"apiVersion: v1\nkind: List\nitems: [{kind: Team}]\n",
       "1:13 apiVersion: the text \"v1\" is no version of manifests (write apiVersion: eda/v1)\n"
       "2:7 kind: kind List is not supported (write its items as documents of their own, with a line --- between "
       "them)"},
      {"- kind: Team\n",
       "1:1 : a list stands here; a manifest is an object (write each item as a document of its own, with a line --- "
       "between them)"},
      {"just words\n",
       "1:1 : the text \"just words\" stands here; a manifest is an object (begin with apiVersion, kind, metadata and "
       "spec, "
       "each \"name: value\")"},
      {"[]",
       "1:1 : a list stands here; a manifest is an object (write each item as a document of its own, with a line --- "
       "between them)"},
  });
}

TEST_CASE("names are told") {
  check({
      {team("spec: {}\n"), "1:1 metadata.name: metadata.name is missing (write metadata: {name: …})"},
      {team("metadata: {team: a}\n"), "3:11 metadata.name: metadata.name is missing (write metadata: {name: …})"},
      {team("metadata:\n"), "1:1 metadata.name: metadata.name is missing (write metadata: {name: …})"},
      {team("metadata: {name: }\n"), "3:16 metadata.name: nothing was found; a name is wanted"},
      {team("metadata: {name: \"\"}\n"), "3:18 metadata.name: the name is empty"},
      {team("metadata: {name: 404}\n"),
       "3:18 metadata.name: the number 404 was found; a name is wanted (put it in quotes: \"404\")"},
      {team("metadata: {name: [a]}\n"), "3:18 metadata.name: a list was found; a name is wanted"},
      {team("metadata: {name: ../etc/passwd}\n"),
       "3:18 metadata.name: the name holds \"/\"; letters, digits and . _ - are allowed"},
      {team("metadata: {name: \"a\\u0007\"}\n"),
       "3:18 metadata.name: the name holds \"\\x07\"; letters, digits and . _ - are allowed"},
      {team("metadata: {name: " + std::string(300, 'x') + "}\n"),
       "3:18 metadata.name: the name has 300 characters; 100 is the most"},
      {team("metadata: {name: \"e\\u0301\"}\n"),
       "3:18 metadata.name: the name is not in Unicode's composed form (NFC); type it anew"},
      {"apiVersion: eda/v1\nkind: Stream\nmetadata: {name: " + std::string(300, 'x') + "}\n",
       "3:18 metadata.name: the name has 300 characters; Kafka allows 249"},
      {"apiVersion: eda/v1\nkind: Stream\nmetadata: {name: a, cluster: null}\n",
       "3:30 metadata.cluster: a cluster cannot be reset (name one, or leave the line out: --cluster or the context "
       "decides "
       "then)"},
      {"apiVersion: eda/v1\nkind: Stream\nmetadata: {name: a, cluster: a/b}\n",
       "3:30 metadata.cluster: the name holds \"/\"; letters, digits and . _ - are allowed"},
  });
}

TEST_CASE("unknown fields are told at every level, with the nearest valid one") {
  check({
      {stream("  partition: 12\n"),
       "5:3 spec.partition: \"partition\" is no field of Stream's spec (did you mean \"partitions\"?)"},
      {stream("  Partitions: 12\n"),
       "5:3 spec.Partitions: \"Partitions\" is no field of Stream's spec (did you mean \"partitions\"?)"},
      {stream("  retention.ms: 12\n"),
       "5:3 spec.retention.ms: \"retention.ms\" is no field of Stream's spec (did you mean \"retention\"?)"},
      {stream("  zzz: 12\n"),
       "5:3 spec.zzz: \"zzz\" is no field of Stream's spec (known here: topic, description, visibility, partitions, "
       "retention, grace, retentionSize, cleanup, config, mirrors)"},
      {stream("  \"a\\u001bb\": 12\n"),
       "5:3 spec.a\\x1bb: \"a\\x1bb\" is no field of Stream's spec (known here: topic, description, visibility, "
       "partitions, "
       "retention, grace, retentionSize, cleanup, config, mirrors)"},
      {stream("  domain: sales\n"),
       "5:3 spec.domain: \"domain\" is no field of Stream's spec (it belongs below metadata)"},
      {team("name: a\nmetadata: {name: a}\n"),
       "3:1 name: \"name\" is no field of a manifest (it belongs below metadata)"},
      {team("members: {ada: lead}\nmetadata: {name: a}\n"),
       "3:1 members: \"members\" is no field of a manifest (it belongs below spec)"},
      {team("metadata: {name: a}\nsepc: {}\n"),
       "4:1 sepc: \"sepc\" is no field of a manifest (did you mean \"spec\"?)"},
      {team("metadata: {name: a, lables: {}}\n"),
       "3:21 metadata.lables: \"lables\" is no field of Team's metadata (did you mean \"labels\"?)"},
      {team("metadata: {name: a}\nspec: {email: x}\n"),
       "4:8 spec.email: \"email\" is no field of Team's spec (it belongs below spec.contacts)"},
      {team("metadata: {name: a}\nspec: {contacts: {e-mail: x}}\n"),
       "4:19 spec.contacts.e-mail: \"e-mail\" is no field of Team's spec.contacts (did you mean \"email\"?)"},
      {team("metadata: {name: a}\nspec: {contacts.email: x}\n"),
       "4:8 spec.contacts.email: \"contacts.email\" is no field of Team's spec (write its parts nested, each on a line "
       "of its "
       "own)"},
  });
}

TEST_CASE("wrong types say what was found, what is wanted, and how to write it") {
  check({
      {stream("  partitions: \"12\"\n"),
       "5:15 spec.partitions: the text \"12\" was found; a whole number is wanted (write 12 without quotes)"},
      {stream("  partitions: twelve\n"),
       "5:15 spec.partitions: the text \"twelve\" was found; a whole number is wanted (for example partitions: 12)"},
      {stream("  partitions: 1_000\n"),
       "5:15 spec.partitions: the text \"1_000\" was found; a whole number is wanted (for example partitions: 12)"},
      {stream("  partitions: 12.5\n"),
       "5:15 spec.partitions: the number 12.5 was found; a whole number is wanted (for example partitions: 12)"},
      {stream("  partitions: true\n"),
       "5:15 spec.partitions: true was found; a whole number is wanted (for example partitions: 12)"},
      {stream("  partitions: [12]\n"),
       "5:15 spec.partitions: a list was found; a whole number is wanted (for example partitions: 12)"},
      {stream("  partitions: {a: 12}\n"),
       "5:15 spec.partitions: an object was found; a whole number is wanted (for example partitions: 12)"},
      {stream("  partitions: -3\n"), "5:15 spec.partitions: -3 is too small; 1 is the least"},
      {stream("  partitions: 99999999999999999999\n"),
       "5:15 spec.partitions: the number 99999999999999999999 does not fit in 64 bits (for example partitions: 12)"},
      {stream("  topic: 12\n"), "5:10 spec.topic: the number 12 was found; text is wanted (put it in quotes: \"12\")"},
      {stream("  topic: true\n"), "5:10 spec.topic: true was found; text is wanted (put it in quotes: \"true\")"},
      {stream("  topic: [a]\n"),
       "5:10 spec.topic: a list was found; text is wanted (for example topic: orders.placed)"},
      {stream("  retention: 7\n"),
       "5:14 spec.retention: \"7\" is no duration: a bare number has no unit (write numbers with the units w d h m s "
       "ms, "
       "such as 7d or 1h30m, or unlimited)"},
      {stream("  retention: -1\n"),
       "5:14 spec.retention: the number -1 was found; a duration such as 7d or 1h30m is wanted (write unlimited)"},
      {stream("  retention: 7 days\n"),
       "5:14 spec.retention: \"7 days\" is no duration: a whole number is wanted before each unit (write numbers with "
       "the "
       "units w d h m s ms, such as 7d or 1h30m, or unlimited)"},
      {stream("  retention: true\n"),
       "5:14 spec.retention: true was found; a duration such as 7d or 1h30m is wanted (for example retention: 7d)"},
      {stream("  grace: unlimited\n"), "5:10 spec.grace: unlimited is not possible here; 1s is the least"},
      {stream("  retentionSize: 500mib\n"),
       "5:18 spec.retentionSize: \"500mib\" is no size: \"mib\" is no unit of size (write \"500MiB\")"},
      {stream("  retentionSize: 1.5\n"),
       "5:18 spec.retentionSize: the number 1.5 was found; a size such as 500MiB is wanted (for example retentionSize: "
       "500MiB)"},
      {stream("  cleanup: delte\n"),
       "5:12 spec.cleanup: \"delte\" is none of \"delete\", \"compact\" and \"compact,delete\" (did you mean "
       "\"delete\"?)"},
      {stream("  cleanup: [compact, delete]\n"),
       "5:12 spec.cleanup: a list was found; one of \"delete\", \"compact\" and \"compact,delete\" is wanted (for "
       "example "
       "cleanup: delete)"},
      {stream("  config: null\n"),
       "5:11 spec.config: spec.config cannot be reset as a whole (reset single keys: key: null)"},
      {stream("  config: [a]\n"),
       "5:11 spec.config: a list was found; an object of keys and values is wanted (for example config: "
       "{min.insync.replicas: \"2\"})"},
      {stream("  config: {a: [b]}\n"),
       "5:15 spec.config[\"a\"]: a list was found; text is wanted for each key (for example config: "
       "{min.insync.replicas: "
       "\"2\"})"},
      {stream("  config: {\"\": b}\n"), "5:12 spec.config: a key is missing (each entry has a name of its own)"},
      {stream("  config: {\"a\\u202e\": b}\n"),
       "5:12 spec.config: the key holds a line break or another invisible character"},
      {team("metadata: {name: a}\nspec: {notify: yes}\n"),
       "4:16 spec.notify: the text \"yes\" was found; true or false is wanted (write true)"},
      {team("metadata: {name: a}\nspec: {notify: Off}\n"),
       "4:16 spec.notify: the text \"Off\" was found; true or false is wanted (write false)"},
      {team("metadata: {name: a}\nspec: {notify: \"true\"}\n"),
       "4:16 spec.notify: the text \"true\" was found; true or false is wanted (write true without quotes)"},
      {team("metadata: {name: a}\nspec: {notify: 1}\n"),
       "4:16 spec.notify: the number 1 was found; true or false is wanted (for example notify: true)"},
      {team("metadata: {name: a}\nspec: {members: {ada: leed}}\n"),
       "4:23 spec.members[\"ada\"]: \"leed\" is none of \"member\" and \"lead\" (did you mean \"lead\"?)"},
      {team("metadata: {name: a}\nspec: {contacts: null}\n"),
       "4:18 spec.contacts: spec.contacts cannot be reset as a whole (reset single fields: field: null)"},
      {team("metadata: {name: a}\nspec: {contacts: x}\n"),
       "4:18 spec.contacts: the text \"x\" was found; an object is wanted (known here: email, chat)"},
      {team("metadata: {name: a, labels: {a b: c}}\n"),
       "3:30 metadata.labels: this is no label: the name holds \" \"; letters, digits and . _ - are allowed"},
      {team("metadata: {name: a, team: team/a}\n"),
       "3:27 metadata.team: the name holds \"/\"; letters, digits and . _ - are allowed"},
      {team("metadata: {name: a, deletionProtection: no}\n"),
       "3:41 metadata.deletionProtection: the text \"no\" was found; true or false is wanted (write false)"},
      {"apiVersion: eda/v1\nkind: Cluster\nmetadata: {name: a}\nspec: {bootstrap: localhost:9092}\n",
       "4:19 spec.bootstrap: the text \"localhost:9092\" was found; a list of texts is wanted (for example bootstrap: "
       "[localhost:9092])"},
      {"apiVersion: eda/v1\nkind: Cluster\nmetadata: {name: a}\nspec: {bootstrap: [a:1, 2]}\n",
       "4:25 spec.bootstrap: the number 2 was found in the list; text is wanted (put it in quotes: \"2\")"},
      {"apiVersion: eda/v1\nkind: Cluster\nmetadata: {name: a}\nspec: {bootstrap: [a:1, null]}\n",
       "4:25 spec.bootstrap: null was found in the list; text is wanted (for example bootstrap: [localhost:9092])"},
      {stream("  description: \"" + std::string(4'097, 'x') + "\"\n"),
       "5:16 spec.description: the text has 4097 bytes; 4096 is the most (shorten it)"},
  });
}

TEST_CASE("what YAML allows and manifests do not is told") {
  check({
      {stream("  partitions: 1\n  topic: a\n  partitions: 2\n"),
       "7:3 spec.partitions: \"partitions\" stands twice; first on line 5 (keep one of them)"},
      {stream("  config: {a: b, a: c}\n"),
       "5:18 spec.config.a: \"a\" stands twice; first on line 5 (keep one of them)"},
      {team("kind: Team\nmetadata: {name: a}\n"),
       "3:1 kind: \"kind\" stands twice; first on line 2 (keep one of them)"},
      {stream("  <<: {partitions: 1}\n"), "5:3 spec: merge keys (<<) are not supported (write the fields out)"},
      {stream("  ? [a, b]\n  : c\n"), "5:5 spec: a field's name must be text (write name: value)"},
      {stream("  topic: !!str 12\n"),
       "5:16 : tags are not supported; \"tag:yaml.org,2002:str\" stands here (delete the tag; quotes make a value "
       "text)"},
      {stream("  topic: *a\n"),
       "5:10 : the alias *a names nothing that stands before it (put &name before the value that it shall repeat)"},
      {stream("  config: &a {x: *a}\n"),
       "5:18 : the alias *a names nothing that stands before it (put &name before the value that it shall repeat)"},
      {stream("  topic: " + std::string(33, '[') + std::string(33, ']') + "\n"),
       "5:40 : this is nested deeper than 32 levels (nest less)"},
  });
}

TEST_CASE("broken YAML is told in our words, at its place") {
  check({
      {stream("\tpartitions: 1\n"), "5:1 : a tab indents this line (indent with spaces)"},
      {stream("  topic: a\n \tpartitions: 1\n"), "6:2 : a tab indents this line (indent with spaces)"},
      {stream("  config: {a: b\n"), "5:11 : the { that is opened here is never closed (close it with })"},
      {stream("  config: [a, b\n"), "5:11 : the [ that is opened here is never closed (close it with ])"},
      {stream("  topic: \"a\nkind: x\n"),
       "5:10 : the text in quotes that begins here goes on in a line that is not indented (close the quote; the "
       "closing one "
       "is probably missing)"},
      {stream("  topic: a: b\n"),
       "5:11 : a second \": \" stands on this line (put the value in quotes if the colon belongs to it)"},
      {stream("  topic: \"a"),
       "5:10 : the quote that is opened here is never closed (close it, or double it inside the text)"},
      {stream("  topic: 'a"),
       "5:10 : the quote that is opened here is never closed (close it, or double it inside the text)"},
      {"{\"kind\": [\"Team\"", "1:10 : the [ that is opened here is never closed (close it with ])"},
      {stream("  topic: @a\n"),
       "5:10 : a value without quotes cannot begin with this character (put the value in quotes)"},
      {stream("  topic: a\n    partitions: 1\n"),
       "5:10 : the value that begins here runs on into a line that looks like a field (indent the fields of one object "
       "alike)"},
      {stream("  topic: a\n partitions: 1\n"),
       "6:2 : the indentation fits neither the line above nor any before it (indent the fields of one object alike, "
       "with "
       "spaces)"},
      {stream("  topic: a\nwords\n"), "6:1 : this is no field (write name: value)"},
      {stream("  topic: a\n}\n"), "6:1 : this bracket closes nothing (delete it, or open it before)"},
      {stream("  topic: \"\\q\"\n"),
       "5:11 : this text in double quotes has an unknown escape (write \\\\ for a backslash, or use single quotes)"},
      {stream("  topic: \"a\" b\n"),
       "5:14 : something follows after the closing quote (quote the whole value, or escape the quote inside)"},
      {"{\"kind\": \"Team\"}\n{\"kind\": \"Team\"}\n",
       "2:1 : something follows after the end of the document (put a line with --- between two documents)"},
      {"{\"kind\": \"Team\",, }\n",
       "1:17 : a value is missing here, or a comma is too many (write the value, or {} or [] or null)"},
  });
}

TEST_CASE("a broken document does not hide the faults of the others") {
  auto read =
      parse_manifests(small_kinds(), {{"a.yaml", stream("  topic: \"a\n") + "---\n" + stream("  partitions: x\n")},
                                      {"b.yaml", ""},
                                      {"c.yaml", team("metadata: {name: b}\nspec: {notify: on}\n")}});
  REQUIRE_FALSE(read);
  CHECK(read.error().code == Code::invalid);
  CHECK(read.error().reason == "MANIFEST_INVALID");
  CHECK(read.error().message == "the manifests have 4 faults in 3 files read; nothing was changed");
  std::vector<std::string> places;
  for (const Violation& v : read.error().violations) places.push_back(v.at.text());
  CHECK(places == std::vector<std::string>{"a.yaml:5:10", "a.yaml:11:15", "b.yaml", "c.yaml:4:16"});
  CHECK(read.error().violations[1].object == "stream/orders");
}

TEST_CASE("the same object twice in one call is told with both places") {
  auto read = parse_manifests(small_kinds(), {{"a.yaml", stream("") + "---\n" + team("metadata: {name: orders}\n")},
                                              {"b.yaml", stream("  topic: x\n")}});
  CHECK(told(read) ==
        "b.yaml:3:18 metadata.name: stream/orders stands twice; first at a.yaml:3:18 (keep one of them, or put their "
        "fields together)\n");
  auto two_clusters = parse(replaced(stream(""), "orders", "orders, cluster: a") + "---\n" +
                            replaced(stream(""), "orders", "orders, cluster: b") + "---\n" + stream(""));
  INFO(told(two_clusters));
  CHECK(told(two_clusters).find("twice") == std::string::npos);
}

TEST_CASE("at most 200 faults are listed and the rest is counted") {
  std::string text;
  for (int i = 0; i < 150; ++i) text += "---\nkind: Team\nmetadata: {name: a" + std::to_string(i) + "}\nx: y\n";
  auto read = parse(text);
  REQUIRE_FALSE(read);
  REQUIRE(read.error().violations.size() == 201);
  CHECK(read.error().violations.back().message == "and 100 more");
  CHECK(read.error().message == "the manifests have 300 faults; nothing was changed");
}

TEST_CASE("limits are kept before they cost") {
  auto started = std::chrono::steady_clock::now();
  CHECK(told(parse(std::string(40u << 20, 'x'))) ==
        "a.yaml : the manifests of one call may have 32MiB together; this file goes beyond (split them over several "
        "calls)\n");
  CHECK(told(parse(std::string(5u << 20, 'x'))) ==
        "a.yaml:1:1 : the document that begins here has 5242880 bytes; 4194304 is the most (split it)\n");
  CHECK(told(parse(std::string(4u << 20, '['))) ==
        "a.yaml:1:200001 : the document has more than 100000 values (split it)\n");
  std::string many;
  for (std::size_t i = 0; i <= limits::manifest_documents; ++i) many += "---\n{}\n";
  auto read = parse(many);
  REQUIRE_FALSE(read);
  CHECK(read.error().message == "the manifests have 60001 faults; nothing was changed");

  std::string labels = team("metadata:\n  name: a\n  labels:\n");
  for (int i = 0; i < 65; ++i) labels += "    l" + std::to_string(i) + ": x\n";
  CHECK(told(parse(labels)) == "a.yaml:6:5 metadata.labels: metadata.labels has 65 entries; 64 is the most\n");
  std::string config = stream("  config:\n");
  for (int i = 0; i < 2'001; ++i) config += "    k" + std::to_string(i) + ": x\n";
  CHECK(told(parse(config)) == "a.yaml:1:1 : the document has 2001 fields; 2000 is the most\n");
  CHECK(std::chrono::steady_clock::now() - started < std::chrono::seconds(20));
}

TEST_CASE("an alias bomb is refused, whatever it is made of") {
  std::string bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n";
  for (char c = 'a'; c < 'k'; ++c) {
    std::string next(1, static_cast<char>(c + 1));
    bomb += next + ": &" + next + " [";
    for (int i = 0; i < 9; ++i) bomb += std::string(i ? "," : "") + "*" + c;
    bomb += "]\n";
  }
  CHECK(told(parse(bomb)) ==
        "a.yaml:6:11 : the aliases of this document grow to more than 100000 values (write the values out)\n");
  std::string many = stream("  topic: &a x\n  config:\n");
  for (int i = 0; i < 1'001; ++i) many += "    k" + std::to_string(i) + ": *a\n";
  CHECK(told(parse(many)) == "a.yaml:1007:12 : the document has more than 1000 aliases (write the values out)\n");
}

namespace {

std::string any_text(std::mt19937& random) {
  static const std::vector<std::string> parts{
      "a",      "B",      "7",      " ",      ":",    ": ",   " #",  "#",      "-",      "- ",        "\n",
      "\n\n",   "\t",     "\"",     "'",      "\\",   "{",    "}",   "[",      "]",      ",",         "&",
      "*",      "!",      "|",      ">",      "%",    "@",    "`",   "?",      "=",      "~",         "null",
      "é",      "日本",   "😀",     "on",     "true", "1.5",  "/",   "--",     "---",    ".",         "..",
      "\u2028", "\ufeff", "\u00a0", "\u0301", "<<",   "0x1f", "1e3", "\ufffe", "\uffff", "\U0001fffe"};
  std::string out;
  for (auto left = random() % 7; left > 0; --left) out += parts[random() % parts.size()];
  return out;
}

Value any_value(const Field& field, std::mt19937& random) {
  switch (field.type) {
    case FieldType::integer:
      return Value(static_cast<std::int64_t>(1 + random() % 10'000));
    case FieldType::duration:
      return Value(static_cast<std::int64_t>(1'000 + random() % 86'000'000));
    case FieldType::size:
      return Value(static_cast<std::int64_t>((random() % 1'000) << (random() % 40)));
    case FieldType::boolean:
      return Value(random() % 2 == 0);
    case FieldType::choice:
    case FieldType::choice_map:
      return Value(std::string(field.choices[random() % field.choices.size()]));
    case FieldType::name:
      return Value("größe-" + std::to_string(random() % 100));
    case FieldType::text_list: {
      Value::List list;
      for (auto left = random() % 4; left > 0; --left) list.emplace_back(any_text(random));
      return Value(std::move(list));
    }
    default:
      return Value(any_text(random));
  }
}

std::string any_key(const Field& field, std::mt19937& random) {
  if (field.path == "metadata.labels") return "l" + std::to_string(random() % 50);
  std::string key = any_text(random);
  for (std::string invisible : {"\n", "\t", "\u2028", "\ufeff"}) key = replaced(key, invisible, "");
  return key.empty() ? "k" : key;
}

Wish any_wish(const KindRules& kind, std::mt19937& random) {
  Wish wish;
  for (std::span<const Field> table : {metadata_fields(), kind.fields}) {
    for (const Field& field : table) {
      for (auto left = is_map(field.type) ? random() % 5 : random() % 2; left > 0; --left) {
        std::string path =
            is_map(field.type) ? keyed_path(field.path, any_key(field, random)) : std::string(field.path);
        wish[path].value = random() % 5 == 0 ? std::nullopt : std::optional(any_value(field, random));
      }
    }
  }
  return wish;
}

}  // namespace

TEST_CASE("what is written as a manifest is read back to the same fields") {
  std::mt19937 random(2026);
  Kinds kinds = small_kinds();
  for (int i = 0; i < 6'000; ++i) {
    const KindRules& kind = *kinds.all()[random() % kinds.all().size()];
    Wish wish = any_wish(kind, random);
    std::string cluster = kind.scope == Scope::cluster && random() % 2 ? "prod" : "";
    std::string name =
        std::vector<std::string>{"orders", "404", "null", "yes", "1e3", "-a", "0x1f", "a.b"}[random() % 8];
    std::string text = write_manifest(kind, cluster, name, wish);
    auto read = parse(text);
    INFO(text);
    INFO(told(read));
    REQUIRE(read);
    REQUIRE(read->size() == 1);
    const Document& document = read->front();
    REQUIRE(document.kind == kind.kind);
    REQUIRE(document.name == name);
    REQUIRE(document.cluster == cluster);
    Wish again;
    for (const auto& [path, field] : document.fields) again[path].value = field.value;
    REQUIRE(again == wish);
    REQUIRE(write_manifest(kind, cluster, name, again) == text);
  }
}

TEST_CASE("a manifest is written in the order of the tables, quoted where it must be") {
  Wish wish;
  auto set = [&](const std::string& path, std::optional<Value> value) { wish[path].value = std::move(value); };
  set("spec.config[\"retention.ms\"]", Value("1"));
  set("spec.config[\"a: b\"]", std::nullopt);
  set("spec.partitions", Value(12));
  set("spec.retention", Value(604'800'000));
  set("spec.description", Value("two\nlines\n"));
  set("spec.topic", Value("yes"));
  set("metadata.team", Value("checkout"));
  set("spec.unknown", Value("dropped"));
  CHECK(write_manifest(stream_kind, "prod", "orders.placed", wish) ==
        "apiVersion: eda/v1\n"
        "kind: Stream\n"
        "metadata:\n"
        "  name: orders.placed\n"
        "  cluster: prod\n"
        "  team: checkout\n"
        "spec:\n"
        "  topic: \"yes\"\n"
        "  description: |\n"
        "    two\n"
        "    lines\n"
        "  partitions: 12\n"
        "  retention: 7d\n"
        "  config:\n"
        "    \"a: b\": null\n"
        "    retention.ms: \"1\"\n");
  wish = {{"spec.contacts.chat", {Value("#checkout"), ""}},
          {"spec.contacts.email", {Value("a@b"), ""}},
          {"spec.notify", {Value(true), ""}}};
  CHECK(write_manifest(team_kind, "", "a", wish) ==
        "apiVersion: eda/v1\nkind: Team\nmetadata:\n  name: a\nspec:\n  contacts:\n    email: a@b\n    chat: "
        "\"#checkout\"\n"
        "  notify: true\n");
}

TEST_CASE("references are looked for among the documents first, then on the server") {
  auto read = parse(team("metadata: {name: checkout}\n") + "---\n" +
                    replaced(stream("  mirrors: carts\n"), "orders", "orders, cluster: prod, team: chekout") + "---\n" +
                    replaced(stream(""), "orders", "carts, cluster: prod, team: checkout"));
  INFO(told(read));
  REQUIRE(read);
  auto offline = check_references(small_kinds(), *read, nullptr);
  CHECK(offline.violations.empty());
  CHECK(offline.unchecked == 3);  // the cluster twice, team/chekout once

  std::function<bool(const Ref&)> known = [](const Ref& ref) { return ref.text() == "cluster/prod"; };
  auto online = check_references(small_kinds(), *read, &known);
  CHECK(online.unchecked == 0);
  REQUIRE(online.violations.size() == 1);
  CHECK(online.violations[0].message == "there is no team/chekout");
  CHECK(online.violations[0].hint == "did you mean \"checkout\"?");
  CHECK(online.violations[0].field == "metadata.team");
  CHECK(online.violations[0].at.text() == "a.yaml:7:47");
  CHECK(online.violations[0].object == "stream/prod/orders");
}

TEST_CASE("circles of references are told, and a team that owns itself is none") {
  auto doc = [](const std::string& name, const std::string& mirrors) {
    return "---\n" + replaced(stream("  mirrors: " + mirrors + "\n"), "orders", name);
  };
  auto read = parse(doc("a", "b") + doc("b", "c") + doc("c", "a") + doc("d", "a") + doc("e", "e") + "---\n" +
                    team("metadata: {name: t, team: t}\n"));
  INFO(told(read));
  REQUIRE(read);
  auto report = check_references(small_kinds(), *read, nullptr);
  REQUIRE(report.violations.size() == 2);
  CHECK(report.violations[0].message == "the references form a circle: stream/a -> stream/b -> stream/c -> stream/a");
  CHECK(report.violations[0].at.text() == "a.yaml:18:12");
  CHECK(report.violations[0].hint == "take one of them out");
  CHECK(report.violations[1].message == "the references form a circle: stream/e -> stream/e");

  std::string chain;
  for (int i = 0; i < 5'000; ++i) chain += doc("s" + std::to_string(i), "s" + std::to_string((i + 1) % 5'000));
  auto long_circle = parse(chain);
  REQUIRE(long_circle);
  auto told_once = check_references(small_kinds(), *long_circle, nullptr);
  REQUIRE(told_once.violations.size() == 1);
  CHECK(told_once.violations[0].message.find("(4990 more)") != std::string::npos);
}

TEST_CASE("hostile words in a manifest reach no terminal raw") {
  auto read = parse(stream("  \"\\e[31mx\": 1\n  cleanup: \"\\e]0;x\\a\"\n  partitions: \"\\u202e12\"\n"));
  REQUIRE_FALSE(read);
  for (const Violation& v : read.error().violations) {
    CHECK((v.field + v.message + v.hint).find_first_of("\x1b\x07") == std::string::npos);
    CHECK((v.field + v.message + v.hint).find("\u202e") == std::string::npos);
  }
}
