#include "services/catalog/observations/observation_list.h"

#include <algorithm>

#include "common/status/status_macros.h"
#include "services/catalog/observations/observation_maker.h"

namespace tidemark::catalog {
namespace {

ObservationPosition PositionOf(const std::string& series, std::string_view region,
                               const StatedCell& cell, const SeriesStatement& statement) {
  return {series,
          std::string(region),
          cell.days,
          statement.vintage->published,
          statement.vintage->created,
          statement.vintage->resource->name};
}

}  // namespace

absl::StatusOr<ObservationPage> ListObservations(const Catalog& catalog,
                                                 const ObservationIndex& index,
                                                 const ObservationQuery& query, const AsOf& state,
                                                 bool every_vintage,
                                                 const std::optional<ObservationPosition>& after,
                                                 const PageLimits& limits) {
  ObservationPage page;
  ObservationMaker maker(&catalog);
  size_t bytes = 0;
  RowReading reading = {.filter = query.cells, .cancelled = limits.cancelled};
  auto series = query.series.begin();
  if (after) series = std::lower_bound(series, query.series.end(), after->series);
  for (; series != query.series.end(); ++series) {
    const bool resumed = after && *series == after->series;
    const auto statements = index.Statements(*series, state);
    if (statements.empty()) continue;
    TM_RETURN_IF_ERROR(maker.SetSeries(*series));
    const size_t complete = NewestComplete(statements);
    RowReader rows(statements, query.regions, resumed ? after->region : "");
    for (; const StatedRow* row = rows.row(); rows.Next()) {
      const auto cells =
          every_vintage ? EveryCell(*row, reading) : StandingCells(*row, complete, reading);
      if (limits.cancelled()) return absl::CancelledError("the caller is gone");
      const bool resumed_row = resumed && row->region == after->region;
      for (const StatedCell& cell : cells) {
        const SeriesStatement& statement = statements[cell.statement];
        if (resumed_row) {
          const bool seen = every_vintage
                                ? PositionOf(*series, row->region, cell, statement) <= *after
                                : cell.days <= after->days;
          if (seen) continue;
        }
        if (page.observations.size() >= limits.page_size || bytes >= limits.max_bytes) return page;
        maker.Make(row->region, cell, statement, &page.observations.emplace_back());
        bytes += page.observations.back().ByteSizeLong();
        if (page.observations.size() >= limits.page_size || bytes >= limits.max_bytes) {
          page.next = PositionOf(*series, row->region, cell, statement);
        }
      }
      if (reading.looked >= limits.max_looked) {
        if (!page.next) {
          page.next = ObservationPosition{*series, std::string(row->region), kEndOfRow};
        }
        return page;
      }
    }
  }
  page.next.reset();
  return page;
}

}  // namespace tidemark::catalog
