#include "services/analytics/store/query_runner.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "common/status/status_macros.h"
#include "services/analytics/store/distinct_count.h"
#include "services/analytics/store/sum_sink.h"

namespace tidemark::analytics {
namespace {

constexpr auto kSafeSum = static_cast<unsigned __int128>(1) << 62;

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
  Runner(const ScanPlan& plan, const ParallelScan& scan, const FirstTimesSource& first_times)
      : plan_(plan),
        control_(plan.control()),
        query_(plan.query()),
        scan_(scan),
        first_times_(first_times),
        layout_(plan.query().aggregates) {
    for (Aggregate aggregate : query_.aggregates) wanted_[static_cast<int>(aggregate)] = true;
    for (Aggregate aggregate : query_.aggregates) terms_.push_back(layout_.TermsOf(aggregate));
  }

  absl::StatusOr<EngineResult> Run() {
    TM_RETURN_IF_ERROR(control_.status());
    TM_RETURN_IF_ERROR(MakeCells());
    bool wide = false;
    if (layout_.Has(SumColumn::kAmount) || layout_.Has(SumColumn::kIdentified))
      wide = wide || plan_.SumBound(kAmountSlot) >= kSafeSum;
    if (layout_.Has(SumColumn::kVoucher)) wide = wide || plan_.SumBound(kVoucherSlot) >= kSafeSum;
    if (layout_.Has(SumColumn::kQuantity)) wide = wide || plan_.SumBound(kQuantitySlot) >= kSafeSum;
    return wide ? RunWith<__int128>() : RunWith<int64_t>();
  }

 private:
  bool Wants(Aggregate aggregate) const { return wanted_[static_cast<int>(aggregate)]; }
  absl::Status MakeCells() {
    const uint64_t numbers = plan_.cell_numbers();
    const bool small =
        numbers <= plan_.facts().limits.few_cells ||
        (numbers <= 4 * plan_.rows() &&
         numbers * layout_.cell_size() * sizeof(int64_t) <= plan_.facts().limits.dense_bytes);
    if (small) {
      cells_.emplace(numbers);
      return absl::OkStatus();
    }
    TM_ASSIGN_OR_RETURN(CellNumbers met, scan_.FindCells(plan_));
    cells_.emplace(std::move(met));
    return absl::OkStatus();
  }

  // Distinct ids of one kind, one sink per thread.
  struct Distinct {
    IdBitmap contested;
    std::vector<std::unique_ptr<DistinctSink>> sinks;
  };

  absl::Status StartDistinct(int slot, uint32_t highest, EffectKinds kinds, size_t threads,
                             Distinct* out) const {
    // Orders of a short time, say, have neighbouring ids.
    int64_t min = 0, max = 0;
    plan_.Bounds(slot, &min, &max);
    const auto below = static_cast<uint32_t>(std::clamp<int64_t>(min - 1, 0, highest));
    const auto last = static_cast<uint32_t>(std::clamp<int64_t>(max, below, highest));
    DistinctOptions options{
        .slot = slot,
        .cells = cells_->size(),
        .below = below,
        .ids = last - below,
        .kinds = kinds,
        .bitmaps = PreferBitmaps(cells_->size(), last - below, plan_.facts().limits.bitmap_bytes),
        .control = &control_};
    if (plan_.has_negative()) {
      if (!control_.Take(IdBitmap::BytesFor(highest + 1))) return control_.status();
      out->contested = FindContested(plan_, slot, highest + 1);
      options.contested = &out->contested;
    }
    for (size_t i = 0; i < threads; ++i)
      out->sinks.push_back(std::make_unique<DistinctSink>(options));
    return control_.status();
  }

  // As many as have work, but not so many that sums alone fill the budget.
  size_t ThreadsFor(uint64_t bytes_each) const {
    size_t threads = scan_.Threads(plan_);
    while (threads > 1 && threads * bytes_each > control_.query_bytes() / 2) --threads;
    return threads;
  }

