// gcc 12 sees null pointers in asio's executors when it inlines them.
#pragma GCC diagnostic ignored "-Wnull-dereference"

#include "platform/http/server.h"

#include <fmt/format.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include "platform/http/failure.h"
#include "platform/process/log.h"
#include "platform/process/tls.h"

namespace eda::http {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace wire = boost::beast::http;
namespace ssl = boost::asio::ssl;
using boost::system::error_code;
using net::ip::tcp;
using namespace std::chrono_literals;

namespace {

constexpr auto certificate_check = 2s;  // a renewed one is served within 10 s
constexpr auto linger_time = 2s;        // for a client that is still sending to read why it was refused
constexpr auto accept_pause = 100ms;    // when the process has no more descriptors

std::string peer_of(const tcp::socket& socket) {
  error_code fault;
  auto remote = socket.remote_endpoint(fault);
  if (fault) return "unknown";
  auto address = remote.address();
  return address.is_v6() ? fmt::format("ipv6:[{}]:{}", address.to_string(), remote.port())
                         : fmt::format("ipv4:{}:{}", address.to_string(), remote.port());
}

Result<std::shared_ptr<ssl::context>> context_of(const process::TlsPair& pair) {
  try {
    auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
    context->set_options(ssl::context::default_workarounds | ssl::context::no_sslv2 | ssl::context::no_sslv3 |
                         ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1 | SSL_OP_NO_RENEGOTIATION);
    context->use_certificate_chain(net::buffer(pair.chain_pem));
    context->use_private_key(net::buffer(pair.key_pem.reveal()), ssl::context::pem);
    return context;
  } catch (const boost::system::system_error& fault) {
    return fail(Code::invalid, "TLS_INVALID",
                fmt::format("the certificate and its key cannot be served: {}", fault.code().message()),
                "give PEM files that belong together, the key without a password");
  }
}

bool one_line(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

/// What a connection looks like to the server that ends it.
class SessionBase {
 public:
  virtual ~SessionBase() = default;
  virtual void close_if_idle() = 0;
  virtual void close() = 0;
};

}  // namespace

/// Sessions and the flags are touched by the one I/O thread only; handlers run on `workers` and post back.
struct Server::State {
  State(ServerOptions o, Handler h)
      : options(std::move(o)), handler(std::move(h)), acceptor(io), workers(options.threads) {}

  Result<> listen();
  void accept();
  void take(tcp::socket socket);
  /// Another certificate than the one that is served, if there is one.
  Result<std::shared_ptr<ssl::context>> renewed();
  void watch_certificate();
  void left(SessionBase* session);
  void run() noexcept;
  void drain(std::chrono::milliseconds limit);

  const ServerOptions options;
  const Handler handler;
  net::io_context io{1};
  tcp::acceptor acceptor;
  net::steady_timer accept_timer{io}, certificate_timer{io};
  std::shared_ptr<ssl::context> tls;
  std::optional<process::TlsWatch> watch;
  std::set<SessionBase*> sessions;
  bool draining = false;
  std::mutex guard;
  std::condition_variable emptied;
  std::size_t open = 0;  // sessions.size(), for the thread that drains
  net::executor_work_guard<net::io_context::executor_type> work = net::make_work_guard(io);  // while handlers may post
  net::thread_pool workers;
  std::thread io_thread;
  std::uint16_t port = 0;
  bool drained = false;
};

namespace {

template <class Stream>
class Session final : public SessionBase, public std::enable_shared_from_this<Session<Stream>> {
 public:
  template <class... Arguments>
  Session(Server::State& server, tcp::socket socket, Arguments&... tls)
      : server_(server),
        peer_(peer_of(socket)),
        stream_(std::move(socket), tls...),
        buffer_(server.options.header_bytes + (64u << 10)) {
    server_.sessions.insert(this);
  }
  ~Session() override { server_.left(this); }

  void start() {
    if constexpr (secure) {
      raw().expires_after(server_.options.header_time);
      stream_.async_handshake(ssl::stream_base::server, [self = this->shared_from_this()](error_code fault) {
        if (!fault) self->read_header();
      });
    } else {
      read_header();
    }
  }

  void close_if_idle() override {
    if (!busy_) close();
  }
  void close() override { raw().close(); }

 private:
  static constexpr bool secure = !std::is_same_v<Stream, beast::tcp_stream>;
  beast::tcp_stream& raw() { return beast::get_lowest_layer(stream_); }

  void read_header() {
    busy_ = false;
    if (server_.draining) return;
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(server_.options.header_bytes));
    parser_->body_limit(server_.options.body_bytes);
    raw().expires_after(server_.options.header_time);
    wire::async_read_header(stream_, buffer_, *parser_,
                            [self = this->shared_from_this()](error_code fault, std::size_t) {
                              self->busy_ = true;
                              if (fault) return self->refuse(fault);
                              self->read_body();
                            });
  }

