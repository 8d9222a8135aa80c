#include "cli/message_schema.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include <nlohmann/json.hpp>

namespace eda::cli {

namespace pb = google::protobuf;
using Json = nlohmann::ordered_json;
using pb::FieldDescriptor;

namespace {

constexpr auto dialect = "http://json-schema.org/draft-07/schema#";

class Definitions {
 public:
  Json refer(const pb::Descriptor& type) {
    if (&type == pb::Struct::descriptor()) return Json{{"type", "object"}};
    if (&type == pb::ListValue::descriptor()) return Json{{"type", "array"}};
    if (&type == pb::Value::descriptor()) return Json::object();
    if (&type == pb::Timestamp::descriptor()) return Json{{"type", "string"}, {"format", "date-time"}};
    if (!all_.contains(type.full_name())) {
      all_[type.full_name()] = Json::object();  // a message may hold itself
      all_[type.full_name()] = body(type);
    }
    return Json{{"$ref", "#/definitions/" + type.full_name()}};
  }

  Json take() { return std::move(all_); }

 private:
  Json body(const pb::Descriptor& type) {
    Json properties = Json::object();
    for (int i = 0; i < type.field_count(); ++i) properties[type.field(i)->json_name()] = field(*type.field(i));
    return Json{{"title", type.name()}, {"type", "object"}, {"properties", std::move(properties)}};
  }

  Json field(const FieldDescriptor& field) {
    if (field.is_map()) {
      return Json{{"type", "object"}, {"additionalProperties", value(*field.message_type()->map_value())}};
    }
    if (field.is_repeated()) return Json{{"type", "array"}, {"items", value(field)}};
    return value(field);
  }

  Json value(const FieldDescriptor& field) {
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return refer(*field.message_type());
      case FieldDescriptor::CPPTYPE_ENUM: {
        Json words = Json::array();
        for (int i = 0; i < field.enum_type()->value_count(); ++i) words.push_back(field.enum_type()->value(i)->name());
        return Json{{"enum", std::move(words)}};
      }
      case FieldDescriptor::CPPTYPE_BOOL:
        return Json{{"type", "boolean"}};
      case FieldDescriptor::CPPTYPE_INT32:
      case FieldDescriptor::CPPTYPE_UINT32:
        return Json{{"type", "integer"}};
      case FieldDescriptor::CPPTYPE_INT64:  // as texts, for JSON's numbers are doubles
      case FieldDescriptor::CPPTYPE_UINT64:
        return Json{{"type", "string"}, {"pattern", "^-?[0-9]+$"}};
      case FieldDescriptor::CPPTYPE_DOUBLE:
      case FieldDescriptor::CPPTYPE_FLOAT:
        return Json{{"type", "number"}};
      case FieldDescriptor::CPPTYPE_STRING:
        break;
    }
    return Json{{"type", "string"}};
  }

  Json all_ = Json::object();
};

Json list_of(const std::string& key, Json item) {
  Json out{{"$schema", dialect}, {"type", "object"}, {"required", Json::array({key})}};
  out["properties"][key] = Json{{"type", "array"}, {"items", std::move(item)}};
  return out;
}

}  // namespace

Json message_schema(const pb::Descriptor& message) {
  Definitions definitions;
  Json out{{"$schema", dialect}};
  out.update(Json{{"allOf", Json::array({definitions.refer(message)})}});
  out["definitions"] = definitions.take();
  return out;
}

Json list_schema(const std::string& key, const pb::Descriptor& message) {
  Definitions definitions;
  auto out = list_of(key, definitions.refer(message));
  out["definitions"] = definitions.take();
  return out;
}

Json list_schema(const std::string& key, const Json& item) {
  return list_of(key, item);
}

}  // namespace eda::cli
