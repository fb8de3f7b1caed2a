#include "services/analytics/statistics/forecast/history.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/analytics/statistics/table_parts.h"

namespace tidemark::analytics {
namespace {

double ValueAt(const Column& column, size_t row) {
  if (column.type == Column::Type::kDoubles) return column.doubles[row];
  double unit = 1;
  for (uint32_t i = 0; i < column.decimals; ++i) unit *= 10;
  return static_cast<double>(column.integers[row]) / unit;
}

std::vector<SeriesPoint> PointsOf(const Table& table, const Column& value) {
  const Column& period = *FindColumn(table, "period");
  const Column& flags = *FindColumn(table, "flags");
  std::vector<SeriesPoint> points;
  for (size_t row = 0; row < table.row_count; ++row) {
    points.push_back(
        {.period = period.members[period.texts[row]].code,
         .value = ValueAt(value, row),
         .partial = absl::StartsWith(flags.members[flags.texts[row]].code, "PARTIAL")});
  }
  return points;
}

// Cuts both to what can be used, and says what was cut off.
void Cut(const Column& value, std::vector<SeriesPoint>* points, std::vector<PlanNote>* notes) {
  size_t last = points->size();
  while (last > 0 && ((*points)[last - 1].partial || value.IsNull(last - 1))) --last;
  size_t first = last;
  while (first > 0 && !value.IsNull(first - 1)) --first;
  bool has_earlier = false;
  for (size_t row = 0; row < first; ++row) has_earlier |= !value.IsNull(row);
  if (has_earlier) {
    notes->push_back(
        {"HISTORY_CUT", absl::StrCat("there is no value of ", (*points)[first - 1].period,
                                     "; what is before it is not used")});
  }
  while (first < last && (*points)[first].partial) ++first;
  if (last < points->size()) {
    notes->push_back({"PARTIAL_LEFT_OUT",
                      absl::StrCat("from ", (*points)[last].period,
                                   " on periods are not fully covered or not over; they are not "
                                   "used, the forecast begins with them")});
  }
  points->erase(points->begin() + static_cast<int64_t>(last), points->end());
  points->erase(points->begin(), points->begin() + static_cast<int64_t>(first));
}

}  // namespace

absl::StatusOr<History> ReadHistory(const StatisticContext& context, const Query& query,
                                    bool join) {
  TM_ASSIGN_OR_RETURN(const Table table, AskTable(context, query));
  const Column& value = *FindColumn(table, query.measures[0].column);
  History history{.points = PointsOf(table, value),
                  .column = value.name,
                  .unit = value.unit,
                  .notes = table.notes,
                  .region_role = table.region_role,
                  .effects_scanned = table.effects_scanned};
  Cut(value, &history.points, &history.notes);
  if (join) history.points = JoinJanuaryFebruary(std::move(history.points));
  const auto partial = std::count_if(history.points.begin(), history.points.end(),
                                     [](const SeriesPoint& point) { return point.partial; });
  if (partial > 0) {
    history.notes.push_back(
        {"PARTIAL_HISTORY",
         absl::StrCat(partial, " periods of the history are not fully covered")});
  }
  if (history.points.size() > kMaxHistory) {
    return status::WithReason(absl::ResourceExhaustedError(absl::StrCat(
                                  "the history has ", history.points.size(), " periods, more than ",
                                  kMaxHistory, "; narrow the range, or ask for a longer grain")),
                              "TOO_MANY_PERIODS");
  }
  return history;
}

}  // namespace tidemark::analytics
