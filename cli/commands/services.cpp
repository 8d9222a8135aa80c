#include "cli/commands/services.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/change.h"
#include "cli/errors.h"
#include "cli/listing.h"
#include "cli/operation_view.h"
#include "cli/session.h"
#include "cli/when.h"
#include "eda/catalog/v1/catalog.grpc.pb.h"
#include "eda/operations/v1/operations.grpc.pb.h"
#include "platform/process/request_id.h"
#include "platform/rpc/convert.h"
#include "platform/text/unicode.h"
#include "platform/text/units.h"

namespace eda::cli {

using eda::catalog::v1::OwnershipService;
using eda::operations::v1::OperationService;
namespace catalog_v1 = eda::catalog::v1;
namespace operations_v1 = eda::operations::v1;

namespace {

struct TransferOptions {
  std::string service;
  std::string to;
  std::string until;
  ChangeOptions change;
};

Result<Exit> offer(Session& session, const TransferOptions& options) {
  catalog_v1::OfferTransferRequest request;
  request.set_request_id(process::draw_request_id());
  request.set_reason(session.globals().reason);
  request.set_service(options.service);
  request.set_to(options.to);
  if (!options.until.empty()) {
    auto span = text::parse_duration_ms(options.until);
    if (!span || *span <= 0) {
      return fail(usage_error(fmt::format("--until {} is no time", options.until), "write 3d or 14d"));
    }
    rpc::to_proto(SystemClock().now() + std::chrono::milliseconds(*span), request.mutable_until());
  }
  EDA_ASSIGN(auto response, session.call(&OwnershipService::Stub::OfferTransfer, request));
  auto& terminal = session.terminal();
  auto& operation = *response.mutable_operation();
  // Within a moment it waits, and has its date.
  EDA_TRY(follow_operation(session, operation));
  if (show_message(terminal, session.format(), operation, operation.id())) return Exit::ok;
  terminal.out(operation.id() + "\n");
  auto until = when(terminal, operation.waiting_until());
  terminal.say(
      fmt::format("offered to team/{}{}", text::printable(options.to), until.empty() ? "" : ", until " + until));
  terminal.say(fmt::format("a lead of theirs answers with edactl service accept {} or decline", options.service));
  return Exit::ok;
}

Result<Exit> transfer(Session& session, const TransferOptions& options) {
  catalog_v1::PlanTransferRequest request;
  request.set_request_id(process::draw_request_id());
  request.set_reason(session.globals().reason);
  request.set_service(options.service);
  request.set_to(options.to);
  EDA_ASSIGN(auto response, while_planning(session, session.call(&OwnershipService::Stub::PlanTransfer, request)));
  EDA_ASSIGN(auto plan, whole_plan(session, std::move(*response.mutable_plan())));
  if (!response.receiver_must_accept() && !options.until.empty()) {
    return fail(usage_error("you may hand it over at once; --until is for an offer", "leave --until out"));
  }
  if (!response.receiver_must_accept() || options.change.dry_run) return carry_out(session, plan, options.change);
  EDA_TRY(agree_to(session, plan, options.change));
  return offer(session, options);
}

// The offer of the service that is open.
Result<operations_v1::Operation> open_offer(Session& session, const std::string& service) {
  operations_v1::ListOperationsRequest request;
  request.set_kind("service.transfer");
  request.set_unfinished_only(true);
  request.set_page_size(1);
  rpc::to_proto(Ref{"service", "", service}, request.mutable_target());
  EDA_ASSIGN(auto page, session.call(&OperationService::Stub::ListOperations, request));
  if (page.operations_size() > 0) return std::move(*page.mutable_operations(0));
  return fail(Code::not_found, "NOT_OFFERED", fmt::format("service/{} is not offered to anybody", service),
              "edactl operation list --all --object service/" + service);
}

Result<Exit> accept(Session& session, const TransferOptions& options) {
  EDA_ASSIGN(auto offered, open_offer(session, options.service));
  EDA_TRY(follow_operation(session, offered));  // one that was offered a moment ago
  auto request = operation_request<operations_v1::ResumeOperationRequest>(session, offered.id());
  EDA_ASSIGN(auto resumed, session.call(&OperationService::Stub::ResumeOperation, request));
  auto& operation = *resumed.mutable_operation();
  if (!options.change.no_wait) EDA_TRY(follow_operation(session, operation));
  bool read_by_people = session.format() == Format::table || session.format() == Format::wide;
  if (!read_by_people) EDA_TRY(show_operation(session, operation));
  if (options.change.no_wait) return Exit::ok;
  return conclude_operation(session, operation);
}

Result<Exit> decline(Session& session, const TransferOptions& options) {
  EDA_ASSIGN(auto offered, open_offer(session, options.service));
  auto request = operation_request<operations_v1::AbortOperationRequest>(session, offered.id());
  EDA_ASSIGN(auto aborted, session.call(&OperationService::Stub::AbortOperation, request));
  auto& terminal = session.terminal();
  if (!show_message(terminal, session.format(), aborted.operation(), aborted.operation().id())) {
    terminal.say(fmt::format("service/{} stays where it is", text::printable(options.service)));
  }
  return Exit::ok;
}

void declare_service(CLI::App& app, TransferOptions& options) {
  app.add_option("service", options.service, "the service")->type_name("NAME")->required();
}

}  // namespace

Command service_command() {
  Command out{"service",
              "hand services over to other teams",
              "edactl service transfer order-service --to payments\n"
              "edactl service accept order-service\n"
              "# listing and showing them\n"
              "edactl get services\n"
              "edactl describe service order-service",
              {},
              {},
              "Domains"};
  out.commands = {
      {"transfer",
       "give a service, with its streams and groups, to another team; offer it where you lead yours alone",
       "edactl service transfer order-service --to payments --dry-run\n"
       "edactl service transfer order-service --to payments --until 14d --reason \"they run it\"",
       [](CLI::App& app) -> Run {
         auto options = std::make_shared<TransferOptions>();
         declare_service(app, *options);
         app.add_option("--to", options->to, "the receiving team")->type_name("TEAM")->required();
         app.add_option("--until", options->until, "how long the offer stands (default 7d, at most 60d)")
             ->type_name("DURATION");
         declare_change(app, options->change);
         return [options](Session& session) { return transfer(session, *options); };
       },
       {},
       "Domains",
       Shows::plans},
      {"accept",
       "take a service that is offered to a team of yours (leads)",
       "edactl service accept order-service --reason \"agreed on Monday\"",
       [](CLI::App& app) -> Run {
         auto options = std::make_shared<TransferOptions>();
         declare_service(app, *options);
         app.add_flag("!--wait,--no-wait", options->change.no_wait,
                      "return at once (default: wait until it has moved)");
         return [options](Session& session) { return accept(session, *options); };
       },
       {},
       "Domains",
       Shows::document},
      {"decline",
       "refuse a service that is offered, or take an offer back",
       "edactl service decline order-service --reason \"nobody here knows it\"",
       [](CLI::App& app) -> Run {
         auto options = std::make_shared<TransferOptions>();
         declare_service(app, *options);
         return [options](Session& session) { return decline(session, *options); };
       },
       {},
       "Domains",
       Shows::document},
  };
  return out;
}

}  // namespace eda::cli
