#include "cli/json.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/type_resolver_util.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace eda::cli {

namespace pb = google::protobuf;

// By way of bytes in the deterministic order: MessageToJsonString would give the keys of a map in any order.
nlohmann::ordered_json to_json(const pb::Message& message) {
  static const std::unique_ptr<pb::util::TypeResolver> types(
      pb::util::NewTypeResolverForDescriptorPool("type.googleapis.com", pb::DescriptorPool::generated_pool()));
  std::string bytes;
  {
    pb::io::StringOutputStream stream(&bytes);
    pb::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&coded);
  }
  std::string text;
  auto status = pb::util::BinaryToJsonString(types.get(), "type.googleapis.com/" + message.GetDescriptor()->full_name(),
                                             bytes, &text, {});
  if (!status.ok()) throw std::runtime_error("a message cannot be shown as JSON: " + status.ToString());
  return nlohmann::ordered_json::parse(text);
}

std::string json_text(const nlohmann::ordered_json& value) {
  return value.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace eda::cli
