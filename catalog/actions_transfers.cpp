#include "catalog/actions_transfers.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "catalog/actions.h"
#include "catalog/actions_answered.h"
#include "catalog/store_services.h"
#include "events/store.h"
#include "operations/store.h"
#include "operations/trail.h"
#include "plans/store.h"
#include "platform/core/limits.h"

namespace eda::catalog {

namespace {

constexpr std::size_t most_crossings = 50;

std::string body_of(const TransferWish& wish) {
  return fmt::format("service.transfer {} {} {}", wish.service, wish.to, wish.until ? to_rfc3339(*wish.until) : "");
}

// Who may give it away at all: a lead of the team that has it, or an admin.
Result<> may_give(pg::Tx& tx, const Standing& standing, const Transfer& transfer) {
  Ref service{"service", "", transfer.service};
  if (standing.admin || standing.in(transfer.from) == TeamRole::lead) return {};
  if (standing.in(transfer.from) != TeamRole::none)
    return fail(errors::leads_only(service, "give away", transfer.from));
  return fail(errors::not_yours(service, "give away", store::team(tx, transfer.from)));
}

// Of what the service reads, what stays behind; of who reads its streams, who stays.
std::vector<std::string> crossings_of(pg::Tx& tx, const Transfer& transfer, const plans::Object& service,
                                      const std::vector<Ref>& products) {
  std::vector<Edge> reads, readers;
  std::vector<std::string> names;
  auto wished = reads_of(transfer.service, service.wish);
  for (auto& read : wished) names.push_back(read.stream);
  for (auto& stream : store::streams_named(tx, names)) {
    bool moves = std::find(products.begin(), products.end(), stream.stream) != products.end();
    bool read = std::any_of(wished.begin(), wished.end(), [&](auto& one) { return covers(one, stream.stream); });
    if (read && !moves) reads.push_back({transfer.service, transfer.from, stream.stream, stream.owner.team});
  }
  for (auto& reader : store::readers_of(tx, products)) {
    if (reader.service != transfer.service) {
      readers.push_back({reader.service, reader.owner.team, reader.stream, transfer.from});
    }
  }
  auto told = crossings(transfer, reads, readers);
  if (told.size() > most_crossings) {
    auto rest = told.size() - most_crossings;
    told.resize(most_crossings);
    told.push_back(fmt::format("and {} more edges cross, or cross no longer", rest));
  }
  return told;
}

std::string groups_note(const plans::Object& service) {
  std::set<std::string> groups;
  for (auto& read : reads_of(service.ref.name, service.wish)) groups.insert(read.group);
  return groups.empty() ? std::string() : fmt::format("its groups go along: {}", fmt::join(groups, ", "));
}

}  // namespace

Result<Transfer> Transfers::resolve(pg::Tx& tx, const TransferWish& wish) {
  auto entry = store::find(tx, Ref{"service", "", wish.service});
  if (!entry) return fail(plans::store::unknown(tx, Ref{"service", "", wish.service}));
  auto to = team_now(tx, wish.to);
  if (!store::teams(tx, {to}).contains(to)) return fail(plans::store::unknown(tx, Ref{"team", "", to}));
  if (entry->owner.team == to) return fail(errors::already_theirs(wish.service, to));
  auto now = clock_.now();
  Transfer transfer{wish.service, entry->owner.team, to, wish.until.value_or(now + offer_lasts), "", ""};
  if (transfer.until <= now || transfer.until > now + longest_offer) return fail(errors::offer_out_of_range());
  return transfer;
}

Result<plans::PlanInput> Transfers::input_of(pg::Tx& tx, const Transfer& transfer) {
  Ref ref{"service", "", transfer.service};
  auto stored = plans::store::load(tx, {ref});
  if (stored.empty()) return fail(plans::store::unknown(tx, ref));
  auto& service = stored.begin()->second;
  std::vector<Ref> products;
  for (auto& product : store::products_of(tx, {service.id})) products.push_back(product.stream);
  plans::PlanInput input;
  auto notes = crossings_of(tx, transfer, service, products);
  if (auto note = groups_note(service); !note.empty()) notes.insert(notes.begin(), note);
  input.rewrites.push_back({ref, handed_over(service.wish, transfer.to, SaysTeam::always), std::move(notes)});
  for (auto& [product, object] : plans::store::load(tx, products)) {
    input.rewrites.push_back({product, handed_over(object.wish, transfer.to, SaysTeam::where_it_did), {}});
  }
  return input;
}

Result<plans::PlanOutput> Transfers::plan_move(const identity::Actor& actor, const Transfer& transfer,
                                               const std::string& reason) {
  EDA_ASSIGN(auto input, pool_.transact([&](pg::Tx& tx) { return input_of(tx, transfer); }));
  input.reason = reason;
  return engine_.plan(actor, std::move(input));
}

Result<Transfers::Planned> Transfers::plan(const identity::Actor& actor, const TransferWish& wish) {
  Planned planned;
  EDA_ASSIGN(auto transfer, pool_.transact([&](pg::Tx& tx) -> Result<Transfer> {
    EDA_ASSIGN(auto resolved, resolve(tx, wish));
    auto standing = standing_of(tx, actor);
    EDA_TRY(may_give(tx, standing, resolved));
    bool alone = !standing.admin && standing.in(resolved.to) != TeamRole::lead;
    planned.receiver = alone ? Planned::Receiver::must_accept : Planned::Receiver::nothing_to_say;
    return resolved;
  }));
  EDA_ASSIGN(auto input, pool_.transact([&](pg::Tx& tx) { return input_of(tx, transfer); }));
  input.reason = wish.reason;
  input.request_id = wish.request_id;
  input.body_hash = body_of(wish);
  auto who = actor;
  if (planned.receiver == Planned::Receiver::must_accept) {
    EDA_ASSIGN(who, deputy_of(actor.subject, actor.request_id));
  }
  EDA_ASSIGN(planned.plan, engine_.plan(who, std::move(input)));
  return planned;
}

Result<operations::Operation> Transfers::begin(pg::Tx& tx, const identity::Actor& actor, const TransferWish& wish,
                                               const Transfer& transfer) {
  std::string id;
  if (!wish.request_id.empty()) {
    EDA_ASSIGN(auto known, events::recall(tx, actor.subject, wish.request_id, body_of(wish)));
    if (known) id = known->result;
  }
  if (id.empty()) {
    Ref target{"service", "", transfer.service};
    operations::store::Filter open;
    open.kind = transfer_kind;
    open.target = target;
    open.unfinished_only = true;
    EDA_ASSIGN(auto offers, operations::store::list(tx, open, PageRequest{1, ""}));
    if (!offers.rows.empty()) return fail(errors::offered_already(transfer.service, offers.rows.front().id));
    operations::NewOperation begun{std::string(transfer_kind), target,        transfer.to, parameters_of(transfer),
                                   transfer_steps(),           actor.subject, wish.reason, ""};
    id = operations::store::begin(tx, {begun}).front();
    auto request = wish.request_id.empty() ? actor.request_id : wish.request_id;
    events::append(tx, {operations::begun_event(begun, id, request)});
    if (!wish.request_id.empty()) events::keep_outcome(tx, {wish.request_id, actor.subject, body_of(wish), id});
  }
  auto operation = operations::store::find(tx, id);
  if (!operation) return fail(operations::errors::operation_unknown(id));
  return *operation;
}

Result<operations::Operation> Transfers::offer(const identity::Actor& actor, const TransferWish& wish) {
  if (!wish.request_id.empty()) EDA_TRY(events::check_request_id(wish.request_id));
  if (wish.reason.size() > limits::text_bytes) return fail(plans::errors::too_long("reason"));
  // What may not be is told to who offers, not to who accepts.
  auto look = wish;
  look.request_id.clear();
  EDA_TRY(plan(actor, look));
  EDA_ASSIGN(auto begun, pool_.transact([&](pg::Tx& tx) -> Result<operations::Operation> {
    EDA_ASSIGN(auto transfer, resolve(tx, wish));
    EDA_TRY(may_give(tx, standing_of(tx, actor), transfer));
    // Two offers at once: the second one waits here and finds the first.
    store::produced_by(tx, plans::store::load(tx, {Ref{"service", "", transfer.service}}).begin()->second.id, 1);
    return begin(tx, actor, wish, transfer);
  }));
  pool_.notify("wishes");
  return begun;
}

}  // namespace eda::catalog