  void read_body() {
    raw().expires_after(server_.options.body_time);
    if (!parser_->is_done() && beast::iequals(parser_->get()[wire::field::expect], "100-continue")) {
      go_on_.emplace(wire::status::continue_, 11);
      return wire::async_write(stream_, *go_on_, [self = this->shared_from_this()](error_code fault, std::size_t) {
        if (!fault) self->read_rest();
      });
    }
    read_rest();
  }

  void read_rest() {
    wire::async_read(stream_, buffer_, *parser_, [self = this->shared_from_this()](error_code fault, std::size_t) {
      if (fault) return self->refuse(fault);
      self->handle();
    });
  }

  void handle() {
    auto message = parser_->release();
    keep_ = message.keep_alive();
    head_ = message.method() == wire::verb::head;
    auto target = std::string_view(message.target().data(), message.target().size());
    if (!target.starts_with('/'))
      return refuse_with(failure(400, "invalid_argument", "the request's target is no path"));
    Request request;
    request.method = std::string(message.method_string());
    auto question = target.find('?');
    request.path = std::string(target.substr(0, question));
    if (question != std::string_view::npos) request.query = std::string(target.substr(question + 1));
    for (auto& field : message) request.headers.emplace(std::string(field.name_string()), std::string(field.value()));
    request.body = std::move(message.body());
    request.peer = peer_;
    raw().expires_never();
    net::post(server_.workers, [self = this->shared_from_this(), request = std::move(request)]() mutable {
      auto response = self->call(request);
      net::post(self->server_.io,
                [self, response = std::move(response)]() mutable { self->write(std::move(response)); });
      self.reset();  // so that the session ends on the I/O thread
    });
  }

  Response call(const Request& request) {
    try {
      return server_.handler(request);
    } catch (const std::exception& fault) {
      process::log_error("a defect in an HTTP handler",
                         {{"method", request.method}, {"path", request.path}, {"what", fault.what()}});
    } catch (...) {
      process::log_error("a defect in an HTTP handler", {{"method", request.method}, {"path", request.path}});
    }
    return failure(500, "internal", "edad failed at this request; what it was stands in its log");
  }

  /// What the client sent is no request that we take. A client that is gone or too slow gets no answer.
  void refuse(error_code fault) {
    if (fault == wire::error::header_limit || fault == wire::error::buffer_overflow) {
      return refuse_with(failure(431, "resource_exhausted",
                                 fmt::format("the header is larger than {} bytes", server_.options.header_bytes)));
    }
    if (fault == wire::error::body_limit) {
      return refuse_with(failure(413, "resource_exhausted",
                                 fmt::format("the body is larger than {} bytes", server_.options.body_bytes),
                                 "send less at once"));
    }
    bool gone = fault.category() != make_error_code(wire::error::bad_method).category() ||
                fault == wire::error::end_of_stream || fault == wire::error::partial_message;
    if (gone) return;
    refuse_with(failure(400, "invalid_argument", fmt::format("this is no HTTP/1.1 request: {}", fault.message())));
  }

  void refuse_with(Response response) {
    keep_ = false;
    unread_ = true;
    write(std::move(response));
  }

  void write(Response response) {
    keep_ = keep_ && !server_.draining;
    answer_.emplace();
    answer_->version(11);
    answer_->result(static_cast<unsigned>(response.status));
    for (auto& [name, value] : response.headers) {
      if (one_line(name) && one_line(value)) answer_->insert(name, value);
    }
    answer_->set("X-Content-Type-Options", "nosniff");
    answer_->keep_alive(keep_);
    auto length = response.body.size();
    if (!head_) answer_->body() = std::move(response.body);  // a HEAD is told the length only
    answer_->content_length(length);
    raw().expires_after(server_.options.write_time);
    wire::async_write(stream_, *answer_, [self = this->shared_from_this()](error_code fault, std::size_t) {
      if (fault) return;
      if (!self->keep_) return self->finish();
      self->head_ = false;
      self->read_header();
    });
  }

  void finish() {
    raw().expires_after(linger_time);
    if constexpr (secure) {
      stream_.async_shutdown([self = this->shared_from_this()](error_code) { self->linger(); });
    } else {
      linger();
    }
  }

  /// Closing with bytes unread would reset the connection before the client has read the answer.
  void linger() {
    error_code fault;
    raw().socket().shutdown(tcp::socket::shutdown_send, fault);
    if (!fault && unread_ && !server_.draining) discard();
  }
  void discard() {
    raw().async_read_some(net::buffer(scrap_), [self = this->shared_from_this()](error_code fault, std::size_t) {
      if (!fault) self->discard();
    });
  }

