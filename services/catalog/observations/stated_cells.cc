#include "services/catalog/observations/stated_cells.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/functional/function_ref.h"
#include "services/catalog/observations/stated_bytes.h"

namespace tidemark::catalog {
namespace {

void ForEachCell(std::string_view row, RowReading& reading,
                 absl::FunctionRef<void(const DaySpan&, std::string_view)> visit) {
  type::v1::Period period;
  ForEachElement(row, v1::VintageRegion::kCellsFieldNumber, [&](std::string_view cell) {
    ++reading.looked;
    const std::string_view bytes = TextOf(cell, v1::VintageCell::kPeriodFieldNumber);
    if (!period.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return;
    const DaySpan days = SpanOf(period);
    if (reading.filter.Takes(days)) visit(days, cell);
  });
}

}  // namespace

bool CellFilter::Takes(const DaySpan& days) const {
  if (first && days.first < *first) return false;
  if (end && days.end > *end) return false;
  if (grains == 0 && cumulative == v1::CUMULATIVE_CELLS_UNSPECIFIED) return true;
  const type::v1::Period period = PeriodOf(days);
  if (grains != 0 && (grains & (uint32_t{1} << period.grain())) == 0) return false;
  if (cumulative == v1::CUMULATIVE_CELLS_UNSPECIFIED) return true;
  return (period.count() > 1) == (cumulative == v1::CUMULATIVE_CELLS_ONLY);
}

size_t NewestComplete(const std::vector<SeriesStatement>& statements) {
  for (size_t i = statements.size(); i > 0; --i) {
    if (statements[i - 1].vintage->complete) return i - 1;
  }
  return 0;
}

std::vector<StatedCell> StandingCells(const StatedRow& row, size_t complete, RowReading& reading) {
  std::vector<StatedCell> cells;
  absl::flat_hash_set<std::pair<int32_t, int32_t>> stated;
  for (auto part = row.parts.rbegin(); part != row.parts.rend(); ++part) {
    if (part->statement < complete || reading.cancelled()) break;
    ForEachCell(part->body, reading, [&](const DaySpan& days, std::string_view bytes) {
      if (stated.insert({days.first, days.end}).second) {
        cells.push_back({days, part->statement, bytes});
      }
    });
  }
  std::sort(cells.begin(), cells.end(),
            [](const StatedCell& a, const StatedCell& b) { return a.days < b.days; });
  return cells;
}

std::vector<StatedCell> EveryCell(const StatedRow& row, RowReading& reading) {
  std::vector<StatedCell> cells;
  for (const StatedRow::Part& part : row.parts) {
    if (reading.cancelled()) break;
    ForEachCell(part.body, reading, [&](const DaySpan& days, std::string_view bytes) {
      cells.push_back({days, part.statement, bytes});
    });
  }
  std::sort(cells.begin(), cells.end(), [](const StatedCell& a, const StatedCell& b) {
    return std::tie(a.days, a.statement) < std::tie(b.days, b.statement);
  });
  return cells;
}

}  // namespace tidemark::catalog
