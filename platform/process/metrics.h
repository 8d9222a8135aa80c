#pragma once
// What /metrics shows. Handles are cheap to copy and safe from every thread; they live as long as the Metrics they came
// from. Asking again with the same name and labels gives the same series. A name or label that Prometheus does not
// allow, or one name with two types, is a defect and throws std::invalid_argument.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace eda::process {

using Labels = std::map<std::string, std::string>;

class Counter {
 public:
  void add(double amount = 1) const;

 private:
  friend class Metrics;
  explicit Counter(void* series) : series_(series) {}
  void* series_;
};

class Gauge {
 public:
  void set(double value) const;
  void add(double amount) const;

 private:
  friend class Metrics;
  explicit Gauge(void* series) : series_(series) {}
  void* series_;
};

class Histogram {
 public:
  void observe(double value) const;

 private:
  friend class Metrics;
  explicit Histogram(void* series) : series_(series) {}
  void* series_;
};

/// Seconds, from 1 ms to 30 s: for calls.
std::vector<double> latency_buckets();

class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  /// `name` ends in _total by convention, `help` is a sentence.
  Counter counter(const std::string& name, const std::string& help, const Labels& labels = {});
  Gauge gauge(const std::string& name, const std::string& help, const Labels& labels = {});
  Histogram histogram(const std::string& name, const std::string& help, const Labels& labels = {},
                      const std::vector<double>& buckets = latency_buckets());

  /// Called before each render, to set gauges of what is only known when asked (a pool's connections). Must be quick.
  void before_render(std::function<void()> refresh);
  /// Prometheus' text exposition format 0.0.4.
  std::string render();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace eda::process
