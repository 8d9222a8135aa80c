#include "platform/pg/pool.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <random>
#include <thread>
#include <vector>

#include "platform/pg/connection.h"
#include "platform/pg/fault.h"
#include "platform/pg/notifier.h"

namespace eda::pg {
namespace {

constexpr int reruns_at_most = 20;

/// Grows from 1 ms to 64 ms, never in step with a rival's.
void pause_before_rerun(int rerun) {
  thread_local std::minstd_rand random(std::random_device{}());
  auto most = std::int64_t{1000} << std::min(rerun, 6);
  std::this_thread::sleep_for(
      std::chrono::microseconds(std::uniform_int_distribution<std::int64_t>(most / 2, most)(random)));
}

}  // namespace

struct Pool::State {
  explicit State(PoolOptions given) : options(std::move(given)), notifier(options) {}

  /// A caller in the queue. Who gives back hands its slot to the first of them.
  struct Waiter {
    std::condition_variable ready;
    bool has_slot = false;
    std::unique_ptr<Connection> connection;  ///< null: a slot without a connection yet
  };

  /// The right to one connection, given back at its end.
  class Slot {
   public:
    Slot(State& state, std::unique_ptr<Connection> connection) : state_(&state), connection_(std::move(connection)) {}
    Slot(Slot&& other) noexcept
        : state_(std::exchange(other.state_, nullptr)), connection_(std::move(other.connection_)) {}
    Slot& operator=(Slot&&) = delete;
    ~Slot() {
      if (state_) state_->give_back(std::move(connection_));
    }
    pqxx::connection& raw() {
      if (!connection_) connection_ = std::make_unique<Connection>(state_->options);
      return connection_->raw();
    }
    Link link() const { return connection_ && connection_->raw().is_open() ? Link::open : Link::lost; }
    void drop() { connection_.reset(); }

   private:
    State* state_;
    std::unique_ptr<Connection> connection_;
  };

  Result<Slot> take();
  void give_back(std::unique_ptr<Connection> connection);
  /// One run of the body. A fault, unless it was committed or rolled back as the body wished.
  std::optional<Fault> attempt(Slot& slot, const std::function<bool(Tx&)>& body);
  void drop_idle();
  void count(std::uint64_t PoolStats::*counter);
  /// The same text at most once in 10 s: while the database is away every call would say it.
  void report(const std::string& text);

