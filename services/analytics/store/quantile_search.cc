#include <algorithm>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "common/status/status_macros.h"
#include "services/analytics/store/quantile_sink.h"
#include "services/analytics/store/query_runner.h"

namespace tidemark::analytics {
namespace {

constexpr int kFinestBits = 6;
constexpr int kCoarsestBits = 1;
// Each round cuts a range to a 64th: 64 bits are done after 11.
constexpr int kMaxRounds = 12;

using Targets = std::vector<QuantileTarget>;

// Runs one sink per thread and merges them into the first.
template <typename SinkType, typename Make>
absl::StatusOr<std::unique_ptr<SinkType>> ScanInto(const ScanPlan& plan, const ParallelScan& scan,
                                                   const CellSpace& cells, Make make) {
  std::vector<std::unique_ptr<SinkType>> made;
  std::vector<std::vector<Sink*>> sinks;
  for (size_t i = 0; i < scan.Threads(plan); ++i) {
    made.push_back(make());
    sinks.push_back({made.back().get()});
  }
  TM_RETURN_IF_ERROR(scan.Run(plan, cells, sinks));
  for (size_t i = 1; i < made.size(); ++i) made[0]->Merge(*made[i]);
  return std::move(made[0]);
}

LogBuckets ChooseBuckets(uint64_t range, size_t cells, size_t bytes) {
  for (int bits = kFinestBits; bits > kCoarsestBits; --bits) {
    const LogBuckets buckets(bits, range);
    if (buckets.count() * cells * sizeof(int64_t) <= bytes) return buckets;
  }
  return LogBuckets(kCoarsestBits, range);
}

// ⌈q·n/10⁴⌉
int64_t RankOf(uint32_t q, int64_t n) {
  return static_cast<int64_t>((static_cast<__int128>(q) * n + 9'999) / 10'000);
}

void AddTargets(const LogBuckets& buckets, const int64_t* counts, size_t cell, int64_t purchases,
                const std::vector<uint32_t>& quantiles, Targets* targets) {
  for (size_t q = 0; q < quantiles.size(); ++q) {
    int64_t rank = RankOf(quantiles[q], purchases);
    for (size_t bucket = 0; bucket < buckets.count(); ++bucket) {
      if (rank > counts[bucket]) {
        rank -= counts[bucket];
        continue;
      }
      targets->push_back({.cell = cell,
                          .quantile = q,
                          .first = buckets.First(bucket),
                          .last = buckets.Last(bucket),
                          .rank = rank,
                          .count = counts[bucket]});
      break;
    }
  }
}

class Search {
 public:
  Search(const ScanPlan& plan, const ParallelScan& scan, const CellSpace& cells,
         const std::vector<int64_t>& purchases)
      : plan_(plan),
        scan_(scan),
        cells_(cells),
        purchases_(purchases),
        limits_(plan.facts().limits) {
    int64_t max = 0;
    plan.Bounds(kAmountSlot, &base_, &max);
    range_ = static_cast<uint64_t>(max) - static_cast<uint64_t>(base_);
    found_.resize(plan.query().quantiles.size(), std::vector<int64_t>(cells.size()));
  }

  absl::StatusOr<std::vector<std::vector<int64_t>>> Run() {
    const LogBuckets buckets = ChooseBuckets(range_, cells_.size(), limits_.histogram_bytes);
    const size_t batch =
        std::max<size_t>(1, limits_.histogram_bytes / (buckets.count() * sizeof(int64_t)));
    for (size_t first = 0; first < cells_.size(); first += batch) {
      TM_RETURN_IF_ERROR(RunBatch(buckets, first, std::min(first + batch, cells_.size())));
    }
    return std::move(found_);
  }

 private:
  absl::Status RunBatch(const LogBuckets& buckets, size_t first, size_t end) {
    Targets targets;
    TM_RETURN_IF_ERROR(FindTargets(buckets, first, end, &targets));
    int64_t left = 0;
    for (int round = 0; round < kMaxRounds && !targets.empty(); ++round) {
      DropFound(&targets);
      left = 0;
      for (const QuantileTarget& target : targets) left += target.count;
      if (left <= limits_.collect_amounts) break;
      TM_RETURN_IF_ERROR(Refine(&targets));
    }
    return Collect(targets, left);
  }

  // The buckets that the quantiles of cells [first, end) lie in.
  absl::Status FindTargets(const LogBuckets& buckets, size_t first, size_t end, Targets* targets) {
    const TakenMemory memory(plan_.control(),
                             threads() * (end - first) * buckets.count() * sizeof(int64_t));
    TM_RETURN_IF_ERROR(plan_.control().status());
    TM_ASSIGN_OR_RETURN(const auto histogram, ScanInto<HistogramSink>(plan_, scan_, cells_, [&] {
                          return std::make_unique<HistogramSink>(buckets, base_, first, end);
                        }));
    for (size_t cell = first; cell < end; ++cell) {
      if (purchases_[cell] <= 0) continue;
      AddTargets(buckets, histogram->Of(cell), cell, purchases_[cell], plan_.query().quantiles,
                 targets);
    }
    return absl::OkStatus();
  }

  size_t threads() const { return scan_.Threads(plan_); }

  // Targets whose range is one amount are found.
  void DropFound(Targets* targets) {
    std::erase_if(*targets, [&](const QuantileTarget& target) {
      if (target.first != target.last) return false;
      found_[target.quantile][target.cell] =
          static_cast<int64_t>(static_cast<uint64_t>(base_) + target.first);
      return true;
    });
  }

  absl::Status Refine(Targets* targets) {
    const TakenMemory memory(plan_.control(), threads() * RefineSink::BytesFor(targets->size()));
    TM_RETURN_IF_ERROR(plan_.control().status());
    const TargetIndex index(*targets, cells_.size());
    TM_ASSIGN_OR_RETURN(const auto refined, ScanInto<RefineSink>(plan_, scan_, cells_, [&] {
                          return std::make_unique<RefineSink>(*targets, index, base_);
                        }));
    for (size_t i = 0; i < targets->size(); ++i) refined->Narrow(i, &(*targets)[i]);
    return absl::OkStatus();
  }

  // `amounts`: about as many are collected, and copied when the threads' are put together.
  absl::Status Collect(const Targets& targets, int64_t amounts) {
    if (targets.empty()) return absl::OkStatus();
    const TakenMemory memory(plan_.control(), 2 * static_cast<uint64_t>(amounts) * sizeof(int64_t));
    TM_RETURN_IF_ERROR(plan_.control().status());
    const TargetIndex index(targets, cells_.size());
    TM_ASSIGN_OR_RETURN(const auto collected, ScanInto<CollectSink>(plan_, scan_, cells_, [&] {
                          return std::make_unique<CollectSink>(targets, index, base_);
                        }));
    for (size_t i = 0; i < targets.size(); ++i) {
      found_[targets[i].quantile][targets[i].cell] = collected->Select(i);
    }
    return absl::OkStatus();
  }

  const ScanPlan& plan_;
  const ParallelScan& scan_;
  const CellSpace& cells_;
  const std::vector<int64_t>& purchases_;
  const WorkLimits& limits_;
  int64_t base_ = 0;
  uint64_t range_ = 0;
  std::vector<std::vector<int64_t>> found_;
};

}  // namespace

absl::StatusOr<std::vector<std::vector<int64_t>>> FindQuantiles(
    const ScanPlan& plan, const ParallelScan& scan, const CellSpace& cells,
    const std::vector<int64_t>& purchases) {
  return Search(plan, scan, cells, purchases).Run();
}

}  // namespace tidemark::analytics
