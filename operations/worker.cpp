#include "operations/worker.h"

#include <fmt/format.h>

#include <array>
#include <condition_variable>
#include <mutex>

#include "events/store.h"
#include "operations/trail.h"
#include "platform/process/log.h"

namespace eda::operations {

struct Worker::State {
  std::mutex mutex;
  std::condition_variable changed;
  bool woken = false;
  bool stopping = false;

  void notify() {
    std::lock_guard lock(mutex);
    woken = true;
    changed.notify_all();
  }
  void stop() {
    std::lock_guard lock(mutex);
    stopping = true;
    changed.notify_all();
  }
  bool stopped() {
    std::lock_guard lock(mutex);
    return stopping;
  }
  void wait(std::chrono::milliseconds span) {
    std::unique_lock lock(mutex);
    changed.wait_for(lock, span, [&] { return woken || stopping; });
    woken = false;
  }
};

namespace {

constexpr std::chrono::seconds poll{1};

std::vector<Operation> operations_of(const std::vector<store::Claimed>& claims) {
  std::vector<Operation> out;
  for (auto& claimed : claims) out.push_back(claimed.operation);
  return out;
}

// A defect of ours: people are told that it is one, the log says more.
std::vector<Outcome> broken(std::string_view kind, const std::string& step, std::size_t count, std::string_view fault) {
  process::log_error("a step of operations broke", {{"kind", kind}, {"step", step}, {"fault", fault}});
  Outcome outcome;
  outcome.how = Outcome::How::failed;
  outcome.trouble = fmt::format("edad came upon a fault of its own at the step \"{}\"; its log says more", step);
  outcome.next = "try it once more with edactl operation resume, and tell who runs edad";
  return std::vector<Outcome>(count, outcome);
}

std::vector<Outcome> outcomes_of(Runner& runner, const std::string& step, const std::vector<Operation>& operations) {
  try {
    auto outcomes = runner.run(step, operations);
    if (outcomes.size() == operations.size()) return outcomes;
    auto fault = fmt::format("{} outcomes for {} operations", outcomes.size(), operations.size());
    return broken(runner.kind(), step, operations.size(), fault);
  } catch (const std::exception& fault) {
    return broken(runner.kind(), step, operations.size(), fault.what());
  }
}

// Keeps claims while their step runs, however long that takes; a replica that is stopped keeps nothing.
class Grip {
 public:
  Grip(pg::Pool& pool, const std::vector<store::Claimed>& claims, std::chrono::milliseconds span)
      : thread_([this, &pool, &claims, span] {
          std::unique_lock lock(mutex_);
          while (!released_.wait_for(lock, span / 3, [this] { return release_; })) {
            lock.unlock();
            // What cannot be kept is lost, and what the step came to is then not written.
            (void)pool.transact(
                [&](pg::Tx& tx) -> Result<std::set<std::string>> { return store::hold(tx, claims, span); });
            lock.lock();
          }
        }) {}
  ~Grip() {
    {
      std::lock_guard lock(mutex_);
      release_ = true;
    }
    released_.notify_all();
    thread_.join();
  }
  Grip(const Grip&) = delete;
  Grip& operator=(const Grip&) = delete;

 private:
  std::mutex mutex_;
  std::condition_variable released_;
  bool release_ = false;
  std::thread thread_;
};

}  // namespace

Worker::Worker(pg::Pool& pool, const Clock& clock, std::vector<Runner*> runners, WorkerOptions options,
               Observer observer)
    : pool_(pool),
      clock_(clock),
      options_(std::move(options)),
      observer_(std::move(observer)),
      state_(std::make_shared<State>()) {
  for (auto* runner : runners) runners_.emplace(runner->kind(), runner);
}

Worker::~Worker() {
  stop();
}

void Worker::start() {
  if (thread_.joinable() || runners_.empty()) return;
  pool_.listen("wishes", [state = state_] { state->notify(); });
  thread_ = std::thread([this] {
    while (!state_->stopped()) {
      // What was taken may be due again at once, at its next step.
      if (step() == 0) state_->wait(poll);
    }
  });
}

void Worker::stop() {
  state_->stop();
  if (thread_.joinable()) thread_.join();
}

int Worker::step() {
  auto started = std::chrono::steady_clock::now();
  Round round;
  try {
    auto taken = work();
    round.outcome = taken ? "ok" : taken.error().reason;
    round.taken = taken.value_or(0);
  } catch (const std::exception& fault) {
    process::log_error("a round of operations broke", {{"fault", fault.what()}});
    round.outcome = "FAULT";
  }
  round.took = std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - started);
  if (observer_ && (round.taken > 0 || round.outcome != "ok")) observer_(round);
  return round.taken;
}

