#include "platform/rpc/status.h"

#include <fmt/format.h>
#include <google/protobuf/util/time_util.h>

#include "eda/common/v1/common.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "platform/process/log.h"
#include "platform/rpc/convert.h"
#include "platform/text/unicode.h"

namespace eda::rpc {

namespace {

constexpr std::string_view domain = "eda";
constexpr const char* code_key = "_code";
constexpr const char* next_key = "_next";
constexpr const char* omitted_fact = "violations_omitted";
constexpr const char* request_fact = "request_id";

struct CodeRow {
  Code ours;
  grpc::StatusCode theirs;
};

// What a client without our details sees. With them, ErrorInfo says the exact code.
constexpr CodeRow codes[] = {
    {Code::invalid, grpc::StatusCode::INVALID_ARGUMENT},
    {Code::impossible, grpc::StatusCode::OUT_OF_RANGE},
    {Code::unauthenticated, grpc::StatusCode::UNAUTHENTICATED},
    {Code::denied, grpc::StatusCode::PERMISSION_DENIED},
    {Code::not_found, grpc::StatusCode::NOT_FOUND},
    {Code::conflict, grpc::StatusCode::ALREADY_EXISTS},
    {Code::stale, grpc::StatusCode::ABORTED},
    {Code::refused, grpc::StatusCode::FAILED_PRECONDITION},
    {Code::needs_approval, grpc::StatusCode::FAILED_PRECONDITION},
    {Code::exhausted, grpc::StatusCode::RESOURCE_EXHAUSTED},
    {Code::unavailable, grpc::StatusCode::UNAVAILABLE},
    {Code::timeout, grpc::StatusCode::DEADLINE_EXCEEDED},
    {Code::unknown_outcome, grpc::StatusCode::UNKNOWN},
    {Code::unhealthy, grpc::StatusCode::FAILED_PRECONDITION},
    {Code::partial, grpc::StatusCode::FAILED_PRECONDITION},
    {Code::internal, grpc::StatusCode::INTERNAL},
};

grpc::StatusCode grpc_code(Code code) {
  for (auto& row : codes) {
    if (row.ours == code) return row.theirs;
  }
  return grpc::StatusCode::INTERNAL;
}

Code named_code(const std::string& name) {
  for (auto& row : codes) {
    if (code_name(row.ours) == name) return row.ours;
  }
  return Code::internal;
}

/// A fact whose key begins with "_" gets one more, so that it never meets a key of ours.
std::string metadata_key(const std::string& fact) {
  return fact.starts_with("_") ? "_" + fact : fact;
}

/// Protobuf's strings are UTF-8, and a message that is not would arrive as nothing at all.
std::string fit(std::string text, std::size_t most) {
  if (text::invalid_utf8(text)) text = text::printable(text);
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80) --most;
  text.resize(most);
  return text + "…";
}

Violation fit(const Violation& violation) {
  Violation out = violation;
  for (auto* text : {&out.field, &out.message, &out.hint, &out.object, &out.at.file})
    *text = fit(std::move(*text), 4'096);
  return out;
}

/// The violations that fit, with positions, and without for clients that know only the standard details.
std::size_t add_violations(const Error& error, google::rpc::Status& status) {
  eda::common::v1::Violations ours;
  google::rpc::BadRequest bad;
  google::rpc::PreconditionFailure failure;
  std::size_t bytes = 0;
  std::size_t sent = 0;
  for (auto& violation : error.violations) {
    if (sent == max_violations) break;
    auto* one = ours.add_violations();
    to_proto(fit(violation), one);
    bytes += one->ByteSizeLong();
    if (bytes > max_violation_bytes) {
      ours.mutable_violations()->RemoveLast();
      break;
    }
    ++sent;
    if (error.code == Code::stale) {
      auto* precondition = failure.add_violations();
      precondition->set_type(error.reason);
      precondition->set_subject(one->object());
      precondition->set_description(one->message());
    } else {
      auto* field = bad.add_field_violations();
      field->set_field(one->field());
      field->set_description(one->message());
    }
  }
  if (error.code == Code::stale && failure.violations().empty()) {
    auto* precondition = failure.add_violations();
    precondition->set_type(error.reason);
    precondition->set_description(error.message);
  }
  if (failure.violations_size() > 0) status.add_details()->PackFrom(failure);
  if (bad.field_violations_size() > 0) status.add_details()->PackFrom(bad);
  if (sent > 0) status.add_details()->PackFrom(ours);
  return error.violations.size() - sent;
}

/// What gRPC itself says, without anybody of ours having answered.
Error foreign(const grpc::Status& status) {
  const auto& said = status.error_message();
  auto make = [&](Code code, std::string reason, std::string message, std::string next) {
    return Error(code, std::move(reason), said.empty() ? std::move(message) : fmt::format("{}: {}", message, said),
                 std::move(next));
  };
  switch (status.error_code()) {
    case grpc::StatusCode::UNAVAILABLE: {
      // gRPC has one code for "never reached" and "lost on the way"; only its words tell them apart.
      for (auto* never : {"failed to connect", "DNS resolution", "empty address list", "Connection refused",
                          "onnections to all backends"}) {
        if (said.find(never) != std::string::npos) {
          return make(Code::unavailable, "SERVER_AWAY", "edad cannot be reached",
                      "check the address and whether edad runs");
        }
      }
      return make(Code::unavailable, said.empty() ? "SERVER_AWAY" : "SERVER_LOST", "the connection to edad broke",
                  "look whether it happened, then try again; an edad that speaks TLS wants https://HOST:PORT or --ca");
    }
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return Error(Code::timeout, "DEADLINE", "edad did not answer in the time given",
                   "try again, or give more time with --timeout");
    case grpc::StatusCode::CANCELLED:
      return make(Code::unknown_outcome, "CANCELLED", "the call was cancelled before its answer came",
                  "look at what holds now, then try again");
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return make(Code::exhausted, "LIMIT", "a limit of the connection is reached",
                  "send less at once, or try again later");
    case grpc::StatusCode::UNIMPLEMENTED:
      return make(Code::invalid, "METHOD_UNKNOWN", "the server does not know this method",
                  "check the address, and that edad is at least as new as this program");
    case grpc::StatusCode::UNAUTHENTICATED:
      return make(Code::unauthenticated, "UNAUTHENTICATED", "not logged in", "log in");
    case grpc::StatusCode::PERMISSION_DENIED:
      return make(Code::denied, "DENIED", "the server refused the call", {});
    case grpc::StatusCode::INVALID_ARGUMENT:
    case grpc::StatusCode::OUT_OF_RANGE:
      return make(Code::invalid, "INVALID", "the server did not take the request", {});
    case grpc::StatusCode::NOT_FOUND:
      return make(Code::not_found, "NOT_FOUND", "nothing has that name", {});
    case grpc::StatusCode::ALREADY_EXISTS:
      return make(Code::conflict, "CONFLICT", "it exists already", {});
    case grpc::StatusCode::ABORTED:
      return make(Code::stale, "STALE", "the call was given up because something changed meanwhile", "try again");
    case grpc::StatusCode::FAILED_PRECONDITION:
      return make(Code::refused, "REFUSED", "the server refused the call", {});
    default:
      return make(Code::internal, "SERVER_FAULT", "the server failed", "see edad's log");
  }
}

}  // namespace

grpc::Status to_status(const Error& error, const std::string& request_id) {
  google::rpc::Status status;
  auto code = grpc_code(error.code);
  auto message = fit(error.message, 8'192);
  status.set_code(code);
  status.set_message(message);
  google::rpc::ErrorInfo info;
  info.set_reason(error.reason);
  info.set_domain(std::string(domain));
  auto& metadata = *info.mutable_metadata();
  metadata[code_key] = std::string(code_name(error.code));
  if (!error.next.empty()) metadata[next_key] = fit(error.next, 8'192);
  for (auto& [key, value] : error.facts) metadata[metadata_key(key)] = fit(value, 8'192);
  google::rpc::Status details;
  if (auto omitted = add_violations(error, details); omitted > 0) metadata[omitted_fact] = std::to_string(omitted);
  status.add_details()->PackFrom(info);
  status.mutable_details()->MergeFrom(details.details());
  if (auto after = error.facts.find("retry_after_ms"); after != error.facts.end()) {
    google::rpc::RetryInfo retry;
    auto milliseconds = std::strtol(after->second.c_str(), nullptr, 10);
    *retry.mutable_retry_delay() = google::protobuf::util::TimeUtil::MillisecondsToDuration(milliseconds);
    status.add_details()->PackFrom(retry);
  }
  if (!request_id.empty()) {
    google::rpc::RequestInfo request;
    request.set_request_id(request_id);
    status.add_details()->PackFrom(request);
  }
  return grpc::Status(code, message, status.SerializeAsString());
}

Error from_status(const grpc::Status& status) {
  google::rpc::Status whole;
  if (status.error_details().empty() || !whole.ParseFromString(status.error_details())) return foreign(status);
  Error error;
  std::string request_id;
  bool ours = false;
  for (auto& detail : whole.details()) {
    google::rpc::ErrorInfo info;
    eda::common::v1::Violations violations;
    google::rpc::RequestInfo request;
    if (detail.UnpackTo(&info) && info.domain() == domain) {
      ours = true;
      error.reason = info.reason();
      for (auto& [key, value] : info.metadata()) {
        if (key == code_key) {
          error.code = named_code(value);
        } else if (key == next_key) {
          error.next = value;
        } else {
          error.facts.emplace(key.starts_with("__") ? key.substr(1) : key, value);
        }
      }
    } else if (detail.UnpackTo(&violations)) {
      for (auto& violation : violations.violations()) error.violations.push_back(from_proto(violation));
    } else if (detail.UnpackTo(&request)) {
      request_id = request.request_id();
    }
  }
  if (!ours) return foreign(status);
  error.message = status.error_message();
  if (!request_id.empty()) error.facts.emplace(request_fact, request_id);
  return error;
}

Error internal_fault(const std::exception& fault) {
  process::log_error("a defect in a call", {{"what", fault.what()}});
  return Error(Code::internal, "INTERNAL", "edad failed at this call; what it was stands in its log",
               "tell whoever runs edad the request id");
}

}  // namespace eda::rpc
