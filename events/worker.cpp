#include "events/worker.h"

#include "events/store.h"
#include "events/store_seals.h"
#include "platform/process/log.h"

namespace eda::events {

namespace {

constexpr std::chrono::seconds every{1};

Value value_of(const Mark& mark) {
  return Value::Map{{"number", mark.number}, {"hash", hex(mark.hash)}};
}

Event cut_event(const Mark& known, const Mark& found, const std::string& what) {
  Event event;
  event.actor = "edad";
  event.verb = std::string(cut_verb);
  event.object = Ref{"trail", "", "seals"};
  event.before = value_of(known);
  event.after = value_of(found);
  event.reason = what;
  return event;
}

}  // namespace

Sealer::Sealer(pg::Pool& pool, const SealKeyFile& key, HeadMemory& memory, const Clock& clock, std::string holder,
               SealerHooks hooks)
    : pool_(pool),
      key_(key),
      memory_(memory),
      clock_(clock),
      leases_(pool, std::move(holder)),
      hooks_(std::move(hooks)) {}

Sealer::~Sealer() {
  stop();
}

void Sealer::start() {
  if (!thread_.joinable()) thread_ = std::thread([this] { loop(); });
}

void Sealer::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

bool Sealer::stopping() {
  std::lock_guard lock(mutex_);
  return stopping_;
}

void Sealer::loop() {
  std::string last_fault;
  while (!stopping()) {
    auto started = std::chrono::steady_clock::now();
    Result<std::size_t> sealed = 0;
    try {
      sealed = step();
    } catch (const std::exception& fault) {
      sealed = fail(Code::internal, "SEALING", fault.what());
    }
    auto took = std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - started);
    auto outcome = sealed ? std::string("ok") : sealed.error().reason;
    // The database's absence is told by readiness; any other fault once, until it is another one.
    if (!sealed && outcome != last_fault && sealed.error().code != Code::unavailable)
      process::log_error("the audit trail is not sealed", sealed.error());
    last_fault = sealed ? "" : outcome;
    if (hooks_.round) hooks_.round(Round{outcome, sealed.value_or(0), took});
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, every, [this] { return stopping_; });
  }
}

Result<std::size_t> Sealer::step() {
  EDA_TRY(watch());
  EDA_ASSIGN(auto lease, leases_.acquire("events/seal"));
  if (!lease) return 0;
  EDA_ASSIGN(auto end, pool_.transact([](pg::Tx& tx) -> Result<End> { return store::end_of(tx); }));
  EDA_ASSIGN(auto signing, key(end.head));
  // Seals that no head covers were not made by edad: the next head would cover them for ever.
  if (auto fault = judge_end(end)) {
    EDA_TRY(tell(end.head ? Mark{end.head->number, end.head->hash} : Mark{}, end.seal, fault->message));
  }
  std::size_t sealed = 0;
  std::string target;
  for (std::int64_t after = 0; !stopping();) {
    if (sealed > 0) {
      EDA_ASSIGN(lease, leases_.acquire("events/seal"));  // renewed: catching up may take longer than it lasts
      if (!lease) break;
    }
    EDA_ASSIGN(auto batch, seal(*lease, signing, target, after));
    if (batch.rows == 0) break;
    memory_.set(batch.mark);
    sealed += batch.rows;
    after = batch.last;
    if (!batch.more) break;
  }
  return sealed;
}

Result<> Sealer::watch() {
  auto known = memory_.get();
  std::optional<Fault> fault;
  EDA_ASSIGN(auto end, pool_.transact([&](pg::Tx& tx) -> Result<End> {
    auto now = store::end_of(tx);
    fault = known ? judge_known(*known, store::hash_at(tx, known->number), now, Keeper::edad) : std::nullopt;
    return now;
  }));
  if (fault) EDA_TRY(tell(*known, end.seal, fault->message));
  if (end.seal.number > 0 || known) memory_.set(end.seal);
  return {};
}

Result<> Sealer::tell(const Mark& known, const Mark& found, const std::string& what) {
  EDA_TRY(pool_.transact([&](pg::Tx& tx) -> Result<> {
    if (!store::cut_is_told(tx, known.hash, found.hash)) append(tx, {cut_event(known, found, what)});
    return {};
  }));
  process::log_error("the audit trail was cut off or made anew",
                     Error(Code::unhealthy, "TRAIL_CUT", what,
                           "edactl audit verify; find out who changed the database, or whether it was restored"));
  if (hooks_.cut) hooks_.cut();
  return {};
}

Result<std::optional<SealKey>> Sealer::key(const std::optional<Head>& head) {
  EDA_ASSIGN(auto found, key_.read());
  if (found) return found;
  if (head && head->is_signed()) {
    return fail(Code::refused, "SEAL_KEY_MISSING",
                "the audit trail was signed, and its key is not in secrets.dir any more: it is not sealed",
                "put audit-seal.key back, or a new one with the old one retired (docs/operations.md)");
  }
  auto made = key_.make(clock_.now());
  if (made) return key_.read();
  if (!std::exchange(told_unsigned_, true)) {
    process::log_warning("the audit trail is sealed without signatures",
                         {{"fault", made.error().message}, {"next", made.error().next}});
  }
  return std::nullopt;
}

Result<Sealer::Batch> Sealer::seal(const pg::Lease& lease, const std::optional<SealKey>& key, std::string& target,
                                   std::int64_t after) {
  return pool_.transact([&](pg::Tx& tx) -> Result<Batch> {
    if (!leases_.holds(tx, lease)) return Batch{};
    auto end = store::end_of(tx);
    // What this sees is sealed once all batches are; what is committed meanwhile is the next round's at the latest.
    if (target.empty()) target = store::snapshot(tx);
    auto rows = store::unsealed(tx, end.horizon, after, seal_batch + 1);
    Batch batch;
    batch.more = rows.size() > seal_batch;
    if (batch.more) rows.pop_back();
    batch.rows = rows.size();
    if (rows.empty()) return batch;
    std::vector<Hash> hashes;
    hashes.reserve(rows.size());
    batch.mark = end.seal;
    for (auto& row : rows) {
      batch.mark.hash = link(batch.mark.hash, row.row);
      hashes.push_back(batch.mark.hash);
    }
    batch.mark.number += static_cast<std::int64_t>(rows.size());
    batch.last = rows.back().id;
    store::append_seals(tx, end.seal.number + 1, rows, hashes);
    Head head{batch.mark.number, batch.mark.hash, store::now(tx), {}, {}};
    if (key) key->sign(head);
    store::append_head(tx, head, batch.more ? end.horizon : target);
    return batch;
  });
}

}  // namespace eda::events
