#include "platform/kafka/rdkafka_records.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string_view>

#include "platform/kafka/fault.h"
#include "platform/kafka/rdkafka_admin.h"
#include "platform/kafka/rdkafka_conf.h"

namespace eda::kafka::rdkafka {
namespace {

using namespace std::chrono_literals;

/// The broker's word on a record.
struct Delivery {
  rd_kafka_resp_err_t code;
  rd_kafka_msg_status_t status;
};

void on_delivery(rd_kafka_t*, const rd_kafka_message_t* record, void*) {
  *static_cast<std::optional<Delivery>*>(record->_private) = Delivery{record->err, rd_kafka_message_status(record)};
}

void on_log(const rd_kafka_t* instance, int level, const char* facility, const char* line) {
  constexpr int warning = 4;  // syslog's
  if (level > warning || instance == nullptr) return;
  const auto* warnings = static_cast<const WarningSink*>(rd_kafka_opaque(instance));
  if (warnings != nullptr && *warnings) (*warnings)(fmt::format("{}: {}", facility, clause(line)));
}

void await(rd_kafka_t* producer, const std::optional<Delivery>& delivery, Deadline deadline) {
  while (!delivery && !deadline.passed())
    rd_kafka_poll(producer, static_cast<int>(std::min<std::chrono::milliseconds>(deadline.left(), 100ms).count()));
}

Error refusal(rd_kafka_t* producer, const Delivery& delivery, const std::string& subject) {
  if (delivery.status == RD_KAFKA_MSG_STATUS_POSSIBLY_PERSISTED)
    return outcome_unknown(subject, "no answer came in the time given");
  int code = delivery.code;
  std::array<char, 512> words{};
  // A producer that was given no id ends for good, and purges what it holds.
  if (auto fatal = rd_kafka_fatal_error(producer, words.data(), words.size())) code = fatal;
  // A producer's id is given to whoever may write to any topic: who gets none may not write to this one.
  if (code == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED) code = RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
  if (code == RD_KAFKA_RESP_ERR__PURGE_QUEUE) code = RD_KAFKA_RESP_ERR__TIMED_OUT;
  return judge(code, subject, words.data()).error;
}

/// The reading of one partition, from its beginning.
class Reading {
 public:
  Reading(rd_kafka_t* consumer, const std::string& topic)
      : topic_(rd_kafka_topic_new(consumer, topic.c_str(), nullptr)),
        started_(topic_ != nullptr && rd_kafka_consume_start(topic_.get(), 0, RD_KAFKA_OFFSET_BEGINNING) == 0) {}
  ~Reading() {
    if (started_) rd_kafka_consume_stop(topic_.get(), 0);
  }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

  bool started() const { return started_; }
  Message next(Deadline deadline) {
    auto wait = std::min<std::chrono::milliseconds>(deadline.left(), 1s);
    return Message(rd_kafka_consume(topic_.get(), 0, static_cast<int>(wait.count())));
  }

