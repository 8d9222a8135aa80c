#pragma once
// Our values to and from the messages that several contracts share.

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include "eda/common/v1/common.pb.h"
#include "platform/core/error.h"
#include "platform/core/name.h"
#include "platform/core/page.h"
#include "platform/core/time.h"
#include "platform/core/value.h"

namespace eda::rpc {

/// google.protobuf.Value has no integers: whole numbers up to 2^53 come back as int64, which is what fields hold.
void to_proto(const Value& value, google::protobuf::Value* out);
Value from_proto(const google::protobuf::Value& value);
/// A map into a Struct; anything else clears it.
void to_proto(const Value& value, google::protobuf::Struct* out);

void to_proto(Instant instant, google::protobuf::Timestamp* out);
Instant from_proto(const google::protobuf::Timestamp& timestamp);

void to_proto(const Ref& ref, eda::common::v1::Ref* out);
Ref from_proto(const eda::common::v1::Ref& ref);

void to_proto(const Position& position, eda::common::v1::Position* out);
Position from_proto(const eda::common::v1::Position& position);

void to_proto(const Violation& violation, eda::common::v1::Violation* out);
Violation from_proto(const eda::common::v1::Violation& violation);

/// page_size and page_token of any list request.
template <class Request>
PageRequest page_of(const Request& request) {
  return PageRequest{request.page_size(), request.page_token()};
}

}  // namespace eda::rpc
