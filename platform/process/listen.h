#pragma once
// Where a port listens, and whether it may: beyond loopback only with TLS.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "platform/core/error.h"

namespace eda::process {

/// `host:port`, `[v6]:port`, `:port` (all interfaces). Port 0: any that is free.
struct Endpoint {
  std::string host;  ///< without brackets; "0.0.0.0" where none was given
  std::uint16_t port = 0;

  /// 127.0.0.0/8, ::1 and the name localhost.
  bool loopback() const;
  /// As it is written: "127.0.0.1:7070", "[::1]:7070".
  std::string text() const;
};

/// invalid ENDPOINT_SYNTAX.
Result<Endpoint> parse_endpoint(std::string_view text);

/// PEM files. They are read again when they change, so a renewed certificate needs no restart.
struct TlsFiles {
  std::string certificate;  ///< the chain, the server's own first
  std::string key;
};

/// invalid TLS_REQUIRED for an address beyond loopback without TLS; unavailable TLS_FILE for a file that cannot be
/// read.
Result<> may_listen(const Endpoint& endpoint, const std::optional<TlsFiles>& tls);

/// Tries the address: unavailable PORT_IN_USE, denied PORT_DENIED, invalid ADDRESS_NOT_HERE, each in a sentence. For
/// servers whose library only says that it failed.
Result<> can_bind(const Endpoint& endpoint);

}  // namespace eda::process
