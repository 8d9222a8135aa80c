#include "platform/http/json_gateway.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <charconv>
#include <chrono>
#include <future>
#include <optional>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "platform/core/error.h"
#include "platform/core/limits.h"
#include "platform/core/value.h"
#include "platform/http/failure.h"
#include "platform/process/request_id.h"
#include "platform/text/distance.h"
#include "platform/text/json.h"
#include "platform/text/unicode.h"

namespace eda::http {

namespace pb = google::protobuf;

namespace {

using std::chrono::milliseconds;
constexpr milliseconds default_deadline = std::chrono::seconds(60);
constexpr milliseconds max_deadline = std::chrono::minutes(10);

struct CodeRow {
  grpc::StatusCode code;
  std::string_view name;
  int http;
};
constexpr CodeRow codes[] = {
    {grpc::StatusCode::CANCELLED, "canceled", 499},
    {grpc::StatusCode::UNKNOWN, "unknown", 500},
    {grpc::StatusCode::INVALID_ARGUMENT, "invalid_argument", 400},
    {grpc::StatusCode::DEADLINE_EXCEEDED, "deadline_exceeded", 504},
    {grpc::StatusCode::NOT_FOUND, "not_found", 404},
    {grpc::StatusCode::ALREADY_EXISTS, "already_exists", 409},
    {grpc::StatusCode::PERMISSION_DENIED, "permission_denied", 403},
    {grpc::StatusCode::RESOURCE_EXHAUSTED, "resource_exhausted", 429},
    {grpc::StatusCode::FAILED_PRECONDITION, "failed_precondition", 400},
    {grpc::StatusCode::ABORTED, "aborted", 409},
    {grpc::StatusCode::OUT_OF_RANGE, "out_of_range", 400},
    {grpc::StatusCode::UNIMPLEMENTED, "unimplemented", 404},
    {grpc::StatusCode::INTERNAL, "internal", 500},
    {grpc::StatusCode::UNAVAILABLE, "unavailable", 503},
    {grpc::StatusCode::DATA_LOSS, "data_loss", 500},
    {grpc::StatusCode::UNAUTHENTICATED, "unauthenticated", 401},
};

const CodeRow& row_of(grpc::StatusCode code) {
  for (auto& row : codes) {
    if (row.code == code) return row;
  }
  return codes[1];
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    auto piece = bytes.substr(at, 3);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i)
      bits = bits << 8 | (i < piece.size() ? static_cast<unsigned char>(piece[i]) : 0u);
    for (std::size_t i = 0; i <= piece.size(); ++i) out += digits[bits >> (18 - 6 * i) & 63];
  }
  return out;  // Connect: without padding
}

Result<std::string> to_json(const pb::Message& message) {
  pb::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  std::string json;
  auto done = pb::util::MessageToJsonString(message, &json, options);
  if (!done.ok())
    return fail(Code::internal, "JSON_ANSWER", "the answer cannot be written as JSON", "use gRPC for this call");
  return json;
}

const pb::Message* prototype(const pb::Descriptor* type) {
  return pb::MessageFactory::generated_factory()->GetPrototype(type);
}

// --- refusals

struct Readable {
  Value::List details;
  std::string reason, next;
  std::int64_t retry_after = 0;  ///< seconds
};

Value debug_of(const google::rpc::ErrorInfo& info, Readable& out) {
  Value::Map facts;
  for (auto& [key, value] : info.metadata()) {
    if (key == "_next") {
      out.next = value;
    } else if (!key.starts_with("_") || key.starts_with("__")) {
      facts.emplace(key.starts_with("__") ? key.substr(1) : key, value);
    }
  }
  out.reason = info.reason();
  Value::Map debug{{"reason", info.reason()}, {"domain", info.domain()}};
  if (!out.next.empty()) debug.emplace("next", out.next);
  if (!facts.empty()) debug.emplace("facts", std::move(facts));
  return debug;
}

Readable read_details(const grpc::Status& status) {
  Readable out;
  google::rpc::Status whole;
  if (!whole.ParseFromString(status.error_details())) return out;
  for (auto& any : whole.details()) {
    auto type = any.type_url().substr(any.type_url().rfind('/') + 1);
    Value::Map entry{{"type", type}, {"value", base64(any.value())}};
    google::rpc::ErrorInfo info;
    google::rpc::RetryInfo retry;
    if (any.UnpackTo(&retry)) out.retry_after = retry.retry_delay().seconds() + (retry.retry_delay().nanos() > 0);
    const auto* descriptor = pb::DescriptorPool::generated_pool()->FindMessageTypeByName(type);
    if (any.UnpackTo(&info)) {
      entry.emplace("debug", debug_of(info, out));
    } else if (descriptor != nullptr) {
      std::unique_ptr<pb::Message> message(prototype(descriptor)->New());
      if (message->ParseFromString(any.value())) {
        auto json = to_json(*message);
        auto debug = json ? text::from_json(*json) : Result<Value>(Value());
        if (debug) entry.emplace("debug", std::move(*debug));
      }
    }
    out.details.emplace_back(std::move(entry));
  }
  return out;
}

