#include "events/seal.h"

#include <fmt/format.h>
#include <sodium.h>

#include <sstream>
#include <stdexcept>

namespace eda::events {

namespace {

// The clocks of two machines may differ by so much.
constexpr std::chrono::minutes slack{1};

void start_sodium() {
  static const int started = sodium_init();
  if (started < 0) throw std::runtime_error("libsodium cannot start: the machine gives no random numbers");
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

void append_number(std::string& out, std::uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(number >> shift));
}

tl::unexpected<Error> refuse_key(int line, std::string_view why) {
  return fail(Code::invalid, "SEAL_KEY", fmt::format("audit-seal.key, line {}: {}", line, why),
              "write `ed25519 SEED since TIME` (64 hex digits, RFC 3339), then `retired PUBLIC until TIME` for each "
              "key before it");
}

}  // namespace

std::string hex(std::string_view bytes) {
  std::string out(bytes.size() * 2 + 1, '\0');
  sodium_bin2hex(out.data(), out.size(), bytes_of(bytes), bytes.size());
  out.pop_back();
  return out;
}

std::string hex(const Hash& hash) {
  return hex(std::string_view(reinterpret_cast<const char*>(hash.data()), hash.size()));
}

std::optional<std::string> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string out(text.size() / 2, '\0');
  std::size_t filled = 0;
  int done = sodium_hex2bin(reinterpret_cast<unsigned char*>(out.data()), out.size(), text.data(), text.size(), nullptr,
                            &filled, nullptr);
  if (done != 0 || filled != out.size()) return std::nullopt;
  return out;
}

std::optional<Hash> hash_from_hex(std::string_view text) {
  auto bytes = from_hex(text);
  Hash hash;
  if (!bytes || bytes->size() != hash.size()) return std::nullopt;
  std::copy(bytes->begin(), bytes->end(), hash.begin());
  return hash;
}

std::string canonical(const Columns& row) {
  // The name of the spelling comes first: a later one would make another hash of the same row.
  std::string out = "eda.event.1";
  append_number(out, row.size());
  for (auto& column : row) {
    append_number(out, column ? column->size() : ~std::uint64_t{0});
    if (column) out += *column;
  }
  return out;
}

Hash link(const Hash& previous, const Columns& row) {
  auto bytes = canonical(row);
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  crypto_hash_sha256_update(&state, previous.data(), previous.size());
  crypto_hash_sha256_update(&state, bytes_of(bytes), bytes.size());
  Hash hash;
  crypto_hash_sha256_final(&state, hash.data());
  return hash;
}

std::string signed_bytes(const Head& head) {
  std::string out = "eda.head.1";
  append_number(out, static_cast<std::uint64_t>(head.number));
  out.append(reinterpret_cast<const char*>(head.hash.data()), head.hash.size());
  append_number(out, static_cast<std::uint64_t>(head.at.time_since_epoch().count()));
  return out;
}

Result<SealKey> SealKey::parse(const Secret& text) {
  start_sodium();
  SealKey key;
  std::istringstream lines(text.reveal());
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    std::istringstream words(line);
    std::string kind, digits, word, time, more;
    words >> kind >> digits >> word >> time >> more;
    if (kind.empty()) continue;
    auto bytes = from_hex(digits);
    auto instant = from_rfc3339(time);
    if (!bytes || bytes->size() != 32) return refuse_key(number, "the key is not 64 hex digits");
    if (!instant || !more.empty()) return refuse_key(number, "it does not end in one time");
    if (kind == "ed25519" && word == "since") {
      if (!key.name_.empty()) return refuse_key(number, "there is one key in use already");
      std::string open(crypto_sign_PUBLICKEYBYTES, '\0'), secret(crypto_sign_SECRETKEYBYTES, '\0');
      crypto_sign_seed_keypair(reinterpret_cast<unsigned char*>(open.data()),
                               reinterpret_cast<unsigned char*>(secret.data()), bytes_of(*bytes));
      key.name_ = hex(open);
      key.secret_ = Secret(std::move(secret));
      key.since_ = *instant;
    } else if (kind == "retired" && word == "until") {
      key.retired_.push_back({hex(*bytes), *instant});
    } else {
      return refuse_key(number, "it begins with neither ed25519 … since nor retired … until");
    }
  }
  if (key.name_.empty()) return refuse_key(1, "there is no key in use");
  return key;
}

Secret SealKey::draw(Instant now) {
  start_sodium();
  std::string seed(crypto_sign_SEEDBYTES, '\0');
  randombytes_buf(seed.data(), seed.size());
  return Secret(fmt::format("ed25519 {} since {}\n", hex(seed), to_rfc3339(now)));
}

void SealKey::sign(Head& head) const {
  auto message = signed_bytes(head);
  head.signature.assign(crypto_sign_BYTES, '\0');
  crypto_sign_detached(reinterpret_cast<unsigned char*>(head.signature.data()), nullptr, bytes_of(message),
                       message.size(), bytes_of(secret_.reveal()));
  head.key = name_;
}

Signature SealKey::check(const Head& head) const {
  if (!head.is_signed()) return head.at < since_ + slack ? Signature::none : Signature::missing;
  bool known = head.key == name_;
  for (auto& one : retired_) known = known || (head.key == one.name && head.at <= one.until + slack);
  if (!known) return Signature::unknown_key;
  auto open = from_hex(head.key);
  auto message = signed_bytes(head);
  bool good =
      open && open->size() == crypto_sign_PUBLICKEYBYTES && head.signature.size() == crypto_sign_BYTES &&
      crypto_sign_verify_detached(bytes_of(head.signature), bytes_of(message), message.size(), bytes_of(*open)) == 0;
  return good ? Signature::good : Signature::wrong;
}

Signature check_signature(const std::optional<SealKey>& key, const Head& head) {
  if (key) return key->check(head);
  return head.is_signed() ? Signature::unknown_key : Signature::none;
}

}  // namespace eda::events
