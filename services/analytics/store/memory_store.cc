#include "services/analytics/store/memory_store.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/status/status_macros.h"

namespace tidemark::analytics {
namespace {

using Sum = __int128;

absl::CivilMonth MonthOf(int64_t time_us) {
  return absl::ToCivilMonth(absl::FromUnixMicros(time_us), absl::UTCTimeZone());
}

const TimeSlice* SliceOf(const EngineQuery& query, int64_t time_us) {
  for (const TimeSlice& slice : query.slices) {
    if (slice.start_us <= time_us && time_us < slice.end_us) return &slice;
  }
  return nullptr;
}

constexpr EffectKinds kRefunds = {EffectKind::kRefund, EffectKind::kUnlinkedRefund};

absl::Status TooManyCells(const EngineQuery& query) {
  return absl::ResourceExhaustedError(
      absl::StrCat("the answer has more than ", query.max_cells, " cells: narrow the query"));
}

template <typename Key>
int64_t CountPositive(const std::map<Key, int64_t>& counts) {
  return std::count_if(counts.begin(), counts.end(),
                       [](const auto& entry) { return entry.second > 0; });
}

}  // namespace

// Everything about one cell that an aggregate may ask for.
class MemoryStore::Cell {
 public:
  void Add(const Row& row) {
    const Sum amount = Sum{row.sign} * row.amount;
    if (kShown.Has(row.kind)) shown_ += row.sign;
    if (kEvents.Has(row.kind)) events_ += row.sign;
    if (row.kind == EffectKind::kPendingRefund) pending_ += amount;
    if (row.kind == EffectKind::kVoidRefund) void_ += amount;
    if (row.kind == EffectKind::kCohortRefund) cohort_ += amount;
    if (row.kind == EffectKind::kPurchase) {
      gross_ += amount;
      voucher_ += Sum{row.sign} * row.voucher;
      quantity_ += Sum{row.sign} * row.quantity;
      if (!row.pseudonym.empty()) identified_ += amount;
      purchases_ += row.sign;
      amounts_[row.amount] += row.sign;
    }
    if (kRefunds.Has(row.kind)) {
      refunds_ += amount;
      quantity_ -= Sum{row.sign} * row.quantity;
      if (row.kind == EffectKind::kUnlinkedRefund) unlinked_ += amount;
    }
    if (row.kind == EffectKind::kServiceUse) uses_ += row.sign;
    if (row.has_order && kEvents.Has(row.kind))
      orders_[{row.codes[static_cast<int>(Field::kSource)], row.order}] += row.sign;
    if (!row.pseudonym.empty() && kConsumptions.Has(row.kind))
      consumers_[row.pseudonym] += row.sign;
  }

  // Events somebody asks for, whether they count or not.
  int64_t shown() const { return shown_; }
  int64_t purchases() const { return purchases_; }

  Sum Get(Aggregate aggregate, const std::map<std::string, uint32_t>& first_period,
          uint32_t period) const {
    switch (aggregate) {
      case Aggregate::kGross:
        return gross_;
      case Aggregate::kRefunds:
        return refunds_;
      case Aggregate::kUnlinkedRefunds:
        return unlinked_;
      case Aggregate::kPendingRefunds:
        return pending_;
      case Aggregate::kVoidRefunds:
        return void_;
      case Aggregate::kCohortRefunds:
        return cohort_;
      case Aggregate::kVoucher:
        return voucher_;
      case Aggregate::kIdentifiedGross:
        return identified_;
      case Aggregate::kEvents:
        return events_;
      case Aggregate::kPurchases:
        return purchases_;
      case Aggregate::kUses:
        return uses_;
      case Aggregate::kQuantity:
        return quantity_;
      case Aggregate::kOrders:
        return CountPositive(orders_);
      case Aggregate::kConsumers:
        return CountPositive(consumers_);
      case Aggregate::kNewConsumers:
        break;
    }
    Sum count = 0;
    for (const auto& [pseudonym, sign] : consumers_) {
      const auto first = first_period.find(pseudonym);
      if (sign > 0 && first != first_period.end() && first->second == period) ++count;
    }
    return count;
  }

