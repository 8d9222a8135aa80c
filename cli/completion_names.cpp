#include "cli/completion_names.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <system_error>

#include "cli/context_files.h"
#include "cli/kinds.h"
#include "eda/catalog/v1/catalog.grpc.pb.h"
#include "eda/identity/v1/identity.grpc.pb.h"
#include "eda/operations/v1/operations.grpc.pb.h"
#include "eda/streams/v1/streams.grpc.pb.h"
#include "platform/core/time.h"
#include "platform/rpc/client.h"
#include "platform/text/unicode.h"

namespace eda::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::chrono::milliseconds patience{150};
constexpr std::chrono::seconds fresh{30};
constexpr std::chrono::hours oldest{24};
constexpr std::size_t most_bytes = 8u << 20;

// What a shell can take as a word without thinking of quotes.
bool is_plain(const std::string& name) {
  return !name.empty() && text::printable(name) == name &&
         name.find_first_of(" \t\n'\"\\$`&|;<>()*?[]{}!#~") == std::string::npos;
}

std::uint32_t mark_of(const std::string& text) {
  std::uint32_t mark = 2166136261u;  // FNV-1a
  for (unsigned char c : text) mark = (mark ^ c) * 16777619u;
  return mark;
}

// The server's lists, until the time is up.
class Asker {
 public:
  Asker(const rpc::Client& client, const std::string& cluster)
      : client_(client), cluster_(cluster), until_(Deadline::in(patience)) {}

  std::optional<std::vector<std::string>> ask(const std::string& what) {
    using namespace eda;
    if (what == "user") {
      return all<identity::v1::IdentityService::Stub>(&identity::v1::IdentityService::Stub::ListUsers,
                                                      identity::v1::ListUsersRequest(), [](auto& page, auto& out) {
                                                        for (auto& user : page.users()) out.push_back(user.name());
                                                      });
    }
    if (what == "token") {
      return all<identity::v1::IdentityService::Stub>(&identity::v1::IdentityService::Stub::ListTokens,
                                                      identity::v1::ListTokensRequest(), [](auto& page, auto& out) {
                                                        for (auto& token : page.tokens()) out.push_back(token.id());
                                                      });
    }
    if (what == "operation") {
      operations::v1::ListOperationsRequest request;
      request.set_unfinished_only(true);
      return all<operations::v1::OperationService::Stub>(&operations::v1::OperationService::Stub::ListOperations,
                                                         request, [](auto& page, auto& out) {
                                                           for (auto& operation : page.operations())
                                                             out.push_back(operation.id());
                                                         });
    }
    if (what == "domain") {
      return all<catalog::v1::CatalogService::Stub>(&catalog::v1::CatalogService::Stub::ListDomains,
                                                    catalog::v1::ListDomainsRequest(), [](auto& page, auto& out) {
                                                      for (auto& domain : page.domains()) out.push_back(domain.name());
                                                    });
    }
    if (what == "topic") {
      streams::v1::ListTopicsRequest request;
      request.set_cluster(cluster_);
      request.set_unmanaged_only(true);
      return all<streams::v1::StreamService::Stub>(&streams::v1::StreamService::Stub::ListTopics, request,
                                                   [](auto& page, auto& out) {
                                                     for (auto& topic : page.topics()) {
                                                       if (!topic.internal()) out.push_back(topic.name());
                                                     }
                                                   });
    }
    const auto* rules = kinds().find(what);
    if (rules == nullptr) return std::nullopt;
    catalog::v1::ListObjectsRequest request;
    request.set_kind(rules->singular());
    if (rules->scope == plans::Scope::cluster) request.set_cluster(cluster_);
    request.set_brief(true);
    return all<catalog::v1::CatalogService::Stub>(&catalog::v1::CatalogService::Stub::ListObjects, request,
                                                  [](auto& page, auto& out) {
                                                    for (auto& object : page.objects()) {
                                                      out.push_back(object.metadata().name());
                                                    }
                                                  });
  }

 private:
  template <class Stub, class Method, class Request, class Take>
  std::optional<std::vector<std::string>> all(Method method, Request request, Take take) {
    Stub stub(client_.channel());
    std::vector<std::string> out;
    request.set_page_size(1000);
    for (;;) {
      rpc::CallOptions options;
      options.timeout = until_.left();
      if (until_.passed()) return std::nullopt;
      auto page = response_of(method);
      if (!client_.call(stub, method, request, &page, options)) return std::nullopt;
      take(page, out);
      if (page.next_page_token().empty()) return out;
      request.set_page_token(page.next_page_token());
    }
  }
  template <class Stub, class Request, class Response>
  static Response response_of(grpc::Status (Stub::*)(grpc::ClientContext*, const Request&, Response*)) {
    return {};
  }