  template <typename Total>
  absl::StatusOr<EngineResult> RunWith() {
    const uint64_t bytes_each = SumSink<Total>::BytesFor(cells_->size(), layout_);
    const size_t threads = ThreadsFor(bytes_each);
    if (!control_.Take(threads * bytes_each)) return control_.status();
    std::vector<std::unique_ptr<SumSink<Total>>> sums;
    Distinct consumers, orders;
    if (Wants(Aggregate::kConsumers) || Wants(Aggregate::kNewConsumers)) {
      TM_RETURN_IF_ERROR(StartDistinct(kConsumerSlot, plan_.facts().consumers, kConsumptions,
                                       threads, &consumers));
    }
    if (Wants(Aggregate::kOrders))
      TM_RETURN_IF_ERROR(
          StartDistinct(kOrderSlot, plan_.facts().orders, kEvents, threads, &orders));
    std::vector<std::vector<Sink*>> sinks(threads);
    for (size_t i = 0; i < threads; ++i) {
      sums.push_back(std::make_unique<SumSink<Total>>(cells_->size(), layout_));
      sinks[i].push_back(sums[i].get());
      if (!consumers.sinks.empty()) sinks[i].push_back(consumers.sinks[i].get());
      if (!orders.sinks.empty()) sinks[i].push_back(orders.sinks[i].get());
    }
    TM_RETURN_IF_ERROR(scan_.Run(plan_, *cells_, sinks));
    TM_RETURN_IF_ERROR(Join(&sums));
    control_.Give((threads - 1) * bytes_each);
    TM_RETURN_IF_ERROR(CountAllDistinct(&consumers, &orders));
    return Assemble(*sums[0]);
  }

  // Those of all threads into the first.
  template <typename Total>
  absl::Status Join(std::vector<std::unique_ptr<SumSink<Total>>>* sums) {
    // A thread that came too late has nothing.
    const auto idle =
        std::partition(sums->begin(), sums->end(), [](const auto& one) { return one->has_rows(); });
    sums->erase(std::max(idle, sums->begin() + 1), sums->end());
    for (const auto& one : *sums) one->Finish();
    const size_t cells = cells_->size();
    if (sums->size() > 1) {
      scan_.Each(sums->size(), (cells + kCellsPerLook - 1) / kCellsPerLook, control_,
                 [&](size_t part) {
                   const size_t begin = part * kCellsPerLook;
                   for (size_t i = 1; i < sums->size(); ++i)
                     (*sums)[0]->Merge(*(*sums)[i], begin, std::min(cells, begin + kCellsPerLook));
                 });
    }
    sums->resize(1);
    return control_.status();
  }

  absl::Status CountAllDistinct(Distinct* consumers, Distinct* orders) {
    if (!orders->sinks.empty()) orders_ = CountDistinct(scan_, {}, &orders->sinks).all;
    orders->sinks.clear();
    TM_RETURN_IF_ERROR(control_.status());
    if (consumers->sinks.empty()) return absl::OkStatus();
    if (!Wants(Aggregate::kNewConsumers)) {
      consumers_ = CountDistinct(scan_, {}, &consumers->sinks).all;
      return control_.status();
    }
    TM_ASSIGN_OR_RETURN(const std::shared_ptr<const ConsumerTimes> times, first_times_());
    const TakenMemory taken(control_, times->size() * sizeof(uint32_t));
    TM_RETURN_IF_ERROR(control_.status());
    const std::vector<uint32_t> first_periods = FirstPeriods(query_, *times);
    WantedIds wanted{.group_of_id = &first_periods, .group_of_cell = {}};
    for (size_t cell = 0; cell < cells_->size(); ++cell)
      wanted.group_of_cell.push_back(plan_.PeriodOf(cells_->NumberOf(cell)));
    DistinctCounts counts = CountDistinct(scan_, wanted, &consumers->sinks);
    consumers_ = std::move(counts.all);
    new_consumers_ = std::move(counts.wanted);
    return control_.status();
  }

  // Of the aggregate at a position of the query.
  template <typename Total>
  __int128 Value(const SumSink<Total>& sums, size_t cell, size_t aggregate) const {
    switch (query_.aggregates[aggregate]) {
      case Aggregate::kOrders:
        return orders_[cell];
      case Aggregate::kConsumers:
        return consumers_[cell];
      case Aggregate::kNewConsumers:
        return new_consumers_[cell];
      default:
        return sums.Sum(cell, terms_[aggregate]);
    }
  }

