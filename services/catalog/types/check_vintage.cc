#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "services/catalog/types/check_observations.h"
#include "services/catalog/types/dates.h"
#include "services/catalog/types/type_rules.h"

namespace tidemark::catalog {
namespace {

constexpr size_t kMostCells = 50'000;

bool HasNoNumber(v1::ObservationStatus status) {
  return status == v1::OBSERVATION_STATUS_MISSING || status == v1::OBSERVATION_STATUS_SUPPRESSED;
}

void CheckCell(const v1::VintageCell& cell, int notes, const std::string& path, Report& report) {
  if (HasNoNumber(cell.status()) == cell.has_value()) {
    report.AddTyped(absl::StrCat(path, ".value"),
                    cell.has_value()
                        ? absl::StrCat("refused with ", v1::ObservationStatus_Name(cell.status()))
                        : "missing; or say status MISSING or SUPPRESSED");
  }
  if (cell.divisor() == 1 || (cell.divisor() != 0 && !cell.has_value())) {
    report.AddTyped(absl::StrCat(path, ".divisor"), cell.divisor() == 1
                                                        ? "1, want 2 to 1,000,000, or leave it out"
                                                        : "only with a value; leave it out");
  }
  if (cell.note() > static_cast<uint32_t>(notes)) {
    report.AddTyped(
        absl::StrCat(path, ".note"),
        absl::StrCat(cell.note(), ", want a position in notes, 1 to ", notes, ", or 0 for none"));
  }
}

void CheckRegionCells(const v1::VintageRegion& region, int notes, const std::string& path,
                      Report& report) {
  absl::flat_hash_set<std::pair<int32_t, int32_t>> seen;
  seen.reserve(static_cast<size_t>(region.cells_size()));
  for (int i = 0; i < region.cells_size(); ++i) {
    const std::string at = absl::StrCat(path, ".cells[", i, "]");
    CheckCell(region.cells(i), notes, at, report);
    const DaySpan days = SpanOf(region.cells(i).period());
    if (seen.insert({days.first, days.end}).second) continue;
    report.AddTyped(
        absl::StrCat(at, ".period"),
        absl::StrCat("its days, ", ToString(DateOfNumber(days.first)), " to ",
                     ToString(DateOfNumber(days.end - 1)), ", have a cell already; keep one"),
        "DUPLICATE");
  }
}

// Whether a series takes cells of the period: of its grains, or several periods in a row of one
// of them or of a longer one.
bool Takes(const v1::ObservationSeries& series, const type::v1::Period& stated) {
  if (series.grains().empty()) return true;
  const type::v1::Period named = PeriodOf(SpanOf(stated));
  if (named.count() <= 1 && absl::c_linear_search(series.grains(), named.grain())) return true;
  return stated.count() > 1 && stated.grain() >= *absl::c_min_element(series.grains());
}

std::string GrainsOf(const v1::ObservationSeries& series) {
  std::string names;
  for (int i = 0; i < series.grains_size(); ++i) {
    absl::StrAppend(&names, i == 0 ? "" : ", ", type::v1::PeriodGrain_Name(series.grains(i)));
  }
  return names;
}

// The first cell that the series does not take.
void CheckGrains(const v1::VintageSeries& stated, const v1::ObservationSeries& series,
                 const std::string& path, Report& report) {
  if (series.grains().empty()) return;
  for (int r = 0; r < stated.regions_size(); ++r) {
    for (int c = 0; c < stated.regions(r).cells_size(); ++c) {
      const type::v1::Period& period = stated.regions(r).cells(c).period();
      if (Takes(series, period)) continue;
      return report.AddTyped(
          absl::StrCat(path, ".regions[", r, "].cells[", c, "].period"),
          absl::StrCat(stated.series(), " takes periods of ", GrainsOf(series),
                       " and longer cumulative ones; add the grain to the series, or state it in "
                       "another"),
          "GRAIN_NOT_TAKEN");
    }
  }
}

}  // namespace

void CheckVintage(const v1::Vintage& vintage, Report& report) {
  if (!vintage.source().has_published()) {
    report.AddTyped("source.published",
                    "missing; the day of publication decides which vintage stands");
  }
  if (vintage.withdrawn() == vintage.withdrawal_reason().empty()) {
    report.AddTyped("withdrawal_reason", vintage.withdrawn()
                                             ? "missing; say why it is withdrawn"
                                             : "only with `withdrawn`; leave it out");
  }
  size_t cells = 0;
  for (const v1::VintageSeries& series : vintage.series()) {
    for (const v1::VintageRegion& region : series.regions()) {
      cells += static_cast<size_t>(region.cells_size());
    }
  }
  if (cells == 0) return report.AddTyped("series", "states no cell; want at least one");
  if (cells > kMostCells) {
    return report.AddTyped(
        "series", absl::StrCat(cells, " cells, want at most ", kMostCells,
                               "; apply several vintages of the same day, split by series"));
  }
  for (int s = 0; s < vintage.series_size(); ++s) {
    for (int r = 0; r < vintage.series(s).regions_size(); ++r) {
      CheckRegionCells(vintage.series(s).regions(r), vintage.notes_size(),
                       absl::StrCat("series[", s, "].regions[", r, "]"), report);
    }
  }
}

void CheckVintageTogether(const v1::Vintage& vintage, const ResourceLookup& after, Report& report) {
  for (int s = 0; s < vintage.series_size(); ++s) {
    const auto series = FindMessage<v1::ObservationSeries>(after, vintage.series(s).series());
    if (!series) continue;
    CheckGrains(vintage.series(s), *series, absl::StrCat("series[", s, "]"), report);
  }
}

void CheckVintageChange(const v1::Vintage& before, const v1::Vintage& after, Report& report) {
  if (!before.withdrawn() || after.withdrawn()) return;
  report.AddTyped("withdrawn",
                  "cannot go back to false; apply what it stated as a vintage with another id",
                  "IMMUTABLE_FIELD");
}

}  // namespace tidemark::catalog