  const rpc::Client& client_;
  const std::string& cluster_;
  Deadline until_;
};

std::optional<std::vector<std::string>> ask_server(const Settings& settings, const ConfigFolder& folder,
                                                   const std::string& what) {
  if (!settings.token_command.value.empty() || settings.token_file.value == "-") return std::nullopt;
  auto token = find_token(settings, folder);
  if (!token) return std::nullopt;
  auto client = rpc::Client::make({settings.server.value, *token, settings.ca.value});
  if (!client) return std::nullopt;
  // Its last reference is never given back: gRPC would take its time to end.
  [[maybe_unused]] static const auto* kept = new auto(client->channel());
  return Asker(*client, settings.cluster.value).ask(what);
}

std::vector<std::string> contexts_of(const ConfigFolder& folder) {
  std::vector<std::string> out;
  if (auto config = folder.load()) {
    for (auto& context : config->contexts) out.push_back(context.name);
  }
  return out;
}

}  // namespace

NameCache::NameCache(const Environment& environment, const Settings& settings) {
  auto set = [&](const char* name) -> std::string {
    const char* value = environment(name);
    return value ? value : "";
  };
  fs::path base = set("XDG_CACHE_HOME");
  if (base.empty() && !set("HOME").empty()) base = fs::path(set("HOME")) / ".cache";
  if (base.empty()) return;
  auto context = settings.context.value.empty() ? std::string("_") : settings.context.value;
  folder_ = base / "edactl" / "names" / fmt::format("{}-{:08x}", context, mark_of(settings.server.value));
}

std::optional<NameCache::Kept> NameCache::find(const std::string& list) const {
  struct stat facts {};
  auto path = folder_ / list;
  if (folder_.empty() || ::stat(path.c_str(), &facts) != 0 || facts.st_uid != ::geteuid()) return std::nullopt;
  auto age = std::chrono::seconds(::time(nullptr) - facts.st_mtime);
  if (age < std::chrono::seconds(0) || age > oldest) return std::nullopt;
  auto text = read_whole(path.string(), most_bytes);
  if (!text) return std::nullopt;
  Kept out;
  out.age = age;
  for (std::size_t begin = 0; begin < text->size();) {
    auto end = std::min(text->find('\n', begin), text->size());
    out.names.push_back(text->substr(begin, end - begin));
    begin = end + 1;
  }
  return out;
}

// Beside the file, then renamed over it: another shell's completion sees the old one or the new one.
void NameCache::keep(const std::string& list, const std::vector<std::string>& names) const {
  if (folder_.empty()) return;
  std::error_code ignored;
  fs::create_directories(folder_, ignored);
  for (const auto& folder : {folder_, folder_.parent_path(), folder_.parent_path().parent_path()}) {
    ::chmod(folder.c_str(), 0700);
  }
  auto path = folder_ / list, beside = folder_ / fmt::format(".{}.{}", list, ::getpid());
  int file = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return;
  std::string text;
  for (auto& name : names) text += name + "\n";
  bool written = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  ::close(file);
  if (!written || ::rename(beside.c_str(), path.c_str()) != 0) ::unlink(beside.c_str());
}

std::vector<std::string> names_for_completion(const Environment& environment, const NameQuery& query) {
  auto folder = ConfigFolder::of(environment);
  if (!folder) return {};
  if (query.what == "context") return contexts_of(*folder);
  auto config = folder->load();
  std::error_code gone;
  auto project = find_project(fs::current_path(gone));
  if (!config || !project) return {};
  auto settings = resolve(query.flags, environment, *project, *config);
  if (!settings) return {};
  const auto* rules = kinds().find(query.what);
  bool on_cluster = rules != nullptr && rules->scope == plans::Scope::cluster && !settings->cluster.value.empty();
  auto list = on_cluster ? fmt::format("{}@{:08x}", query.what, mark_of(settings->cluster.value)) : query.what;
  NameCache cache(environment, *settings);
  auto kept = cache.find(list);
  if (kept && kept->age <= fresh) return kept->names;
  if (auto asked = ask_server(*settings, *folder, query.what)) {
    std::erase_if(*asked, [](auto& name) { return !is_plain(name); });
    cache.keep(list, *asked);
    return std::move(*asked);
  }
  return kept ? kept->names : std::vector<std::string>();
}

}  // namespace eda::cli