Response refusal(const grpc::Status& status) {
  auto& row = row_of(status.error_code());
  auto readable = read_details(status);
  Value::Map body{
      {"code", std::string(row.name)}, {"message", status.error_message()}, {"details", std::move(readable.details)}};
  if (!readable.reason.empty()) body.emplace("reason", readable.reason);
  if (!readable.next.empty()) body.emplace("next", readable.next);
  auto response = reply(row.http, "application/json", text::to_json(body) + "\n");
  if (readable.retry_after > 0) response.headers.emplace("Retry-After", std::to_string(readable.retry_after));
  if (row.http == 401) response.headers.emplace("WWW-Authenticate", "Bearer");
  return response;
}

Response refusal(const Error& error) {
  auto response = failure(400, "invalid_argument", error.message, error.next);
  return response;
}

// --- requests

/// application/json, with no charset but UTF-8.
bool is_json(std::string_view type) {
  std::string plain;
  for (char c : type) {
    if (c != ' ' && c != '\t' && c != '"') plain += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return plain == "application/json" || plain == "application/json;charset=utf-8";
}

/// nullopt: not well written.
std::optional<milliseconds> timeout_of(const Request& request) {
  auto text = request.header("Connect-Timeout-Ms");
  if (text.empty()) return default_deadline;
  std::int64_t number = 0;
  auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault != std::errc() || end != text.data() + text.size() || number <= 0 || text.size() > 10) return std::nullopt;
  return std::min(milliseconds(number), max_deadline);
}

bool printable_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < 0x7F; });
}

const pb::FieldDescriptor* field_named(const pb::Descriptor* type, const std::string& name) {
  for (int i = 0; i < type->field_count(); ++i) {
    if (type->field(i)->json_name() == name || type->field(i)->name() == name) return type->field(i);
  }
  return nullptr;
}

/// Protobuf's parser says that some field is unknown; people want to know where, and what was meant.
Result<> check_fields(const Value& value, const pb::Descriptor* type, const std::string& path) {
  if (type->full_name().starts_with("google.protobuf.") || !value.as_map()) return {};
  for (auto& [name, held] : *value.as_map()) {
    const auto* field = field_named(type, name);
    if (field == nullptr) {
      std::vector<std::string> names;
      for (int i = 0; i < type->field_count(); ++i) names.push_back(type->field(i)->json_name());
      return fail(Code::invalid, "FIELD_UNKNOWN",
                  fmt::format("{}{} is no field of {}", path, text::cut(text::printable(name), 100), type->full_name()),
                  text::did_you_mean(name, names));
    }
    if (field->cpp_type() != pb::FieldDescriptor::CPPTYPE_MESSAGE) continue;
    const auto* inner = field->message_type();
    if (field->is_map()) {
      const auto* entry = inner->map_value();
      if (entry->cpp_type() != pb::FieldDescriptor::CPPTYPE_MESSAGE || !held.as_map()) continue;
      for (auto& [key, one] : *held.as_map())
        EDA_TRY(check_fields(one, entry->message_type(), fmt::format("{}{}.{}.", path, name, key)));
    } else if (held.as_list()) {
      std::size_t at = 0;
      for (auto& one : *held.as_list()) EDA_TRY(check_fields(one, inner, fmt::format("{}{}[{}].", path, name, at++)));
    } else {
      EDA_TRY(check_fields(held, inner, fmt::format("{}{}.", path, name)));
    }
  }
  return {};
}

Result<std::string> encode(const std::string& body, const pb::MethodDescriptor* method) {
  std::unique_ptr<pb::Message> message(prototype(method->input_type())->New());
  if (body.find_first_not_of(" \t\r\n") != std::string::npos) {
    EDA_ASSIGN(auto value, text::from_json(body));  // positions, nesting, duplicate keys
    if (!value.as_map()) return fail(Code::invalid, "JSON_SHAPE", "the body is no JSON object", "write {…}");
    EDA_TRY(check_fields(value, method->input_type(), {}));
    auto done = pb::util::JsonStringToMessage(body, message.get());
    if (!done.ok()) {
      return fail(Code::invalid, "JSON_VALUE",
                  fmt::format("the body is no {}: {}", method->input_type()->full_name(), done.message().ToString()),
                  "see the contract for the types of its fields");
    }
  }
  return message->SerializeAsString();
}

std::string bytes_of(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Dump(&slices).ok()) return bytes;
  for (auto& slice : slices) bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return bytes;
}

