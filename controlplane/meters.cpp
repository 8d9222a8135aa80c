#include "controlplane/meters.h"

#include "platform/process/log.h"

namespace eda::controlplane {

namespace {

constexpr const char* trail_cuts = "eda_trail_cuts_total";
constexpr const char* trail_cuts_help = "Times that the audit trail was found cut off or made anew.";

double seconds(Duration span) {
  return std::chrono::duration<double>(span).count();
}

}  // namespace

Meters::Meters(const pg::Pool& pool) {
  metrics_.counter(trail_cuts, trail_cuts_help);  // an alert needs the series before the first one
  metrics_.before_render([this, &pool] {
    auto stats = pool.stats();
    auto gauge = [&](const char* state, std::size_t value) {
      metrics_.gauge("eda_database_connections", "Connections to Postgres by state.", {{"state", state}})
          .set(static_cast<double>(value));
    };
    gauge("open", stats.open);
    gauge("in_use", stats.in_use);
    gauge("waiting", stats.waiting);
  });
}

void Meters::call(const rpc::Finished& call) {
  std::string method(call.method);
  std::string code(call.error ? code_name(call.error->code) : "OK");
  metrics_.counter("eda_requests_total", "Calls by method and outcome.", {{"method", method}, {"code", code}}).add();
  metrics_.histogram("eda_request_seconds", "How long calls took.", {{"method", method}}).observe(seconds(call.took));
  auto ms = std::chrono::duration<double, std::milli>(call.took).count();
  if (!call.error) {
    process::log_info("call", {{"method", call.method}, {"subject", call.subject}, {"code", code}, {"ms", ms}});
  } else if (call.error->code == Code::internal) {
    process::log_error("call", *call.error, {{"method", call.method}, {"subject", call.subject}, {"ms", ms}});
  } else {
    process::log_warning("call", {{"method", call.method},
                                  {"subject", call.subject},
                                  {"code", code},
                                  {"reason", call.error->reason},
                                  {"ms", ms}});
  }
}

void Meters::broker_call(std::string_view call, Duration took, std::string_view outcome) {
  metrics_
      .counter("eda_broker_calls_total", "Requests to brokers by kind and outcome.",
               {{"call", std::string(call)}, {"outcome", std::string(outcome)}})
      .add();
  metrics_.histogram("eda_broker_call_seconds", "How long requests to brokers took.", {{"call", std::string(call)}})
      .observe(seconds(took));
}

void Meters::round(std::string_view worker, std::string_view outcome, Duration took) {
  metrics_
      .counter("eda_worker_rounds_total", "Rounds of the workers by outcome.",
               {{"worker", std::string(worker)}, {"outcome", std::string(outcome)}})
      .add();
  metrics_
      .histogram("eda_worker_round_seconds", "How long rounds of the workers took.", {{"worker", std::string(worker)}})
      .observe(seconds(took));
}

void Meters::objects(const Counts& counts) {
  count("eda_objects", "Objects by kind and state.", counts, object_states_);
}

void Meters::operations(const Counts& counts) {
  count("eda_operations", "Operations that have not come to an end, by kind and state.", counts, operation_states_);
}

void Meters::count(const char* name, const char* help, const Counts& counts, States& known) {
  for (auto& [key, value] : counts) known.insert(key);
  for (auto& key : known) {
    auto found = counts.find(key);
    metrics_.gauge(name, help, {{"kind", key.first}, {"state", key.second}})
        .set(found == counts.end() ? 0 : static_cast<double>(found->second));
  }
}

void Meters::sealing(const events::Round& done) {
  round("events", done.outcome, done.took);
  metrics_.counter("eda_events_sealed_total", "Events of the audit trail that were numbered, chained and signed.")
      .add(static_cast<double>(done.sealed));
}

void Meters::trail_cut() {
  metrics_.counter(trail_cuts, trail_cuts_help).add();
}

void Meters::drift(const std::string& cluster, const std::map<std::string, int>& by_what) {
  for (auto* what : {"config", "partitions", "replication", "vanished", "recreated", "undeclared"}) {
    auto found = by_what.find(what);
    metrics_
        .gauge("eda_stream_drift", "Fields of streams that are not as wished, and topics that no stream has.",
               {{"cluster", cluster}, {"what", what}})
        .set(found == by_what.end() ? 0 : found->second);
  }
}

void Meters::ready(std::string_view part, double value) {
  metrics_.gauge("eda_ready", "Whether a part is ready (1) or not (0).", {{"part", std::string(part)}}).set(value);
}

}  // namespace eda::controlplane
