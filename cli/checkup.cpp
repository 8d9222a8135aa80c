#include "cli/checkup.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include "cli/kinds.h"
#include "eda/catalog/v1/catalog.grpc.pb.h"
#include "eda/clusters/v1/clusters.grpc.pb.h"
#include "eda/identity/v1/identity.grpc.pb.h"
#include "platform/http/client.h"
#include "platform/process/listen.h"
#include "platform/rpc/convert.h"
#include "platform/text/unicode.h"
#include "platform/text/units.h"

namespace eda::cli {

using State = Finding::State;

namespace {

constexpr std::chrono::seconds patience(10);  // for one question
constexpr std::size_t most_clusters = 20;

std::string span_text(std::chrono::milliseconds span) {
  return text::duration_about(span.count());
}

std::string without_scheme(std::string address) {
  for (std::string_view scheme : {"http://", "https://"}) {
    if (address.starts_with(scheme)) address.erase(0, scheme.size());
  }
  return address;
}

// Next steps that stand below each other are a choice.
std::string on_one_line(std::string text) {
  for (auto at = text.find('\n'); at != std::string::npos; at = text.find('\n', at)) {
    text.replace(at, text.find_first_not_of("\n ", at) - at, "; or ");
  }
  return text;
}

Finding of_error(std::string check, const Error& error) {
  auto found = error.message;
  for (auto& violation : error.violations) {
    found += fmt::format("; {}: {}", violation.at.text(), violation.message);
  }
  return {State::fault, std::move(check), std::move(found), on_one_line(error.next)};
}

class Checkup {
 public:
  explicit Checkup(Session& session) : session_(session) {}

  std::vector<Finding> run() {
    const auto* settings = config();
    if (settings == nullptr) return std::move(findings_);
    auto me = grpc(*settings);
    if (!me) return std::move(findings_);
    findings_.push_back(judge_token(*me, SystemClock().now()));
    findings_.push_back(judge_versions(EDA_VERSION, me->server_version()));
    if (me->has_server_time()) {
      findings_.push_back(judge_clock(asked_, rpc::from_proto(me->server_time()), answered_));
    }
    for (auto& port : me->ports()) {
      if (port.name() != "grpc") http_port(*settings, port);
    }
    clusters();
    return std::move(findings_);
  }

 private:
  void add(State state, std::string check, std::string found, std::string next = {}) {
    findings_.push_back({state, std::move(check), std::move(found), std::move(next)});
  }

  const Settings* config() {
    auto folder = session_.folder();
    auto settings = folder ? session_.settings() : Result<const Settings*>(tl::unexpected(folder.error()));
    if (!settings) {
      findings_.push_back(of_error("config", settings.error()));
      return nullptr;
    }
    auto path = (*folder)->config_path();
    struct stat facts {};
    bool there = ::stat(path.c_str(), &facts) == 0;
    if (there && (facts.st_mode & 022) != 0) {
      add(State::fault, "config", fmt::format("others can write {}", path.string()),
          fmt::format("chmod 600 {}", path.string()));
    } else {
      add(State::ok, "config",
          there ? path.string() : fmt::format("{} does not exist; nothing is kept", path.string()));
    }
    auto& found = **settings;
    for (auto& [name, setting] :
         {std::pair("context", found.context), std::pair("server", found.server), std::pair("cluster", found.cluster),
          std::pair("team", found.team), std::pair("set", found.set), std::pair("ca", found.ca)}) {
      if (!setting.value.empty()) add(State::ok, name, fmt::format("{} (from {})", setting.value, setting.origin));
    }
    return *settings;
  }

  std::optional<identity::v1::WhoAmIResponse> grpc(const Settings& settings) {
    asked_ = SystemClock().now();
    auto me = session_.call(&identity::v1::IdentityService::Stub::WhoAmI, identity::v1::WhoAmIRequest(), patience);
    answered_ = SystemClock().now();
    if (!me) {
      bool by_token = me.error().code == Code::unauthenticated || me.error().code == Code::refused;
      auto finding = of_error(by_token ? "token" : "grpc", me.error());
      if (finding.next.empty()) finding.next = "see that edad runs there; --server HOST:PORT names another place";
      findings_.push_back(std::move(finding));
      return std::nullopt;
    }
    auto took = std::chrono::duration_cast<std::chrono::milliseconds>(answered_ - asked_);
    add(State::ok, "grpc", fmt::format("{} answers in {} ms", settings.server.value, took.count()));
    return std::move(*me);
  }

  void http_port(const Settings& settings, const identity::v1::Port& port) {
    auto address = reachable_address(settings.server.value, port.address());
    if (address.empty()) {
      add(State::ok, port.name(), fmt::format("{} is for edad's own machine only", port.address()));
      return;
    }
    auto metrics = port.name() == "metrics";
    auto url = fmt::format("{}://{}{}", port.tls() ? "https" : "http", address, metrics ? "/readyz" : "/");
    auto answer = http::get(url, {.timeout = patience, .ca = settings.ca.value});
    if (!answer) {
      add(State::warning, port.name(), fmt::format("{}: {}", url, answer.error().message),
          "look for a firewall or proxy between here and edad; edad config on its machine shows where it listens");
      return;
    }
    add(State::ok, port.name(), url + " answers");
    if (metrics) readiness(answer->body);
  }

