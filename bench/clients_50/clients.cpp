// Clients that apply manifests at once, each over a connection of its own: plan, then apply exactly that, again and
// again until the time is over. What edactl does for `apply --yes --no-wait`, without a new process each time. Every
// manifest makes objects that were not there, under a set of the client's own.
//
//   bench_clients CLIENTS SECONDS OBJECTS PREFIX KIND      KIND: Team, or Stream (of the team `bench`)
//
// Prints {"applies", "stale", "seconds", "p50", "p99"}; exit 1 when anything but a stale plan was refused.

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "eda/plans/v1/plans.grpc.pb.h"

namespace {

namespace v1 = eda::plans::v1;
using Clock = std::chrono::steady_clock;

struct Task {
  int clients;
  double seconds;
  int objects;
  std::string prefix;
  std::string kind;
};

/// What all clients together have seen.
struct Seen {
  std::mutex mutex;
  std::vector<double> seconds;  ///< of each apply that was done
  int stale = 0;
  std::map<std::string, int> refusals;
};

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

google::protobuf::Value& field(v1::Document& document, const char* path) {
  auto* said = document.add_fields();
  said->set_path(path);
  return *said->mutable_value();
}

v1::Document document_of(const Task& task, const std::string& name) {
  v1::Document document;
  document.set_kind(task.kind);
  document.set_name(name);
  document.mutable_at()->set_file("bench/" + task.prefix + ".yaml");
  document.mutable_at()->set_line(1);
  field(document, "spec.description").set_string_value("made by a bench that asks how many clients edad serves");
  if (task.kind == "Stream") {
    document.set_cluster(environment("EDACTL_CLUSTER"));
    field(document, "metadata.team").set_string_value("bench");
    field(document, "spec.partitions").set_number_value(1);
    field(document, "spec.replication").set_number_value(1);
  } else {
    field(document, "spec.contacts.email").set_string_value(name + "@example.org");
    field(document, "spec.contacts.chat").set_string_value("#" + name);
  }
  return document;
}

class Client {
 public:
  Client(const Task& task, int number, Seen& seen)
      : task_(task), name_(task.prefix + "-" + std::to_string(number)), seen_(seen) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    stub_ = v1::PlanService::NewStub(
        grpc::CreateCustomChannel(environment("EDACTL_SERVER"), grpc::InsecureChannelCredentials(), arguments));
  }

  void run(Clock::time_point end) {
    for (int round = 0; round == 0 || Clock::now() < end; ++round) {
      auto began = Clock::now();
      auto status = apply(round);
      std::lock_guard lock(seen_.mutex);
      if (status.ok()) {
        seen_.seconds.push_back(std::chrono::duration<double>(Clock::now() - began).count());
      } else if (status.error_code() == grpc::StatusCode::ABORTED) {
        ++seen_.stale;
      } else {
        ++seen_.refusals[status.error_message()];
      }
    }
  }

 private:
  grpc::Status apply(int round) {
    auto id = name_ + "-" + std::to_string(round);
    v1::PlanRequest request;
    request.set_request_id(id + "-plan");
    request.set_set(name_);
    request.set_to_apply(true);
    for (int i = 0; i < task_.objects; ++i) *request.add_documents() = document_of(task_, id + "-" + std::to_string(i));
    v1::PlanResponse planned;
    if (auto status = call(&v1::PlanService::Stub::Plan, request, planned); !status.ok()) return status;
    v1::ApplyRequest agreed;
    agreed.set_request_id(id + "-apply");
    agreed.set_plan_id(planned.plan().id());
    v1::ApplyResponse applied;
    return call(&v1::PlanService::Stub::Apply, agreed, applied);
  }

  template <class Request, class Response>
  grpc::Status call(grpc::Status (v1::PlanService::Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                    const Request& request, Response& response) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    context.AddMetadata("authorization", "Bearer " + environment("EDACTL_TOKEN"));
    return (stub_.get()->*method)(&context, request, &response);
  }

  const Task& task_;
  std::string name_;
  Seen& seen_;
  std::unique_ptr<v1::PlanService::Stub> stub_;
};

double quantile(const std::vector<double>& sorted, double share) {
  return sorted.empty() ? 0 : sorted[std::min(sorted.size() - 1, static_cast<std::size_t>(share * sorted.size()))];
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) {
    std::fprintf(stderr, "usage: bench_clients CLIENTS SECONDS OBJECTS PREFIX Team|Stream\n");
    return 2;
  }
  const Task task{std::atoi(argv[1]), std::atof(argv[2]), std::atoi(argv[3]), argv[4], argv[5]};
  Seen seen;
  auto began = Clock::now();
  auto end = began + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(task.seconds));
  std::vector<std::thread> threads;
  for (int i = 0; i < task.clients; ++i) threads.emplace_back([&, i] { Client(task, i, seen).run(end); });
  for (auto& thread : threads) thread.join();
  auto took = std::chrono::duration<double>(Clock::now() - began).count();
  std::sort(seen.seconds.begin(), seen.seconds.end());
  std::printf(R"({"applies": %zu, "stale": %d, "seconds": %.3f, "p50": %.4f, "p99": %.4f})"
              "\n",
              seen.seconds.size(), seen.stale, took, quantile(seen.seconds, 0.5), quantile(seen.seconds, 0.99));
  for (auto& [message, count] : seen.refusals) std::fprintf(stderr, "%d refused: %s\n", count, message.c_str());
  return seen.refusals.empty() && !seen.seconds.empty() ? 0 : 1;
}