  // Nearest rank: the ⌈q·n/10⁴⌉-th smallest purchase amount.
  int64_t Quantile(uint32_t q) const {
    if (purchases_ <= 0) return 0;
    const int64_t rank = static_cast<int64_t>((Sum{q} * purchases_ + 9'999) / 10'000);
    int64_t seen = 0;
    for (const auto& [amount, count] : amounts_) {
      seen += count;
      if (seen >= rank) return amount;
    }
    return 0;
  }

 private:
  Sum gross_ = 0, refunds_ = 0, unlinked_ = 0, voucher_ = 0, identified_ = 0, quantity_ = 0;
  Sum pending_ = 0, void_ = 0, cohort_ = 0;
  int64_t shown_ = 0, events_ = 0, purchases_ = 0, uses_ = 0;
  std::map<std::pair<CodeId, std::string>, int64_t> orders_;
  std::map<std::string, int64_t> consumers_;
  std::map<int64_t, int64_t> amounts_;
};

CodeId MemoryStore::Code(Field field, std::string_view text) {
  CodeListBuilder& codes = codes_[static_cast<int>(field)];
  const CodeList& list = codes.list();
  for (CodeId code = 1; code < list.size(); ++code) {
    if (list[code] == text) return code;
  }
  codes.Append(text);
  return static_cast<CodeId>(list.size() - 1);
}

MemoryStore::Row MemoryStore::MakeRow(const EffectBatch& batch, size_t row) {
  Row made;
  made.effective = batch.effective(row);
  made.kind = batch.kind[row];
  made.time_us = batch.event_time_us[row];
  made.origin_us = made.time_us;
  if (!batch.amount.empty()) made.amount = batch.amount[row];
  if (!batch.voucher.empty()) made.voucher = batch.voucher[row];
  if (!batch.quantity.empty()) made.quantity = batch.quantity[row];
  for (int f = 0; f < kFieldCount; ++f) {
    const Field field = static_cast<Field>(f);
    const TextColumn& column = batch.fields[f];
    if (field == Field::kKind) {
      made.codes[f] = Code(field, KindText(made.kind));
    } else if (!column.entries.empty() && column.index[row] != 0) {
      made.codes[f] = Code(field, column.entries[column.index[row]]);
    }
  }
  if (!batch.order.entries.empty() && batch.order.index[row] != 0) {
    made.has_order = true;
    made.order = std::string(batch.order.entries[batch.order.index[row]]);
  }
  if (!batch.pseudonym_index.empty() && batch.pseudonym_index[row] != 0) {
    made.pseudonym =
        std::string(batch.pseudonyms.substr(16 * size_t{batch.pseudonym_index[row] - 1}, 16));
  }
  return made;
}

void MemoryStore::AddRow(Row row) {
  if (row.own) own_rows_[row.effective] = rows_.size();
  rows_.push_back(std::move(row));
}

absl::StatusOr<const MemoryStore::Row*> MemoryStore::OwnRow(uint64_t leaf) const {
  const auto found = own_rows_.find(leaf);
  if (found == own_rows_.end()) return NoEventAt(leaf);
  return &rows_[found->second];
}

absl::Status MemoryStore::AddCopy(const EffectCopy& copy) {
  TM_ASSIGN_OR_RETURN(const Row* fields, OwnRow(copy.fields_leaf));
  EffectCopy::Facts facts = copy.facts;
  if (!copy.own) {
    TM_ASSIGN_OR_RETURN(const Row* event, OwnRow(copy.event_leaf));
    facts = {event->time_us, event->amount, event->voucher, event->quantity};
  }
  Row row = *fields;
  row.effective = copy.effective;
  row.own = copy.own;
  row.sign = copy.negative ? -1 : 1;
  row.kind = copy.kind;
  row.codes[static_cast<int>(Field::kKind)] = Code(Field::kKind, KindText(copy.kind));
  if (!copy.time_of_fields) row.time_us = facts.event_time_us;
  row.origin_us = copy.kind == EffectKind::kRefund ? fields->time_us : row.time_us;
  row.amount = facts.amount;
  row.voucher = facts.voucher;
  row.quantity = facts.quantity;
  AddRow(std::move(row));
  return absl::OkStatus();
}

absl::StatusOr<std::vector<EventFacts>> MemoryStore::ReadEvents(
    std::span<const uint64_t> leaves) const {
  base::MutexLock lock(mutex_);
  std::vector<EventFacts> events;
  for (const uint64_t leaf : leaves) {
    TM_ASSIGN_OR_RETURN(const Row* row, OwnRow(leaf));
    const auto text = [&](Field field) {
      const int f = static_cast<int>(field);
      return row->codes[f] == 0 ? std::string() : codes_[f].list()[row->codes[f]];
    };
    events.push_back({.purchase = row->kind == EffectKind::kPurchase,
                      .service_use = row->kind == EffectKind::kServiceUse,
                      .event_time_us = row->time_us,
                      .amount = row->amount,
                      .source = text(Field::kSource),
                      .reporting_role = text(Field::kReportingRole),
                      .category = text(Field::kCategory)});
  }
  return events;
}

absl::Status MemoryStore::ReadNotes(
    absl::FunctionRef<absl::Status(std::string_view notes)> take) const {
  base::MutexLock lock(mutex_);
  for (const std::string& notes : notes_) TM_RETURN_IF_ERROR(take(notes));
  return absl::OkStatus();
}

absl::Status MemoryStore::Append(const EffectBatch& batch) {
  base::MutexLock lock(mutex_);
  TM_RETURN_IF_ERROR(CheckBatch(batch, folded_, log_id_));
  log_id_ = batch.log_id;
  auto copy = batch.copies.begin();
  for (size_t row = 0; row < batch.size; ++row) {
    for (; copy != batch.copies.end() && copy->effective < batch.effective(row); ++copy)
      TM_RETURN_IF_ERROR(AddCopy(*copy));
    AddRow(MakeRow(batch, row));
  }
  for (; copy != batch.copies.end(); ++copy) TM_RETURN_IF_ERROR(AddCopy(*copy));
  if (!batch.notes.empty()) notes_.emplace_back(batch.notes);
  marks_.insert(marks_.end(), batch.catalog_marks.begin(), batch.catalog_marks.end());
  folded_ = batch.end_leaf();
  blocks_.push_back({folded_, batch.accepted_time_us});
  return absl::OkStatus();
}

uint64_t MemoryStore::folded_size() const {
  base::MutexLock lock(mutex_);
  return folded_;
}

std::string MemoryStore::log_id() const {
  base::MutexLock lock(mutex_);
  return log_id_;
}

absl::StatusOr<SnapshotInfo> MemoryStore::Snapshot(uint64_t log_size) const {
  base::MutexLock lock(mutex_);
  if (log_size > folded_) {
    return absl::OutOfRangeError(
        absl::StrCat("log_size: ", log_size, " is above the ", folded_, " records folded so far"));
  }
  SnapshotInfo info{.log_size = log_size};
  for (const Block& block : blocks_) {
    if (log_size == 0) break;
    info.accepted_time_us = block.accepted_time_us;
    if (block.end_leaf >= log_size) break;
  }
  for (const EffectBatch::Mark& mark : marks_) {
    if (mark.leaf >= log_size) break;
    info.catalog_version = mark.version;
    info.catalog_hash = mark.hash;
  }
  return info;
}

uint64_t MemoryStore::LogSizeAt(int64_t accepted_time_us) const {
  base::MutexLock lock(mutex_);
  uint64_t size = 0;
  for (const Block& block : blocks_) {
    if (block.accepted_time_us > accepted_time_us) break;
    size = block.end_leaf;
  }
  return size;
}

std::shared_ptr<const CodeList> MemoryStore::Codes(Field field) const {
  base::MutexLock lock(mutex_);
  return std::make_shared<const CodeList>(codes_[static_cast<int>(field)].list());
}

bool MemoryStore::HasCode(Field field, std::string_view code, uint64_t log_size) const {
  base::MutexLock lock(mutex_);
  const int f = static_cast<int>(field);
  return std::any_of(rows_.begin(), rows_.end(), [&](const Row& row) {
    return row.effective < log_size && row.codes[f] != 0 && codes_[f].list()[row.codes[f]] == code;
  });
}

bool MemoryStore::HasOrder(std::string_view order, uint64_t log_size) const {
  base::MutexLock lock(mutex_);
  return std::any_of(rows_.begin(), rows_.end(), [&](const Row& row) {
    return row.effective < log_size && row.has_order && row.order == order;
  });
}

StatStore::TimeBounds MemoryStore::EventTimes(uint64_t log_size) const {
  base::MutexLock lock(mutex_);
  TimeBounds bounds{std::numeric_limits<int64_t>::max(), std::numeric_limits<int64_t>::min()};
  for (const Row& row : rows_) {
    if (row.effective >= log_size) continue;
    bounds.first_us = std::min(bounds.first_us, row.time_us);
    bounds.last_us = std::max(bounds.last_us, row.time_us);
  }
  return bounds.first_us > bounds.last_us ? TimeBounds{} : bounds;
}

uint64_t MemoryStore::DataVersion(int64_t start_us, int64_t end_us, uint64_t log_size) const {
  base::MutexLock lock(mutex_);
  uint64_t version = 0;
  if (start_us >= end_us) return version;
  for (const Row& row : rows_) {
    if (row.effective >= log_size) continue;
    const absl::CivilMonth month = MonthOf(row.time_us);
    if (month < MonthOf(start_us) || month > MonthOf(end_us - 1)) continue;
    version = std::max(version, row.effective + 1);
  }
  return version;
}

bool MemoryStore::Passes(const EngineQuery& query, const TimeSlice& slice, const Row& row) {
  for (const CodeFilter& filter : query.filters) {
    const GroupTable& table = *filter.tables[slice.mapping];
    if (table.Of(row.codes[static_cast<int>(filter.field)]) == kDropped) return false;
  }
  for (const OrderFilter& filter : query.order_filters) {
    const bool listed = row.has_order ? std::find(filter.orders.begin(), filter.orders.end(),
                                                  row.order) != filter.orders.end()
                                      : filter.unknown;
    if (listed == filter.exclude) return false;
  }
  return true;
}

absl::StatusOr<EngineResult> MemoryStore::Run(const EngineQuery& query) const {
  base::MutexLock lock(mutex_);
  TM_RETURN_IF_ERROR(CheckQuery(query, folded_));
  if (rows_.size() > query.max_rows) return absl::AbortedError("max_rows");
  // Period, one group per grouping, and the origin group where it is asked for.
  std::map<std::vector<uint32_t>, Cell> cells;
  std::map<std::string, std::map<int64_t, int64_t>> consumption;  // by pseudonym and time
  EngineResult result;
  for (const Row& row : rows_) {
    if (row.effective >= query.log_size) continue;
    if (query.stop && result.effects_scanned % 1024 == 0) TM_RETURN_IF_ERROR(query.stop());
    ++result.effects_scanned;
    const bool unseen = std::count(query.unseen_sources.begin(), query.unseen_sources.end(),
                                   row.codes[static_cast<int>(Field::kSource)]) > 0;
    if (!row.pseudonym.empty() && kConsumptions.Has(row.kind) && !unseen)
      consumption[row.pseudonym][row.time_us] += row.sign;
    const TimeSlice* slice = SliceOf(query, row.time_us);
    if (slice == nullptr || !Passes(query, *slice, row)) continue;
    std::vector<uint32_t> key = {slice->period};
    for (const Grouping& grouping : query.groupings) {
      const GroupTable& table = *grouping.tables[slice->mapping];
      key.push_back(table.Of(row.codes[static_cast<int>(grouping.field)]));
    }
    const bool dropped = std::find(key.begin() + 1, key.end(), kDropped) != key.end();
    if (!query.origin_bounds.empty()) {
      key.push_back(static_cast<uint32_t>(
          std::count_if(query.origin_bounds.begin(), query.origin_bounds.end(),
                        [&](int64_t bound) { return bound <= row.origin_us; })));
    }
    if (!dropped) cells[key].Add(row);
    if (cells.size() > query.max_cells) {
      return TooManyCells(query);
    }
  }
  std::map<std::string, uint32_t> first_period;
  for (const auto& [pseudonym, times] : consumption) {
    const auto first =
        std::find_if(times.begin(), times.end(), [](const auto& time) { return time.second > 0; });
    const TimeSlice* slice = first == times.end() ? nullptr : SliceOf(query, first->first);
    if (slice != nullptr) first_period[pseudonym] = slice->period;
  }
  result.groups.resize(query.groupings.size());
  result.aggregates.resize(query.aggregates.size());
  if (query.wide_sums) result.upper.resize(query.aggregates.size());
  result.quantiles.resize(query.quantiles.size());
  for (const auto& [key, cell] : cells) {
    if (cell.shown() == 0) continue;
    result.period.push_back(key[0]);
    result.purchases.push_back(cell.purchases());
    for (size_t i = 0; i < query.groupings.size(); ++i) result.groups[i].push_back(key[i + 1]);
    if (!query.origin_bounds.empty()) result.origin.push_back(key.back());
    for (size_t i = 0; i < query.aggregates.size(); ++i) {
      const Sum value = cell.Get(query.aggregates[i], first_period, key[0]);
      if (query.wide_sums) {
        result.upper[i].push_back(static_cast<int64_t>(value >> 64));
      } else if (value > std::numeric_limits<int64_t>::max() ||
                 value < std::numeric_limits<int64_t>::min()) {
        return absl::OutOfRangeError("a sum does not fit 64 bits: narrow the query");
      }
      result.aggregates[i].push_back(static_cast<int64_t>(value));
    }
    for (size_t i = 0; i < query.quantiles.size(); ++i) {
      result.quantiles[i].push_back(cell.Quantile(query.quantiles[i]));
    }
  }
  return result;
}

absl::StatusOr<uint64_t> MemoryStore::EachConsumer(
    const EngineQuery& query,
    absl::FunctionRef<absl::Status(std::span<const Consumption>)> take) const {
  base::MutexLock lock(mutex_);
  TM_RETURN_IF_ERROR(CheckQuery(query, folded_));
  TM_RETURN_IF_ERROR(CheckCellNumbers(query));
  // Signs by pseudonym, cell and time.
  std::map<std::string, std::map<uint64_t, std::map<int64_t, int64_t>>> signs;
  std::set<uint64_t> touched;
  uint64_t read = 0;
  for (const Row& row : rows_) {
    if (row.effective >= query.log_size) continue;
    if (query.stop && read % 1024 == 0) TM_RETURN_IF_ERROR(query.stop());
    ++read;
    const TimeSlice* slice = SliceOf(query, row.time_us);
    if (slice == nullptr || !Passes(query, *slice, row)) continue;
    std::vector<uint32_t> groups;
    for (const Grouping& grouping : query.groupings) {
      const GroupTable& table = *grouping.tables[slice->mapping];
      groups.push_back(table.Of(row.codes[static_cast<int>(grouping.field)]));
    }
    if (std::find(groups.begin(), groups.end(), kDropped) != groups.end()) continue;
    const uint64_t cell = CellNumber(query, slice->period, groups);
    touched.insert(cell);
    if (row.pseudonym.empty() || !kConsumptions.Has(row.kind)) continue;
    signs[row.pseudonym][cell][row.time_us] += row.sign;
  }
  if (touched.size() > query.max_cells) return TooManyCells(query);
  for (const auto& [pseudonym, cells] : signs) {
    std::vector<Consumption> consumptions;
    for (const auto& [cell, times] : cells) {
      int64_t sum = 0;
      for (const auto& [time, sign] : times) sum += sign;
      if (sum <= 0) continue;
      const auto first = std::find_if(times.begin(), times.end(),
                                      [](const auto& time) { return time.second > 0; });
      consumptions.push_back({cell, first->first});
    }
    if (!consumptions.empty()) TM_RETURN_IF_ERROR(take(consumptions));
  }
  return read;
}

StoreStats MemoryStore::Stats() const {
  base::MutexLock lock(mutex_);
  StoreStats stats;
  stats.effects = rows_.size();
  stats.tail_effects = rows_.size();
  stats.memory_bytes = rows_.size() * sizeof(Row);
  return stats;
}

}  // namespace tidemark::analytics
