#pragma once
// What makes the trail hard to forge. Each event's hash is SHA-256 over the hash before it and every column of its row,
// so a changed row breaks the chain; a head (number, hash, time) is signed with Ed25519 by a key outside the database,
// so a chain made anew has no signature; a head kept elsewhere shows that the end was cut off.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/core/error.h"
#include "platform/core/secret.h"
#include "platform/core/time.h"

namespace eda::events {

using Hash = std::array<unsigned char, 32>;

/// Before the first event.
inline constexpr Hash genesis{};

/// The columns of an event's row in the table's order, each as the text that Postgres holds (time as microseconds);
/// nothing is NULL.
using Columns = std::vector<std::optional<std::string>>;

std::string hex(std::string_view bytes);
std::string hex(const Hash& hash);
/// nullopt unless the hex digits of whole bytes.
std::optional<std::string> from_hex(std::string_view text);
std::optional<Hash> hash_from_hex(std::string_view text);

/// One spelling of a row: each column with its length before it, so that no text can pass for two.
std::string canonical(const Columns& row);
/// The hash of an event whose predecessor has `previous`.
Hash link(const Hash& previous, const Columns& row);

/// The chain as of an event. Number 0: nothing is sealed.
struct Head {
  std::int64_t number = 0;
  Hash hash = genesis;
  Instant at{};
  std::string signature;  ///< 64 bytes; empty: edad had no key
  std::string key;        ///< the public key, hex; empty likewise

  bool is_signed() const { return !signature.empty() || !key.empty(); }
};

/// What a signature covers: number, hash and time.
std::string signed_bytes(const Head& head);

/// What is to be said of a head's signature.
enum class Signature {
  good,
  none,         ///< there is no key, and there was none when the head was made
  missing,      ///< there was a key when the head was made
  unknown_key,  ///< neither the key in use nor a retired one
  wrong,
};

/// The key of the trail: `ed25519 SEED since TIME`, and of each key before it `retired PUBLIC until TIME`, one a line.
class SealKey {
 public:
  /// invalid SEAL_KEY with the line, never the seed.
  static Result<SealKey> parse(const Secret& text);
  /// The text of a new one.
  static Secret draw(Instant now);

  void sign(Head& head) const;
  Signature check(const Head& head) const;
  /// The public key, hex: what a head names.
  const std::string& name() const { return name_; }

 private:
  struct Retired {
    std::string name;
    Instant until;
  };
  Secret secret_;
  std::string name_;
  Instant since_{};
  std::vector<Retired> retired_;
};

/// The same where edad may have no key: a signed head is then one that cannot be checked.
Signature check_signature(const std::optional<SealKey>& key, const Head& head);

}  // namespace eda::events
