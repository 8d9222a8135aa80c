#include "events/seal.h"

#include <catch2/catch.hpp>
#include <set>

#include "events/trail.h"

using namespace eda;
using namespace eda::events;
using namespace std::chrono_literals;

namespace {

const Instant noon = *from_rfc3339("2026-11-21T12:00:00Z");

SealKey key_of(const Secret& text) {
  auto key = SealKey::parse(text);
  REQUIRE(key);
  return *key;
}

Head head(std::int64_t number, Instant at = noon) {
  Head one;
  one.number = number;
  one.hash.fill(static_cast<unsigned char>(number));
  one.at = at;
  return one;
}

Head signed_by(const SealKey& key, Head one) {
  key.sign(one);
  return one;
}

std::string seed_of(const Secret& text) {
  return text.reveal().substr(8, 64);
}

/// A chain of so many events, as it was sealed.
std::vector<Sealed> chain(int length) {
  std::vector<Sealed> seals;
  Hash hash = genesis;
  for (int i = 1; i <= length; ++i) {
    Columns row(14, std::to_string(i));
    hash = link(hash, row);
    seals.push_back(Sealed{i, 100 + i, hash, row});
  }
  return seals;
}

std::vector<std::string> faults(const std::vector<Sealed>& seals, const std::vector<Head>& heads = {},
                                const std::optional<SealKey>& key = std::nullopt) {
  std::vector<std::string> found;
  for (auto& fault : walk({}, seals, seals.size(), heads, key, 0).faults)
    found.push_back(std::to_string(fault.number) + " " + std::string(what_name(fault.what)));
  return found;
}

using Found = std::vector<std::string>;

}  // namespace

TEST_CASE("no two rows have one spelling") {
  std::vector<Columns> rows = {
      {},          {""},    {std::nullopt},          {"", ""}, {"ab", "c"},         {"a", "bc"},
      {"abc", ""}, {"abc"}, {std::string("a\0", 2)}, {"a"},    {std::nullopt, "a"}, {"a", std::nullopt}};
  std::set<std::string> spellings;
  for (auto& row : rows) spellings.insert(canonical(row));
  CHECK(spellings.size() == rows.size());
}

TEST_CASE("the hash of an event is SHA-256 over the hash before it and its row") {
  // Computed with another program, so that a head that is kept for years stays worth something:
  // sha256(32 zero bytes, "eda.event.1", the count, then length and text of each column)
  CHECK(hex(canonical({"a", std::nullopt})) ==
        "6564612e6576656e742e31"
        "0000000000000002"
        "000000000000000161"
        "ffffffffffffffff");
  CHECK(hex(link(genesis, {"a", std::nullopt})) == "4cb841d1422cd3ca57f79148fae568536a504be888dd29e8252efdbe3c681e51");
  CHECK(link(genesis, {"a"}) != link(link(genesis, {"a"}), {"a"}));
}

TEST_CASE("hex goes there and back, and what is none is refused") {
  CHECK(from_hex(hex(std::string("\x00\xff\x10", 3))) == std::string("\x00\xff\x10", 3));
  CHECK(from_hex("") == "");
  for (const char* text : {"a", "zz", "0g", "abc", "a b"}) CHECK_FALSE(from_hex(text));
  CHECK_FALSE(hash_from_hex("abcd"));
}

TEST_CASE("a signature covers number, hash and time") {
  auto key = key_of(SealKey::draw(noon));
  auto good = signed_by(key, head(7));
  CHECK(key.check(good) == Signature::good);
  auto other = good;
  other.number = 8;
  CHECK(key.check(other) == Signature::wrong);
  other = good;
  other.hash[31] ^= 1;
  CHECK(key.check(other) == Signature::wrong);
  other = good;
  other.at += 1us;
  CHECK(key.check(other) == Signature::wrong);
  other = good;
  other.signature = "short";
  CHECK(key.check(other) == Signature::wrong);
  other = good;
  other.signature.clear();
  CHECK(key.check(other) == Signature::wrong);
}

TEST_CASE("only the key in use and the retired ones, each in its time, are edad's") {
  auto old_text = SealKey::draw(noon);
  auto old_key = key_of(old_text), stranger = key_of(SealKey::draw(noon));
  auto later = noon + 24h;
  auto now = key_of(
      Secret(SealKey::draw(later).reveal() + "retired " + old_key.name() + " until " + to_rfc3339(later) + "\n"));
  CHECK(now.check(signed_by(now, head(1, later + 1h))) == Signature::good);
  CHECK(now.check(signed_by(old_key, head(1, noon + 1h))) == Signature::good);
  CHECK(now.check(signed_by(old_key, head(1, later + 1h))) == Signature::unknown_key);
  CHECK(now.check(signed_by(stranger, head(1, noon))) == Signature::unknown_key);
  CHECK(check_signature(std::nullopt, signed_by(now, head(1))) == Signature::unknown_key);
}

TEST_CASE("a head without signature is from before the key, or its signature was taken away") {
  auto key = key_of(SealKey::draw(noon));
  CHECK(key.check(head(1, noon - 1h)) == Signature::none);
  CHECK(key.check(head(1, noon + 1h)) == Signature::missing);
  CHECK(check_signature(std::nullopt, head(1)) == Signature::none);
}

