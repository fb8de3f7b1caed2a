#include "services/analytics/store/query_runner.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "services/analytics/store/distinct_sink.h"
#include "services/analytics/store/sum_sink.h"

namespace tidemark::analytics {
namespace {

constexpr auto kSafeSum = static_cast<unsigned __int128>(1) << 62;

absl::Status TooManyCells(uint64_t max_cells) {
  return absl::ResourceExhaustedError(
      absl::StrCat("the answer has more than ", max_cells, " cells: narrow the query"));
}

// For every consumer the period with their first purchase or use, kDropped when it is outside of
// all.
std::vector<uint32_t> FirstPeriods(const EngineQuery& query, const ConsumerTimes& times) {
  std::vector<uint32_t> periods(times.size(), kDropped);
  for (size_t id = 0; id < times.size(); ++id) {
    if (times[id] == kNever) continue;
    const auto slice =
        std::partition_point(query.slices.begin(), query.slices.end(),
                             [&](const TimeSlice& s) { return s.end_us <= times[id]; });
    if (slice != query.slices.end() && slice->start_us <= times[id]) periods[id] = slice->period;
  }
  return periods;
}

class Runner {
 public:
  using FirstTimesSource = std::function<std::shared_ptr<const ConsumerTimes>()>;

  Runner(const ScanPlan& plan, const ParallelScan& scan, const FirstTimesSource& first_times)
      : plan_(plan), query_(plan.query()), scan_(scan), first_times_(first_times) {
    for (Aggregate aggregate : query_.aggregates) wanted_[static_cast<int>(aggregate)] = true;
    columns_ = {.amount = Wants(Aggregate::kGross) || Wants(Aggregate::kRefunds) ||
                          Wants(Aggregate::kUnlinkedRefunds),
                .voucher = Wants(Aggregate::kVoucher),
                .quantity = Wants(Aggregate::kQuantity),
                .identified = Wants(Aggregate::kIdentifiedGross)};
  }

  absl::StatusOr<EngineResult> Run() {
    TM_RETURN_IF_ERROR(MakeCells());
    bool wide = false;
    if (columns_.amount || columns_.identified)
      wide = wide || plan_.SumBound(kAmountSlot) >= kSafeSum;
    if (columns_.voucher) wide = wide || plan_.SumBound(kVoucherSlot) >= kSafeSum;
    if (columns_.quantity) wide = wide || plan_.SumBound(kQuantitySlot) >= kSafeSum;
    return wide ? RunWith<__int128>() : RunWith<int64_t>();
  }

 private:
  bool Wants(Aggregate aggregate) const { return wanted_[static_cast<int>(aggregate)]; }
  uint32_t classes() const { return plan_.has_negative() ? kClassCount : kEffectKindCount; }
  uint32_t PeriodOf(size_t cell) const {
    return static_cast<uint32_t>(cells_->NumberOf(cell) / plan_.period_stride());
  }

  absl::Status MakeCells() {
    const uint64_t numbers = plan_.cell_numbers();
    const bool small = numbers <= plan_.facts().limits.few_cells ||
                       (numbers <= 4 * plan_.rows() &&
                        numbers * classes() * 16 <= plan_.facts().limits.dense_bytes);
    if (small) {
      cells_.emplace(numbers);
      return absl::OkStatus();
    }
    CellNumbers met = scan_.FindCells(plan_);
    if (met.size() > query_.max_cells) return TooManyCells(query_.max_cells);
    cells_.emplace(std::move(met));
    return absl::OkStatus();
  }

  // Distinct ids of one kind, one sink per thread.
  struct Distinct {
    IdBitmap contested;
    std::vector<std::unique_ptr<DistinctSink>> sinks;
    void Merge() {
      for (size_t i = 1; i < sinks.size(); ++i) {
        sinks[0]->Merge(sinks[i].get());
        sinks[i].reset();
      }
    }
  };

