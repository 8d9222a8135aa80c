// What a client of librdkafka can do with N topics and no control plane: the peer of the benches that touch a broker.
// Prints seconds, one line a run, measured from a connection that stands. The topics are PREFIX.00000 and so on, of one
// partition, with retention.ms of 7 days, as the benches' streams are.
//
//   bench_topics create PREFIX N   one CreateTopics for all, until Metadata and DescribeConfigs show all
//   bench_topics loop PREFIX N     one after the other, each until Metadata and DescribeConfigs show it
//   bench_topics look PREFIX N [R] one Metadata of all topics and DescribeConfigs of these, R times
//   bench_topics check PREFIX N    one look; exit 1 unless it shows all
//   bench_topics keep PREFIX N MS  sets their retention.ms, as somebody does by hand

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <regex>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr int patience_ms = 120'000;
constexpr const char* retention = "604800000";
// More in one request cost librdkafka more than another round trip: it compares each answer with each question.
constexpr std::size_t configs_a_request = 1'000;

using Clock = std::chrono::steady_clock;
using Names = std::vector<std::string>;

double since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

[[noreturn]] void give_up(const std::string& what) {
  throw std::runtime_error(what);
}

// A handle of librdkafka's and its end.
template <class T>
using Owned = std::unique_ptr<T, void (*)(T*)>;

// The plain pointers of some handles, as librdkafka's calls take them.
template <class T>
std::vector<T*> plain(const std::vector<Owned<T>>& handles) {
  std::vector<T*> out;
  for (const auto& handle : handles) out.push_back(handle.get());
  return out;
}

class Client {
 public:
  Client() : kafka_(open()) { list(); }  // logs in
  ~Client() { rd_kafka_destroy(kafka_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Metadata of all topics: their names.
  std::set<std::string> list() const {
    const struct rd_kafka_metadata* found = nullptr;
    if (auto code = rd_kafka_metadata(kafka_, 1, nullptr, &found, patience_ms); code != RD_KAFKA_RESP_ERR_NO_ERROR) {
      give_up(rd_kafka_err2str(code));
    }
    std::set<std::string> names;
    for (int i = 0; i < found->topic_cnt; ++i) {
      if (found->topics[i].err == RD_KAFKA_RESP_ERR_NO_ERROR) names.insert(found->topics[i].topic);
    }
    rd_kafka_metadata_destroy(found);
    return names;
  }

  /// Metadata of this topic alone.
  bool lists(const std::string& name) const {
    const char* names[] = {name.c_str()};
    Owned<rd_kafka_TopicCollection_t> topics(rd_kafka_TopicCollection_of_topic_names(names, 1),
                                             rd_kafka_TopicCollection_destroy);
    auto answer = ask(RD_KAFKA_ADMIN_OP_DESCRIBETOPICS, [&](auto* options, auto* queue) {
      rd_kafka_DescribeTopics(kafka_, topics.get(), options, queue);
    });
    std::size_t count = 0;
    const auto** told =
        rd_kafka_DescribeTopics_result_topics(rd_kafka_event_DescribeTopics_result(answer.get()), &count);
    return count == 1 && rd_kafka_error_code(rd_kafka_TopicDescription_error(told[0])) == RD_KAFKA_RESP_ERR_NO_ERROR;
  }

  void create(const Names& names) const {
    std::vector<Owned<rd_kafka_NewTopic_t>> topics;
    for (const auto& name : names) {
      topics.emplace_back(rd_kafka_NewTopic_new(name.c_str(), 1, 1, nullptr, 0), rd_kafka_NewTopic_destroy);
      rd_kafka_NewTopic_set_config(topics.back().get(), "retention.ms", retention);
    }
    auto all = plain(topics);
    auto answer = ask(RD_KAFKA_ADMIN_OP_CREATETOPICS, [&](auto* options, auto* queue) {
      rd_kafka_CreateTopics(kafka_, all.data(), all.size(), options, queue);
    });
    std::size_t count = 0;
    const auto** made = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(answer.get()), &count);
    for (std::size_t i = 0; i < count; ++i) {
      if (rd_kafka_topic_result_error(made[i]) != RD_KAFKA_RESP_ERR_NO_ERROR) {
        give_up(rd_kafka_topic_result_name(made[i]) + std::string(": ") + rd_kafka_topic_result_error_string(made[i]));
      }
    }
  }

  void keep(const Names& names, const char* how_long) const {
    std::vector<Owned<rd_kafka_ConfigResource_t>> resources;
    for (const auto& name : names) {
      resources.push_back(resource(name));
      rd_kafka_error_destroy(rd_kafka_ConfigResource_add_incremental_config(
          resources.back().get(), "retention.ms", RD_KAFKA_ALTER_CONFIG_OP_TYPE_SET, how_long));
    }
    auto all = plain(resources);
    ask(RD_KAFKA_ADMIN_OP_INCREMENTALALTERCONFIGS, [&](auto* options, auto* queue) {
      rd_kafka_IncrementalAlterConfigs(kafka_, all.data(), all.size(), options, queue);
    });
  }

  /// How many of them have their retention, as DescribeConfigs tells.
  std::size_t configured(const Names& names) const {
    std::size_t good = 0;
    for (std::size_t begin = 0; begin < names.size(); begin += configs_a_request) {
      auto end = std::min(names.size(), begin + configs_a_request);
      good += configured(names, begin, end);
    }
    return good;
  }

 private:
  static std::string setting(const std::string& text, const char* pattern) {
    std::smatch found;
    if (!std::regex_search(text, found, std::regex(pattern))) give_up(std::string("no ") + pattern);
    return found[1];
  }

  static rd_kafka_t* open() {
    const char* bootstrap = std::getenv("EDA_KAFKA_BOOTSTRAP");
    const char* file = std::getenv("EDA_KAFKA_CLIENT_CONFIG");
    if (bootstrap == nullptr || file == nullptr) give_up("EDA_KAFKA_BOOTSTRAP or EDA_KAFKA_CLIENT_CONFIG is not set");
    std::ifstream in(file);
    std::string text{std::istreambuf_iterator<char>(in), {}};
    auto* conf = rd_kafka_conf_new();
    char words[256];
    const std::pair<const char*, std::string> settings[] = {
        {"bootstrap.servers", bootstrap},
        {"security.protocol", setting(text, "security\\.protocol=(\\S+)")},
        {"sasl.mechanism", setting(text, "sasl\\.mechanism=(\\S+)")},
        {"sasl.username", setting(text, "username=\"([^\"]*)\"")},
        {"sasl.password", setting(text, "password=\"([^\"]*)\"")},
    };
    for (const auto& [name, value] : settings) {
      if (rd_kafka_conf_set(conf, name, value.c_str(), words, sizeof words) != RD_KAFKA_CONF_OK) give_up(words);
    }
    auto* kafka = rd_kafka_new(RD_KAFKA_PRODUCER, conf, words, sizeof words);
    if (kafka == nullptr) give_up(words);
    return kafka;
  }

  static Owned<rd_kafka_ConfigResource_t> resource(const std::string& topic) {
    return {rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()), rd_kafka_ConfigResource_destroy};
  }