  void AddKey(size_t cell, EngineResult* result) const {
    const uint64_t number = cells_->NumberOf(cell);
    result->period.push_back(plan_.PeriodOf(number));
    for (size_t i = 0; i < query_.groupings.size(); ++i)
      result->groups[i].push_back(plan_.GroupOf(number, i));
    if (!query_.origin_bounds.empty()) result->origin.push_back(plan_.OriginGroupOf(number));
  }

  // Of the columns of an answer.
  uint64_t ResultBytes(uint64_t cells) const {
    const uint64_t sums = query_.aggregates.size() * (query_.wide_sums ? 2 : 1);
    return cells * (sizeof(uint32_t) * (2 + query_.groupings.size()) +
                    sizeof(int64_t) * (1 + sums + query_.quantiles.size()));
  }

  template <typename Total>
  absl::StatusOr<EngineResult> Assemble(const SumSink<Total>& sums) {
    EngineResult result;
    result.groups.resize(query_.groupings.size());
    result.aggregates.resize(query_.aggregates.size());
    if (query_.wide_sums) result.upper.resize(query_.aggregates.size());
    result.quantiles.resize(query_.quantiles.size());
    result.effects_scanned = plan_.rows();
    result.parts_read = plan_.units().size();
    uint64_t touched = 0;
    std::vector<size_t> kept;
    for (size_t cell = 0; cell < cells_->size(); ++cell) {
      if (cell % kCellsPerLook == 0 && !control_.Continue()) return control_.status();
      if (!sums.Touched(cell)) continue;
      ++touched;
      if (sums.Sum(cell, layout_.shown()) != 0) kept.push_back(cell);
    }
    if (touched > query_.max_cells) return TooManyCells(query_.max_cells);
    if (!control_.Take(ResultBytes(kept.size()))) return control_.status();
    for (size_t cell : kept) {
      if (result.period.size() % kCellsPerLook == 0 && !control_.Continue())
        return control_.status();
      AddKey(cell, &result);
      result.purchases.push_back(static_cast<int64_t>(sums.Sum(cell, layout_.purchases())));
      for (size_t i = 0; i < query_.aggregates.size(); ++i) {
        const __int128 value = Value(sums, cell, i);
        if (query_.wide_sums) {
          result.upper[i].push_back(static_cast<int64_t>(value >> 64));
        } else if (value > std::numeric_limits<int64_t>::max() ||
                   value < std::numeric_limits<int64_t>::min()) {
          return absl::OutOfRangeError("a sum does not fit 64 bits: narrow the query");
        }
        result.aggregates[i].push_back(static_cast<int64_t>(value));
      }
    }
    TM_RETURN_IF_ERROR(AddQuantiles(kept, &result));
    return result;
  }

  absl::Status AddQuantiles(const std::vector<size_t>& kept, EngineResult* result) const {
    if (query_.quantiles.empty()) return absl::OkStatus();
    const uint64_t bytes = cells_->size() * sizeof(int64_t) * (1 + query_.quantiles.size());
    if (!control_.Take(bytes)) return control_.status();
    std::vector<int64_t> purchases(cells_->size());
    for (size_t i = 0; i < kept.size(); ++i) purchases[kept[i]] = result->purchases[i];
    TM_ASSIGN_OR_RETURN(const std::vector<std::vector<int64_t>> quantiles,
                        FindQuantiles(plan_, scan_, *cells_, purchases));
    for (size_t q = 0; q < quantiles.size(); ++q) {
      for (size_t cell : kept) result->quantiles[q].push_back(quantiles[q][cell]);
    }
    return absl::OkStatus();
  }

  const ScanPlan& plan_;
  QueryControl& control_;
  const EngineQuery& query_;
  const ParallelScan& scan_;
  const FirstTimesSource& first_times_;
  std::array<bool, kAggregateCount> wanted_ = {};
  const SumLayout layout_;
  std::vector<SumLayout::Terms> terms_;  // by position of the query's aggregates
  std::optional<CellSpace> cells_;
  std::vector<int64_t> orders_, consumers_, new_consumers_;
};

}  // namespace

absl::StatusOr<EngineResult> RunPlan(const ScanPlan& plan, const ParallelScan& scan,
                                     const FirstTimesSource& first_times) {
  return Runner(plan, scan, first_times).Run();
}

}  // namespace tidemark::analytics