  void StartDistinct(int slot, uint32_t highest, bool consumption_only, size_t threads,
                     Distinct* out) const {
    DistinctOptions options{
        .slot = slot,
        .cells = cells_->size(),
        .ids = highest + 1,
        .consumption_only = consumption_only,
        .bitmaps = PreferBitmaps(cells_->size(), highest, plan_.facts().limits.bitmap_bytes)};
    if (plan_.has_negative()) {
      out->contested = FindContested(plan_, slot, options.ids);
      options.contested = &out->contested;
    }
    for (size_t i = 0; i < threads; ++i)
      out->sinks.push_back(std::make_unique<DistinctSink>(options));
  }

  template <typename Total>
  absl::StatusOr<EngineResult> RunWith() {
    const size_t threads = scan_.Threads(plan_);
    std::vector<std::unique_ptr<SumSink<Total>>> sums;
    Distinct consumers, orders;
    const bool wants_consumers = Wants(Aggregate::kConsumers) || Wants(Aggregate::kNewConsumers);
    if (wants_consumers)
      StartDistinct(kConsumerSlot, plan_.facts().consumers, true, threads, &consumers);
    if (Wants(Aggregate::kOrders))
      StartDistinct(kOrderSlot, plan_.facts().orders, false, threads, &orders);
    std::vector<std::vector<Sink*>> sinks(threads);
    for (size_t i = 0; i < threads; ++i) {
      sums.push_back(std::make_unique<SumSink<Total>>(cells_->size(), classes(), columns_));
      sinks[i].push_back(sums[i].get());
      if (!consumers.sinks.empty()) sinks[i].push_back(consumers.sinks[i].get());
      if (!orders.sinks.empty()) sinks[i].push_back(orders.sinks[i].get());
    }
    scan_.Run(plan_, *cells_, sinks);
    for (size_t i = 1; i < threads; ++i) {
      sums[0]->Merge(*sums[i]);
      sums[i].reset();
    }
    CountDistinct(&consumers, &orders);
    return Assemble(*sums[0]);
  }

  void CountDistinct(Distinct* consumers, Distinct* orders) {
    const std::vector<uint32_t> none;
    if (!orders->sinks.empty()) {
      orders->Merge();
      orders->sinks[0]->Count(nullptr, none, &orders_);
    }
    if (consumers->sinks.empty()) return;
    consumers->Merge();
    if (Wants(Aggregate::kConsumers)) consumers->sinks[0]->Count(nullptr, none, &consumers_);
    if (!Wants(Aggregate::kNewConsumers)) return;
    const std::vector<uint32_t> first_periods = FirstPeriods(query_, *first_times_());
    std::vector<uint32_t> periods(cells_->size());
    for (size_t cell = 0; cell < periods.size(); ++cell) periods[cell] = PeriodOf(cell);
    consumers->sinks[0]->Count(&first_periods, periods, &new_consumers_);
  }

  template <typename Total>
  __int128 Value(const SumSink<Total>& sums, size_t cell, Aggregate aggregate) const {
    using Kind = EffectKind;
    switch (aggregate) {
      case Aggregate::kGross:
        return sums.Amount(cell, Kind::kPurchase);
      case Aggregate::kRefunds:
        return static_cast<__int128>(sums.Amount(cell, Kind::kRefund)) +
               sums.Amount(cell, Kind::kUnlinkedRefund);
      case Aggregate::kUnlinkedRefunds:
        return sums.Amount(cell, Kind::kUnlinkedRefund);
      case Aggregate::kVoucher:
        return sums.Voucher(cell, Kind::kPurchase);
      case Aggregate::kIdentifiedGross:
        return sums.Identified(cell, Kind::kPurchase);
      case Aggregate::kEvents:
        return Events(sums, cell);
      case Aggregate::kPurchases:
        return sums.Count(cell, Kind::kPurchase);
      case Aggregate::kUses:
        return sums.Count(cell, Kind::kServiceUse);
      case Aggregate::kQuantity:
        return static_cast<__int128>(sums.Quantity(cell, Kind::kPurchase)) -
               sums.Quantity(cell, Kind::kRefund) - sums.Quantity(cell, Kind::kUnlinkedRefund);
      case Aggregate::kOrders:
        return orders_[cell];
      case Aggregate::kConsumers:
        return consumers_[cell];
      case Aggregate::kNewConsumers:
        return new_consumers_[cell];
    }
    return 0;
  }

