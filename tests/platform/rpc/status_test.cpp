#include "platform/rpc/status.h"

#include <catch2/catch.hpp>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "platform/rpc/convert.h"

using namespace eda;
using grpc::StatusCode;

namespace {

void check_equal(const Error& a, const Error& b) {
  CHECK(a.code == b.code);
  CHECK(a.reason == b.reason);
  CHECK(a.message == b.message);
  CHECK(a.next == b.next);
  CHECK(a.facts == b.facts);
  REQUIRE(a.violations.size() == b.violations.size());
  for (std::size_t i = 0; i < a.violations.size(); ++i) {
    auto &x = a.violations[i], &y = b.violations[i];
    CHECK(std::tie(x.field, x.message, x.at, x.hint, x.object) == std::tie(y.field, y.message, y.at, y.hint, y.object));
  }
}

template <class Detail>
std::optional<Detail> detail_of(const grpc::Status& status) {
  google::rpc::Status whole;
  REQUIRE(whole.ParseFromString(status.error_details()));
  for (auto& one : whole.details()) {
    Detail detail;
    if (one.UnpackTo(&detail)) return detail;
  }
  return std::nullopt;
}

}  // namespace

TEST_CASE("every error comes back as it went, with the gRPC code that strangers see") {
  const std::pair<Code, StatusCode> table[] = {
      {Code::invalid, StatusCode::INVALID_ARGUMENT},
      {Code::impossible, StatusCode::OUT_OF_RANGE},
      {Code::unauthenticated, StatusCode::UNAUTHENTICATED},
      {Code::denied, StatusCode::PERMISSION_DENIED},
      {Code::not_found, StatusCode::NOT_FOUND},
      {Code::conflict, StatusCode::ALREADY_EXISTS},
      {Code::stale, StatusCode::ABORTED},
      {Code::refused, StatusCode::FAILED_PRECONDITION},
      {Code::needs_approval, StatusCode::FAILED_PRECONDITION},
      {Code::exhausted, StatusCode::RESOURCE_EXHAUSTED},
      {Code::unavailable, StatusCode::UNAVAILABLE},
      {Code::timeout, StatusCode::DEADLINE_EXCEEDED},
      {Code::unknown_outcome, StatusCode::UNKNOWN},
      {Code::unhealthy, StatusCode::FAILED_PRECONDITION},
      {Code::partial, StatusCode::FAILED_PRECONDITION},
      {Code::internal, StatusCode::INTERNAL},
  };
  for (auto& [code, grpc_code] : table) {
    CAPTURE(code_name(code));
    Error bare(code, "SOME_REASON", "something is wrong");
    CHECK(rpc::to_status(bare).error_code() == grpc_code);
    CHECK(rpc::to_status(bare).error_message() == "something is wrong");
    check_equal(rpc::from_status(rpc::to_status(bare)), bare);

    Error full(code, "STREAM_SHRINK", "orders.placed: 12 → 6", "write 12 or more");
    full.facts = {{"owner", "team/checkout"}, {"_code", "a trap"}, {"__x", "another"}, {"empty", ""}};
    full.violations = {{"spec.partitions",
                        "fewer than there are",
                        {"shop/ströme.yaml", 7, 15},
                        "write 12 or more",
                        "stream/orders.placed"},
                       {"", "no field", {}, "", ""}};
    check_equal(rpc::from_status(rpc::to_status(full)), full);
  }
}

TEST_CASE("clients that know only google's details find fields, preconditions and the request id") {
  Error invalid(Code::invalid, "MANIFEST", "two faults");
  invalid.violations = {{"spec.a", "is wrong", {"f", 1, 2}, "", ""}};
  auto status = rpc::to_status(invalid, "req-1");
  auto bad = detail_of<google::rpc::BadRequest>(status);
  REQUIRE(bad);
  CHECK(bad->field_violations(0).field() == "spec.a");
  CHECK(bad->field_violations(0).description() == "is wrong");
  CHECK(detail_of<google::rpc::RequestInfo>(status)->request_id() == "req-1");
  CHECK(detail_of<google::rpc::ErrorInfo>(status)->domain() == "eda");
  CHECK(rpc::from_status(status).facts.at("request_id") == "req-1");

  Error stale(Code::stale, "PLAN_STALE", "the plan is stale", "plan anew");
  CHECK(detail_of<google::rpc::PreconditionFailure>(rpc::to_status(stale))->violations(0).type() == "PLAN_STALE");
  stale.violations = {{"", "it is at generation 4", {}, "", "stream/orders.placed"}};
  auto failure = detail_of<google::rpc::PreconditionFailure>(rpc::to_status(stale));
  CHECK(failure->violations(0).subject() == "stream/orders.placed");
  CHECK_FALSE(detail_of<google::rpc::BadRequest>(rpc::to_status(stale)));
}

