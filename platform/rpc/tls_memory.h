#pragma once
// A certificate and its key under a path that gRPC can watch, in memory. gRPC watches two files and takes what it finds
// there, also one file of a renewal that has just begun; so it is shown one path, at which a pair is exchanged whole.

#include <string>

#include "platform/core/error.h"
#include "platform/process/tls.h"

namespace eda::rpc {

class TlsMemory {
 public:
  TlsMemory() = default;
  ~TlsMemory();
  TlsMemory(const TlsMemory&) = delete;
  TlsMemory& operator=(const TlsMemory&) = delete;

  /// From now on this pair is there. Errors: unavailable TLS_MEMORY.
  Result<> put(const process::TlsPair& pair);
  /// Key and chain, once there is a pair.
  std::string path() const;

 private:
  int place_ = -1;
};

}  // namespace eda::rpc
