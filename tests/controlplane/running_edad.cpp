#include "tests/controlplane/running_edad.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

#include "eda/identity/v1/identity.grpc.pb.h"
#include "platform/http/client.h"

namespace eda::test {

namespace {

namespace v1 = eda::identity::v1;

// One request over a socket of its own, read until the server closes.
std::string exchange(std::uint16_t port, const std::string& request) {
  int connection = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(connection, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error("connect");
  if (::send(connection, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size())) {
    throw std::runtime_error("send");
  }
  std::string answer;
  char buffer[4096];
  for (ssize_t got = 0; (got = ::recv(connection, buffer, sizeof buffer, 0)) > 0;)
    answer.append(buffer, static_cast<std::size_t>(got));
  ::close(connection);
  return answer;
}

void authorize(grpc::ClientContext& context, const std::string& token) {
  context.AddMetadata("authorization", "Bearer " + token);
}

}  // namespace

RunningEdad::RunningEdad() {
  controlplane::Settings settings;
  settings.database_url = Secret(database_.url());
  settings.database_pool = 8;
  settings.threads = 16;
  settings.grpc = settings.metrics = settings.web = process::Endpoint{"127.0.0.1", 0};
  settings.log.level = process::LogLevel::error;
  if (auto log = process::start_log(settings.log); !log) throw std::runtime_error(log.error().message);
  auto started = controlplane::Edad::start(settings);
  if (!started) throw std::runtime_error(started.error().message);
  edad_ = std::move(*started);
  admin_ = edad_->identity().bootstrap_admin(identity::Actions::IfThereIsOne::refuse).value().secret.reveal();
}

std::shared_ptr<grpc::Channel> RunningEdad::channel() const {
  return grpc::CreateChannel(fmt::format("127.0.0.1:{}", edad_->grpc_port()), grpc::InsecureChannelCredentials());
}

std::string RunningEdad::token_for(const std::string& user, std::vector<std::string> scopes) {
  auto stub = v1::IdentityService::NewStub(channel());
  {
    grpc::ClientContext context;
    authorize(context, admin_);
    v1::CreateUserRequest request;
    v1::CreateUserResponse response;
    request.mutable_user()->set_name(user);
    auto status = stub->CreateUser(&context, request, &response);
    if (!status.ok() && status.error_code() != grpc::StatusCode::ALREADY_EXISTS)
      throw std::runtime_error(status.error_message());
  }
  grpc::ClientContext context;
  authorize(context, admin_);
  v1::CreateTokenRequest request;
  v1::CreateTokenResponse response;
  request.set_subject("user/" + user);
  request.mutable_scopes()->Add(scopes.begin(), scopes.end());
  auto status = stub->CreateToken(&context, request, &response);
  if (!status.ok()) throw std::runtime_error(status.error_message());
  return response.secret();
}

HttpAnswer RunningEdad::post(const std::string& path, const std::string& json, const std::string& token) const {
  auto authorization = token.empty() ? "" : fmt::format("Authorization: Bearer {}\r\n", token);
  auto text = exchange(
      edad_->web_port(),
      fmt::format("POST {} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n"
                  "{}Content-Length: {}\r\n\r\n{}",
                  path, authorization, json.size(), json));
  HttpAnswer answer;
  if (text.size() > 12) answer.status = std::stoi(text.substr(9, 3));
  if (auto body = text.find("\r\n\r\n"); body != std::string::npos) answer.body = text.substr(body + 4);
  return answer;
}

HttpAnswer RunningEdad::get_metrics(const std::string& path) const {
  auto answer = http::get(fmt::format("http://127.0.0.1:{}{}", edad_->metrics_port(), path));
  if (!answer) throw std::runtime_error(answer.error().message);
  return {answer->status, answer->body};
}

}  // namespace eda::test
