#pragma once
// What git knows of the folder that manifests lie in: the name of the set that they are, and where they come from.
// git is asked without a shell and with a time limit; where it is missing, slow or knows nothing, there is no checkout.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace eda::cli {

struct Checkout {
  std::string top;     ///< its top folder, absolute
  std::string origin;  ///< URL of the remote `origin` as git has it; empty: none
  std::string commit;  ///< short; empty before the first commit
  bool dirty = false;  ///< something differs from the commit
};

/// Asks git about `folder`. Dirty: a tracked file was changed anywhere, or a manifest among `files` is not tracked.
std::optional<Checkout> find_checkout(const std::string& folder, const std::vector<std::string>& files,
                                      std::chrono::milliseconds patience);

/// "github.com/acme/shop" of any form of URL that git takes, without scheme, user, password, port and ".git"; a path on
/// this machine stays a path. Empty: no URL.
std::string normal_origin(std::string_view url);

/// The last part of the origin, else the name of the top folder.
std::string set_of(const Checkout& checkout);
/// "github.com/acme/shop@4f2a9c1", with "+dirty".
std::string source_of(const Checkout& checkout);

}  // namespace eda::cli
