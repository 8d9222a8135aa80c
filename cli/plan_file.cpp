#include "cli/plan_file.h"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include <nlohmann/json.hpp>

#include "cli/change.h"
#include "cli/context_files.h"
#include "cli/plan_view.h"
#include "cli/when.h"
#include "cli/write_file.h"
#include "platform/text/unicode.h"

namespace eda::cli {

using Json = nlohmann::json;

namespace {

constexpr std::size_t most_bytes = 256u << 20;

Error not_a_plan(const std::string& name, const std::string& why) {
  return Error(Code::invalid, "PLAN_FILE", fmt::format("{} {}", name, why), "edactl plan -f … --out FILE writes one");
}

Error ended(const eda::plans::v1::Plan& plan) {
  return Error(Code::stale, "PLAN_ENDED", fmt::format("plan {} is {}; nothing was changed", plan.id(), plan.state()),
               "plan again and look at the difference");
}

}  // namespace

Result<PlanFile> parse_plan_file(const std::string& name, const std::string& text) {
  auto data = Json::parse(text, nullptr, false);
  if (data.is_discarded()) return fail(not_a_plan(name, "is no JSON, or was cut off"));
  if (!data.is_object() || !data.contains("plan") || !data.contains("apiVersion")) {
    return fail(not_a_plan(name, "holds no plan"));
  }
  auto& version = data["apiVersion"];
  if (version != plan_version) {
    return fail(
        Code::invalid, "PLAN_FILE",
        fmt::format("{} is a plan of the version {}; this edactl reads {}", name,
                    text::printable(version.dump(-1, ' ', false, Json::error_handler_t::replace)), plan_version),
        "plan and apply with the same edactl");
  }
  PlanFile out;
  if (data.contains("server") && data["server"].is_string()) out.server = data["server"].get<std::string>();
  google::protobuf::util::JsonParseOptions lenient;
  lenient.ignore_unknown_fields = true;
  auto read = google::protobuf::util::JsonStringToMessage(
      data["plan"].dump(-1, ' ', false, Json::error_handler_t::replace), &out.plan, lenient);
  if (!read.ok() || out.plan.id().empty() || out.plan.hash().empty()) {
    return fail(not_a_plan(name, "is damaged: it has no plan with an id and a hash"));
  }
  return out;
}

Result<> write_plan_file(Session& session, const WholePlan& plan, const std::string& path) {
  EDA_ASSIGN(const auto* settings, session.settings());
  return write_file(path, plan_json(plan, settings->server.value));
}

Result<WholePlan> load_plan(Session& session, const std::string& path) {
  EDA_ASSIGN(const auto* settings, session.settings());
  EDA_ASSIGN(auto text, read_whole(path, most_bytes));
  EDA_ASSIGN(auto file, parse_plan_file(path == "-" ? "<stdin>" : path, text));
  auto plan = fetch_plan(session, file.plan.id());
  if (!plan && plan.error().code == Code::not_found && file.server != settings->server.value) {
    plan.error().next =
        fmt::format("it was made on {}, and {} was asked", text::printable(file.server), settings->server.value);
  }
  EDA_TRY(plan);
  if (plan->plan.hash() != file.plan.hash()) {
    return fail(
        Code::conflict, "PLAN_ANOTHER",
        fmt::format("plan {} of {} is not the one that edad has: its hash is {}, edad's {}; nothing was changed",
                    text::printable(file.plan.id()), path, text::printable(file.plan.hash()), plan->plan.hash()),
        "the file was changed, or comes from another edad; plan again");
  }
  auto& state = plan->plan.state();
  if (state != "open" && state != "applied") return fail(ended(plan->plan));
  return plan;
}

}  // namespace eda::cli
