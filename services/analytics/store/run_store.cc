#include "services/analytics/store/run_store.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <new>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/log/log.h"
#include "common/status/status_macros.h"
#include "services/analytics/store/consumption_reader.h"
#include "services/analytics/store/order_hash.h"
#include "services/analytics/store/query_runner.h"
#include "services/analytics/store/utc_month.h"

namespace tidemark::analytics {
namespace {

// Calls visit(row) for the rows of a group with an effective index below log_size until it returns
// false.
template <typename Visit>
void EachRowBelow(const RowGroup& group, uint64_t log_size, Visit visit) {
  const ColumnView& effective = group.columns[kEffectiveSlot];
  for (size_t row = group.rows; row-- > 0;) {
    if (static_cast<uint64_t>(effective.At(row)) < log_size && !visit(row)) return;
  }
}

bool TouchesMonths(const RowGroup& group, int32_t first, int32_t last) {
  return UtcMonthOf(group.min_time_us) <= last && UtcMonthOf(group.max_time_us) >= first;
}

// Every distinct count has a table with all ids of the log, and quantiles read their rows again.
bool CostsMoreThanItsRows(const EngineQuery& query) {
  return !query.quantiles.empty() ||
         std::any_of(query.aggregates.begin(), query.aggregates.end(), [](Aggregate aggregate) {
           return aggregate == Aggregate::kOrders || aggregate == Aggregate::kConsumers ||
                  aggregate == Aggregate::kNewConsumers;
         });
}

absl::Status AboveMaxRows() { return absl::AbortedError("max_rows: the query takes longer"); }

}  // namespace

RunStore::RunStore(Options options)
    : options_(std::move(options)),
      dictionaries_(std::make_unique<Dictionaries>()),
      parts_(std::make_shared<Parts>()),
      query_memory_(options_.limits.all_queries_bytes) {
  if (options_.threads > 1) {
    pool_ = std::make_unique<base::ThreadPool>(base::ThreadPool::Options{
        .name = "scan", .threads = options_.threads - 1, .queue_limit = 64});
  }
  scan_ = std::make_unique<ParallelScan>(pool_.get(), options_.threads);
}

RunStore::~RunStore() {
  {
    base::MutexLock lock(parts_mutex_);
    stopping_ = true;
    parts_changed_.NotifyAll();
  }
  if (maintenance_.joinable()) maintenance_.join();
}

absl::StatusOr<std::unique_ptr<RunStore>> RunStore::Open(Options options) {
  if (options.threads < 1 || options.chunk_effects < 1 || options.merge_runs < 2) {
    return absl::InvalidArgumentError(
        "threads and chunk_effects must be at least 1, merge_runs at least 2");
  }
  std::unique_ptr<RunStore> store(new RunStore(std::move(options)));
  TM_RETURN_IF_ERROR(store->Load());
  if (store->options_.background) {
    store->maintenance_ = std::thread([raw = store.get()] { raw->MaintenanceLoop(); });
  }
  return store;
}

absl::Status RunStore::Load() {
  base::MutexLock maintenance(maintenance_mutex_);
  TM_ASSIGN_OR_RETURN(folder_, RunFolder::Create(*options_.fs, options_.dir));
  if (options_.rebuild) TM_RETURN_IF_ERROR(folder_->Clear());
  TM_ASSIGN_OR_RETURN(RunList runs, folder_->Open());
  TM_ASSIGN_OR_RETURN(const size_t good, LoadDictionaries(runs));
  for (; runs.size() > good; runs.pop_back()) {
    log::Warn("statistics file discarded, its part of the log will be folded again",
              {{"file", runs.back()->path()},
               {"reason", "its dictionary does not continue the one before it"}});
    folder_->Remove(*runs.back());
  }
  if (runs.empty()) return absl::OkStatus();
  folded_.store(runs.back()->end_leaf(), std::memory_order_release);
  {
    base::MutexLock lock(index_mutex_);
    log_id_ = runs[0]->directory().log_id;
  }
  EditParts([&](Parts* parts) {
    parts->runs = runs;
    parts->durable_runs = runs.size();
  });
  return absl::OkStatus();
}

// Returns how many of the runs are good, and holds the dictionaries of those.
absl::StatusOr<size_t> RunStore::LoadDictionaries(const RunList& runs) {
  base::MutexLock dictionary(dictionary_mutex_);
  base::MutexLock index(index_mutex_);
  size_t good = runs.size();
  for (size_t i = 0; i < good; ++i) {
    if (i == 0) {
      dictionaries_ = std::make_unique<Dictionaries>();
      index_ = SnapshotIndex();
    }
    const RunImage& run = *runs[i];
    bool loaded = true;
    for (int f = 0; f < kFieldCount; ++f) {
      loaded = loaded && dictionaries_->codes[f].Load(run.Section(SectionKind::kTexts, f));
    }
    loaded = loaded && dictionaries_->consumers.Load(run.Section(SectionKind::kConsumers, 0)) &&
             dictionaries_->orders.Load(run.Section(SectionKind::kOrders, 0)) &&
             index_.Load(run.Section(SectionKind::kBlocks, 0), run.Section(SectionKind::kMarks, 0),
                         run.end_leaf()) &&
             Sizes() == run.directory().dictionary_end;
    if (loaded) continue;
    // Start again with the runs before this one only.
    good = i;
    i = static_cast<size_t>(-1);
  }
  if (good == 0) {
    dictionaries_ = std::make_unique<Dictionaries>();
    index_ = SnapshotIndex();
    return good;
  }
  log_key_ = LogKey(runs[0]->directory().log_id);
  for (int kind = 0; kind < kEffectKindCount; ++kind) {
    kind_codes_[kind] =
        dictionaries_->codes[kClassSlot].Find(KindText(static_cast<EffectKind>(kind)));
  }
  return good;
}

std::shared_ptr<const RunStore::Parts> RunStore::parts() const {
  base::MutexLock lock(parts_mutex_);
  return parts_;
}

RunStore::Snapped RunStore::Snap(uint64_t log_size) const {
  Snapped snapped;
  snapped.parts = parts();
  for (const auto& run : snapped.parts->runs) {
    if (run->first_leaf() >= log_size) break;
    for (const RowGroup& group : run->groups()) {
      if (group.min_effective < log_size) snapped.groups.push_back(&group);
    }
  }
  for (const auto& chunk : snapped.parts->chunks) {
    if (chunk->first_leaf() >= log_size) break;
    snapped.chunk_groups.push_back(chunk->Rows(log_size));
    if (snapped.chunk_groups.back().rows != 0)
      snapped.groups.push_back(&snapped.chunk_groups.back());
  }
  return snapped;
}

// The numbers of a filter's orders under every source. Hashing, and the lock for a moment at a
// time: Append wants it as well.
ScanFacts::OrderIds RunStore::FindOrders(const OrderFilter& filter, const Key16& log_key,
                                         CodeId sources, QueryControl& control) const {
  ScanFacts::OrderIds found{.ids = {}, .exclude = filter.exclude};
  if (filter.unknown) found.ids.push_back(0);
  constexpr size_t kAtOnce = 1024;
  std::vector<Key16> keys;
  std::array<uint32_t, kAtOnce> ids;
  const auto look_up = [&] {
    base::MutexLock lock(dictionary_mutex_);
    dictionaries_->orders.Find(keys.data(), keys.size(), ids.data());
    std::copy_if(ids.begin(), ids.begin() + static_cast<ptrdiff_t>(keys.size()),
                 std::back_inserter(found.ids), [](uint32_t id) { return id != 0; });
    keys.clear();
  };
  for (const std::string& order : filter.orders) {
    for (CodeId source = 0; source < sources; ++source) {
      keys.push_back(OrderKey(log_key, source, order));
      if (keys.size() < kAtOnce) continue;
      look_up();
      if (!control.Continue()) return found;
    }
  }
  look_up();
  std::sort(found.ids.begin(), found.ids.end());
  return found;
}

ScanFacts RunStore::Facts(const EngineQuery& query, QueryControl& control) const {
  ScanFacts facts;
  facts.limits = options_.limits;
  Key16 log_key;
  {
    base::MutexLock lock(dictionary_mutex_);
    for (int f = 0; f < kFieldCount; ++f) facts.code_counts[f] = dictionaries_->codes[f].size() + 1;
    facts.kind_codes = kind_codes_;
    facts.consumers = dictionaries_->consumers.size();
    facts.orders = dictionaries_->orders.size();
    log_key = log_key_;
  }
  for (const OrderFilter& filter : query.order_filters) {
    facts.order_filters.push_back(
        FindOrders(filter, log_key, facts.code_counts[static_cast<int>(Field::kSource)], control));
  }
  return facts;
}

absl::StatusOr<EngineResult> RunStore::RunChecked(const EngineQuery& query,
                                                  QueryControl& control) const {
  if (query.max_rows != UINT64_MAX && CostsMoreThanItsRows(query)) return AboveMaxRows();
  const Snapped snapped = Snap(query.log_size);
  const ScanFacts facts = Facts(query, control);
  const ScanPlan plan(query, facts, control, snapped.groups);
  if (!control.failed() && plan.rows() > query.max_rows) return AboveMaxRows();
  return RunPlan(plan, *scan_, [&] {
    return first_times_.At(query.log_size, facts.consumers, query.unseen_sources, snapped.groups,
                           control);
  });
}

absl::StatusOr<EngineResult> RunStore::Run(const EngineQuery& query) const {
  TM_RETURN_IF_ERROR(CheckQuery(query, folded_size()));
  QueryControl control(query.stop, options_.limits.query_bytes, &query_memory_);
  try {
    return RunChecked(query, control);
  } catch (
      const std::bad_alloc&) {  // what the budget does not count, or a machine too small for it
    return OutOfMemory();
  }
}

absl::StatusOr<uint64_t> RunStore::EachConsumer(
    const EngineQuery& query,
    absl::FunctionRef<absl::Status(std::span<const Consumption>)> take) const {
  TM_RETURN_IF_ERROR(CheckQuery(query, folded_size()));
  TM_RETURN_IF_ERROR(CheckCellNumbers(query));
  QueryControl control(query.stop, options_.limits.query_bytes, &query_memory_);
  try {
    const Snapped snapped = Snap(query.log_size);
    const ScanFacts facts = Facts(query, control);
    const ScanPlan plan(query, facts, control, snapped.groups);
    if (!control.failed() && plan.rows() > query.max_rows) return AboveMaxRows();
    TM_RETURN_IF_ERROR(ReadConsumptions(plan, *scan_, take));
    return plan.rows();
  } catch (const std::bad_alloc&) {
    return OutOfMemory();
  }
}

uint64_t RunStore::durable_size() const {
  const auto now = parts();
  return now->durable_runs == 0 ? 0 : now->runs[now->durable_runs - 1]->end_leaf();
}

std::string RunStore::log_id() const {
  base::MutexLock lock(index_mutex_);
  return log_id_;
}

absl::StatusOr<SnapshotInfo> RunStore::Snapshot(uint64_t log_size) const {
  const uint64_t folded = folded_size();
  if (log_size > folded) {
    return absl::OutOfRangeError(
        absl::StrCat("log_size: ", log_size, " is above the ", folded, " records folded so far"));
  }
  base::MutexLock lock(index_mutex_);
  return index_.At(log_size);
}

uint64_t RunStore::LogSizeAt(int64_t accepted_time_us) const {
  const uint64_t folded = folded_size();
  base::MutexLock lock(index_mutex_);
  return std::min(folded, index_.LogSizeAt(accepted_time_us));
}

std::shared_ptr<const CodeList> RunStore::Codes(Field field) const {
  base::MutexLock lock(dictionary_mutex_);
  return dictionaries_->codes[static_cast<int>(field)].List();
}

StatStore::TimeBounds RunStore::EventTimes(uint64_t log_size) const {
  TimeBounds bounds;
  uint64_t known = 0;
  {
    base::MutexLock lock(index_mutex_);
    known = index_.TimesAt(log_size, &bounds);
  }
  if (known == log_size) return bounds;
  // A size inside a block: only the rows of that block are left.
  const Snapped snapped = Snap(log_size);
  for (const RowGroup* group : snapped.groups) {
    if (group->max_effective < known) continue;
    EachRowBelow(*group, log_size, [&](size_t row) {
      if (static_cast<uint64_t>(group->columns[kEffectiveSlot].At(row)) < known)
        return group->sorted;
      const int64_t time = group->TimeAt(row);
      bounds = Join(bounds, {time, time});
      return true;
    });
  }
  return bounds;
}

uint64_t RunStore::DataVersion(int64_t start_us, int64_t end_us, uint64_t log_size) const {
  if (start_us >= end_us) return 0;
  const int32_t first = UtcMonthOf(start_us), last = UtcMonthOf(end_us - 1);
  uint64_t version = 0;
  const Snapped snapped = Snap(log_size);
  // Newest first: most groups then hold nothing newer than what was found.
  for (size_t i = snapped.groups.size(); i-- > 0;) {
    const RowGroup& group = *snapped.groups[i];
    if (!TouchesMonths(group, first, last) || group.max_effective < version) continue;
    if (group.sorted && group.max_effective < log_size) {
      version = group.max_effective + 1;
      continue;
    }
    UtcMonthCursor cursor;
    EachRowBelow(group, log_size, [&](size_t row) {
      const int32_t month = group.sorted ? group.month : cursor.Month(group.TimeAt(row));
      if (month < first || month > last) return true;
      version = std::max(version, static_cast<uint64_t>(group.columns[kEffectiveSlot].At(row)) + 1);
      return group.sorted;  // a chunk is in the order of the log: nothing below is newer
    });
  }
  return version;
}

StoreStats RunStore::Stats() const {
  StoreStats stats;
  const auto now = parts();
  stats.runs = static_cast<uint32_t>(now->durable_runs);
  stats.tail_effects = TailEffects(*now);
  stats.effects = stats.tail_effects;
  for (size_t i = 0; i < now->runs.size(); ++i) {
    if (i < now->durable_runs) {
      stats.effects += now->runs[i]->effects();
      stats.run_bytes += now->runs[i]->bytes();
    } else {
      stats.memory_bytes += now->runs[i]->bytes();
    }
  }
  for (const auto& chunk : now->chunks) stats.memory_bytes += chunk->memory_bytes();
  stats.memory_bytes += first_times_.memory_bytes();
  {
    base::MutexLock lock(dictionary_mutex_);
    for (const CodeDictionary& codes : dictionaries_->codes)
      stats.memory_bytes += codes.memory_bytes();
    stats.memory_bytes +=
        dictionaries_->consumers.memory_bytes() + dictionaries_->orders.memory_bytes();
  }
  base::MutexLock lock(index_mutex_);
  stats.memory_bytes += index_.memory_bytes();
  return stats;
}

template <typename Edit>
void RunStore::EditParts(Edit edit) {
  base::MutexLock lock(parts_mutex_);
  auto changed = std::make_shared<Parts>(*parts_);
  edit(changed.get());
  parts_ = std::move(changed);
  parts_changed_.NotifyAll();
}

}  // namespace tidemark::analytics
