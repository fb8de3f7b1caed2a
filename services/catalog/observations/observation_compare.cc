#include "services/catalog/observations/observation_compare.h"

#include <algorithm>
#include <set>

#include "common/status/status_macros.h"
#include "services/catalog/observations/observation_maker.h"
#include "services/catalog/observations/same_number.h"

namespace tidemark::catalog {
namespace {

v1::VintageCell CellOf(const StatedCell& cell) {
  v1::VintageCell stated;
  stated.ParsePartialFromArray(cell.bytes.data(), static_cast<int>(cell.bytes.size()));
  if (stated.status() == v1::OBSERVATION_STATUS_UNSPECIFIED) {
    stated.set_status(v1::OBSERVATION_STATUS_NORMAL);
  }
  if (stated.qualifier() == v1::QUALIFIER_UNSPECIFIED) stated.set_qualifier(v1::QUALIFIER_EXACT);
  return stated;
}

bool SameNumbers(const v1::VintageCell& a, const v1::VintageCell& b, const Decimal& tolerance) {
  if (!a.has_value() || !b.has_value()) return a.has_value() == b.has_value();
  const auto before = ParseDecimal(a.value().value());
  const auto after = ParseDecimal(b.value().value());
  if (!before || !after) return a.value().value() == b.value().value();
  return SameNumber({*before, std::max(a.divisor(), uint32_t{1})},
                    {*after, std::max(b.divisor(), uint32_t{1})}, tolerance);
}

// A state of one series.
struct Side {
  std::vector<SeriesStatement> statements;
  size_t complete = 0;
  std::map<std::string_view, StatedRow> rows;

  void Read(const absl::flat_hash_set<std::string_view>& regions) {
    complete = NewestComplete(statements);
    rows = RowsOf(statements, regions);
  }
  std::vector<StatedCell> Row(std::string_view region, RowReading& reading) const {
    const auto row = rows.find(region);
    if (row == rows.end()) return {};
    return StandingCells(row->second, complete, reading);
  }
};

bool SameStatements(const Side& a, const Side& b) {
  return std::equal(
      a.statements.begin(), a.statements.end(), b.statements.begin(), b.statements.end(),
      [](const auto& one, const auto& other) { return one.vintage == other.vintage; });
}

class Comparer {
 public:
  Comparer(const Catalog& catalog, const ObservationIndex& index, const ObservationQuery& query,
           const ComparedStates& states, const std::optional<ObservationPosition>& after,
           const PageLimits& limits)
      : index_(index),
        query_(query),
        states_(states),
        after_(after),
        limits_(limits),
        maker_(&catalog),
        reading_{.filter = query.cells, .cancelled = limits.cancelled},
        regions_(query.regions.begin(), query.regions.end()) {
    if (states.proposed == nullptr) return;
    for (const auto& [series, statement] : StatementsOf(states.proposed)) {
      proposed_[series] = statement;
    }
  }

  absl::StatusOr<DifferencePage> Compare() {
    auto series = query_.series.begin();
    if (after_) series = std::lower_bound(series, query_.series.end(), after_->series);
    for (; series != query_.series.end() && !ended_; ++series) {
      TM_RETURN_IF_ERROR(CompareSeries(*series));
    }
    return std::move(page_);
  }

 private:
  // Pages after the first have no need of counts and end when they are full.
  bool counts() const { return !after_; }
  bool full() const {
    return page_.differences.size() >= limits_.page_size || bytes_ >= limits_.max_bytes;
  }

  absl::Status CompareSeries(const std::string& series) {
    Side before{.statements = index_.Statements(series, states_.before)};
    Side after = before;
    if (states_.proposed == nullptr) {
      after.statements = index_.Statements(series, states_.after);
    } else if (const auto it = proposed_.find(series); it != proposed_.end()) {
      after.statements.insert(
          std::upper_bound(after.statements.begin(), after.statements.end(), it->second,
                           [](const SeriesStatement& a, const SeriesStatement& b) {
                             return StatedBefore(*a.vintage, *b.vintage);
                           }),
          it->second);
    }
    if (!counts() && SameStatements(before, after)) return absl::OkStatus();
    if (before.statements.empty() && after.statements.empty()) return absl::OkStatus();
    before.Read(regions_);
    after.Read(regions_);
    TM_RETURN_IF_ERROR(maker_.SetSeries(series));
    std::set<std::string_view> regions;
    for (const Side* side : {&before, &after}) {
      for (const auto& [region, row] : side->rows) regions.insert(region);
    }
    const bool resumed = after_ && series == after_->series;
    auto region = resumed ? regions.lower_bound(after_->region) : regions.begin();
    for (; region != regions.end() && !ended_; ++region) {
      CompareRow(series, *region, before, after, resumed && *region == after_->region);
      if (limits_.cancelled()) return absl::CancelledError("the caller is gone");
      if (counts() || ended_ || reading_.looked < limits_.max_looked) continue;
      page_.next = ObservationPosition{series, std::string(*region), kEndOfRow};
      ended_ = true;
    }
    return absl::OkStatus();
  }

