#pragma once
// LISTEN and NOTIFY on a thread and a connection of their own. Internal to platform/pg.

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "platform/pg/connection.h"

namespace eda::pg {

class Notifier {
 public:
  explicit Notifier(const PoolOptions& options);
  ~Notifier();
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;

  void listen(std::string channel, std::function<void()> on_notify);
  void notify(const std::string& channel);

 private:
  using Steady = std::chrono::steady_clock;
  using Listener = std::function<void()>;
  class Receiver;

  void start();  ///< with mutex_ held
  void wake();
  void loop();
  void connect();
  void listen_anew();
  void send_due();
  void wait();
  void call(const std::string& channel);

  const PoolOptions& options_;
  int wake_fd_;
  std::mutex mutex_;
  std::map<std::string, std::vector<std::shared_ptr<Listener>>> listeners_;
  std::map<std::string, Steady::time_point> pending_;  ///< channel -> not before
  std::map<std::string, Steady::time_point> sent_;
  bool stopping_ = false;
  std::thread thread_;

  // The thread's own.
  std::unique_ptr<Connection> connection_;
  std::map<std::string, std::unique_ptr<Receiver>> receivers_;
};

}  // namespace eda::pg
