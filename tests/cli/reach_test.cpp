#include "cli/reach.h"

#include <grpcpp/grpcpp.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "eda/plans/v1/plans.grpc.pb.h"
#include "platform/rpc/client.h"
#include "tests/platform/process/scratch.h"

using namespace eda;
namespace v1 = eda::plans::v1;

namespace {

// A self-signed certificate, which is its own authority.
std::string make_certificate(test::Scratch& scratch, const std::string& name) {
  auto path = scratch.path(name);
  auto command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=" + name +
                 " -addext subjectAltName=DNS:" + name + " -keyout " + path + ".key -out " + path + ".crt 2>/dev/null";
  REQUIRE(std::system(command.c_str()) == 0);
  return path;
}

std::string content(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

class Listener {
 public:
  explicit Listener(const std::shared_ptr<grpc::ServerCredentials>& credentials) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", credentials, &port_);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
  }
  ~Listener() { server_->Shutdown(std::chrono::system_clock::now()); }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  v1::PlanService::Service service_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
};

std::shared_ptr<grpc::ServerCredentials> tls(const std::string& certificate) {
  grpc::SslServerCredentialsOptions options;
  options.pem_key_cert_pairs.push_back({content(certificate + ".key"), content(certificate + ".crt")});
  return grpc::SslServerCredentials(options);
}

// What a person reads who calls this address with these authorities.
Error told(const std::string& address, const std::string& ca) {
  auto client = rpc::Client::make({address, Secret(), ca});
  REQUIRE(client);
  v1::PlanService::Stub stub(client->channel());
  v1::GetPlanResponse response;
  auto answer = client->call(stub, &v1::PlanService::Stub::GetPlan, v1::GetPlanRequest(), &response,
                             {{}, std::chrono::seconds(10)});
  REQUIRE_FALSE(answer);
  return cli::reach_fault(answer.error(), ca);
}

}  // namespace

TEST_CASE("a server with TLS that is spoken to without says what it may want") {
  test::Scratch scratch;
  Listener server(tls(make_certificate(scratch, "localhost")));
  auto error = told(server.address(), "");
  CHECK(error.message == server.address() + " hung up before it answered: it may speak TLS, and was spoken to without");
  CHECK(error.next.find("--ca FILE") == 0);
}

TEST_CASE("a certificate that nobody trusted signed is told, with the flag for it") {
  test::Scratch scratch;
  auto other = make_certificate(scratch, "other") + ".crt";
  Listener server(tls(make_certificate(scratch, "localhost")));
  auto wrong = told(server.address(), other);
  CHECK(wrong.message.find("is not trusted: no authority of " + other + " signed it") != std::string::npos);
  CHECK(wrong.next.find("--ca FILE") == 0);
  auto none = told("https://" + server.address(), "");
  CHECK(none.message.find("is not trusted: no authority of this system signed it") != std::string::npos);
}

TEST_CASE("a certificate for another name is told as that") {
  test::Scratch scratch;
  auto other = make_certificate(scratch, "other");
  Listener server(tls(other));
  auto error = told(server.address(), other + ".crt");
  CHECK(error.message == "the certificate of " + server.address() + " is for another name");
}

TEST_CASE("a server without TLS that is spoken to with it is told as that") {
  test::Scratch scratch;
  Listener server(grpc::InsecureServerCredentials());
  auto error = told(server.address(), make_certificate(scratch, "localhost") + ".crt");
  CHECK(error.message == server.address() + " does not speak TLS, which --ca and https:// ask for");
}

TEST_CASE("a server that is away keeps its own words") {
  auto error = told("127.0.0.1:1", "");
  CHECK(error.message.find("edad cannot be reached") == 0);
  CHECK(error.next == "check the address and whether edad runs");
}