  using Send = std::function<void(rd_kafka_AdminOptions_t*, rd_kafka_queue_t*)>;

  Owned<rd_kafka_event_t> ask(rd_kafka_admin_op_t what, const Send& send) const {
    Owned<rd_kafka_AdminOptions_t> options(rd_kafka_AdminOptions_new(kafka_, what), rd_kafka_AdminOptions_destroy);
    rd_kafka_AdminOptions_set_request_timeout(options.get(), patience_ms, nullptr, 0);
    Owned<rd_kafka_queue_t> queue(rd_kafka_queue_new(kafka_), rd_kafka_queue_destroy);
    send(options.get(), queue.get());
    Owned<rd_kafka_event_t> answer(rd_kafka_queue_poll(queue.get(), patience_ms), rd_kafka_event_destroy);
    if (!answer) give_up("no answer");
    if (rd_kafka_event_error(answer.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
      give_up(rd_kafka_event_error_string(answer.get()));
    }
    return answer;
  }

  std::size_t configured(const Names& names, std::size_t begin, std::size_t end) const {
    std::vector<Owned<rd_kafka_ConfigResource_t>> resources;
    for (auto i = begin; i < end; ++i) resources.push_back(resource(names[i]));
    auto all = plain(resources);
    auto answer = ask(RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, [&](auto* options, auto* queue) {
      rd_kafka_DescribeConfigs(kafka_, all.data(), all.size(), options, queue);
    });
    std::size_t count = 0;
    const auto** told =
        rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(answer.get()), &count);
    std::size_t good = 0;
    for (std::size_t i = 0; i < count; ++i) {
      std::size_t entries = 0;
      const auto** configs = rd_kafka_ConfigResource_configs(told[i], &entries);
      for (std::size_t k = 0; k < entries; ++k) {
        const char* value = rd_kafka_ConfigEntry_value(configs[k]);
        if (rd_kafka_ConfigEntry_name(configs[k]) == std::string("retention.ms") && value != nullptr) {
          good += value == std::string(retention) ? 1 : 0;
        }
      }
    }
    return good;
  }

  rd_kafka_t* kafka_;
};

bool shows_all(const Client& client, const Names& names) {
  if (names.size() == 1) return client.lists(names.front()) && client.configured(names) == 1;
  auto there = client.list();
  for (const auto& name : names) {
    if (!there.contains(name)) return false;
  }
  return client.configured(names) == names.size();
}

void make(const Client& client, const Names& names) {
  auto start = Clock::now();
  client.create(names);
  while (!shows_all(client, names)) {
    if (since(start) > patience_ms / 1000.0) give_up("the topics do not show");
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

int run(const std::string& what, const std::string& prefix, int count, const char* last) {
  Names names;
  for (int i = 0; i < count; ++i) {
    auto number = std::to_string(i);
    names.push_back(prefix + "." + std::string(5 - std::min<std::size_t>(number.size(), 5), '0') + number);
  }
  const Client client;
  if (what == "check") return shows_all(client, names) ? 0 : 1;
  if (what == "keep") return client.keep(names, last), 0;
  for (int i = 0; i < std::atoi(last); ++i) {
    auto start = Clock::now();
    if (what == "create") make(client, names);
    if (what == "loop") {
      for (const auto& name : names) make(client, {name});
    }
    if (what == "look") {
      client.list();
      client.configured(names);
    }
    std::printf("%.6f\n", since(start));
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: bench_topics create|loop|look|check|keep PREFIX N [RUNS | MS]\n");
    return 2;
  }
  try {
    return run(argv[1], argv[2], std::atoi(argv[3]), argc > 4 ? argv[4] : "1");
  } catch (const std::exception& fault) {
    std::fprintf(stderr, "bench_topics: %s\n", fault.what());
    return 1;
  }
}
