// libFuzzer entry for JSON over HTTP: a path, headers and a body as somebody may send them, through the gateway and an
// in-process gRPC server whose methods decode what arrives and answer or refuse. Whatever the bytes are, the answer is
// JSON with a known status and a sentence, and nothing reaches a method that it could not decode.
//
// An input is a path, lines of headers, an empty line, and the body.

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>

#include <cstdio>
#include <cstdlib>

#include "eda/identity/v1/identity.pb.h"
#include "eda/plans/v1/plans.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "platform/core/limits.h"
#include "platform/core/value.h"
#include "platform/http/json_gateway.h"
#include "platform/text/json.h"
#include "platform/text/unicode.h"

using namespace eda;
namespace pb = google::protobuf;

namespace {

void demand(bool held, const char* what) {
  if (held) return;
  std::fprintf(stderr, "broken promise: %s\n", what);
  std::abort();
}

std::string bytes_of(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  demand(buffer.Dump(&slices).ok(), "a message can be read");
  for (auto& slice : slices) bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return bytes;
}

/// A refusal that quotes what was sent, as real ones do.
grpc::Status refusal(const pb::Message& asked) {
  google::rpc::ErrorInfo info;
  info.set_reason("FUZZ");
  info.set_domain("eda");
  (*info.mutable_metadata())["_next"] = "ask otherwise";
  (*info.mutable_metadata())["asked"] = asked.ShortDebugString();
  google::rpc::BadRequest request;
  request.add_field_violations()->set_field(asked.ShortDebugString());
  google::rpc::Status status;
  status.add_details()->PackFrom(info);
  status.add_details()->PackFrom(request);
  status.add_details()->PackFrom(asked);
  return {static_cast<grpc::StatusCode>(1 + asked.ByteSizeLong() % 16), "refused", status.SerializeAsString()};
}

/// Decodes what arrives; an empty message is answered with one, another with a refusal.
class Method : public grpc::ServerGenericBidiReactor {
 public:
  explicit Method(std::string name) : name_(std::move(name)) { StartRead(&in_); }

 private:
  void OnReadDone(bool ok) override {
    demand(ok, "a call has a message");
    std::replace(name_.begin(), name_.end(), '/', '.');
    const auto* method = pb::DescriptorPool::generated_pool()->FindMethodByName(name_.substr(1));
    demand(method != nullptr, "only methods that there are get called");
    auto* factory = pb::MessageFactory::generated_factory();
    std::unique_ptr<pb::Message> asked(factory->GetPrototype(method->input_type())->New());
    demand(asked->ParseFromString(bytes_of(in_)), "a method gets what it can decode");
    if (asked->ByteSizeLong() != 0) return Finish(refusal(*asked));
    StartWriteAndFinish(&out_, {}, grpc::Status::OK);
  }
  void OnDone() override { delete this; }

  std::string name_;
  grpc::ByteBuffer in_, out_{nullptr, 0};
};

class Methods : public grpc::CallbackGenericService {
  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* context) override {
    return new Method(context->method());
  }
};

struct World {
  Methods methods;
  std::unique_ptr<grpc::Server> server;
  std::unique_ptr<http::JsonGateway> gateway;

  World() {
    (void)plans::v1::PlanRequest::descriptor();  // so that the contracts are linked
    (void)identity::v1::User::descriptor();
    grpc::ServerBuilder builder;
    builder.RegisterCallbackGenericService(&methods);
    server = builder.BuildAndStart();
    gateway = std::make_unique<http::JsonGateway>(server->InProcessChannel({}));
  }
};

http::Request request_of(std::string_view input) {
  auto line = [&] {
    auto end = std::min(input.find('\n'), input.size());
    auto text = input.substr(0, end);
    input.remove_prefix(std::min(end + 1, input.size()));
    return std::string(text);
  };
  http::Request request{.method = "POST", .path = "/" + line(), .peer = "ipv4:127.0.0.1:1"};
  for (auto header = line(); !header.empty(); header = line()) {
    auto colon = header.find(": ");
    if (colon != std::string::npos) request.headers.emplace(header.substr(0, colon), header.substr(colon + 2));
  }
  if (request.header("Content-Type").empty()) request.headers.emplace("Content-Type", "application/json");
  request.body = input;
  return request;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static World& world = *new World;  // as long as the process: gRPC's threads end with it
  auto response = world.gateway->handle(request_of({reinterpret_cast<const char*>(data), size}));
  demand(response.status == 200 || (response.status >= 400 && response.status < 600), "a status that HTTP knows");
  demand(response.headers.contains("x-request-id"), "every answer says which request it is of");
  auto body = text::from_json(response.body);
  demand(body.has_value() && body->as_map() != nullptr, "an answer is a JSON object");
  if (response.status == 200) return 0;
  auto said = body->as_map()->find("message");
  demand(said != body->as_map()->end() && said->second.as_text() != nullptr && !said->second.as_text()->empty(),
         "a refusal has a sentence");
  return 0;
}
