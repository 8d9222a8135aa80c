#include "platform/kafka/rdkafka_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "platform/kafka/patience.h"
#include "platform/kafka/rdkafka_conf.h"

namespace eda::kafka::rdkafka {

using namespace std::chrono_literals;

namespace {

// How often a waiting read looks whether waiting has become vain.
constexpr auto glance = 50ms;
// In trouble for this long since the question: a reconnect, which comes every second, would have helped by now.
constexpr auto grace = 3000ms;
// librdkafka ends a request at its own time-out; this much later its answer will not come at all.
constexpr auto overdue = 2000ms;

// "Failed while <state>: Local: Timed out": in these states nothing has left this machine.
bool before_dispatch(std::string_view words) {
  return std::ranges::any_of(
      std::array<std::string_view, 5>{"initializing", "waiting for broker", "waiting for controller",
                                      "constructing request", "waiting for a valid list of brokers"},
      [&](std::string_view state) { return words.find(state) != std::string_view::npos; });
}

// Errors that say what is the matter with a connection; the others only say that there is none.
bool explains(int code) {
  return code == RD_KAFKA_RESP_ERR__AUTHENTICATION || code == RD_KAFKA_RESP_ERR__SSL ||
         code == RD_KAFKA_RESP_ERR__RESOLVE || code == RD_KAFKA_RESP_ERR__TRANSPORT;
}

}  // namespace

void Troubles::add(int code, std::string words) {
  std::lock_guard lock(mutex_);
  if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) all_down_ = true;
  if (code == RD_KAFKA_RESP_ERR__AUTHENTICATION || code == RD_KAFKA_RESP_ERR__SSL) {
    refused_ = std::chrono::steady_clock::now();
  }
  if (!explains(code)) return;
  code_ = code;
  words_ = std::move(words);
}

void Troubles::forget() {
  std::lock_guard lock(mutex_);
  code_ = 0;
  words_.clear();
  all_down_ = false;
  refused_.reset();
}

bool Troubles::hopeless() const {
  std::lock_guard lock(mutex_);
  return all_down_ || refused_;
}

bool Troubles::refused_since(Moment moment) const {
  std::lock_guard lock(mutex_);
  return refused_ && *refused_ >= moment;
}

Error Troubles::explain(std::string_view subject, std::string_view bootstrap) const {
  std::lock_guard lock(mutex_);
  // Which step broke is told by the words ("Connect to … failed: Connection refused").
  int code = code_ == RD_KAFKA_RESP_ERR__TRANSPORT ? RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN : code_;
  if (code != 0) return judge(code, subject, words_).error;
  return judge(RD_KAFKA_RESP_ERR__TIMED_OUT, subject, fmt::format("{} did not answer in the time given", bootstrap))
      .error;
}

Client::Client(std::string bootstrap, WarningSink warnings)
    : bootstrap_(std::move(bootstrap)), warnings_(std::move(warnings)) {}

Client::~Client() = default;

Result<std::shared_ptr<Client>> Client::open(const Connection& connection, WarningSink warnings) {
  EDA_ASSIGN(Conf conf, make_conf(connection));
  std::shared_ptr<Client> client(new Client(connection.bootstrap, std::move(warnings)));
  rd_kafka_conf_set_opaque(conf.get(), client.get());
  rd_kafka_conf_set_log_cb(conf.get(), on_log);
  rd_kafka_conf_set_events(conf.get(), RD_KAFKA_EVENT_ERROR);
  rd_kafka_conf_set_background_event_cb(conf.get(), on_event);
  // A producer: the one kind of instance that joins no group.
  EDA_ASSIGN(client->instance_, start(RD_KAFKA_PRODUCER, std::move(conf), client));
  Queue main(rd_kafka_queue_get_main(client->instance_.get()));
  Queue background(rd_kafka_queue_get_background(client->instance_.get()));
  rd_kafka_queue_forward(main.get(), background.get());
  return client;
}

void Client::on_event(rd_kafka_t*, rd_kafka_event_t* raw, void* self) {
  Event event(raw);
  if (rd_kafka_event_type(raw) != RD_KAFKA_EVENT_ERROR) return;
  auto* client = static_cast<Client*>(self);
  int code = rd_kafka_event_error(raw);
  if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN || code == RD_KAFKA_RESP_ERR__AUTHENTICATION) {
    client->reached_ = false;
  }
  client->troubles_.add(code, rd_kafka_event_error_string(raw));
}

void Client::on_log(const rd_kafka_t* instance, int level, const char* facility, const char* line) {
  constexpr int warning = 4;  // syslog's
  if (level > warning || instance == nullptr) return;
  auto* client = static_cast<Client*>(rd_kafka_opaque(instance));
  if (client != nullptr && client->warnings_) client->warnings_(fmt::format("{}: {}", facility, clause(line)));
}

