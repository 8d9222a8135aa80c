// stream set: fields of one stream by hand, for good or for a while.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/change.h"
#include "cli/commands/streams.h"
#include "cli/errors.h"
#include "cli/field_values.h"
#include "cli/session.h"
#include "eda/catalog/v1/catalog.grpc.pb.h"
#include "platform/rpc/convert.h"
#include "platform/text/units.h"
#include "streams/streams.h"

namespace eda::cli {

namespace {

struct SetOptions {
  std::string name;
  std::vector<std::string> fields;
  std::string span;  ///< --for
  bool force = false;
  ChangeOptions change;
};

Result<Instant> end_of(const std::string& span) {
  auto length = text::parse_duration_ms(span);
  if (length && *length > 0) return SystemClock().now() + std::chrono::milliseconds(*length);
  return fail(usage_error(fmt::format("--for {} is no time", span), "write 30m, 4h or 2d"));
}

Result<plans::Document> document_of(const SetOptions& options, const std::string& cluster) {
  plans::Document out;
  out.kind = streams::stream_rules().kind;
  out.cluster = cluster;
  out.name = options.name;
  for (auto& assignment : options.fields) {
    EDA_ASSIGN(auto field, parse_assignment(streams::stream_rules(), assignment));
    auto [_, fresh] = out.fields.insert(field);
    if (!fresh) return fail(usage_error(fmt::format("{} is set twice", field.first), "give one of the two"));
  }
  return out;
}

// A stream is made by a manifest: a typo in its name makes none.
Result<> expect(Session& session, const plans::Document& document) {
  eda::catalog::v1::GetObjectRequest request;
  rpc::to_proto(Ref{"stream", document.cluster, document.name}, request.mutable_object());
  EDA_TRY(session.call(&eda::catalog::v1::CatalogService::Stub::GetObject, request));
  return {};
}

Result<Exit> set(Session& session, const SetOptions& options) {
  EDA_ASSIGN(const auto* settings, session.settings());
  EDA_ASSIGN(auto document, document_of(options, settings->cluster.value));
  EDA_ASSIGN(auto request, plan_request(session, options.change.dry_run ? Purpose::look : Purpose::apply));
  if (!options.span.empty()) {
    EDA_ASSIGN(auto until, end_of(options.span));
    rpc::to_proto(until, request.mutable_until());
  }
  request.set_force_conflicts(options.force);
  EDA_TRY(expect(session, document));
  auto plan = plan_documents(session, {document}, std::move(request));
  if (!plan && plan.error().reason == "FIELD_MANAGED" && options.span.empty()) {
    auto error = std::move(plan).error();
    error.next += "; --for 4h changes it for a while";
    return fail(std::move(error));
  }
  EDA_TRY(plan);
  return carry_out(session, *plan, options.change);
}

}  // namespace

Command stream_set_command() {
  return {"set",
          "change fields of a stream by hand; with --for they end by themselves",
          "edactl stream set orders.placed retention=60d --for 4h --reason \"a consumer is behind\"\n"
          "edactl stream set orders.placed config.max.message.bytes=2000000 --reason \"larger orders\"\n"
          "edactl stream set orders.placed retention=   # back to the default",
          [](CLI::App& app) -> Run {
            auto options = std::make_shared<SetOptions>();
            app.add_option("name", options->name, "the stream")->type_name("NAME")->required();
            app.add_option("fields", options->fields, "its fields, as edactl explain stream lists them")
                ->type_name("FIELD=VALUE")
                ->required();
            app.add_option("--for", options->span, "put back after so long; whatever manages the field goes on with it")
                ->type_name("DURATION");
            app.add_flag("--force-conflicts", options->force, "take over fields that a set manages");
            declare_change(app, options->change);
            return [options](Session& session) { return set(session, *options); };
          },
          {},
          "Domains",
          Shows::plans};
}

}  // namespace eda::cli
