#ifndef TIDEMARK_SERVICES_CATALOG_OBSERVATIONS_STATED_CELLS_H_
#define TIDEMARK_SERVICES_CATALOG_OBSERVATIONS_STATED_CELLS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "services/catalog/observations/observation_index.h"
#include "services/catalog/observations/row_reader.h"
#include "services/catalog/types/dates.h"
#include "tidemark/catalog/v1/observation_reads.pb.h"

namespace tidemark::catalog {

// Which cells of a row are read.
struct CellFilter {
  std::optional<int32_t> first;
  std::optional<int32_t> end;
  // As bits; 0: any.
  uint32_t grains = 0;
  v1::CumulativeCells cumulative = v1::CUMULATIVE_CELLS_UNSPECIFIED;

  bool Takes(const DaySpan& days) const;
};

// How rows are read, and what has been read.
struct RowReading {
  CellFilter filter;
  // Asked between vintages; what is read once it says yes is not whole.
  std::function<bool()> cancelled;
  // Cells looked at.
  size_t looked = 0;
};

// A cell as a vintage states it.
struct StatedCell {
  DaySpan days;
  // Position in the row's statements.
  uint32_t statement = 0;
  // Bytes of the VintageCell, in those of the vintage.
  std::string_view bytes;
};

// Where the newest complete statement is: what was stated below it is gone. 0: there is none.
size_t NewestComplete(const std::vector<SeriesStatement>& statements);

// What stands, by period: of parts from `complete` on, the last that states a cell. Takes memory in
// proportion to what stands.
std::vector<StatedCell> StandingCells(const StatedRow& row, size_t complete, RowReading& reading);

// What every part states, by period, then as the parts.
std::vector<StatedCell> EveryCell(const StatedRow& row, RowReading& reading);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_OBSERVATIONS_STATED_CELLS_H_
