#include "cli/commands/streams.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/change.h"
#include "cli/errors.h"
#include "cli/listing.h"
#include "cli/session.h"
#include "cli/when.h"
#include "eda/streams/v1/streams.grpc.pb.h"
#include "platform/process/request_id.h"
#include "platform/text/unicode.h"

namespace eda::cli {

namespace v1 = eda::streams::v1;
using v1::StreamService;

namespace {

struct AdoptOptions {
  std::vector<std::string> topics;
  bool list = false;
  bool request = false;
  ChangeOptions change;
};

Result<Exit> list_topics(Session& session, const Settings& settings) {
  Listing listing(session.terminal(), session.format(), "topics",
                  {{"TOPIC", Column::Show::always, Column::Align::left, Column::Wrap::never},
                   {"PARTITIONS", Column::Show::always, Column::Align::right, Column::Wrap::normal},
                   {"REPLICATION", Column::Show::always, Column::Align::right, Column::Wrap::normal},
                   {"ID", Column::Show::wide, Column::Align::left, Column::Wrap::normal}});
  EDA_TRY(each_unmanaged_topic(session, settings.cluster.value, [&](const v1::Topic& topic) {
    listing.add(topic,
                {topic.name(), std::to_string(topic.partitions()), std::to_string(topic.replication()), topic.id()},
                topic.name());
  }));
  listing.finish("every topic of the cluster is managed by a stream");
  return Exit::ok;
}

// Of a lead who may not adopt: an admin answers it later.
Result<Exit> request_adoption(Session& session, const AdoptOptions& options, const Settings& settings) {
  v1::RequestAdoptionRequest request;
  request.set_request_id(process::draw_request_id());
  request.set_reason(session.globals().reason);
  request.set_cluster(settings.cluster.value);
  request.set_team(settings.team.value);
  request.mutable_topics()->Add(options.topics.begin(), options.topics.end());
  EDA_ASSIGN(auto response, session.call(&StreamService::Stub::RequestAdoption, request));
  auto& terminal = session.terminal();
  auto& operation = response.operation();
  if (!show_message(terminal, session.format(), operation, operation.id())) {
    terminal.out(operation.id() + "\n");
    auto until = when(terminal, operation.waiting_until());
    auto whom = operation.waiting_for().empty() ? "admins" : text::printable(operation.waiting_for());
    terminal.say(
        fmt::format("asked: {} waits for {}{}", operation.id(), whom, until.empty() ? "" : ", until " + until));
    terminal.say(fmt::format("they answer with edactl operation resume {} or abort", operation.id()));
  }
  return Exit::ok;
}

Result<Exit> adopt(Session& session, const AdoptOptions& options) {
  EDA_ASSIGN(const auto* settings, session.settings());
  if (options.list) {
    EDA_TRY(check_format(session.format(), Shows::list, "edactl stream adopt --list"));
    return list_topics(session, *settings);
  }
  if (options.topics.empty())
    return fail(usage_error("adopt which topics?", "edactl stream adopt --list shows what can be adopted"));
  if (settings->team.value.empty()) return fail(usage_error("whose will they be?", "--team NAME"));
  if (options.request && options.change.dry_run) {
    return fail(usage_error("a request plans nothing that could be shown", "leave out --request, or --dry-run"));
  }
  if (options.request) {
    EDA_TRY(check_format(session.format(), Shows::document, "edactl stream adopt --request"));
    return request_adoption(session, options, *settings);
  }
  v1::PlanAdoptionRequest request;
  request.set_request_id(process::draw_request_id());
  request.set_cluster(settings->cluster.value);
  request.set_team(settings->team.value);
  request.mutable_topics()->Add(options.topics.begin(), options.topics.end());
  EDA_ASSIGN(auto response, while_planning(session, session.call(&StreamService::Stub::PlanAdoption, request)));
  EDA_ASSIGN(auto plan, whole_plan(session, std::move(*response.mutable_plan())));
  return carry_out(session, plan, options.change);
}

}  // namespace

Result<> each_unmanaged_topic(Session& session, const std::string& cluster,
                              const std::function<void(const v1::Topic&)>& each) {
  v1::ListTopicsRequest request;
  request.set_cluster(cluster);
  request.set_unmanaged_only(true);
  request.set_page_size(1000);
  return pages(session, &StreamService::Stub::ListTopics, std::move(request),
               [&](v1::ListTopicsResponse& page) -> Result<> {
                 for (auto& topic : page.topics()) {
                   if (!topic.internal()) each(topic);
                 }
                 return {};
               });
}

Command stream_command() {
  Command out{"stream",
              "acts of streams beyond their manifests",
              "edactl stream adopt --list\n"
              "edactl stream set orders.placed retention=60d --for 4h --reason \"a consumer is behind\"\n"
              "edactl stream tag orders.placed pii --yes\n"
              "edactl stream drift\n"
              "# listing and showing them\n"
              "edactl get streams\n"
              "edactl describe stream orders.placed",
              {},
              {},
              "Domains"};
  out.commands = {
      {"adopt",
       "take existing topics exactly as they are; nothing is written to the broker (admins)",
       "edactl stream adopt --list\n"
       "edactl stream adopt orders.placed orders.paid --team checkout\n"
       "edactl stream adopt orders.placed --team checkout --request --reason \"we write it\"   # a lead asks",
       [](CLI::App& app) -> Run {
         auto options = std::make_shared<AdoptOptions>();
         app.add_option("topics", options->topics, "topics on the cluster")->type_name("TOPIC");
         app.add_flag("--request", options->request, "ask an admin to allow it (leads of the team)");
         app.add_flag("--list", options->list, "show the topics that no stream manages");
         declare_change(app, options->change);
         return [options](Session& session) { return adopt(session, *options); };
       },
       {},
       "Domains",
       Shows::plans},
      stream_set_command(),
      stream_tag_command(),
      stream_untag_command(),
      stream_deprecate_command(),
      drift_command()};
  return out;
}

}  // namespace eda::cli