 private:
  TopicHandle topic_;
  bool started_;
};

void take(const rd_kafka_message_t& record, std::map<std::string, std::string>& newest) {
  std::string key(static_cast<const char*>(record.key), record.key_len);
  if (record.payload == nullptr) {
    newest.erase(key);  // a tombstone
  } else {
    newest.insert_or_assign(std::move(key), std::string(static_cast<const char*>(record.payload), record.len));
  }
}

}  // namespace

Result<Instance> Records::open(rd_kafka_type_t type, const Settings& settings) {
  EDA_ASSIGN(Conf conf, make_conf(connection_));
  std::array<char, 512> words{};
  for (const auto& [name, value] : settings) {
    if (rd_kafka_conf_set(conf.get(), name, value, words.data(), words.size()) != RD_KAFKA_CONF_OK)
      return fail(setting_refused(words.data()));
  }
  rd_kafka_conf_set_opaque(conf.get(), const_cast<WarningSink*>(warnings_.get()));
  rd_kafka_conf_set_log_cb(conf.get(), on_log);
  if (type == RD_KAFKA_PRODUCER) rd_kafka_conf_set_dr_msg_cb(conf.get(), on_delivery);
  return start(type, std::move(conf), warnings_);
}

Result<> Records::append(const std::string& topic, const std::string& key, const std::string& value,
                         Deadline deadline) {
  auto subject = fmt::format("a record for {}", topic_subject(topic));
  std::unique_lock lock(appending_, deadline.at());
  if (!lock.owns_lock() || deadline.passed()) return fail(deadline_passed(subject));
  if (!producer_) {
    EDA_ASSIGN(producer_, open(RD_KAFKA_PRODUCER, {{"enable.idempotence", "true"},
                                                   {"acks", "all"},
                                                   {"linger.ms", "0"},
                                                   {"message.timeout.ms", "0"},  // our deadline ends it
                                                   {"topic.metadata.propagation.max.ms", "5000"}}));
  }
  std::optional<Delivery> delivery;
  std::string payload = value;  // the call takes nothing const
  auto code =
      rd_kafka_producev(producer_.get(), RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(0),
                        RD_KAFKA_V_KEY(key.data(), key.size()), RD_KAFKA_V_VALUE(payload.data(), payload.size()),
                        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_OPAQUE(&delivery), RD_KAFKA_V_END);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    delivery = Delivery{code, RD_KAFKA_MSG_STATUS_NOT_PERSISTED};
  } else {
    await(producer_.get(), delivery, deadline);
  }
  if (!delivery) {  // what is still in the queue has not been sent
    rd_kafka_purge(producer_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    await(producer_.get(), delivery, Deadline::in(1s));
  }
  if (delivery && delivery->code == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  auto error = delivery ? refusal(producer_.get(), *delivery, subject)
                        : outcome_unknown(subject, "the client library gave no answer");
  producer_.reset();  // it may have a fatal error, or this record in its hands
  return fail(std::move(error));
}

Result<std::map<std::string, std::string>> Records::newest(const std::string& topic, std::int64_t end,
                                                           Deadline deadline) {
  EDA_ASSIGN(Instance consumer, open(RD_KAFKA_CONSUMER, {{"enable.auto.commit", "false"},
                                                         {"auto.commit.enable", "false"},
                                                         {"enable.partition.eof", "true"},
                                                         // As the end was asked for; a hanging transaction hides none.
                                                         {"isolation.level", "read_uncommitted"},
                                                         {"fetch.wait.max.ms", "50"},
                                                         {"queued.max.messages.kbytes", "4096"}}));
  Reading reading(consumer.get(), topic);
  if (!reading.started()) return fail(judge(rd_kafka_last_error(), topic_subject(topic), {}).error);
  std::map<std::string, std::string> newest;
  while (!deadline.passed()) {
    Message record = reading.next(deadline);
    if (!record) continue;
    if (record->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      if (record->offset < end) take(*record, newest);
      if (record->offset + 1 >= end) return newest;
    } else if (record->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      if (record->offset >= end) return newest;  // compaction may have taken the last ones
    } else if (auto fault = judge(record->err, topic_subject(topic), rd_kafka_message_errstr(record.get()));
               fault.remedy == Remedy::none) {
      return fail(std::move(fault.error));
    }
  }
  return fail(read_unfinished(topic_subject(topic)));
}

// That it exists, and that a broker answers at all: what a producer or a consumer says of either is late and vague.
Result<> RdkafkaAdmin::expect_topic(const std::string& name, Deadline deadline) {
  EDA_ASSIGN(auto facts, topics({name}, Ask::WithRights::no, deadline));
  if (facts.empty()) return fail(judge(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, topic_subject(name), {}).error);
  if (facts.front().error) return fail(std::move(*facts.front().error));
  return {};
}

Result<> RdkafkaAdmin::append(const std::string& topic, const std::string& key, const std::string& value,
                              Deadline deadline) {
  return observed("append", [&]() -> Result<> {
    EDA_TRY(expect_topic(topic, deadline));
    return records_.append(topic, key, value, deadline);
  });
}

Result<std::map<std::string, std::string>> RdkafkaAdmin::read_keys(const std::string& topic, Deadline deadline) {
  return observed("read_keys", [&]() -> Result<std::map<std::string, std::string>> {
    EDA_ASSIGN(auto known, spans({topic}, deadline));
    auto span = known.find(topic);
    if (span == known.end() || span->second.empty()) {
      EDA_TRY(expect_topic(topic, deadline));
      return fail(judge(RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, topic_subject(topic), {}).error);
    }
    auto [first, end] = span->second.front();
    if (first >= end) return std::map<std::string, std::string>();
    return records_.newest(topic, end, deadline);
  });
}

}  // namespace eda::kafka::rdkafka
