#include "platform/process/metrics.h"

#include <fmt/format.h>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <mutex>
#include <stdexcept>

namespace eda::process {

void Counter::add(double amount) const {
  static_cast<prometheus::Counter*>(series_)->Increment(amount);
}
void Gauge::set(double value) const {
  static_cast<prometheus::Gauge*>(series_)->Set(value);
}
void Gauge::add(double amount) const {
  static_cast<prometheus::Gauge*>(series_)->Increment(amount);
}
void Histogram::observe(double value) const {
  static_cast<prometheus::Histogram*>(series_)->Observe(value);
}

std::vector<double> latency_buckets() {
  return {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};
}

struct Metrics::State {
  enum class Type { counter, gauge, histogram };

  prometheus::Registry registry;
  std::mutex guard;
  std::map<std::string, std::pair<Type, void*>> families;
  std::vector<std::function<void()>> refreshers;

  template <class T, class Build>
  prometheus::Family<T>& family(Type type, const std::string& name, const std::string& help, Build build) {
    std::lock_guard hold(guard);
    auto found = families.find(name);
    if (found == families.end()) {
      auto& made = build().Name(name).Help(help).Register(registry);
      found = families.emplace(name, std::pair(type, static_cast<void*>(&made))).first;
    }
    if (found->second.first != type)
      throw std::invalid_argument(fmt::format("the metric {} has another type already", name));
    return *static_cast<prometheus::Family<T>*>(found->second.second);
  }
};

Metrics::Metrics() : state_(std::make_unique<State>()) {}
Metrics::~Metrics() = default;

Counter Metrics::counter(const std::string& name, const std::string& help, const Labels& labels) {
  auto& family =
      state_->family<prometheus::Counter>(State::Type::counter, name, help, [] { return prometheus::BuildCounter(); });
  return Counter(&family.Add(labels));
}

Gauge Metrics::gauge(const std::string& name, const std::string& help, const Labels& labels) {
  auto& family =
      state_->family<prometheus::Gauge>(State::Type::gauge, name, help, [] { return prometheus::BuildGauge(); });
  return Gauge(&family.Add(labels));
}

Histogram Metrics::histogram(const std::string& name, const std::string& help, const Labels& labels,
                             const std::vector<double>& buckets) {
  auto& family = state_->family<prometheus::Histogram>(State::Type::histogram, name, help,
                                                       [] { return prometheus::BuildHistogram(); });
  return Histogram(&family.Add(labels, prometheus::Histogram::BucketBoundaries(buckets)));
}

void Metrics::before_render(std::function<void()> refresh) {
  std::lock_guard hold(state_->guard);
  state_->refreshers.push_back(std::move(refresh));
}

std::string Metrics::render() {
  std::vector<std::function<void()>> refreshers;
  {
    std::lock_guard hold(state_->guard);
    refreshers = state_->refreshers;
  }
  for (auto& refresh : refreshers) refresh();
  return prometheus::TextSerializer().Serialize(state_->registry.Collect());
}

}  // namespace eda::process
