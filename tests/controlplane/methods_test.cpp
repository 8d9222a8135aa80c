// Every method of every service in the tree's contracts, called by those who may not.

#include <google/protobuf/descriptor.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "controlplane/edad.h"
#include "eda/identity/v1/identity.grpc.pb.h"
#include "platform/http/client.h"
#include "tests/controlplane/running_edad.h"

using namespace eda;
using identity::Permission;

namespace {

// "eda.identity.v1.IdentityService/WhoAmI" of every contract below proto/, whether some face serves it or not.
std::vector<std::string> all_methods() {
  namespace fs = std::filesystem;
  std::vector<std::string> methods;
  for (auto& file : fs::recursive_directory_iterator(EDA_SOURCE_DIR "/proto/eda")) {
    if (file.path().extension() != ".proto") continue;
    auto name = fs::relative(file.path(), EDA_SOURCE_DIR "/proto").string();
    auto* descriptor = google::protobuf::DescriptorPool::generated_pool()->FindFileByName(name);
    REQUIRE(descriptor);
    for (int s = 0; s < descriptor->service_count(); ++s) {
      for (int m = 0; m < descriptor->service(s)->method_count(); ++m) {
        methods.push_back(descriptor->service(s)->full_name() + "/" + descriptor->service(s)->method(m)->name());
      }
    }
  }
  return methods;
}

grpc::Status call_empty(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                        const std::string& token) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  if (!token.empty()) context.AddMetadata("authorization", "Bearer " + token);
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
  grpc::CompletionQueue queue;
  grpc::ByteBuffer request(nullptr, 0), response;
  grpc::Slice nothing("");
  request = grpc::ByteBuffer(&nothing, 1);
  grpc::Status status;
  auto call = stub.PrepareUnaryCall(&context, "/" + method, request, &queue);
  call->StartCall();
  call->Finish(&response, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  return status;
}

}  // namespace

TEST_CASE("every method has its permission, and every listed method exists") {
  test::RunningEdad edad;
  auto methods = all_methods();
  CHECK(methods.size() > 20);
  std::set<std::string> there(methods.begin(), methods.end());
  for (auto& method : methods) {
    INFO(method);
    CHECK(edad->permissions().contains(method));
  }
  for (auto& [method, needs] : edad->permissions()) {
    INFO(method);
    CHECK(there.contains(method));
  }
}

TEST_CASE("without a token, and with one that is not known, every method is refused") {
  test::RunningEdad edad;
  for (auto& method : all_methods()) {
    INFO(method);
    for (std::string token : {"", "eda_not-a-token"}) {
      auto status = call_empty(edad.channel(), method, token);
      CHECK(status.error_code() == grpc::StatusCode::UNAUTHENTICATED);
      CHECK_FALSE(status.error_message().empty());
    }
  }
}

TEST_CASE("an outsider is refused what is not everybody's, and nothing answers with a fault of ours") {
  test::RunningEdad edad;
  for (auto& [method, needs] : edad->permissions()) {
    INFO(method);
    // Anew for each: revoking without an id is logging out.
    auto outsider = edad.token_for("outsider", {"read", "write"});
    auto reader = edad.token_for("reader", {"read"});
    auto status = call_empty(edad.channel(), method, outsider);
    CHECK(status.error_code() != grpc::StatusCode::INTERNAL);
    CHECK(status.error_code() != grpc::StatusCode::UNIMPLEMENTED);
    bool of_few = needs == Permission::administer || needs == Permission::operate || needs == Permission::audit;
    if (of_few) {
      CHECK(status.error_code() == grpc::StatusCode::PERMISSION_DENIED);
    }
    // Logging out is everybody's; all other writing needs the scope.
    bool writes = needs == Permission::write || needs == Permission::administer || needs == Permission::operate;
    if (writes) {
      CHECK(call_empty(edad.channel(), method, reader).error_code() == grpc::StatusCode::PERMISSION_DENIED);
    }
  }
}

TEST_CASE("the JSON gateway has the same door") {
  test::RunningEdad edad;
  for (auto& method : all_methods()) {
    INFO(method);
    CHECK(edad.post("/" + method, "{}", "").status == 401);
  }
  auto outsider = edad.token_for("outsider", {"read", "write"});
  auto refused = edad.post("/eda.identity.v1.IdentityService/CreateUser", R"({"user": {"name": "eve"}})", outsider);
  CHECK(refused.status == 403);
  INFO(refused.body);
  CHECK(refused.body.find("_MISSING") != std::string::npos);
  auto self = edad.post("/eda.identity.v1.IdentityService/WhoAmI", "{}", outsider);
  CHECK(self.status == 200);
  CHECK(self.body.find("user/outsider") != std::string::npos);
}