  PoolOptions options;
  mutable std::mutex mutex;
  std::vector<std::unique_ptr<Connection>> idle;
  std::deque<Waiter*> waiters;
  std::size_t slots = 0;  ///< taken or idle; at most options.size
  PoolStats counters;
  std::string last_report;
  std::chrono::steady_clock::time_point last_report_at{};
  Notifier notifier;
};

Result<Pool::State::Slot> Pool::State::take() {
  std::unique_lock lock(mutex);
  if (waiters.empty() && !idle.empty()) {
    auto connection = std::move(idle.back());
    idle.pop_back();
    return Slot(*this, std::move(connection));
  }
  if (slots < options.size) {
    ++slots;
    return Slot(*this, nullptr);
  }
  auto busy = [&] {
    ++counters.failures;
    return fail(eda::pg::busy("all connections of edad to its database are in use"));
  };
  if (waiters.size() >= options.queue) return busy();
  Waiter self;
  waiters.push_back(&self);
  self.ready.wait_for(lock, options.wait, [&] { return self.has_slot; });
  if (self.has_slot) return Slot(*this, std::move(self.connection));
  waiters.erase(std::find(waiters.begin(), waiters.end(), &self));
  return busy();
}

void Pool::State::give_back(std::unique_ptr<Connection> connection) {
  if (connection && !connection->raw().is_open()) connection.reset();
  std::lock_guard lock(mutex);
  if (!waiters.empty()) {
    Waiter& first = *waiters.front();
    waiters.pop_front();
    first.connection = std::move(connection);
    first.has_slot = true;
    first.ready.notify_one();
  } else if (connection) {
    idle.push_back(std::move(connection));
  } else {
    --slots;
  }
}

void Pool::State::drop_idle() {
  std::vector<std::unique_ptr<Connection>> dropped;  // closed after the lock is given up
  std::lock_guard lock(mutex);
  dropped.swap(idle);
  slots -= dropped.size();
}

void Pool::State::count(std::uint64_t PoolStats::*counter) {
  std::lock_guard lock(mutex);
  ++(counters.*counter);
}

void Pool::State::report(const std::string& text) {
  if (!options.report || text.empty()) return;
  {
    std::lock_guard lock(mutex);
    auto now = std::chrono::steady_clock::now();
    if (text == last_report && now - last_report_at < std::chrono::seconds(10)) return;
    last_report = text;
    last_report_at = now;
  }
  options.report(text);
}

std::optional<Fault> Pool::State::attempt(Slot& slot, const std::function<bool(Tx&)>& body) {
  pqxx::connection* raw = nullptr;
  try {
    raw = &slot.raw();
  } catch (const pqxx::failure& fault) {
    Error error = connect_error(fault);
    return Fault{for_callers(error), Remedy::none, error.message};
  }
  try {
    pqxx::work work(*raw);
    Tx tx(work);
    if (body(tx)) work.commit();
    return std::nullopt;
  } catch (const pqxx::pqxx_exception& fault) {
    return judge(fault.base(), slot.link());
  } catch (const UnstorableText& fault) {
    return judge(fault, slot.link());
  }
}

Pool::Pool(PoolOptions options) : state_(std::make_unique<State>(std::move(options))) {}
Pool::~Pool() = default;

Result<> Pool::run(const std::function<bool(Tx&)>& body) {
  EDA_ASSIGN(State::Slot slot, state_->take());
  bool may_reconnect = true;
  bool may_reread = true;
  for (int reruns = 0;;) {
    std::optional<Fault> fault = state_->attempt(slot, body);
    if (!fault) {
      state_->count(&PoolStats::transactions);
      return {};
    }
    if (slot.link() == Link::lost) {
      // One broken connection mostly means that all are: idle ones would each fail a call, one after the other.
      slot.drop();
      state_->drop_idle();
    }
    bool again = (fault->remedy == Remedy::rerun && ++reruns <= reruns_at_most) ||
                 (fault->remedy == Remedy::reconnect && std::exchange(may_reconnect, false)) ||
                 (fault->remedy == Remedy::reread && std::exchange(may_reread, false));
    if (!again) {
      state_->count(&PoolStats::failures);
      state_->report(fault->report);
      return fail(std::move(fault->error));
    }
    state_->count(&PoolStats::retries);
    if (fault->remedy == Remedy::rerun) pause_before_rerun(reruns);
  }
}

Result<> Pool::ping() {
  EDA_ASSIGN(State::Slot slot, state_->take());
  // The second time on a fresh connection: an idle one may be left of a Postgres that was restarted.
  for (int attempt = 0;; ++attempt) {
    try {
      pqxx::nontransaction session(slot.raw());
      session.exec("select 1");
      return {};
    } catch (const std::exception& fault) {
      slot.drop();
      state_->drop_idle();
      if (attempt == 1) return fail(connect_error(fault));
    }
  }
}

PoolStats Pool::stats() const {
  std::lock_guard lock(state_->mutex);
  PoolStats stats = state_->counters;
  stats.open = state_->slots;
  stats.in_use = state_->slots - state_->idle.size();
  stats.waiting = state_->waiters.size();
  return stats;
}

void Pool::listen(std::string channel, std::function<void()> on_notify) {
  state_->notifier.listen(std::move(channel), std::move(on_notify));
}
void Pool::notify(const std::string& channel) {
  state_->notifier.notify(channel);
}

}  // namespace eda::pg
