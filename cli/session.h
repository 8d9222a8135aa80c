#pragma once
// What every command works with: the terminal, the settings, the connection, the time it may take. Settings and
// connection are made when first asked for, so `validate` and --help touch neither a file nor the network.

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "cli/context.h"
#include "cli/context_files.h"
#include "cli/format.h"
#include "cli/reach.h"
#include "cli/terminal.h"
#include "platform/core/error.h"
#include "platform/core/time.h"
#include "platform/rpc/client.h"

namespace eda::cli {

/// Flags that mean the same everywhere.
struct Globals {
  ContextFlags context;
  std::string output = "table";
  std::vector<std::string> outputs;  ///< of pictures: FORMAT or FORMAT=FILE, as often as it was given
  Rows rows;
  std::string timeout = "60s";
  std::string reason;
  bool quiet = false;
  bool verbose = false;
};

class Session {
 public:
  Session(const Globals& globals, Terminal& terminal, Environment environment);

  Terminal& terminal() { return terminal_; }
  const Globals& globals() const { return globals_; }
  const Environment& environment() const { return environment_; }
  /// Reads -o and --timeout; the errors are usage.
  Result<> prepare();
  const Output& format() const { return output_; }

  Result<const ConfigFolder*> folder();
  Result<const Settings*> settings();
  /// With the token of the settings; unauthenticated NOT_LOGGED_IN without one.
  Result<const rpc::Client*> client();
  /// A question on the terminal. The time that the answer takes is the person's, not of --timeout.
  std::string ask(std::string_view question);
  /// What is left of --timeout, which counts from the command's begin. begin() starts it anew: for the apply of what
  /// was planned, and for each round of what goes on as long as it is let.
  Deadline deadline() const { return deadline_; }
  std::chrono::milliseconds timeout() const { return timeout_; }
  void begin() { deadline_ = Deadline::in(timeout_); }

  /// One unary call by the generated stub's method: `call(&CatalogService::Stub::GetObject, request)`.
  template <class Stub, class Request, class Response>
  Result<Response> call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                        const std::type_identity_t<Request>& request,
                        std::chrono::milliseconds at_most = std::chrono::hours(1)) {
    EDA_ASSIGN(const auto* made, client());
    EDA_TRY(agree(*Request::descriptor()));
    return call_with(*made, method, request, at_most);
  }
  /// By a connection of its own (login).
  template <class Stub, class Request, class Response>
  Result<Response> call_with(const rpc::Client& made,
                             grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                             const std::type_identity_t<Request>& request,
                             std::chrono::milliseconds at_most = std::chrono::hours(1)) {
    Stub stub(made.channel());
    Response response;
    rpc::CallOptions options;
    options.timeout = std::max(std::min(deadline_.left(), at_most), std::chrono::milliseconds(1));
    auto answered = made.call(stub, method, request, &response, options);
    if (!answered) return fail(reach_fault(std::move(answered).error(), authorities()));
    return response;
  }

  /// A call that is answered in parts: `each(part)`, in order.
  template <class Stub, class Request, class Response, class Each>
  Result<> stream(std::unique_ptr<grpc::ClientReader<Response>> (Stub::*method)(grpc::ClientContext*, const Request&),
                  const std::type_identity_t<Request>& request, Each each) {
    EDA_ASSIGN(const auto* made, client());
    Stub stub(made->channel());
    rpc::CallOptions options;
    options.timeout = std::max(deadline_.left(), std::chrono::milliseconds(1));
    grpc::ClientContext context;
    auto id = made->prepare(context, options);
    auto reader = (stub.*method)(&context, request);
    for (Response part; reader->Read(&part);) each(part);
    auto ended = made->outcome(reader->Finish(), id);
    if (!ended) return fail(reach_fault(std::move(ended).error(), authorities()));
    return {};
  }

 private:
  /// In a protected context, whoever is about to change something says so once more, before the first such call.
  Result<> agree(const google::protobuf::Descriptor& request);
  /// The file of --ca; empty: the system's.
  const std::string& authorities() const { return settings_ ? settings_->ca.value : globals_.context.ca; }

  const Globals& globals_;
  Terminal& terminal_;
  Environment environment_;
  Output output_;
  std::chrono::milliseconds timeout_{60'000};
  Deadline deadline_ = Deadline::in(std::chrono::milliseconds(60'000));
  std::optional<ConfigFolder> folder_;
  std::optional<Settings> settings_;
  std::optional<rpc::Client> client_;
  bool agreed_ = false;
};

/// Whether a call with this request changes something. Those that do carry an idempotency key; planning, which has one
/// too, changes nothing.
bool changes_something(const google::protobuf::Descriptor& request);

/// All pages of a list call, handed over one by one: `each(response)`.
template <class Stub, class Request, class Response, class Each>
Result<> pages(Session& session, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
               Request request, Each each) {
  auto response = session.call(method, request);
  for (;;) {
    EDA_TRY(response);
    if (response->next_page_token().empty()) return each(*response);
    request.set_page_token(response->next_page_token());
    // The next page is on its way while this one is shown.
    auto next = std::async(std::launch::async, [&] { return session.call(method, request); });
    auto taken = each(*response);
    response = next.get();
    EDA_TRY(taken);
  }
}

}  // namespace eda::cli
