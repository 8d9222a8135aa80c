#include "platform/rpc/convert.h"

#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>

namespace eda::rpc {
namespace {

// google.protobuf.Value has doubles only. Beyond 2^53 ("keep it for ever" is 2^63 - 1 in Kafka) an integer travels as
// {"$int64": "9223372036854775807"}.
constexpr std::int64_t exact = std::int64_t{1} << 53;
constexpr const char* large_key = "$int64";

std::optional<std::int64_t> large_integer(const google::protobuf::Struct& fields) {
  auto only = fields.fields().find(large_key);
  if (fields.fields_size() != 1 || only == fields.fields().end()) return std::nullopt;
  std::string_view digits = only->second.string_value();
  std::int64_t number = 0;
  auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  bool whole = fault == std::errc() && end == digits.data() + digits.size();
  return whole ? std::optional(number) : std::nullopt;
}

}  // namespace

void to_proto(const Value& value, google::protobuf::Value* out) {
  if (auto* flag = value.as_bool()) return out->set_bool_value(*flag);
  if (auto* number = value.as_int()) {
    if (*number >= -exact && *number <= exact) return out->set_number_value(static_cast<double>(*number));
    auto& large = (*out->mutable_struct_value()->mutable_fields())[large_key];
    return large.set_string_value(std::to_string(*number));
  }
  if (auto* number = value.as_double()) return out->set_number_value(*number);
  if (auto* text = value.as_text()) return out->set_string_value(*text);
  if (auto* list = value.as_list()) {
    auto* items = out->mutable_list_value();
    for (auto& item : *list) to_proto(item, items->add_values());
    return;
  }
  if (value.as_map()) return to_proto(value, out->mutable_struct_value());
  out->set_null_value(google::protobuf::NULL_VALUE);
}

void to_proto(const Value& value, google::protobuf::Struct* out) {
  out->Clear();
  if (!value.as_map()) return;
  for (auto& [key, item] : *value.as_map()) to_proto(item, &(*out->mutable_fields())[key]);
}

Value from_proto(const google::protobuf::Value& value) {
  using Kind = google::protobuf::Value;
  switch (value.kind_case()) {
    case Kind::kBoolValue:
      return value.bool_value();
    case Kind::kStringValue:
      return value.string_value();
    case Kind::kNumberValue: {
      double number = value.number_value();
      if (std::nearbyint(number) == number && std::fabs(number) <= static_cast<double>(exact))
        return static_cast<std::int64_t>(number);
      return number;
    }
    case Kind::kListValue: {
      Value::List list;
      for (auto& item : value.list_value().values()) list.push_back(from_proto(item));
      return list;
    }
    case Kind::kStructValue: {
      if (auto large = large_integer(value.struct_value())) return *large;
      Value::Map map;
      for (auto& [key, item] : value.struct_value().fields()) map.emplace(key, from_proto(item));
      return map;
    }
    default:
      return {};
  }
}

void to_proto(Instant instant, google::protobuf::Timestamp* out) {
  auto seconds = std::chrono::floor<std::chrono::seconds>(instant);
  out->set_seconds(seconds.time_since_epoch().count());
  out->set_nanos(static_cast<std::int32_t>((instant - seconds).count() * 1000));
}

Instant from_proto(const google::protobuf::Timestamp& timestamp) {
  return Instant(std::chrono::seconds(timestamp.seconds()) + Duration(timestamp.nanos() / 1000));
}

void to_proto(const Ref& ref, eda::common::v1::Ref* out) {
  out->set_kind(ref.kind);
  out->set_cluster(ref.cluster);
  out->set_name(ref.name);
}

Ref from_proto(const eda::common::v1::Ref& ref) {
  return Ref{ref.kind(), ref.cluster(), ref.name()};
}

void to_proto(const Position& position, eda::common::v1::Position* out) {
  out->set_file(position.file);
  out->set_line(position.line);
  out->set_column(position.column);
}

Position from_proto(const eda::common::v1::Position& position) {
  return Position{position.file(), position.line(), position.column()};
}

void to_proto(const Violation& violation, eda::common::v1::Violation* out) {
  out->set_field(violation.field);
  out->set_message(violation.message);
  to_proto(violation.at, out->mutable_at());
  out->set_hint(violation.hint);
  out->set_object(violation.object);
}

Violation from_proto(const eda::common::v1::Violation& violation) {
  return Violation{violation.field(), violation.message(), from_proto(violation.at()), violation.hint(),
                   violation.object()};
}

}  // namespace eda::rpc
