// stream tag, untag, deprecate: plans like those of stream set, made of the tags that the stream has.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "catalog/tags.h"
#include "cli/change.h"
#include "cli/commands/streams.h"
#include "cli/session.h"
#include "eda/catalog/v1/catalog.grpc.pb.h"
#include "platform/rpc/convert.h"
#include "streams/streams.h"

namespace eda::cli {

namespace {

using eda::catalog::v1::CatalogService;

struct TagOptions {
  std::string name;
  std::vector<std::string> tags;
  std::string successor, sunset;  ///< of deprecate
  bool force = false;
  ChangeOptions change;
};

enum class Tagging { put_on, take_off };

Result<std::vector<std::string>> tags_of(Session& session, const Ref& stream) {
  eda::catalog::v1::GetObjectRequest request;
  rpc::to_proto(stream, request.mutable_object());
  EDA_ASSIGN(auto response, session.call(&CatalogService::Stub::GetObject, request));
  std::vector<std::string> tags;
  auto& fields = response.object().spec().fields();
  if (auto found = fields.find("tags"); found != fields.end()) {
    for (auto& item : found->second.list_value().values()) tags.push_back(item.string_value());
  }
  return tags;
}

bool holds(const std::vector<std::string>& tags, const std::string& tag) {
  return std::find(tags.begin(), tags.end(), tag) != tags.end();
}

Result<Exit> plan_tags(Session& session, const TagOptions& options, const Ref& stream,
                       const std::vector<std::string>& tags) {
  plans::Document document;
  document.kind = streams::stream_rules().kind;
  document.cluster = stream.cluster;
  document.name = stream.name;
  document.fields.emplace("spec.tags", plans::Said{Value(Value::List(tags.begin(), tags.end())), {}});
  if (!options.successor.empty()) document.fields.emplace("spec.successor", plans::Said{Value(options.successor), {}});
  if (!options.sunset.empty()) document.fields.emplace("spec.sunset", plans::Said{Value(options.sunset), {}});
  EDA_ASSIGN(auto request, plan_request(session, options.change.dry_run ? Purpose::look : Purpose::apply));
  request.set_force_conflicts(options.force);
  EDA_ASSIGN(auto plan, plan_documents(session, {document}, std::move(request)));
  return carry_out(session, plan, options.change);
}

Result<Exit> tag(Session& session, const TagOptions& options, Tagging tagging) {
  EDA_ASSIGN(const auto* settings, session.settings());
  Ref stream{"stream", settings->cluster.value, options.name};
  EDA_ASSIGN(auto tags, tags_of(session, stream));
  for (auto& named : options.tags) {
    if (tagging == Tagging::put_on && !holds(tags, named)) tags.push_back(named);
    if (tagging == Tagging::take_off) {
      if (!holds(tags, named)) session.terminal().say(fmt::format("{} does not have tag/{}", stream.text(), named));
      std::erase(tags, named);
    }
  }
  return plan_tags(session, options, stream, tags);
}

Result<Exit> deprecate(Session& session, const TagOptions& options) {
  EDA_ASSIGN(const auto* settings, session.settings());
  Ref stream{"stream", settings->cluster.value, options.name};
  EDA_ASSIGN(auto tags, tags_of(session, stream));
  auto deprecated = std::string(catalog::deprecated);
  if (!holds(tags, deprecated)) tags.push_back(deprecated);
  return plan_tags(session, options, stream, tags);
}

Command tagging_command(std::string name, std::string summary, std::string examples, Tagging tagging) {
  return {std::move(name),
          std::move(summary),
          std::move(examples),
          [tagging](CLI::App& app) -> Run {
            auto options = std::make_shared<TagOptions>();
            app.add_option("name", options->name, "the stream")->type_name("NAME")->required();
            app.add_option("tags", options->tags, "tags, as edactl get tags lists them")->type_name("TAG")->required();
            app.add_flag("--force-conflicts", options->force, "take over the tags where a set manages them");
            declare_change(app, options->change);
            return [options, tagging](Session& session) { return tag(session, *options, tagging); };
          },
          {},
          "Domains",
          Shows::plans};
}

}  // namespace

Command stream_tag_command() {
  return tagging_command("tag", "put tags on a stream", "edactl stream tag orders.placed pii financial --yes",
                         Tagging::put_on);
}

Command stream_untag_command() {
  return tagging_command("untag", "take tags off a stream", "edactl stream untag orders.placed financial --yes",
                         Tagging::take_off);
}

Command stream_deprecate_command() {
  return {"deprecate",
          "say that a stream goes: no new consumers, and what to read instead",
          "edactl stream deprecate orders.placed --successor orders.placed.v2 --sunset 2027-06-30 --yes\n"
          "edactl stream deprecate orders.placed --dry-run       # whom it concerns\n"
          "edactl stream untag orders.placed deprecated --yes   # it stays after all",
          [](CLI::App& app) -> Run {
            auto options = std::make_shared<TagOptions>();
            app.add_option("name", options->name, "the stream")->type_name("NAME")->required();
            app.add_option("--successor", options->successor, "the stream to read instead")->type_name("STREAM");
            app.add_option("--sunset", options->sunset, "the day from which nobody should need it")->type_name("DATE");
            app.add_flag("--force-conflicts", options->force, "take over the tags where a set manages them");
            declare_change(app, options->change);
            return [options](Session& session) { return deprecate(session, *options); };
          },
          {},
          "Domains",
          Shows::plans};
}

}  // namespace eda::cli
