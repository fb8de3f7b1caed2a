#include "services/analytics/store/consumption_reader.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "common/status/status_macros.h"
#include "services/analytics/store/consumption_sink.h"

namespace tidemark::analytics {
namespace {

constexpr size_t kConsumersPerCheck = 4096;

absl::StatusOr<CellSpace> MakeCells(const ScanPlan& plan, const ParallelScan& scan) {
  if (plan.cell_numbers() <= plan.facts().limits.few_cells) return CellSpace(plan.cell_numbers());
  TM_ASSIGN_OR_RETURN(CellNumbers met, scan.FindCells(plan));
  return CellSpace(std::move(met));
}

// The number that the caller knows each cell by.
std::vector<uint64_t> CallersNumbers(const ScanPlan& plan, const CellSpace& cells) {
  std::vector<uint64_t> numbers(cells.size());
  std::vector<uint32_t> groups(plan.query().groupings.size());
  for (size_t cell = 0; cell < cells.size(); ++cell) {
    const uint64_t number = cells.NumberOf(cell);
    for (size_t i = 0; i < groups.size(); ++i) groups[i] = plan.GroupOf(number, i);
    numbers[cell] = CellNumber(plan.query(), plan.PeriodOf(number), groups);
  }
  return numbers;
}

absl::Status GiveAll(const std::vector<ConsumptionSink::Entry>& entries,
                     const std::vector<uint64_t>& numbers, QueryControl& control,
                     absl::FunctionRef<absl::Status(std::span<const Consumption>)> take) {
  std::vector<Consumption> given;
  size_t consumers = 0;
  for (size_t begin = 0; begin < entries.size();) {
    if (consumers++ % kConsumersPerCheck == 0 && !control.Continue()) return control.status();
    const uint64_t consumer = entries[begin].key >> 32;
    given.clear();
    for (; begin < entries.size() && entries[begin].key >> 32 == consumer; ++begin)
      given.push_back(
          {numbers[static_cast<uint32_t>(entries[begin].key)], entries[begin].first_us});
    std::sort(given.begin(), given.end(),
              [](const Consumption& a, const Consumption& b) { return a.cell < b.cell; });
    TM_RETURN_IF_ERROR(take(given));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ReadConsumptions(const ScanPlan& plan, const ParallelScan& scan,
                              absl::FunctionRef<absl::Status(std::span<const Consumption>)> take) {
  QueryControl& control = plan.control();
  TM_RETURN_IF_ERROR(control.status());
  TM_ASSIGN_OR_RETURN(const CellSpace cells, MakeCells(plan, scan));
  IdBitmap contested;
  if (plan.has_negative()) {
    const uint32_t ids = plan.facts().consumers + 1;
    if (!control.Take(IdBitmap::BytesFor(ids))) return control.status();
    contested = FindContested(plan, kConsumerSlot, ids);
  }
  std::vector<std::unique_ptr<ConsumptionSink>> sinks;
  std::vector<std::vector<Sink*>> by_thread(scan.Threads(plan));
  for (std::vector<Sink*>& one : by_thread) {
    if (!control.Take(cells.size())) return control.status();
    sinks.push_back(std::make_unique<ConsumptionSink>(
        cells.size(), plan.has_negative() ? &contested : nullptr, &control));
    one.push_back(sinks.back().get());
  }
  TM_RETURN_IF_ERROR(scan.Run(plan, cells, by_thread));
  for (size_t i = 1; i < sinks.size(); ++i) {
    sinks[0]->Merge(sinks[i].get());
    sinks[i].reset();
  }
  if (sinks[0]->TouchedCells() > plan.query().max_cells) {
    return TooManyCells(plan.query().max_cells);
  }
  const std::vector<ConsumptionSink::Entry>& entries = sinks[0]->Settle();
  if (!control.Take(cells.size() * sizeof(uint64_t))) return control.status();
  return GiveAll(entries, CallersNumbers(plan, cells), control, take);
}

}  // namespace tidemark::analytics