  void CompareRow(const std::string& series, std::string_view region, const Side& before,
                  const Side& after, bool resumed) {
    const auto was = before.Row(region, reading_);
    const auto is = after.Row(region, reading_);
    size_t i = 0;
    size_t k = 0;
    while ((i < was.size() || k < is.size()) && !ended_) {
      const bool only_was = k == is.size() || (i < was.size() && was[i].days < is[k].days);
      const bool only_is = i == was.size() || (k < is.size() && is[k].days < was[i].days);
      const StatedCell* old_cell = only_is ? nullptr : &was[i++];
      const StatedCell* new_cell = only_was ? nullptr : &is[k++];
      const DaySpan days = old_cell != nullptr ? old_cell->days : new_cell->days;
      if (resumed && days <= after_->days) continue;
      const v1::DifferenceKind kind = Judge(before, old_cell, after, new_cell);
      if (kind == v1::DIFFERENCE_KIND_UNSPECIFIED) continue;
      if (full()) {
        // There is another, so the next page is needed.
        if (!page_.next) page_.next = last_;
        ended_ = !counts();
        continue;
      }
      v1::ObservationDifference& added = page_.differences.emplace_back();
      added.set_kind(kind);
      if (old_cell != nullptr) {
        maker_.Make(region, *old_cell, before.statements[old_cell->statement],
                    added.mutable_before());
      }
      if (new_cell != nullptr) {
        maker_.Make(region, *new_cell, after.statements[new_cell->statement],
                    added.mutable_after());
      }
      bytes_ += added.ByteSizeLong();
      last_ = {series, std::string(region), days};
    }
  }

  // UNSPECIFIED: they are the same.
  v1::DifferenceKind Judge(const Side& before, const StatedCell* was, const Side& after,
                           const StatedCell* is) {
    if (was == nullptr) {
      ++page_.counts.added;
      return v1::DIFFERENCE_KIND_ADDED;
    }
    if (is == nullptr) {
      ++page_.counts.removed;
      return v1::DIFFERENCE_KIND_REMOVED;
    }
    const StatedVintage& old_vintage = *before.statements[was->statement].vintage;
    const StatedVintage& new_vintage = *after.statements[is->statement].vintage;
    if (was->bytes.data() != is->bytes.data()) {
      const v1::VintageCell a = CellOf(*was);
      const v1::VintageCell b = CellOf(*is);
      if (!SameNumbers(a, b, states_.tolerance)) {
        ++page_.counts.revised;
        return v1::DIFFERENCE_KIND_REVISED;
      }
      if (a.qualifier() != b.qualifier() || a.status() != b.status() ||
          a.break_before() != b.break_before() ||
          maker_.NoteOf(old_vintage, a.note()) != maker_.NoteOf(new_vintage, b.note())) {
        ++page_.counts.relabelled;
        return v1::DIFFERENCE_KIND_RELABELLED;
      }
    }
    ++page_.counts.unchanged;
    return v1::DIFFERENCE_KIND_UNSPECIFIED;
  }

  const ObservationIndex& index_;
  const ObservationQuery& query_;
  const ComparedStates& states_;
  const std::optional<ObservationPosition>& after_;
  const PageLimits& limits_;
  ObservationMaker maker_;
  RowReading reading_;
  const absl::flat_hash_set<std::string_view> regions_;
  absl::flat_hash_map<std::string_view, SeriesStatement> proposed_;
  DifferencePage page_;
  ObservationPosition last_;
  size_t bytes_ = 0;
  bool ended_ = false;
};

}  // namespace

absl::StatusOr<DifferencePage> CompareObservations(const Catalog& catalog,
                                                   const ObservationIndex& index,
                                                   const ObservationQuery& query,
                                                   const ComparedStates& states,
                                                   const std::optional<ObservationPosition>& after,
                                                   const PageLimits& limits) {
  return Comparer(catalog, index, query, states, after, limits).Compare();
}

}  // namespace tidemark::catalog
