#include "platform/http/client.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <memory>
#include <system_error>

#include "platform/core/time.h"
#include "platform/process/listen.h"

namespace eda::http {

namespace {

struct Url {
  enum class Scheme { http, https } scheme = Scheme::http;
  process::Endpoint host;
  std::string path;
};

Result<Url> parse(const std::string& text) {
  auto refuse = [&](std::string_view why) {
    return fail(Code::invalid, "URL_SYNTAX", fmt::format("\"{}\" is no URL: {}", text, why),
                "write http://host:port/path or https://…");
  };
  Url url;
  std::string_view rest = text;
  constexpr std::string_view http = "http://", https = "https://";
  if (rest.starts_with(https)) {
    url.scheme = Url::Scheme::https;
    rest.remove_prefix(https.size());
  } else if (rest.starts_with(http)) {
    rest.remove_prefix(http.size());
  } else {
    return refuse("it begins with neither http:// nor https://");
  }
  auto slash = std::min(rest.find('/'), rest.size());
  url.path = slash == rest.size() ? "/" : std::string(rest.substr(slash));
  for (char c : url.path) {
    if (static_cast<unsigned char>(c) <= ' ' || c == 0x7F)
      return refuse("its path has a character that has to be encoded");
  }
  std::string authority(rest.substr(0, slash));
  bool has_port = authority.ends_with(']') ? false : authority.find(':') != std::string::npos;
  if (!has_port) authority += url.scheme == Url::Scheme::https ? ":443" : ":80";
  auto endpoint = process::parse_endpoint(authority);
  if (!endpoint || authority.starts_with(':')) return refuse("its host is not well written");
  url.host = std::move(*endpoint);
  return url;
}

struct CloseSocket {
  int handle = -1;
  ~CloseSocket() {
    if (handle >= 0) close(handle);
  }
};

/// One connection with a deadline over everything that is done on it.
class Exchange {
 public:
  Exchange(const Url& url, const GetOptions& options)
      : url_(url), options_(options), deadline_(Deadline::in(options.timeout)) {}

  Result<Answer> run() {
    EDA_TRY(connect());
    if (url_.scheme == Url::Scheme::https) EDA_TRY(shake_hands());
    // HTTP/1.0: no chunks, and the connection ends with the answer.
    EDA_TRY(send(fmt::format("GET {} HTTP/1.0\r\nHost: {}\r\nAccept: */*\r\n\r\n", url_.path, url_.host.text())));
    return receive();
  }

 private:
  std::string where() const { return url_.host.text(); }
  tl::unexpected<Error> away(std::string_view why) const {
    return fail(Code::unavailable, "HTTP_AWAY", fmt::format("{} does not answer: {}", where(), why),
                "check the address and whether it runs");
  }
  tl::unexpected<Error> bad_tls(std::string_view why) const {
    return fail(Code::unavailable, "HTTP_TLS", fmt::format("no TLS with {}: {}", where(), why),
                "check its certificate and the authorities to trust");
  }

  Result<> await(short events) {
    pollfd watched{socket_.handle, events, 0};
    int ready = 0;
    do {
      ready = poll(&watched, 1, static_cast<int>(deadline_.left().count()));
    } while (ready < 0 && errno == EINTR);
    if (ready > 0) return {};
    return fail(Code::timeout, "HTTP_TIMEOUT",
                fmt::format("{} did not answer within {} ms", where(), options_.timeout.count()),
                "try again, or give it more time");
  }

