#include "cli/commands/events.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <thread>

#include "cli/errors.h"
#include "cli/head_file.h"
#include "cli/json.h"
#include "cli/kinds.h"
#include "cli/listing.h"
#include "cli/plan_view.h"
#include "cli/reach.h"
#include "cli/session.h"
#include "cli/when.h"
#include "cli/wrap.h"
#include "eda/events/v1/events.grpc.pb.h"
#include "platform/rpc/convert.h"
#include "platform/text/unicode.h"
#include "platform/text/units.h"

namespace eda::cli {

namespace v1 = eda::events::v1;

namespace {

struct AuditOptions {
  std::string actor, object, verb, since;
  std::optional<std::uint32_t> limit;
  bool follow = false;

  std::uint32_t most() const { return limit.value_or(follow ? 10 : 100); }
};

// `stream`, `stream/orders.placed` or `stream/prod/orders.placed`.
Result<Ref> object_of(const AuditOptions& options, const std::string& cluster) {
  if (options.object.find('/') == std::string::npos) {
    for (auto* other : {"user", "token", "trail", "operation"}) {  // what is no manifest kind and has events
      if (options.object == other) return Ref{other, "", ""};
    }
    EDA_ASSIGN(const auto* rules, parse_kind(options.object));
    return Ref{rules->singular(), "", ""};
  }
  EDA_ASSIGN(auto ref, parse_ref(options.object));
  const auto* rules = kinds().find(ref.kind);
  if (rules != nullptr && rules->scope == plans::Scope::cluster && ref.cluster.empty()) ref.cluster = cluster;
  return ref;
}

template <class Request>
Result<> narrow(const AuditOptions& options, const std::string& cluster, Request& request) {
  auto& actor = options.actor;
  request.set_actor(actor.empty() || actor == "edad" || actor.find('/') != std::string::npos ? actor : "user/" + actor);
  request.set_verb(options.verb);
  if (options.object.empty()) return {};
  EDA_ASSIGN(auto ref, object_of(options, cluster));
  rpc::to_proto(ref, request.mutable_object());
  return {};
}

std::vector<Column> columns() {
  return {{"WHEN", Column::Show::always, Column::Align::left, Column::Wrap::normal},
          {"WHO", Column::Show::always, Column::Align::left, Column::Wrap::normal},
          {"WHAT", Column::Show::always, Column::Align::left, Column::Wrap::normal},
          {"OBJECT", Column::Show::always, Column::Align::left, Column::Wrap::never},
          {"WHY", Column::Show::always, Column::Align::left, Column::Wrap::first},
          {"PLAN", Column::Show::wide, Column::Align::left, Column::Wrap::normal},
          {"REQUEST", Column::Show::wide, Column::Align::left, Column::Wrap::normal}};
}

std::vector<Cell> cells(const v1::Event& event, std::string time, const std::string& object) {
  return {std::move(time), event.actor(), event.verb(), object, event.reason(), event.plan_id(), event.request_id()};
}

// The newest first, `each(event)` at most as often as the options say.
Result<> list(Session& session, const AuditOptions& options, const std::function<void(const v1::Event&)>& each) {
  EDA_ASSIGN(const auto* settings, session.settings());
  v1::ListEventsRequest request;
  auto left = options.most() == 0 ? ~0u : options.most();
  request.set_page_size(std::min<std::uint32_t>(left, 1000));
  EDA_TRY(narrow(options, settings->cluster.value, request));
  if (!options.since.empty()) {
    EDA_ASSIGN(auto instant, past_of("--since", options.since));
    rpc::to_proto(instant, request.mutable_since());
  }
  for (;;) {
    EDA_ASSIGN(auto page, session.call(&v1::EventService::Stub::ListEvents, request));
    for (auto& event : page.events()) {
      each(event);
      if (--left == 0) return {};
    }
    if (page.next_page_token().empty()) return {};
    request.set_page_token(page.next_page_token());
  }
}

// One line an event, as they come; columns grow as they need to.
class Ticker {
 public:
  Ticker(Session& session, const Settings& settings) : session_(session), settings_(settings) {}

