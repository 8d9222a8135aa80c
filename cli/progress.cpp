#include "cli/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "cli/errors.h"
#include "cli/json.h"
#include "cli/plan_view.h"
#include "cli/table.h"
#include "cli/yaml.h"
#include "eda/plans/v1/plans.grpc.pb.h"
#include "platform/text/unicode.h"
#include "platform/text/units.h"

namespace eda::cli {

namespace v1 = eda::plans::v1;
using v1::PlanService;

namespace {

constexpr std::size_t listed = 20;  // objects named in one message; the rest are counted

bool is_at_rest(const std::string& state) {
  return state == "applied" || state == "refused" || state == "gone";
}

class Follower {
 public:
  Follower(Session& session, const v1::Plan& plan, std::string cluster)
      : session_(session), plan_(plan), cluster_(std::move(cluster)) {}

  // One look at all objects; waits up to `wait` for something to come to rest since the last look.
  Result<> look(std::chrono::milliseconds wait) {
    v1::GetProgressRequest request;
    request.set_plan_id(plan_.id());
    request.set_page_size(1000);
    request.set_wait_ms(static_cast<std::uint32_t>(wait.count()));
    request.set_seen_at_rest(at_rest_);
    std::vector<v1::Progress> objects;
    do {
      EDA_ASSIGN(auto page, session_.call(&PlanService::Stub::GetProgress, request));
      total_ = page.total();
      at_rest_ = page.at_rest();
      refused_ = page.refused();
      for (auto& object : *page.mutable_objects()) objects.push_back(std::move(object));
      request.set_page_token(page.next_page_token());
      request.set_wait_ms(0);
    } while (!request.page_token().empty());
    looked_ = true;
    objects_ = std::move(objects);
    tell();
    return {};
  }

