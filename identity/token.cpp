#include "identity/token.h"

#include <sodium.h>

#include <array>
#include <stdexcept>

namespace eda::identity {
namespace {

void ready() {
  static const int started = sodium_init();
  if (started < 0) throw std::runtime_error("libsodium cannot start: the machine gives no random numbers");
}

}  // namespace

Secret draw_token() {
  ready();
  std::array<unsigned char, 32> bits{};
  randombytes_buf(bits.data(), bits.size());
  std::array<char, 64> text{};
  sodium_bin2base64(text.data(), text.size(), bits.data(), bits.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  Secret token(std::string("eda_") + text.data());
  sodium_memzero(bits.data(), bits.size());
  sodium_memzero(text.data(), text.size());
  return token;
}

std::string draw_token_id() {
  ready();
  constexpr std::string_view letters = "0123456789abcdefghijklmnopqrstuvwxyz";
  std::string id(12, ' ');
  for (char& letter : id) letter = letters[randombytes_uniform(static_cast<std::uint32_t>(letters.size()))];
  return id;
}

std::string digest(std::string_view text) {
  ready();
  std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
  crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(text.data()), text.size());
  std::array<char, 2 * crypto_hash_sha256_BYTES + 1> hex{};
  sodium_bin2hex(hex.data(), hex.size(), hash.data(), hash.size());
  return hex.data();
}

std::string digest_of(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += std::to_string(text.size()) + ':' + text;
  return digest(all);
}

}  // namespace eda::identity