TEST_CASE("a key file that is none says on which line, and never shows the seed") {
  auto seed = seed_of(SealKey::draw(noon));
  auto line = "ed25519 " + seed + " since 2026-11-21T12:00:00Z\n";
  for (auto& [text, where] : std::vector<std::pair<std::string, std::string>>{
           {"", "line 1"},
           {"secret " + seed + " since 2026-11-21T12:00:00Z", "line 1"},
           {"ed25519 " + seed, "line 1"},
           {"ed25519 " + seed + " since yesterday", "line 1"},
           {"ed25519 " + seed.substr(1) + " since 2026-11-21T12:00:00Z", "line 1"},
           {"ed25519 " + seed + "00 since 2026-11-21T12:00:00Z", "line 1"},
           {line + line, "line 2"},
           {line + "retired " + seed + " since 2026-11-21T12:00:00Z", "line 2"},
           {line + "\nretired nonsense until 2026-11-21T12:00:00Z", "line 3"}}) {
    INFO(text);
    auto key = SealKey::parse(Secret(text));
    REQUIRE_FALSE(key);
    CHECK(key.error().reason == "SEAL_KEY");
    CHECK(key.error().message.find(where) != std::string::npos);
    CHECK((key.error().message + key.error().next).find(seed.substr(1, 20)) == std::string::npos);
  }
  CHECK(SealKey::parse(Secret(line)));
}

TEST_CASE("the walk names what is wrong, each thing once") {
  auto sound = chain(6);
  CHECK(faults(sound).empty());
  auto bad = sound;
  SECTION("a changed row") {
    (*bad[2].row)[5] = "x";
    CHECK(faults(bad) == Found{"3 row-changed"});
  }
  SECTION("the last row changed") {
    (*bad[5].row)[5] = "x";
    CHECK(faults(bad) == Found{"6 row-changed"});
  }
  SECTION("two rows changed, one after the other") {
    (*bad[2].row)[5] = "x";
    (*bad[3].row)[5] = "x";
    CHECK(faults(bad) == Found{"3 row-changed", "4 row-changed"});
  }
  SECTION("a row gone") {
    bad[2].row.reset();
    CHECK(faults(bad) == Found{"3 row-missing"});
  }
  SECTION("seals gone") {
    bad.erase(bad.begin() + 1, bad.begin() + 3);
    CHECK(faults(bad) == Found{"2 seal-missing"});
  }
  SECTION("a seal changed") {
    bad[2].hash[0] ^= 1;
    CHECK(faults(bad) == Found{"3 chain-broken"});
  }
  SECTION("the last seal changed, with its head to prove it") {
    bad[5].hash[0] ^= 1;
    CHECK(faults(bad, {Head{6, sound[5].hash, noon, {}, {}}}) == Found{"6 chain-broken"});
  }
  SECTION("rows exchanged") {
    std::swap(bad[2].row, bad[3].row);
    CHECK(faults(bad) == Found{"3 row-changed", "4 row-changed"});
  }
}

TEST_CASE("a chain that was made anew does not fit its heads") {
  auto key = key_of(SealKey::draw(noon));
  auto seals = chain(6);
  std::vector<Head> heads;
  for (int number : {2, 4, 6}) heads.push_back(signed_by(key, Head{number, seals[number - 1].hash, noon, {}, {}}));
  CHECK(faults(seals, heads, key).empty());
  Hash hash = seals[1].hash;
  (*seals[2].row)[4] = "other";
  for (std::size_t i = 2; i < seals.size(); ++i) hash = seals[i].hash = link(hash, *seals[i].row);
  CHECK(faults(seals, heads, key) == Found{"4 chain-broken", "6 chain-broken"});
  heads[1].hash = seals[3].hash;
  heads[2].hash = seals[5].hash;
  CHECK(faults(seals, heads, key) == Found{"4 signature-wrong"});
  heads[1].signature.clear();
  heads[1].key.clear();
  heads[1].at += 1h;
  CHECK(faults(seals, heads, key) == Found{"4 signature-wrong", "6 signature-wrong"});
}

TEST_CASE("the end of the chain is where seals, heads and memories say") {
  auto seals = chain(6);
  End end{{6, seals[5].hash}, Head{6, seals[5].hash, noon, {}, {}}, {}};
  CHECK_FALSE(judge_end(end));
  CHECK_FALSE(judge_end({}));
  auto without = end;
  without.head->number = 4;
  CHECK(judge_end(without)->what == What::signature_wrong);
  auto beyond = end;
  beyond.head->number = 7;
  CHECK(judge_end(beyond)->what == What::cut_off);
  auto known = [&](std::int64_t number, const Hash& hash, std::optional<Hash> found) {
    auto fault = judge_known({number, hash}, found, end, Keeper::caller);
    return fault ? std::string(what_name(fault->what)) : "";
  };
  CHECK(known(4, seals[3].hash, seals[3].hash).empty());
  CHECK(known(7, seals[3].hash, std::nullopt) == "cut-off");
  CHECK(known(4, seals[3].hash, seals[4].hash) == "cut-off");
  CHECK(known(4, seals[3].hash, std::nullopt) == "cut-off");
}