  Result<> show(const v1::Event& event) {
    auto& terminal = session_.terminal();
    auto object = ref_text(event.object(), settings_.cluster.value);
    auto row = cells(event, to_rfc3339(rpc::from_proto(event.at())), object);
    switch (session_.format()) {
      case Format::json:
        terminal.out(to_json(event).dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
        break;
      case Format::name:
        terminal.out(object + "\n");
        break;
      case Format::tsv:
        terminal.out(tsv_line(row));
        break;
      default:
        terminal.out(line(row) + "\n");
    }
    return terminal.finish();  // whoever reads it waits for it
  }

 private:
  std::string line(const std::vector<Cell>& row) {
    std::size_t shown = session_.format() == Format::wide ? row.size() : row.size() - 2;
    widths_.resize(row.size());
    std::string out;
    for (std::size_t i = 0; i < shown; ++i) {
      auto text = row[i].text.empty() ? "-" : text::printable(row[i].text);
      widths_[i] = std::max(widths_[i], text::columns(text));
      out += i + 1 == shown ? text : text + std::string(widths_[i] - text::columns(text) + 2, ' ');
    }
    return wrapped_under(out, session_.terminal().width(), "    ");
  }

  Session& session_;
  const Settings& settings_;
  std::vector<std::size_t> widths_;
};

// FollowEvents again and again, over restarts of edad.
class Following {
 public:
  Following(Session& session, v1::FollowEventsRequest request) : session_(session), request_(std::move(request)) {
    request_.set_wait_ms(10'000);
  }

  Result<v1::FollowEventsResponse> next() {
    for (;;) {
      auto asked = std::chrono::steady_clock::now();
      session_.begin();
      auto answer = session_.call(&v1::EventService::Stub::FollowEvents, request_, std::chrono::seconds(30));
      if (answer) {
        if (std::exchange(away_, false)) session_.terminal().say("edad answers again");
        bool idle = answer->events().empty() && !request_.horizon().empty();
        request_.set_horizon(answer->horizon());
        // Where many follow, nobody waits for us.
        if (idle) std::this_thread::sleep_until(asked + std::chrono::seconds(1));
        return answer;
      }
      auto& error = answer.error();
      if (error.reason == "HORIZON_AHEAD") {
        session_.terminal().say("the database was put back or replaced; events in between may be missing here");
        request_.clear_horizon();
      } else if (!may_pass(error) || request_.horizon().empty()) {
        return fail(error);
      } else {
        if (!std::exchange(away_, true)) session_.terminal().say(error.message + "; trying again");
        std::this_thread::sleep_for(std::chrono::seconds(1));
      }
    }
  }

 private:
  Session& session_;
  v1::FollowEventsRequest request_;
  bool away_ = false;
};

Result<Exit> follow(Session& session, const AuditOptions& options) {
  if (session.format() == Format::yaml) {
    return fail(usage_error("audit --follow has no output format \"yaml\"", "-o json writes one event a line"));
  }
  EDA_ASSIGN(const auto* settings, session.settings());
  v1::FollowEventsRequest request;
  EDA_TRY(narrow(options, settings->cluster.value, request));
  Following following(session, std::move(request));
  // From here on; what is listed and comes again as news is shown once.
  EDA_TRY(following.next());
  std::vector<v1::Event> known;
  if (options.most() > 0) EDA_TRY(list(session, options, [&](const v1::Event& event) { known.push_back(event); }));
  Ticker ticker(session, *settings);
  std::multiset<std::string> shown;
  for (auto event = known.rbegin(); event != known.rend(); ++event) {
    EDA_TRY(ticker.show(*event));
    shown.insert(event->SerializeAsString());
  }
  for (;;) {
    EDA_ASSIGN(auto news, following.next());
    for (auto& event : news.events()) {
      if (auto before = shown.find(event.SerializeAsString()); before != shown.end()) {
        shown.erase(before);
      } else {
        EDA_TRY(ticker.show(event));
      }
    }
  }
}

Result<Exit> audit(Session& session, const AuditOptions& options) {
  if (options.follow) return follow(session, options);
  EDA_ASSIGN(const auto* settings, session.settings());
  auto& terminal = session.terminal();
  Listing listing(terminal, session.format(), "events", columns());
  EDA_TRY(list(session, options, [&](const v1::Event& event) {
    auto object = ref_text(event.object(), settings->cluster.value);
    listing.add(event, cells(event, when(terminal, event.at()), object), object);
  }));
  listing.finish("no events that you may read (those of other teams are for auditors)");
  return Exit::ok;
}

// All pages in one answer.
Result<v1::VerifyTrailResponse> whole_trail(Session& session, const std::optional<v1::Head>& known) {
  v1::VerifyTrailRequest request;
  if (known) *request.mutable_known() = *known;
  v1::VerifyTrailResponse whole;
  std::set<std::int64_t> unsealed;  // pages overlap there
  for (;;) {
    session.begin();
    EDA_ASSIGN(auto page, session.call(&v1::EventService::Stub::VerifyTrail, request));
    for (auto& fault : *page.mutable_faults()) {
      if (fault.what() == "row-unsealed" && !unsealed.insert(fault.event()).second) continue;
      whole.add_faults()->Swap(&fault);
    }
    whole.set_verified(page.verified());
    whole.set_hash(page.hash());
    whole.set_done(page.done());
    *whole.mutable_head() = page.head();
    if (page.done()) break;
    session.terminal().progress(fmt::format("{} of {} events compared", page.verified(), page.head().number()));
    request.set_after(page.verified());
    request.set_after_hash(page.hash());
  }
  session.terminal().progress_done();
  return whole;
}

void show_verdict(Session& session, const v1::VerifyTrailResponse& whole) {
  auto& terminal = session.terminal();
  auto format = session.format();
  if (format == Format::json || format == Format::yaml) {
    show_message(terminal, format, whole, "");
    return;
  }
  if (whole.faults().empty()) return;
  Listing listing(terminal, format, "faults",
                  {{"NUMBER", Column::Show::always, Column::Align::right, Column::Wrap::never},
                   {"EVENT", Column::Show::always, Column::Align::right, Column::Wrap::never},
                   {"WHAT", Column::Show::always, Column::Align::left, Column::Wrap::never},
                   {"MESSAGE", Column::Show::always, Column::Align::left, Column::Wrap::first}});
  auto number = [](std::int64_t value) { return value == 0 ? std::string() : std::to_string(value); };
  for (auto& fault : whole.faults()) {
    listing.add(fault, {number(fault.number()), number(fault.event()), fault.what(), fault.message()}, fault.what());
  }
  listing.finish("");
}

Result<Exit> verify(Session& session, const std::string& file) {
  std::optional<v1::Head> known;
  if (!file.empty()) {
    EDA_ASSIGN(known, read_head(file));
  }
  EDA_ASSIGN(auto whole, whole_trail(session, known));
  show_verdict(session, whole);
  auto& terminal = session.terminal();
  const auto& head = whole.head();
  if (!whole.faults().empty()) {
    Error error(Code::unhealthy, "TRAIL_FAULTS",
                fmt::format("the audit trail is not what it was: {} {} in {} sealed events", whole.faults_size(),
                            whole.faults_size() == 1 ? "fault" : "faults", whole.verified()),
                "find out who could change the database; a backup has the rows as they were");
    terminal.complain(error_text(error, terminal.err_palette()));
    return Exit::failed;
  }
  if (head.number() == 0) {
    terminal.say("nothing is sealed yet");
    return Exit::ok;
  }
  terminal.say(fmt::format("{} events are as they were sealed, up to {}; {}", whole.verified(),
                           to_rfc3339(rpc::from_proto(head.at())),
                           head.signature().empty() ? "unsigned: edad had no key, which needs secrets.dir"
                                                    : "signed by key " + head.key().substr(0, 16)));
  if (file.empty()) return Exit::ok;
  EDA_TRY(write_head(file, head));
  terminal.say(known ? fmt::format("the trail contains number {}, which {} had; it has {} now", known->number(), file,
                                   head.number())
                     : fmt::format("{} is new: it has number {}", file, head.number()));
  return Exit::ok;
}

}  // namespace

namespace {

Command verify_command() {
  return {"verify",
          "compare every event with its seal, and the chain of seals with its signed heads (auditors)",
          "edactl audit verify\n"
          "edactl audit verify --head /mnt/elsewhere/edad.head",
          [](CLI::App& app) -> Run {
            auto file = std::make_shared<std::string>();
            app.add_option("--head", *file,
                           "the trail has to contain the head in this file; the new one is kept there when all is well")
                ->type_name("FILE");
            return [file](Session& session) { return verify(session, *file); };
          },
          {},
          "See"};
}

}  // namespace

Command audit_command() {
  return {
      "audit",
      "who changed what, when and why; the newest first",
      "edactl audit --since 1d\n"
      "edactl audit --object stream/orders.placed\n"
      "edactl audit --actor ada --verb 'stream.*' --limit 0 -o json\n"
      "edactl audit --follow --object team",
      [](CLI::App& app) -> Run {
        auto options = std::make_shared<AuditOptions>();
        app.add_option("--actor", options->actor, "user/ada (or ada), ci/checkout/build, edad")->type_name("SUBJECT");
        app.add_option("--object", options->object, "a kind, or a reference like stream/orders.placed")
            ->type_name("REF");
        app.add_option("--verb", options->verb, "stream.created, or stream.*")->type_name("VERB");
        app.add_option("--since", options->since, "2h, 7d, a day or a time")->type_name("TIME");
        app.add_option("--limit", options->limit, "at most so many (default 100; with --follow 10); 0: all")
            ->type_name("N");
        app.add_flag("--follow", options->follow, "then show what comes, until Ctrl-C; -o json: one event a line");
        return [options](Session& session) { return audit(session, *options); };
      },
      {verify_command()},
      "See"};
}

}  // namespace eda::cli