Result<int> Worker::work() {
  std::vector<std::string> kinds;
  for (auto& [kind, runner] : runners_) kinds.push_back(kind);
  EDA_ASSIGN(auto claims, pool_.transact([&](pg::Tx& tx) -> Result<Claims> {
    return store::claim(tx, options_.holder, kinds, options_.claim, options_.batch);
  }));
  // By cluster too: one that is away shall not keep the others' waiting for an answer of the same call.
  std::map<std::array<std::string, 3>, Claims> groups;
  for (auto& claimed : claims) {
    if (claimed.operation.state == operations::State::waiting) {
      expire(claimed);
    } else {
      auto& operation = claimed.operation;
      groups[{operation.kind, operation.step, operation.target.cluster}].push_back(claimed);
    }
  }
  for (auto& [at, group] : groups) EDA_TRY(run(*runners_.find(at[0])->second, at[1], group));
  return static_cast<int>(claims.size());
}

Result<> Worker::run(Runner& runner, const std::string& step, const Claims& group) {
  // The groups before this one took their time.
  auto span = state_->stopped() ? std::chrono::milliseconds(0) : options_.claim;
  EDA_ASSIGN(auto ours,
             pool_.transact([&](pg::Tx& tx) -> Result<std::set<std::string>> { return store::hold(tx, group, span); }));
  if (span.count() == 0) return {};
  Claims claims;
  for (auto& claimed : group) {
    if (ours.contains(claimed.operation.id)) claims.push_back(claimed);
  }
  if (claims.empty()) return {};
  std::vector<Outcome> outcomes;
  {
    Grip grip(pool_, claims, options_.claim);
    outcomes = outcomes_of(runner, step, operations_of(claims));
  }
  std::vector<store::Taken> taken;
  for (std::size_t i = 0; i < claims.size(); ++i) {
    taken.push_back({claims[i], pause_after(outcomes[i])});
    advance(taken.back().claimed.operation, outcomes[i], clock_.now());
  }
  return pool_.transact([&](pg::Tx& tx) -> Result<> {
    auto written = store::write(tx, taken);
    std::vector<events::Event> trail;
    for (std::size_t i = 0; i < claims.size(); ++i) {
      auto &before = claims[i].operation, &after = taken[i].claimed.operation;
      if (written.contains(after.id) && before.state != after.state) trail.push_back(changed_event(before, after));
    }
    events::append(tx, trail);
    return {};
  });
}

void Worker::expire(const store::Claimed& claimed) {
  auto& before = claimed.operation;
  store::Taken ended{claimed, Duration(0)};
  auto& after = ended.claimed.operation;
  // The claim says that the date is past by the database's clock, which all replicas share.
  if (!operations::expire(after, before.waiting_until.value_or(clock_.now()))) return;
  auto done = pool_.transact([&](pg::Tx& tx) -> Result<> {
    if (store::write(tx, {ended}).empty()) return {};
    EDA_TRY(runners_.find(before.kind)->second->acted(tx, "edad", after, Runner::Act::abort));
    events::append(tx, {changed_event(before, after)});
    return {};
  });
  // Others need not wait for it; its claim runs out, and it is tried again.
  if (!done) process::log_error("an operation that nobody answered could not be ended", done.error());
}

}  // namespace eda::operations