// Each message of the answer on a line of its own. Nothing is sent before the last one is there, so that a stream that
// breaks is a refusal with its status and not half an answer.
Response stream(grpc::GenericStub& stub, grpc::ClientContext& context, const pb::MethodDescriptor& method,
                const grpc::ByteBuffer& request) {
  grpc::CompletionQueue queue;
  auto call = stub.PrepareCall(&context, "/" + method.service()->full_name() + "/" + method.name(), &queue);
  auto step = [&] {
    void* tag = nullptr;
    bool good = false;
    return queue.Next(&tag, &good) && good;
  };
  call->StartCall(nullptr);
  step();
  call->WriteLast(request, grpc::WriteOptions(), nullptr);
  step();
  std::string lines;
  std::optional<Response> fault;
  for (grpc::ByteBuffer in;;) {
    call->Read(&in, nullptr);
    if (!step()) break;
    if (fault) continue;  // until the cancelled call has ended
    std::unique_ptr<pb::Message> part(prototype(method.output_type())->New());
    auto json = part->ParseFromString(bytes_of(in)) ? to_json(*part) : Result<std::string>(std::string());
    if (!json || json->empty()) {
      fault = failure(500, "internal", "the answer cannot be read");
    } else if (lines.size() + json->size() > max_stream_bytes) {
      fault = failure(413, "out_of_range", fmt::format("the answer is larger than {} MiB", max_stream_bytes >> 20),
                      "ask for less, or use gRPC for it");
    } else {
      lines += *json + "\n";
    }
    if (fault) context.TryCancel();
  }
  grpc::Status status;
  call->Finish(&status, nullptr);
  step();
  if (fault) return std::move(*fault);
  return status.ok() ? reply(200, "application/x-ndjson", std::move(lines)) : refusal(status);
}

}  // namespace

Response JsonGateway::handle(const Request& request) const {
  auto given = request.header("x-request-id");
  auto request_id = process::is_request_id(given) ? std::string(given) : process::draw_request_id();
  process::RequestScope scope(request_id);
  auto response = call(request, request_id);
  response.headers.emplace("x-request-id", request_id);
  response.headers.emplace("Cache-Control", "no-store");
  return response;
}

Response JsonGateway::call(const Request& request, const std::string& request_id) const {
  auto path = std::string_view(request.path).substr(1);
  std::string name(path);
  std::replace(name.begin(), name.end(), '/', '.');
  const auto* method = std::count(path.begin(), path.end(), '/') == 1
                           ? pb::DescriptorPool::generated_pool()->FindMethodByName(name)
                           : nullptr;
  if (method == nullptr || method->service()->full_name() + "/" + method->name() != path) {
    return failure(404, "unimplemented", fmt::format("there is no method {}", text::cut(text::printable(path), 200)),
                   "POST /<package>.<Service>/<Method>");
  }
  if (request.method != "POST") {
    auto response = failure(405, "unimplemented", fmt::format("{} is called with POST", path), "curl -d '{…}' does so");
    response.headers.emplace("Allow", "POST");
    return response;
  }
  // Streams of gRPC's own services have no end.
  bool endless = method->server_streaming() && method->full_name().starts_with("grpc.");
  if (method->client_streaming() || endless) {
    return failure(501, "unimplemented", fmt::format("{} is a stream", path), "use gRPC for it");
  }
  if (!is_json(request.header("Content-Type"))) {
    return failure(415, "invalid_argument", "the body has to be JSON", "send Content-Type: application/json");
  }
  auto encoding = request.header("Content-Encoding");
  if (!encoding.empty() && encoding != "identity")
    return failure(415, "invalid_argument", "a compressed body is not read", "send it as it is");
  auto timeout = timeout_of(request);
  if (!timeout)
    return failure(400, "invalid_argument", "Connect-Timeout-Ms is no number of milliseconds", "send 1 to 9999999999");
  auto authorization = request.header("Authorization");
  if (!printable_ascii(authorization))
    return failure(400, "invalid_argument", "the Authorization header has characters that no token has");
  auto encoded = encode(request.body, method);
  if (!encoded) return refusal(encoded.error());

  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + *timeout);
  if (!authorization.empty()) context.AddMetadata("authorization", std::string(authorization));
  context.AddMetadata("x-request-id", request_id);
  context.AddMetadata("x-eda-peer", printable_ascii(request.peer) ? request.peer : "unknown");
  grpc::Slice slice(*encoded);
  grpc::ByteBuffer out(&slice, 1), in;
  grpc::GenericStub stub(channel_);
  if (method->server_streaming()) return stream(stub, context, *method, out);
  std::promise<grpc::Status> ended;
  stub.UnaryCall(&context, "/" + std::string(path), {}, &out, &in,
                 [&](grpc::Status status) { ended.set_value(std::move(status)); });
  auto status = ended.get_future().get();
  if (!status.ok()) return refusal(status);

  std::unique_ptr<pb::Message> answer(prototype(method->output_type())->New());
  if (!answer->ParseFromString(bytes_of(in))) return failure(500, "internal", "the answer cannot be read");
  auto json = to_json(*answer);
  if (!json) return failure(500, "internal", json.error().message, json.error().next);
  return reply(200, "application/json", std::move(*json) + "\n");
}

}  // namespace eda::http
