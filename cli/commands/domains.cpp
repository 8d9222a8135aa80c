#include "cli/commands/domains.h"

#include <fmt/format.h>

#include "cli/listing.h"
#include "eda/catalog/v1/catalog.grpc.pb.h"

namespace eda::cli {

namespace v1 = eda::catalog::v1;

bool is_domains(const std::string& kinds) {
  return kinds == "domains" || kinds == "domain";
}

Result<Exit> get_domains(Session& session) {
  constexpr auto always = Column::Show::always;
  constexpr auto right = Column::Align::right;
  Listing listing(session.terminal(), session.format(), "domains",
                  {{"DOMAIN", always, Column::Align::left, Column::Wrap::never},
                   {"SERVICES", always, right},
                   {"STREAMS", always, right},
                   {"OBJECTS", Column::Show::wide, right},
                   {"TEAMS", always, Column::Align::left, Column::Wrap::first}});
  v1::ListDomainsRequest request;
  request.set_page_size(1000);
  EDA_TRY(pages(session, &v1::CatalogService::Stub::ListDomains, std::move(request),
                [&](v1::ListDomainsResponse& page) -> Result<> {
                  for (auto& domain : page.domains()) {
                    listing.add(domain,
                                {domain.name(), std::to_string(domain.services()), std::to_string(domain.streams()),
                                 std::to_string(domain.objects()), fmt::format("{}", fmt::join(domain.teams(), ", "))},
                                domain.name());
                  }
                  return {};
                }));
  listing.finish("no object names a domain: metadata: {domain: NAME}");
  return Exit::ok;
}

}  // namespace eda::cli
