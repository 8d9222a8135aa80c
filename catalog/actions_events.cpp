#include "catalog/actions_events.h"

#include <thread>

#include "catalog/actions.h"

namespace eda::catalog {

namespace {

constexpr std::chrono::milliseconds look_again{300};

// One thread of the server for each call that waits, so there are only so many.
class Seat {
 public:
  explicit Seat(std::atomic<int>& taken) : taken_(taken), free_(taken.fetch_add(1) < followers_waiting) {}
  ~Seat() { --taken_; }
  Seat(const Seat&) = delete;
  Seat& operator=(const Seat&) = delete;
  bool free() const { return free_; }

 private:
  std::atomic<int>& taken_;
  bool free_;
};

}  // namespace

Result<events::Filter> Trail::in_sight(pg::Tx& tx, const identity::Actor& actor, events::Filter filter) {
  if (actor.has(identity::Role::auditor)) return filter;
  filter.sight = events::Sight{actor.subject, {}};
  for (auto& [team, role] : standing_of(tx, actor).roles) filter.sight->teams.push_back(team);
  return filter;
}

Result<Page<events::Event>> Trail::list(const identity::Actor& actor, const events::Filter& filter,
                                        const PageRequest& page) {
  return pool_.transact([&](pg::Tx& tx) -> Result<Page<events::Event>> {
    EDA_ASSIGN(auto wanted, in_sight(tx, actor, filter));
    return events::list(tx, wanted, page);
  });
}

Result<events::News> Trail::follow(const identity::Actor& actor, const events::Filter& filter,
                                   const std::string& horizon, std::chrono::milliseconds wait,
                                   const std::function<bool()>& gone) {
  Seat seat(waiting_);
  auto deadline = Deadline::in(std::min(wait, longest_wait));
  auto place = horizon;
  for (;;) {
    EDA_ASSIGN(auto news, pool_.transact([&](pg::Tx& tx) -> Result<events::News> {
      // Each time anew: who has left a team sees no more of it.
      EDA_ASSIGN(auto wanted, in_sight(tx, actor, filter));
      return events::read_on(tx, place, wanted, events_followed);
    }));
    bool first = horizon.empty();
    if (first || !news.events.empty() || news.more || !seat.free()) return news;
    if (deadline.passed() || stopping_ || gone()) return news;
    place = news.horizon;
    std::this_thread::sleep_for(std::min(look_again, deadline.left()));
  }
}

}  // namespace eda::catalog
