#pragma once
// One librdkafka instance: its settings, what it last complained about, and the one way to ask a broker something.

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "platform/core/error.h"
#include "platform/core/time.h"
#include "platform/kafka/admin.h"
#include "platform/kafka/fault.h"
#include "platform/kafka/rdkafka_handle.h"

namespace eda::kafka::rdkafka {

/// Whether asking twice does harm.
enum class Effect { read, change };

/// What one admin request is and what librdkafka has to be told beside it.
struct Ask {
  std::string subject;  ///< as a sentence begins: `the cluster`, `topic "orders"`
  rd_kafka_admin_op_t operation = RD_KAFKA_ADMIN_OP_ANY;
  Effect effect = Effect::read;
  Mode mode = Mode::apply;
  enum class WithRights { no, yes } rights = WithRights::no;
};

/// Hands the request to librdkafka; called once an attempt.
using Send = std::function<void(rd_kafka_t*, const rd_kafka_AdminOptions_t*, rd_kafka_queue_t*)>;

/// What is the matter with the connections, from what librdkafka reports. It reports the same trouble at most twice a
/// minute, so a trouble holds until a broker answers. Written by librdkafka's background thread.
class Troubles {
 public:
  using Moment = std::chrono::steady_clock::time_point;

  void add(int code, std::string words);
  /// A broker has answered.
  void forget();
  /// No broker is left, or all that is known of them is a refusal.
  bool hopeless() const;
  /// A login or a TLS handshake was refused since then.
  bool refused_since(Moment moment) const;
  /// Why no broker can be asked, as well as it is known.
  Error explain(std::string_view subject, std::string_view bootstrap) const;

 private:
  mutable std::mutex mutex_;
  int code_ = 0;  // 0: none
  std::string words_;
  bool all_down_ = false;
  std::optional<Moment> refused_;
};

class Client {
 public:
  /// Errors: invalid CONNECTION_SETTING, unavailable CLIENT_STALLED. Connects to nothing yet.
  static Result<std::shared_ptr<Client>> open(const Connection& connection, WarningSink warnings);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Asks once and waits for the answer. A read is repeated while that can help, and given up as soon as every broker
  /// has refused us; a change is sent at most once, and only over a connection that has answered before. Errors: as
  /// admin.h says; BROKER_OUTCOME_UNKNOWN for a change that was sent.
  Result<Event> ask(const Ask& what, Deadline deadline, const Send& send);

  /// Names of all topics that we may see.
  Result<std::vector<std::string>> topic_names(Deadline deadline);

 private:
  Client(std::string bootstrap, WarningSink warnings);
  static void on_event(rd_kafka_t* instance, rd_kafka_event_t* event, void* self);
  static void on_log(const rd_kafka_t* instance, int level, const char* facility, const char* line);

  Result<void> reach(Deadline deadline);
  Result<Options> options(const Ask& what, Deadline deadline) const;
  Event wait_patiently(rd_kafka_queue_t* queue, Deadline deadline) const;
  Event wait_watchfully(rd_kafka_queue_t* queue, Deadline deadline) const;
  Fault judge_event(const Ask& what, rd_kafka_event_t* event) const;

  std::string bootstrap_;
  WarningSink warnings_;
  Troubles troubles_;
  std::atomic<bool> reached_{false};  // a broker has answered, and not all have gone since
  Instance instance_;                 // last: its threads use the others
};

}  // namespace eda::kafka::rdkafka