  Server::State& server_;
  std::string peer_;
  Stream stream_;
  beast::flat_buffer buffer_;
  std::optional<wire::request_parser<wire::string_body>> parser_;
  std::optional<wire::response<wire::string_body>> answer_;
  std::optional<wire::response<wire::empty_body>> go_on_;
  std::array<char, 4096> scrap_{};
  bool busy_ = false;
  bool keep_ = false;
  bool unread_ = false;
  bool head_ = false;
};

}  // namespace

Result<> Server::State::listen() {
  EDA_TRY(process::may_listen(options.listen, options.tls));
  EDA_TRY(process::can_bind(options.listen));
  if (options.tls) {
    watch.emplace(*options.tls);
    EDA_ASSIGN(tls, renewed());
  }
  try {
    tcp::resolver resolver(io);
    auto found = resolver.resolve(options.listen.host, std::to_string(options.listen.port), tcp::resolver::passive);
    auto where = found.begin()->endpoint();
    acceptor.open(where.protocol());
    acceptor.set_option(net::socket_base::reuse_address(true));
    acceptor.bind(where);
    acceptor.listen();
    port = acceptor.local_endpoint().port();
  } catch (const boost::system::system_error& fault) {
    return fail(Code::unavailable, "LISTEN_FAILED",
                fmt::format("cannot listen on {}: {}", options.listen.text(), fault.code().message()),
                "choose another port");
  }
  return {};
}

void Server::State::accept() {
  acceptor.async_accept([this](error_code fault, tcp::socket socket) {
    if (draining) return;
    if (!fault) {
      take(std::move(socket));
      return accept();
    }
    accept_timer.expires_after(accept_pause);
    accept_timer.async_wait([this](error_code cancelled) {
      if (!cancelled && !draining) accept();
    });
  });
}

void Server::State::take(tcp::socket socket) {
  if (sessions.size() >= options.connections) {
    process::log_warning("too many HTTP connections", {{"peer", peer_of(socket)}, {"limit", options.connections}});
    return;  // the socket closes
  }
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  if (tls) {
    // The context has to outlive its streams, and a renewal replaces it: OpenSSL counts, the stream holds its share.
    std::make_shared<Session<beast::ssl_stream<beast::tcp_stream>>>(*this, std::move(socket), *tls)->start();
  } else {
    std::make_shared<Session<beast::tcp_stream>>(*this, std::move(socket))->start();
  }
  std::lock_guard hold(guard);
  open = sessions.size();
}

void Server::State::left(SessionBase* session) {
  sessions.erase(session);
  std::lock_guard hold(guard);
  open = sessions.size();
  emptied.notify_all();
}

Result<std::shared_ptr<ssl::context>> Server::State::renewed() {
  EDA_ASSIGN(auto pair, watch->look());
  return pair ? context_of(*pair) : nullptr;
}

void Server::State::watch_certificate() {
  certificate_timer.expires_after(certificate_check);
  certificate_timer.async_wait([this](error_code cancelled) {
    if (cancelled || draining) return;
    if (auto fresh = renewed(); !fresh) {
      process::log_error("a changed certificate is not served", fresh.error());
    } else if (*fresh) {
      tls = std::move(*fresh);
      process::log_info("a renewed certificate is served", {{"file", options.tls->certificate}, {"port", port}});
    }
    watch_certificate();
  });
}

void Server::State::run() noexcept {
  for (;;) {
    try {
      io.run();
      return;
    } catch (const std::exception& fault) {
      process::log_error("a defect in the HTTP server", {{"what", fault.what()}});
    }
  }
}

void Server::State::drain(std::chrono::milliseconds limit) {
  if (std::exchange(drained, true)) return;
  net::post(io, [this] {
    draining = true;
    error_code ignored;
    acceptor.close(ignored);
    accept_timer.cancel();
    certificate_timer.cancel();
    for (auto* session : sessions) session->close_if_idle();
  });
  {
    std::unique_lock hold(guard);
    emptied.wait_for(hold, limit, [this] { return open == 0; });
  }
  net::post(io, [this] {
    for (auto* session : sessions) session->close();
  });
  workers.join();
  work.reset();
  io_thread.join();  // every session has ended
}

Server::Server(std::shared_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<Server>> Server::start(const ServerOptions& options, Handler handler) {
  auto state = std::make_shared<State>(options, std::move(handler));
  EDA_TRY(state->listen());
  state->accept();
  if (state->tls) state->watch_certificate();
  state->io_thread = std::thread([raw = state.get()] { raw->run(); });
  return std::unique_ptr<Server>(new Server(std::move(state)));
}

Server::~Server() {
  state_->drain(0ms);
}
std::uint16_t Server::port() const {
  return state_->port;
}
void Server::drain(std::chrono::milliseconds limit) {
  state_->drain(limit);
}

}  // namespace eda::http
