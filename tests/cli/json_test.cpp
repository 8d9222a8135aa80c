#include "cli/json.h"

#include <google/protobuf/util/json_util.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "eda/catalog/v1/catalog.pb.h"
#include "eda/plans/v1/plans.pb.h"

using namespace eda::cli;
using Json = nlohmann::ordered_json;

namespace {

// One of everything that our contracts hold.
eda::catalog::v1::Object object() {
  eda::catalog::v1::Object out;
  out.set_api_version("eda/v1");
  out.set_kind("Stream");
  out.mutable_metadata()->set_name("a\"b\\c\n\t\x01 é 支付 <&>");
  out.mutable_metadata()->set_deletion_protection(false);
  for (auto* key : {"z", "a", "m"}) (*out.mutable_metadata()->mutable_labels())[key] = "1";
  auto& spec = *out.mutable_spec()->mutable_fields();
  spec["partitions"].set_number_value(12);
  spec["half"].set_number_value(0.5);
  spec["large"].set_number_value(1e300);
  spec["reset"].set_null_value(google::protobuf::NULL_VALUE);
  spec["empty"].mutable_struct_value();
  spec["none"].mutable_list_value();
  spec["yes"].set_bool_value(true);
  (*spec["config"].mutable_struct_value()->mutable_fields())["k"].set_string_value("v");
  spec["list"].mutable_list_value()->add_values()->set_string_value("x");
  auto* status = out.mutable_status();
  status->set_generation(9'007'199'254'740'993);
  status->mutable_created_at()->set_seconds(1'795'248'000);
  status->mutable_updated_at()->set_seconds(1'795'248'000);
  status->mutable_updated_at()->set_nanos(250'000'000);
  status->add_conditions()->set_type("Applied");
  status->add_conditions();
  return out;
}

Json by_protobuf(const google::protobuf::Message& message) {
  std::string text;
  REQUIRE(google::protobuf::util::MessageToJsonString(message, &text).ok());
  return Json::parse(text);
}

}  // namespace

TEST_CASE("a message is written as protobuf itself would write it") {
  // Values alike; the order of a map's keys is ours.
  CHECK(nlohmann::json(to_json(object())) == nlohmann::json(by_protobuf(object())));
  eda::plans::v1::Change change;
  change.set_action(eda::plans::v1::ACTION_CREATE);
  change.set_pruned(true);
  change.mutable_at()->set_line(3);
  change.add_notes("one");
  change.add_fields()->mutable_to()->set_number_value(3);
  CHECK(to_json(change) == by_protobuf(change));
  CHECK(to_json(eda::plans::v1::Plan()) == Json::object());
}

TEST_CASE("text is laid out as by the value's own printer, with maps in order") {
  auto text = json_text(object());
  CHECK(text == json_text(Json::parse(text)));
  CHECK(text.find("\"a\": \"1\"") < text.find("\"m\": \"1\""));
  CHECK(text.find("\"m\": \"1\"") < text.find("\"z\": \"1\""));
  std::string moved;
  write_json(moved, object(), 4);
  CHECK(moved.ends_with("\n    }"));
  CHECK(Json::parse(moved) == Json::parse(text));
}
