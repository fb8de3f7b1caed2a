#include "services/analytics/statistics/availability.h"

#include <string>
#include <utility>
#include <vector>

#include "common/status/status_macros.h"
#include "services/analytics/query/table_builder.h"
#include "services/analytics/statistics/table_parts.h"

namespace tidemark::analytics {
namespace {

struct Place {
  uint32_t first = 0;
  uint32_t last = 0;
  int64_t periods = 0;
  int64_t events = 0;
};

// Position of each of the column's periods among all periods from the first on.
absl::StatusOr<std::vector<int64_t>> Positions(const Calendar& calendar, Grain grain,
                                               const Column& periods) {
  std::vector<Period> named;
  for (const Member& member : periods.members) {
    TM_ASSIGN_OR_RETURN(named.emplace_back(), calendar.Parse(member.code));
  }
  std::vector<int64_t> positions;
  if (named.empty()) return positions;
  TM_ASSIGN_OR_RETURN(
      const std::vector<Period> all,
      calendar.Cover(grain, named.front().start_us, named.back().end_us, kMaxPeriods));
  size_t at = 0;
  for (const Period& period : named) {
    while (all[at].start_us < period.start_us) ++at;
    positions.push_back(static_cast<int64_t>(at));
  }
  return positions;
}

Table MakePlaces(const Table& cells, const Column& places, const Column& periods,
                 const std::vector<int64_t>& positions) {
  const Column& events = *FindColumn(cells, "events");
  std::vector<Place> of_place(places.members.size());
  // Rows come by ascending period.
  for (size_t row = 0; row < cells.row_count; ++row) {
    Place& place = of_place[places.texts[row]];
    if (place.periods++ == 0) place.first = periods.texts[row];
    place.last = periods.texts[row];
    place.events += events.integers[row];
  }
  std::vector<Member> first, last;
  for (const Place& place : of_place) {
    first.push_back(periods.members[place.first]);
    last.push_back(periods.members[place.last]);
  }
  TableBuilder builder(of_place.size());
  builder.AddTexts(places.name, ColumnKind::kDimension, places.dimension, places.members);
  builder.AddTexts("first_period", ColumnKind::kPeriod, nullptr, first);
  builder.AddTexts("last_period", ColumnKind::kPeriod, nullptr, last);
  Column& with_events = builder.AddIntegers("periods", ColumnKind::kStatistic, "count");
  Column& gaps = builder.AddIntegers("gaps", ColumnKind::kStatistic, "count");
  Column& total = builder.AddIntegers("events", ColumnKind::kMeasure, "count");
  for (size_t i = 0; i < of_place.size(); ++i) {
    const Place& place = of_place[i];
    with_events.integers[i] = place.periods;
    gaps.integers[i] = positions[place.last] - positions[place.first] + 1 - place.periods;
    total.integers[i] = place.events;
  }
  Table table = std::move(builder).Build();
  table.region_role = cells.region_role;
  return table;
}

}  // namespace

absl::StatusOr<Availability> ComputeAvailability(const StatisticContext& context, Query query) {
  const Grain grain = query.grain;
  query.measures = {{.name = "events", .column = "events"}};
  Availability availability;
  TM_ASSIGN_OR_RETURN(availability.cells, AskTable(context, query));
  const Table& cells = availability.cells;
  const Column& periods = *FindColumn(cells, "period");
  TM_ASSIGN_OR_RETURN(const std::vector<int64_t> positions,
                      Positions(*context.calendar, grain, periods));
  availability.places =
      MakePlaces(cells, *FindColumn(cells, query.dimensions[0].name), periods, positions);
  return availability;
}

}  // namespace tidemark::analytics
