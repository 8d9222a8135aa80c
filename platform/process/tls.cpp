#include "platform/process/tls.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <cerrno>
#include <fstream>
#include <memory>
#include <sstream>
#include <system_error>

namespace eda::process {
namespace {

template <auto release>
struct Release {
  template <class T>
  void operator()(T* object) const {
    release(object);
  }
};
using Bio = std::unique_ptr<BIO, Release<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, Release<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;

Result<std::string> content(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (file && file.peek() != std::ifstream::traits_type::eof()) {
    text << file.rdbuf();
    return text.str();
  }
  auto why = errno != 0 ? std::generic_category().message(errno) : "it is empty";
  return fail(Code::unavailable, "TLS_FILE", fmt::format("the TLS file {} cannot be read: {}", path, why),
              "check the path and its permissions");
}

Bio reader(const std::string& pem) {
  return Bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

int no_password(char*, int, int, void*) {
  return 0;  // the terminal is never asked
}

std::string fault_text() {
  std::array<char, 256> words{};
  ERR_error_string_n(ERR_get_error(), words.data(), words.size());
  ERR_clear_error();
  return words.data();
}

/// Why they do not belong together; empty: they do.
std::string misfit(const TlsPair& pair) {
  ERR_clear_error();
  Certificate certificate(PEM_read_bio_X509(reader(pair.chain_pem).get(), nullptr, no_password, nullptr));
  if (!certificate) return "the certificate cannot be read: " + fault_text();
  Key key(PEM_read_bio_PrivateKey(reader(pair.key_pem.reveal()).get(), nullptr, no_password, nullptr));
  if (!key) return "the key cannot be read: " + fault_text();
  if (X509_check_private_key(certificate.get(), key.get()) != 1) return "the key is another certificate's";
  return {};
}

}  // namespace

TlsWatch::Stamp TlsWatch::stamp() const {
  Stamp stamp{};
  std::size_t at = 0;
  for (const auto* path : {&files_.certificate, &files_.key}) {
    struct stat what {};
    if (::stat(path->c_str(), &what) == 0) {
      stamp[at] = static_cast<std::int64_t>(what.st_ino);
      stamp[at + 1] = static_cast<std::int64_t>(what.st_size);
      stamp[at + 2] = static_cast<std::int64_t>(what.st_mtim.tv_sec);
      stamp[at + 3] = static_cast<std::int64_t>(what.st_mtim.tv_nsec);
    }
    at += 4;
  }
  return stamp;
}

Result<std::optional<TlsPair>> TlsWatch::look() {
  auto now = stamp();
  if (seen_ == now) return std::nullopt;
  seen_ = now;
  EDA_ASSIGN(auto chain, content(files_.certificate));
  EDA_ASSIGN(auto key, content(files_.key));
  TlsPair pair{std::move(chain), Secret(std::move(key))};
  if (auto why = misfit(pair); !why.empty()) {
    return fail(Code::invalid, "TLS_INVALID",
                fmt::format("{} and {} are no certificate and its key: {}", files_.certificate, files_.key, why),
                "give PEM files that belong together, the key without a password");
  }
  return pair;
}

}  // namespace eda::process