  // Until all are at rest or the time is up; a server that is away for a while is waited for.
  Result<> wait() {
    bool away = false;
    for (;;) {
      // Answered before the call's own deadline, so that the last look is a recent one.
      auto left = session_.deadline().left() - std::chrono::milliseconds(300);
      auto seen = look(std::clamp(left, std::chrono::milliseconds(0), std::chrono::milliseconds(5'000)));
      if (!seen && !is_passing(seen.error())) return seen;
      if (!seen && !away)
        session_.terminal().say(fmt::format("{}; the wish is kept, asking again", seen.error().message));
      away = !seen;
      if ((seen && at_rest_ >= total_) || session_.deadline().passed()) return {};
      std::this_thread::sleep_for(std::min(std::chrono::milliseconds(away ? 500 : 100), session_.deadline().left()));
    }
  }

  Exit conclude(Waiting waiting);
  void show() const;

 private:
  static bool is_passing(const Error& error) {
    return error.code == Code::unavailable || error.code == Code::timeout || error.code == Code::unknown_outcome;
  }

  std::string name(const v1::Progress& object) const { return ref_text(object.object(), cluster_); }

  // On a terminal one line that moves; elsewhere a line for each object whose state has changed.
  void tell() {
    auto& terminal = session_.terminal();
    if (terminal.err_is_terminal()) {
      terminal.progress(
          fmt::format("{} of {} done{}", at_rest_, total_, refused_ ? fmt::format(", {} refused", refused_) : ""));
      return;
    }
    for (auto& object : objects_) {
      auto& known = told_[name(object)];
      if (known == object.state() || object.state() == "pending") continue;
      known = object.state();
      terminal.say(fmt::format("{} {}", text::printable(name(object)), object.state()));
    }
  }

  // Those of a state that `wanted` picks, as lines of an error.
  template <class Wanted>
  std::vector<Violation> list(Wanted wanted) const {
    std::vector<Violation> out;
    std::size_t count = 0;
    for (auto& object : objects_) {
      if (!wanted(object.state()) || ++count > listed) continue;
      auto words = object.message().empty() ? object.state() : object.state() + ": " + object.message();
      out.push_back({{}, words, {}, object.next(), name(object)});
    }
    if (count > listed) out.push_back({{}, fmt::format("… and {} more", count - listed), {}, {}, {}});
    return out;
  }

  void complain(Code code, std::string message, std::string next, std::vector<Violation> violations) const {
    Error error(code, "APPLY", std::move(message), std::move(next));
    error.violations = std::move(violations);
    session_.terminal().complain(error_text(error, session_.terminal().err_palette()));
  }

  Session& session_;
  const v1::Plan& plan_;
  std::string cluster_;
  bool looked_ = false;
  std::uint32_t total_ = 0, at_rest_ = 0, refused_ = 0;
  std::vector<v1::Progress> objects_;
  std::map<std::string, std::string> told_;
};

std::string objects_text(std::uint32_t count) {
  return fmt::format("{} object{}", count, count == 1 ? "" : "s");
}

Exit Follower::conclude(Waiting waiting) {
  auto& terminal = session_.terminal();
  auto unknown = list([](auto& state) { return state == "unknown"; });
  bool finished = looked_ && at_rest_ >= total_;
  if (!looked_) {
    complain(Code::timeout, "the wish is kept, but edad could not be asked how far it is",
             "edactl get shows what holds", {});
    return Exit::timeout;
  }
  if (refused_ > 0) {
    auto good = at_rest_ - refused_;
    complain(Code::partial,
             fmt::format("{} refused{}", objects_text(refused_), good ? fmt::format(", {} applied", good) : ""),
             "correct what was refused, and apply again", list([](auto& state) { return state == "refused"; }));
  }
  if (!finished && waiting == Waiting::yes) {
    complain(unknown.empty() ? Code::timeout : Code::unknown_outcome,
             fmt::format("{} of {} not done after {}; the wish is kept, and edad goes on", total_ - at_rest_,
                         objects_text(total_), text::duration_text(session_.timeout().count())),
             "edactl get shows when it is done; --timeout gives more time",
             list([](auto& state) { return !is_at_rest(state); }));
    return unknown.empty() ? Exit::timeout : Exit::unknown;
  }
  if (refused_ > 0) return refused_ == total_ ? Exit::failed : Exit::partial;
  terminal.say(finished
                   ? fmt::format("applied: {}", objects_text(total_))
                   : fmt::format("accepted: {}, {} still to be made true", objects_text(total_), total_ - at_rest_));
  return Exit::ok;
}

void show_outcome(Session& session, const v1::Plan& plan, const std::vector<v1::Progress>& objects,
                  const std::string& cluster) {
  auto& terminal = session.terminal();
  switch (session.format()) {
    case Format::json:
    case Format::yaml: {
      nlohmann::ordered_json out = nlohmann::ordered_json::object();
      out["plan"] = to_json(plan);
      out["objects"] = nlohmann::ordered_json::array();
      for (auto& object : objects) out["objects"].push_back(to_json(object));
      terminal.out(session.format() == Format::json ? json_text(out) : to_yaml(out));
      return;
    }
    case Format::name:
      for (auto& object : objects) terminal.out(ref_text(object.object(), cluster) + "\n");
      return;
    case Format::tsv:
      terminal.out(tsv_line({"OBJECT", "STATE", "MESSAGE", "NEXT"}));
      for (auto& object : objects) {
        terminal.out(tsv_line({ref_text(object.object(), cluster), object.state(), object.message(), object.next()}));
      }
      return;
    default:
      return;  // words on stderr have said it
  }
}

void Follower::show() const {
  show_outcome(session_, plan_, objects_, cluster_);
}

}  // namespace

Result<Exit> follow(Session& session, const v1::Plan& applied, Waiting waiting) {
  EDA_ASSIGN(const auto* settings, session.settings());
  interrupt::note(
      fmt::format("plan {} is applied: the wish is written, and edad goes on; edactl get shows how far", applied.id()));
  Follower follower(session, applied, settings->cluster.value);
  if (waiting == Waiting::yes) {
    EDA_TRY(follower.wait());
  } else {
    EDA_TRY(follower.look(std::chrono::milliseconds(0)));
  }
  follower.show();
  return follower.conclude(waiting);
}

Result<> report_nothing(Session& session, const v1::Plan& plan) {
  EDA_ASSIGN(const auto* settings, session.settings());
  show_outcome(session, plan, {}, settings->cluster.value);
  session.terminal().say(plan.hand_overs() == 0 ? std::string("nothing to change")
                                                : fmt::format("nothing to change but who manages fields: {}",
                                                              objects_text(plan.hand_overs())));
  return {};
}

}  // namespace eda::cli