  Result<> connect() {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (int fault = getaddrinfo(url_.host.host.c_str(), std::to_string(url_.host.port).c_str(), &hints, &found);
        fault != 0) {
      return away(gai_strerror(fault));
    }
    std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> all(found, &freeaddrinfo);
    std::string why = "it has no address";
    for (auto* one = found; one != nullptr; one = one->ai_next) {
      CloseSocket attempt{socket(one->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
      if (attempt.handle < 0) continue;
      std::swap(socket_.handle, attempt.handle);
      int fault = ::connect(socket_.handle, one->ai_addr, one->ai_addrlen) == 0 ? 0 : errno;
      if (fault == EINPROGRESS) {
        EDA_TRY(await(POLLOUT));
        socklen_t size = sizeof fault;
        getsockopt(socket_.handle, SOL_SOCKET, SO_ERROR, &fault, &size);
      }
      if (fault == 0) return {};
      why = std::generic_category().message(fault);
    }
    return away(why);
  }

  /// After a call of OpenSSL that did not succeed: waits for what it wants.
  Result<> wanted(int outcome) {
    switch (SSL_get_error(tls_.get(), outcome)) {
      case SSL_ERROR_WANT_READ:
        return await(POLLIN);
      case SSL_ERROR_WANT_WRITE:
        return await(POLLOUT);
      default:
        break;
    }
    if (auto verdict = SSL_get_verify_result(tls_.get()); verdict != X509_V_OK)
      return bad_tls(X509_verify_cert_error_string(verdict));
    auto code = ERR_get_error();
    const char* reason = code != 0 ? ERR_reason_error_string(code) : nullptr;
    return bad_tls(reason ? reason : "the connection broke");
  }

  Result<> shake_hands() {
    ERR_clear_error();
    context_.reset(SSL_CTX_new(TLS_client_method()));
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION);
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
    bool trusted = options_.ca.empty()
                       ? SSL_CTX_set_default_verify_paths(context_.get()) == 1
                       : SSL_CTX_load_verify_locations(context_.get(), options_.ca.c_str(), nullptr) == 1;
    if (!trusted) return bad_tls(fmt::format("the file of authorities {} cannot be read", options_.ca));
    tls_.reset(SSL_new(context_.get()));
    const auto& host = url_.host.host;
    bool by_address = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls_.get()), host.c_str()) == 1;
    if (!by_address &&
        (SSL_set1_host(tls_.get(), host.c_str()) != 1 || SSL_set_tlsext_host_name(tls_.get(), host.c_str()) != 1)) {
      return bad_tls("the host's name is not well written");
    }
    SSL_set_fd(tls_.get(), socket_.handle);
    for (int outcome = 0; (outcome = SSL_connect(tls_.get())) != 1;) EDA_TRY(wanted(outcome));
    return {};
  }

  Result<> send(std::string_view text) {
    while (!text.empty()) {
      if (tls_) {
        int sent = SSL_write(tls_.get(), text.data(), static_cast<int>(text.size()));
        if (sent > 0) {
          text.remove_prefix(static_cast<std::size_t>(sent));
        } else {
          EDA_TRY(wanted(sent));
        }
        continue;
      }
      auto sent = ::send(socket_.handle, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent >= 0) {
        text.remove_prefix(static_cast<std::size_t>(sent));
      } else if (errno == EAGAIN) {
        EDA_TRY(await(POLLOUT));
      } else {
        return away(std::generic_category().message(errno));
      }
    }
    return {};
  }

  /// Appends what there is; 0 at the end.
  Result<std::size_t> read_some(std::string& into) {
    char piece[16'384];
    for (;;) {
      if (tls_) {
        int got = SSL_read(tls_.get(), piece, sizeof piece);
        if (got > 0) return into.append(piece, static_cast<std::size_t>(got)), static_cast<std::size_t>(got);
        auto why = SSL_get_error(tls_.get(), got);
        if (why == SSL_ERROR_ZERO_RETURN ||
            (why == SSL_ERROR_SSL && ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING)) {
          return std::size_t{0};
        }
        EDA_TRY(wanted(got));
        continue;
      }
      auto got = recv(socket_.handle, piece, sizeof piece, 0);
      if (got >= 0) return into.append(piece, static_cast<std::size_t>(got)), static_cast<std::size_t>(got);
      if (errno != EAGAIN && errno != EINTR) return away(std::generic_category().message(errno));
      EDA_TRY(await(POLLIN));
    }
  }

  Result<Answer> receive() {
    constexpr std::size_t header_most = 64u << 10;
    std::string text;
    for (;;) {
      EDA_ASSIGN(auto got, read_some(text));
      if (got == 0) break;
      if (text.size() > options_.body_bytes + header_most) return away("its answer is too large");
    }
    auto end = text.find("\r\n\r\n");
    int status = 0;
    bool status_line = text.starts_with("HTTP/1.") && text.size() > 12 &&
                       std::from_chars(text.data() + 9, text.data() + 12, status).ec == std::errc() && status >= 100;
    if (end == std::string::npos || !status_line) return away("this is no answer of an HTTP server");
    return Answer{status, text.substr(end + 4)};
  }

  const Url& url_;
  const GetOptions& options_;
  Deadline deadline_;
  CloseSocket socket_;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_{nullptr, &SSL_CTX_free};
  std::unique_ptr<SSL, decltype(&SSL_free)> tls_{nullptr, &SSL_free};
};

}  // namespace

Result<Answer> get(const std::string& url, const GetOptions& options) {
  EDA_ASSIGN(auto parsed, parse(url));
  return Exchange(parsed, options).run();
}

}  // namespace eda::http
