#include "cli/reach.h"

#include <fmt/format.h>

namespace eda::cli {

namespace {

// gRPC has no codes for these; the words are its own and OpenSSL's.
enum class Why { untrusted, other_name, no_tls, closed, else_ };

Why why(const Error& error) {
  auto says = [&](std::string_view words) { return error.message.find(words) != std::string::npos; };
  if (error.reason != "SERVER_AWAY" && error.reason != "SERVER_LOST") return Why::else_;
  if (says("certificate verify failed") || says("CERTIFICATE_VERIFY_FAILED")) return Why::untrusted;
  if (says("Hostname Verification Check failed") || says("not in peer certificate")) return Why::other_name;
  if (says("wrong version number") || says("WRONG_VERSION_NUMBER")) return Why::no_tls;
  // A server that waits for a TLS handshake hangs up on anything else, before there is a connection.
  if (error.reason == "SERVER_AWAY" && (says("Socket closed") || says("onnection reset"))) return Why::closed;
  return Why::else_;
}

}  // namespace

Error reach_fault(Error error, const std::string& ca) {
  auto found = error.facts.find("address");
  auto address = found == error.facts.end() ? std::string("edad") : found->second;
  auto say = [&](std::string message, std::string next) {
    error.message = std::move(message);
    error.next = std::move(next);
  };
  switch (why(error)) {
    case Why::untrusted:
      say(fmt::format("the certificate of {} is not trusted: no authority of {} signed it, or its time is over",
                      address, ca.empty() ? "this system" : ca),
          "--ca FILE (or EDACTL_CA) names the authority that signed edad's certificate");
      break;
    case Why::other_name:
      say(fmt::format("the certificate of {} is for another name", address),
          "give --server the name that stands in edad's certificate");
      break;
    case Why::no_tls:
      say(fmt::format("{} does not speak TLS, which --ca and https:// ask for", address),
          "check the port; an edad without TLS on this machine is reached without --ca");
      break;
    case Why::closed:
      say(fmt::format("{} hung up before it answered: it may speak TLS, and was spoken to without", address),
          "--ca FILE with the authority of edad's certificate, or https://HOST:PORT; else check whether edad runs "
          "there");
      break;
    case Why::else_:
      break;
  }
  return error;
}

bool may_pass(const Error& error) {
  return error.code == Code::unavailable || error.code == Code::timeout || error.code == Code::unknown_outcome ||
         error.code == Code::exhausted;
}

}  // namespace eda::cli
