#include "cli/commands/events.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/errors.h"
#include "cli/kinds.h"
#include "cli/listing.h"
#include "cli/plan_view.h"
#include "cli/session.h"
#include "cli/when.h"
#include "eda/events/v1/events.grpc.pb.h"
#include "platform/rpc/convert.h"
#include "platform/text/units.h"

namespace eda::cli {

namespace v1 = eda::events::v1;

namespace {

struct AuditOptions {
  std::string actor, object, verb, since;
  std::uint32_t limit = 100;
};

// `stream`, `stream/orders.placed` or `stream/prod/orders.placed`.
Result<Ref> object_of(const AuditOptions& options, const std::string& cluster) {
  if (options.object.find('/') == std::string::npos) {
    if (options.object == "user" || options.object == "token") return Ref{options.object, "", ""};
    EDA_ASSIGN(const auto* rules, parse_kind(options.object));
    return Ref{rules->singular(), "", ""};
  }
  EDA_ASSIGN(auto ref, parse_ref(options.object));
  const auto* rules = kinds().find(ref.kind);
  if (rules != nullptr && rules->scope == plans::Scope::cluster && ref.cluster.empty()) ref.cluster = cluster;
  return ref;
}

Result<Instant> since_of(const std::string& text) {
  if (auto instant = from_rfc3339(text)) return *instant;
  auto span = text::parse_duration_ms(text);
  if (span && *span > 0) return SystemClock().now() - std::chrono::milliseconds(*span);
  return fail(usage_error(fmt::format("--since {} is no time", text), "write 2h, 7d, or 2026-11-21T08:00:00Z"));
}

Result<v1::ListEventsRequest> request_of(const AuditOptions& options, const std::string& cluster) {
  v1::ListEventsRequest request;
  request.set_page_size(std::min<std::uint32_t>(options.limit == 0 ? 1000 : options.limit, 1000));
  auto& actor = options.actor;
  request.set_actor(actor.empty() || actor == "edad" || actor.find('/') != std::string::npos ? actor : "user/" + actor);
  request.set_verb(options.verb);
  if (!options.object.empty()) {
    EDA_ASSIGN(auto ref, object_of(options, cluster));
    rpc::to_proto(ref, request.mutable_object());
  }
  if (!options.since.empty()) {
    EDA_ASSIGN(auto instant, since_of(options.since));
    rpc::to_proto(instant, request.mutable_since());
  }
  return request;
}

Result<Exit> audit(Session& session, const AuditOptions& options) {
  EDA_ASSIGN(const auto* settings, session.settings());
  EDA_ASSIGN(auto request, request_of(options, settings->cluster.value));
  auto& terminal = session.terminal();
  Listing listing(terminal, session.format(), "events",
                  {{"WHEN", Column::Show::always, Column::Align::left, Column::Cut::last},
                   {"WHO", Column::Show::always, Column::Align::left, Column::Cut::normal},
                   {"WHAT", Column::Show::always, Column::Align::left, Column::Cut::normal},
                   {"OBJECT", Column::Show::always, Column::Align::left, Column::Cut::last},
                   {"WHY", Column::Show::always, Column::Align::left, Column::Cut::first},
                   {"PLAN", Column::Show::wide, Column::Align::left, Column::Cut::normal},
                   {"REQUEST", Column::Show::wide, Column::Align::left, Column::Cut::normal}});
  std::uint32_t shown = 0;
  for (;;) {
    EDA_ASSIGN(auto page, session.call(&v1::EventService::Stub::ListEvents, request));
    for (auto& event : page.events()) {
      if (options.limit != 0 && shown == options.limit) break;
      ++shown;
      auto object = ref_text(event.object(), settings->cluster.value);
      listing.add(event,
                  {when(terminal, event.at()), event.actor(), event.verb(), object, event.reason(), event.plan_id(),
                   event.request_id()},
                  object);
    }
    if (page.next_page_token().empty() || (options.limit != 0 && shown == options.limit)) break;
    request.set_page_token(page.next_page_token());
  }
  listing.finish("no events");
  return Exit::ok;
}

}  // namespace

Command audit_command() {
  return {
      "audit",
      "who changed what, when and why; the newest first",
      "edactl audit --since 1d\n"
      "edactl audit --object stream/orders.placed\n"
      "edactl audit --actor ada --verb 'stream.*' --limit 0 -o json",
      [](CLI::App& app) -> Run {
        auto options = std::make_shared<AuditOptions>();
        app.add_option("--actor", options->actor, "user/ada (or ada), ci/checkout/build, edad")->type_name("SUBJECT");
        app.add_option("--object", options->object, "a kind, or a reference like stream/orders.placed")
            ->type_name("REF");
        app.add_option("--verb", options->verb, "stream.created, or stream.*")->type_name("VERB");
        app.add_option("--since", options->since, "2h, 7d, or a time")->type_name("TIME");
        app.add_option("--limit", options->limit, "at most so many (default 100); 0: all")->type_name("N");
        return [options](Session& session) { return audit(session, *options); };
      },
      {},
      "See"};
}

}  // namespace eda::cli