Result<Options> Client::options(const Ask& what, Deadline deadline) const {
  constexpr auto longest = 3'600'000ms;  // librdkafka's limit
  auto left = static_cast<int>(std::clamp<std::chrono::milliseconds>(deadline.left(), 1ms, longest).count());
  Options options(rd_kafka_AdminOptions_new(instance_.get(), what.operation));
  std::array<char, 256> words{};
  bool taken = rd_kafka_AdminOptions_set_request_timeout(options.get(), left, words.data(), words.size()) == 0;
  switch (what.operation) {
    case RD_KAFKA_ADMIN_OP_CREATETOPICS:
    case RD_KAFKA_ADMIN_OP_CREATEPARTITIONS:
    case RD_KAFKA_ADMIN_OP_DELETETOPICS:
      // How long the broker may take; a little less than we wait, so that its own answer comes first.
      taken = taken && rd_kafka_AdminOptions_set_operation_timeout(options.get(), std::max(1, left - left / 10),
                                                                   words.data(), words.size()) == 0;
      break;
    default:
      break;
  }
  if (what.mode == Mode::validate_only) {
    taken = taken && rd_kafka_AdminOptions_set_validate_only(options.get(), 1, words.data(), words.size()) == 0;
  }
  if (!taken) return fail(judge(RD_KAFKA_RESP_ERR__INVALID_ARG, what.subject, words.data()).error);
  if (what.rights == Ask::WithRights::yes) {
    LibraryError refused(rd_kafka_AdminOptions_set_include_authorized_operations(options.get(), 1));
    if (refused) return fail(judge(rd_kafka_error_code(refused.get()), what.subject, {}).error);
  }
  return options;
}

Event Client::wait_patiently(rd_kafka_queue_t* queue, Deadline deadline) const {
  return Event(rd_kafka_queue_poll(queue, static_cast<int>((deadline.left() + overdue).count())));
}

// Ends without an event when no broker will ever answer; an abandoned read does no harm.
Event Client::wait_watchfully(rd_kafka_queue_t* queue, Deadline deadline) const {
  const auto start = std::chrono::steady_clock::now();
  const auto end = deadline.at() + overdue;
  for (auto now = start; now < end; now = std::chrono::steady_clock::now()) {
    if (Event event(rd_kafka_queue_poll(queue, static_cast<int>(glance.count()))); event) return event;
    if (troubles_.refused_since(start)) return nullptr;
    if (now - start > grace && !reached_ && troubles_.hopeless()) return nullptr;
  }
  return nullptr;
}

// Why a whole request failed.
Fault Client::judge_event(const Ask& what, rd_kafka_event_t* event) const {
  const bool changes = what.effect == Effect::change;
  if (event == nullptr) {
    if (changes) return {outcome_unknown(what.subject, "the client library gave no answer"), Remedy::reread};
    return {troubles_.explain(what.subject, bootstrap_), Remedy::none};
  }
  int code = rd_kafka_event_error(event);
  std::string_view words = rd_kafka_event_error_string(event);
  if (code == RD_KAFKA_RESP_ERR__TIMED_OUT && before_dispatch(words)) {
    return {troubles_.explain(what.subject, bootstrap_), Remedy::none};
  }
  Fault fault = judge(code, what.subject, words);
  if (changes && fault.remedy == Remedy::reread) {
    std::string why = "no answer came in the time given";
    if (code == RD_KAFKA_RESP_ERR__TRANSPORT) {
      why = "the connection broke before an answer came";
    } else if (code != RD_KAFKA_RESP_ERR__TIMED_OUT) {
      why = clause(words);
    }
    fault.error = outcome_unknown(what.subject, why);
  }
  return fault;
}

Result<void> Client::reach(Deadline deadline) {
  if (reached_) return {};
  Ask probe{"the cluster", RD_KAFKA_ADMIN_OP_DESCRIBECLUSTER};
  EDA_TRY(ask(probe, deadline, rd_kafka_DescribeCluster));
  return {};
}

Result<Event> Client::ask(const Ask& what, Deadline deadline, const Send& send) {
  if (what.effect == Effect::change) EDA_TRY(reach(deadline));
  const auto start = std::chrono::steady_clock::now();
  for (Patience patience;;) {
    if (deadline.passed()) return fail(deadline_passed(what.subject));
    EDA_ASSIGN(Options told, options(what, deadline));
    Queue queue(rd_kafka_queue_new(instance_.get()));
    send(instance_.get(), told.get(), queue.get());
    Event event =
        what.effect == Effect::read ? wait_watchfully(queue.get(), deadline) : wait_patiently(queue.get(), deadline);
    if (event && rd_kafka_event_error(event.get()) == RD_KAFKA_RESP_ERR_NO_ERROR) {
      reached_ = true;
      troubles_.forget();
      return event;
    }
    Fault fault = judge_event(what, event.get());
    bool again = fault.remedy == Remedy::repeat;
    if (fault.remedy == Remedy::reread && what.effect == Effect::read) {
      // Whoever never answers but always hangs up is not the broker that we take it for.
      again = reached_ || std::chrono::steady_clock::now() - start < grace;
      if (!again) return fail(troubles_.explain(what.subject, bootstrap_));
    }
    if (!again || !patience.wait(deadline)) return fail(std::move(fault.error));
  }
}

Result<std::vector<std::string>> Client::topic_names(Deadline deadline) {
  constexpr std::string_view subject = "the list of topics";
  EDA_TRY(reach(deadline));
  for (Patience patience;;) {
    if (deadline.passed()) return fail(deadline_passed(subject));
    const rd_kafka_metadata_t* raw = nullptr;
    auto code = rd_kafka_metadata(instance_.get(), 1, nullptr, &raw, static_cast<int>(deadline.left().count()) + 1);
    Metadata metadata(raw);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
      std::vector<std::string> names;
      for (int i = 0; i < metadata->topic_cnt; ++i) names.emplace_back(metadata->topics[i].topic);
      return names;
    }
    if (code == RD_KAFKA_RESP_ERR__TIMED_OUT) return fail(troubles_.explain(subject, bootstrap_));
    Fault fault = judge(code, subject, {});
    if (fault.remedy == Remedy::none || !patience.wait(deadline)) return fail(std::move(fault.error));
  }
}

}  // namespace eda::kafka::rdkafka