  template <typename Total>
  static int64_t Events(const SumSink<Total>& sums, size_t cell) {
    int64_t events = 0;
    for (int kind = 0; kind < kEffectKindCount; ++kind) {
      events += sums.Count(cell, static_cast<EffectKind>(kind));
    }
    return events;
  }

  void AddKey(size_t cell, EngineResult* result) const {
    uint64_t number = cells_->NumberOf(cell);
    result->period.push_back(static_cast<uint32_t>(number / plan_.period_stride()));
    for (size_t i = query_.groupings.size(); i-- > 0;) {
      const uint32_t groups = query_.groupings[i].group_count;
      result->groups[i].push_back(static_cast<uint32_t>(number % groups));
      number /= groups;
    }
  }

  template <typename Total>
  absl::StatusOr<EngineResult> Assemble(const SumSink<Total>& sums) {
    EngineResult result;
    result.groups.resize(query_.groupings.size());
    result.aggregates.resize(query_.aggregates.size());
    result.quantiles.resize(query_.quantiles.size());
    result.effects_scanned = plan_.rows();
    uint64_t touched = 0;
    std::vector<size_t> kept;
    for (size_t cell = 0; cell < cells_->size(); ++cell) {
      if (!sums.Touched(cell)) continue;
      ++touched;
      if (Events(sums, cell) != 0) kept.push_back(cell);
    }
    if (touched > query_.max_cells) return TooManyCells(query_.max_cells);
    for (size_t cell : kept) {
      AddKey(cell, &result);
      result.purchases.push_back(sums.Count(cell, EffectKind::kPurchase));
      for (size_t i = 0; i < query_.aggregates.size(); ++i) {
        const __int128 value = Value(sums, cell, query_.aggregates[i]);
        if (value > std::numeric_limits<int64_t>::max() ||
            value < std::numeric_limits<int64_t>::min()) {
          return absl::OutOfRangeError("a sum does not fit 64 bits: narrow the query");
        }
        result.aggregates[i].push_back(static_cast<int64_t>(value));
      }
    }
    AddQuantiles(kept, &result);
    return result;
  }

  void AddQuantiles(const std::vector<size_t>& kept, EngineResult* result) const {
    if (query_.quantiles.empty()) return;
    std::vector<int64_t> purchases(cells_->size());
    for (size_t i = 0; i < kept.size(); ++i) purchases[kept[i]] = result->purchases[i];
    const auto quantiles = FindQuantiles(plan_, scan_, *cells_, purchases);
    for (size_t q = 0; q < quantiles.size(); ++q) {
      for (size_t cell : kept) result->quantiles[q].push_back(quantiles[q][cell]);
    }
  }

  const ScanPlan& plan_;
  const EngineQuery& query_;
  const ParallelScan& scan_;
  const FirstTimesSource& first_times_;
  std::array<bool, kAggregateCount> wanted_ = {};
  SumColumns columns_;
  std::optional<CellSpace> cells_;
  std::vector<int64_t> orders_, consumers_, new_consumers_;
};

}  // namespace

absl::StatusOr<EngineResult> RunPlan(
    const ScanPlan& plan, const ParallelScan& scan,
    const std::function<std::shared_ptr<const ConsumerTimes>()>& first_times) {
  return Runner(plan, scan, first_times).Run();
}

}  // namespace tidemark::analytics
