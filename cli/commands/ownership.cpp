#include "cli/commands/ownership.h"

#include "cli/commands/streams.h"
#include "cli/kinds.h"
#include "cli/listing.h"
#include "cli/plan_words.h"
#include "cli/when.h"
#include "eda/catalog/v1/catalog.grpc.pb.h"
#include "platform/rpc/convert.h"

namespace eda::cli {

namespace catalog_v1 = eda::catalog::v1;
using catalog_v1::CatalogService;
using catalog_v1::OwnershipService;

Result<Exit> get_owners_at(Session& session, const std::vector<const plans::KindRules*>& kinds, const std::string& at) {
  EDA_ASSIGN(auto moment, past_of("--at", at));
  EDA_ASSIGN(const auto* settings, session.settings());
  auto& terminal = session.terminal();
  auto column = [](const char* header, Column::Wrap wrap = Column::Wrap::normal,
                   Column::Show show = Column::Show::always) {
    return Column{header, show, Column::Align::left, wrap};
  };
  Listing listing(
      terminal, session.format(), "owners",
      {column("OBJECT", Column::Wrap::never), column("TEAM"), column("SERVICE"), column("SINCE"), column("UNTIL")});
  for (const auto* rules : kinds) {
    if (!rules->owned) continue;
    catalog_v1::ListOwnersAtRequest request;
    rpc::to_proto(moment, request.mutable_at());
    request.set_kind(rules->singular());
    if (rules->scope == plans::Scope::cluster) request.set_cluster(settings->cluster.value);
    request.set_team(session.globals().context.team);
    request.set_page_size(1000);
    EDA_TRY(pages(session, &OwnershipService::Stub::ListOwnersAt, std::move(request),
                  [&](catalog_v1::ListOwnersAtResponse& page) -> Result<> {
                    for (auto& span : page.owners()) {
                      auto name = ref_text(span.object(), settings->cluster.value);
                      listing.add(span,
                                  {name, span.team(), span.service(), when(terminal, span.since()),
                                   when(terminal, span.until())},
                                  name);
                    }
                    return {};
                  }));
  }
  listing.finish("nobody owned anything then");
  return Exit::ok;
}

namespace {

Result<std::vector<std::string>> clusters_of(Session& session) {
  EDA_ASSIGN(const auto* settings, session.settings());
  if (!settings->cluster.value.empty()) return std::vector<std::string>{settings->cluster.value};
  std::vector<std::string> names;
  catalog_v1::ListObjectsRequest request;
  request.set_kind("cluster");
  request.set_brief(true);
  request.set_page_size(1000);
  EDA_TRY(pages(session, &CatalogService::Stub::ListObjects, std::move(request),
                [&](catalog_v1::ListObjectsResponse& page) -> Result<> {
                  for (auto& object : page.objects()) names.push_back(object.metadata().name());
                  return {};
                }));
  return names;
}

}  // namespace

Result<Exit> get_unowned(Session& session) {
  EDA_ASSIGN(auto clusters, clusters_of(session));
  Listing listing(session.terminal(), session.format(), "topics",
                  {{"TOPIC", Column::Show::always, Column::Align::left, Column::Wrap::never},
                   {"CLUSTER", Column::Show::always, Column::Align::left, Column::Wrap::normal},
                   {"PARTITIONS", Column::Show::always, Column::Align::right, Column::Wrap::normal}});
  for (auto& cluster : clusters) {
    EDA_TRY(each_unmanaged_topic(session, cluster, [&](const eda::streams::v1::Topic& topic) {
      listing.add(topic, {topic.name(), cluster, std::to_string(topic.partitions())}, topic.name());
    }));
  }
  listing.finish("everything is owned by somebody");
  return Exit::ok;
}

}  // namespace eda::cli