  // `part: ok` or `part: what is wrong`, a line each.
  void readiness(const std::string& text) {
    for (std::size_t begin = 0; begin < text.size();) {
      auto end = std::min(text.find('\n', begin), text.size());
      auto line = text.substr(begin, end - begin);
      begin = end + 1;
      auto colon = line.find(": ");
      if (colon == std::string::npos) continue;
      auto part = line.substr(0, colon), state = line.substr(colon + 2);
      bool well = state == "ok";
      add(well ? State::ok : State::fault, part, well ? "edad is content with it" : state,
          well ? "" : "journalctl -u edad on edad's machine says more; docs/operations.md has each line");
    }
  }

  void clusters() {
    catalog::v1::ListObjectsRequest request;
    request.set_kind("cluster");
    request.set_page_size(most_clusters);
    auto listed = session_.call(&catalog::v1::CatalogService::Stub::ListObjects, request, patience);
    if (!listed) {
      findings_.push_back(of_error("clusters", listed.error()));
      return;
    }
    if (listed->objects().empty()) {
      add(State::warning, "clusters", "edad knows no Kafka cluster",
          "edactl new cluster NAME > FILE; edactl apply -f FILE");
    }
    for (auto& object : listed->objects()) cluster(object.metadata().name());
    if (!listed->next_page_token().empty()) {
      add(State::ok, "clusters",
          fmt::format("the first {} were asked; edactl cluster health NAME asks another", most_clusters));
    }
  }

  void cluster(const std::string& name) {
    auto check = "cluster " + text::printable(name);
    clusters::v1::GetHealthRequest request;
    request.set_cluster(name);
    auto health = session_.call(&clusters::v1::ClusterService::Stub::GetHealth, request, patience);
    if (!health) {
      findings_.push_back(of_error(check, health.error()));
      return;
    }
    for (auto& one : health->checks()) {
      if (!one.ok()) add(State::fault, check, one.name() + ": " + one.message(), one.next());
    }
    if (health->healthy()) {
      add(State::ok, check,
          fmt::format("{} with {} brokers and {} topics", health->mode() == "manage" ? "managed" : "observed",
                      health->brokers_size(), health->topics()));
    }
  }

  Session& session_;
  std::vector<Finding> findings_;
  Instant asked_, answered_;
};

}  // namespace

std::vector<Finding> check_up(Session& session) {
  return Checkup(session).run();
}

Finding judge_clock(Instant asked, Instant theirs, Instant answered) {
  using std::chrono::milliseconds;
  auto between = asked + (answered - asked) / 2;
  auto skew = std::chrono::duration_cast<milliseconds>(theirs - between);
  auto size = skew < milliseconds(0) ? -skew : skew;
  // Half the way of the answer is as much as nobody can tell.
  auto unsure = std::chrono::duration_cast<milliseconds>((answered - asked) / 2);
  if (size <= unsure + milliseconds(2'000)) return {State::ok, "clock", "edad's clock and this one agree", {}};
  auto found =
      fmt::format("edad's clock is {} {} this one", span_text(size), skew > milliseconds(0) ? "ahead of" : "behind");
  bool much = size > unsure + milliseconds(30'000);
  return {much ? State::fault : State::warning, "clock", found,
          "timedatectl set-ntp true, on the machine whose clock is wrong"};
}

Finding judge_token(const identity::v1::WhoAmIResponse& me, Instant now) {
  auto subject = text::printable(me.subject());
  if (!me.token().has_expires_at()) return {State::ok, "token", fmt::format("valid, of {}", subject), {}};
  auto ends = rpc::from_proto(me.token().expires_at());
  auto left = std::chrono::duration_cast<std::chrono::milliseconds>(ends - now);
  auto found = fmt::format("valid, of {}, for another {} (until {})", subject, span_text(left), to_rfc3339(ends));
  if (left > std::chrono::hours(24 * 7)) return {State::ok, "token", found, {}};
  return {State::warning, "token", found, fmt::format("edactl token create --subject {}, then edactl login", subject)};
}

Finding judge_versions(const std::string& here, const std::string& there) {
  auto found = fmt::format("edactl {}, edad {}", here, there);
  auto line_of = [](const std::string& version) {
    auto dot = version.find('.');
    if (version.substr(0, dot) == "0" && dot != std::string::npos) dot = version.find('.', dot + 1);
    return version.substr(0, dot);
  };
  if (line_of(here) == line_of(there)) return {State::ok, "versions", found, {}};
  return {State::warning, "versions", found, "install them in one version"};
}

std::string reachable_address(const std::string& server, const std::string& listens) {
  auto ours = process::parse_endpoint(without_scheme(server));
  auto theirs = process::parse_endpoint(listens);
  if (!ours || !theirs || theirs->port == 0) return {};
  if (theirs->loopback() && !ours->loopback()) return {};
  return process::Endpoint{ours->host, theirs->port}.text();
}

}  // namespace eda::cli
