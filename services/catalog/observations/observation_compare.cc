#include "services/catalog/observations/observation_compare.h"

#include <algorithm>

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

  // Of `row`, which is one of the statements'; null: none.
  std::vector<StatedCell> Cells(const StatedRow* row, RowReading& reading) const {
    if (row == nullptr) return {};
    return StandingCells(*row, complete, reading);
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
        reading_{.filter = query.cells, .cancelled = limits.cancelled} {
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
    for (Side* side : {&before, &after}) side->complete = NewestComplete(side->statements);
    TM_RETURN_IF_ERROR(maker_.SetSeries(series));
    const bool resumed = after_ && series == after_->series;
    const std::string_view from = resumed ? std::string_view(after_->region) : "";
    RowReader was(before.statements, query_.regions, from);
    RowReader is(after.statements, query_.regions, from);
    while ((was.row() != nullptr || is.row() != nullptr) && !ended_) {
      // The row of either side that is first, and of the other if it is of the same region.
      const bool only_was =
          is.row() == nullptr || (was.row() != nullptr && was.row()->region < is.row()->region);
      const bool only_is =
          was.row() == nullptr || (is.row() != nullptr && is.row()->region < was.row()->region);
      const StatedRow* old_row = only_is ? nullptr : was.row();
      const StatedRow* new_row = only_was ? nullptr : is.row();
      const std::string region(old_row != nullptr ? old_row->region : new_row->region);
      CompareRow(series, region, before, before.Cells(old_row, reading_), after,
                 after.Cells(new_row, reading_), resumed && region == after_->region);
      if (!only_is) was.Next();
      if (!only_was) is.Next();
      if (limits_.cancelled()) return absl::CancelledError("the caller is gone");
      if (counts() || ended_ || reading_.looked < limits_.max_looked) continue;
      page_.next = ObservationPosition{series, region, kEndOfRow};
      ended_ = true;
    }
    return absl::OkStatus();
  }

  void CompareRow(const std::string& series, const std::string& region, const Side& before,
                  const std::vector<StatedCell>& was, const Side& after,
                  const std::vector<StatedCell>& is, bool resumed) {
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
      last_ = {series, region, days};
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