TEST_CASE("an error too large for gRPC's trailers says how much was left out") {
  Error error(Code::invalid, "MANIFEST", std::string(100'000, 'm'));
  error.facts["long"] = std::string(100'000, 'f');
  for (int i = 0; i < 5'000; ++i) error.violations.push_back({"spec.x", "is wrong", {"file.yaml", 1, 1}, "", ""});
  auto status = rpc::to_status(error);
  auto back = rpc::from_status(status);
  CHECK(back.violations.size() == rpc::max_violations);
  CHECK(back.facts.at("violations_omitted") == "4800");
  CHECK(status.error_details().size() < 128u << 10);

  for (auto& violation : error.violations) violation.message = std::string(50'000, 'x');
  back = rpc::from_status(rpc::to_status(error));
  CHECK(back.violations.size() < rpc::max_violations);
  CHECK(back.violations.size() + std::stoul(back.facts.at("violations_omitted")) == 5'000);
  CHECK(rpc::to_status(error).error_details().size() < 700u << 10);
}

TEST_CASE("bytes that are no UTF-8 do not lose the error") {
  Error error(Code::invalid, "NAME", "no name: \xff\xfe", "say \xc3");
  error.facts.emplace("name", "\xff");
  error.violations = {{"\xff", "\xfe", {"a\xff.yaml", 1, 1}, "\xff", "\xff"}};
  auto back = rpc::from_status(rpc::to_status(error));
  CHECK(back.reason == "NAME");
  CHECK(back.message.starts_with("no name: "));
  CHECK(back.violations.size() == 1);
}

TEST_CASE("what gRPC itself says becomes an error of ours") {
  struct Row {
    StatusCode theirs;
    std::string said;
    Code code;
    std::string reason;
  };
  const Row rows[] = {
      {StatusCode::UNAVAILABLE, "failed to connect to all addresses", Code::unavailable, "SERVER_AWAY"},
      {StatusCode::UNAVAILABLE, "DNS resolution failed for edad:7070", Code::unavailable, "SERVER_AWAY"},
      {StatusCode::UNAVAILABLE, "", Code::unavailable, "SERVER_AWAY"},
      {StatusCode::UNAVAILABLE, "Socket closed", Code::unavailable, "SERVER_LOST"},
      {StatusCode::DEADLINE_EXCEEDED, "Deadline Exceeded", Code::timeout, "DEADLINE"},
      {StatusCode::CANCELLED, "", Code::unknown_outcome, "CANCELLED"},
      {StatusCode::RESOURCE_EXHAUSTED, "Received message larger than max", Code::exhausted, "LIMIT"},
      {StatusCode::UNIMPLEMENTED, "", Code::invalid, "METHOD_UNKNOWN"},
      {StatusCode::UNAUTHENTICATED, "", Code::unauthenticated, "UNAUTHENTICATED"},
      {StatusCode::PERMISSION_DENIED, "", Code::denied, "DENIED"},
      {StatusCode::INVALID_ARGUMENT, "", Code::invalid, "INVALID"},
      {StatusCode::OUT_OF_RANGE, "", Code::invalid, "INVALID"},
      {StatusCode::NOT_FOUND, "", Code::not_found, "NOT_FOUND"},
      {StatusCode::ALREADY_EXISTS, "", Code::conflict, "CONFLICT"},
      {StatusCode::ABORTED, "", Code::stale, "STALE"},
      {StatusCode::FAILED_PRECONDITION, "", Code::refused, "REFUSED"},
      {StatusCode::INTERNAL, "", Code::internal, "SERVER_FAULT"},
      {StatusCode::UNKNOWN, "", Code::internal, "SERVER_FAULT"},
      {StatusCode::DATA_LOSS, "", Code::internal, "SERVER_FAULT"},
  };
  for (auto& row : rows) {
    CAPTURE(row.reason, row.said);
    auto error = rpc::from_status(grpc::Status(row.theirs, row.said));
    CHECK(error.code == row.code);
    CHECK(error.reason == row.reason);
    CHECK_FALSE(error.message.empty());
  }
  CHECK(rpc::from_status(grpc::Status(StatusCode::INTERNAL, "x", "not a status at all \xff")).reason == "SERVER_FAULT");
}

TEST_CASE("values, times, references and violations survive the wire") {
  Value value(Value::Map{
      {"a", Value::List{1, 2.5, "x", true, Value()}}, {"big", std::int64_t{9007199254740991}}, {"n", Value::Map{}}});
  google::protobuf::Value wire;
  rpc::to_proto(value, &wire);
  CHECK(rpc::from_proto(wire) == value);
  for (auto text : {"2026-11-21T08:00:00.123456Z", "1969-12-31T23:59:59.500Z", "1970-01-01T00:00:00Z"}) {
    google::protobuf::Timestamp timestamp;
    rpc::to_proto(*from_rfc3339(text), &timestamp);
    CHECK(timestamp.nanos() >= 0);
    CHECK(to_rfc3339(rpc::from_proto(timestamp)) == text);
  }
  eda::common::v1::Ref ref;
  rpc::to_proto(Ref{"stream", "prod", "orders"}, &ref);
  CHECK(rpc::from_proto(ref) == Ref{"stream", "prod", "orders"});
}
