#include "platform/pg/notifier.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>
#include <string_view>
#include <system_error>

namespace eda::pg {
namespace {

constexpr std::chrono::milliseconds coalesced{50};
constexpr std::chrono::milliseconds reconnect_pause{500};
/// libpqxx writes a channel into LISTEN as it is: no word of SQL may come of it, and no capital that would be folded.
constexpr std::string_view prefix = "eda_";

std::string checked(std::string channel) {
  if (channel.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") != std::string::npos || channel.size() > 50)
    throw std::invalid_argument("a channel is written in a-z, 0-9 and _: " + channel);
  return channel;
}

}  // namespace

class Notifier::Receiver : public pqxx::notification_receiver {
 public:
  Receiver(Notifier& owner, pqxx::connection_base& connection, const std::string& channel)
      : notification_receiver(connection, std::string(prefix) + channel), owner_(owner), channel_(channel) {}
  void operator()(const std::string&, int) override { owner_.call(channel_); }

 private:
  Notifier& owner_;
  std::string channel_;
};

Notifier::Notifier(const PoolOptions& options) : options_(options), wake_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (wake_fd_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

Notifier::~Notifier() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake();
  if (thread_.joinable()) thread_.join();
  close(wake_fd_);
}

void Notifier::listen(std::string channel, std::function<void()> on_notify) {
  {
    std::lock_guard lock(mutex_);
    listeners_[checked(std::move(channel))].push_back(std::make_shared<Listener>(std::move(on_notify)));
    start();
  }
  wake();
}

void Notifier::notify(const std::string& channel) {
  {
    std::lock_guard lock(mutex_);
    if (pending_.contains(checked(channel))) return;
    auto last = sent_.find(channel);
    pending_[channel] = last == sent_.end() ? Steady::now() : std::max(Steady::now(), last->second + coalesced);
    start();
  }
  wake();
}

void Notifier::start() {
  if (!thread_.joinable()) thread_ = std::thread([this] { loop(); });
}

void Notifier::wake() {
  std::uint64_t one = 1;
  // The only failure of a write of one is a counter that is full, and then the reader is awake anyway.
  [[maybe_unused]] auto written = write(wake_fd_, &one, sizeof one);
}

void Notifier::loop() {
  for (;;) {
    {
      std::lock_guard lock(mutex_);
      if (stopping_) return;
    }
    try {
      if (!connection_) connect();
      listen_anew();
      send_due();
      connection_->raw().get_notifs();
      if (!connection_->raw().is_open()) throw pqxx::broken_connection();
    } catch (const std::exception&) {
      // Away: nothing rests on notifications, so nothing is told; the pool's own calls say it.
      receivers_.clear();
      connection_.reset();
    }
    wait();
  }
}

void Notifier::connect() {
  connection_ = std::make_unique<Connection>(options_);
}

/// Listens to the channels that this connection does not hear yet, and calls each once: what came before is lost.
void Notifier::listen_anew() {
  std::vector<std::string> missing;
  {
    std::lock_guard lock(mutex_);
    for (const auto& [channel, listeners] : listeners_) {
      if (!receivers_.contains(channel)) missing.push_back(channel);
    }
  }
  for (const std::string& channel : missing) {
    receivers_[channel] = std::make_unique<Receiver>(*this, connection_->raw(), channel);
    call(channel);
  }
}

void Notifier::send_due() {
  std::vector<std::string> due;
  auto now = Steady::now();
  {
    std::lock_guard lock(mutex_);
    for (const auto& [channel, not_before] : pending_) {
      if (not_before <= now) due.push_back(channel);
    }
  }
  for (const std::string& channel : due) {
    {
      // Removed before it is sent: a change committed meanwhile asks anew.
      std::lock_guard lock(mutex_);
      pending_.erase(channel);
      sent_[channel] = now;
    }
    try {
      pqxx::nontransaction session(connection_->raw());
      session.exec_params("select pg_notify($1, '')", std::string(prefix) + channel);
    } catch (...) {
      std::lock_guard lock(mutex_);
      pending_[channel] = now;
      throw;
    }
  }
}

/// Until something is to be read, said or stopped.
void Notifier::wait() {
  std::chrono::milliseconds span = connection_ ? std::chrono::milliseconds(-1) : reconnect_pause;
  {
    std::lock_guard lock(mutex_);
    if (stopping_) return;
    auto now = Steady::now();
    for (const auto& [channel, not_before] : pending_) {
      if (!connection_) break;
      auto left = std::chrono::ceil<std::chrono::milliseconds>(not_before - now);
      left = std::max(left, std::chrono::milliseconds(0));
      span = span.count() < 0 ? left : std::min(span, left);
    }
  }
  pollfd watched[2] = {{wake_fd_, POLLIN, 0}, {connection_ ? connection_->raw().sock() : -1, POLLIN, 0}};
  poll(watched, 2, static_cast<int>(span.count()));
  std::uint64_t count = 0;
  [[maybe_unused]] auto drained = read(wake_fd_, &count, sizeof count);
}

void Notifier::call(const std::string& channel) {
  std::vector<std::shared_ptr<Listener>> called;
  {
    std::lock_guard lock(mutex_);
    auto found = listeners_.find(channel);
    if (found != listeners_.end()) called = found->second;
  }
  for (const auto& listener : called) (*listener)();
}

}  // namespace eda::pg
