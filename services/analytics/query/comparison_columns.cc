#include "services/analytics/query/comparison_columns.h"

#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/analytics/query/ratios.h"
#include "services/analytics/query/standings.h"
#include "services/analytics/query/table_builder.h"

namespace tidemark::analytics {
namespace {

using Compared = CellFacts::Compared;

// What some rows compare, from row `first` on.
struct Piece {
  size_t first = 0;
  std::vector<Compared> rows;
};

class ComparisonColumns {
 public:
  ComparisonColumns(const EnginePlan& engine_plan, const EngineResult& result, RowColumns* columns)
      : plan_(columns->plan()),
        engine_plan_(engine_plan),
        result_(result),
        facts_(columns->facts()),
        columns_(*columns) {}

  absl::Status AddAll() {
    const auto prev = [this](uint32_t cell) { return facts_.ComparePrev(cell); };
    const auto yoy = [this](uint32_t cell) { return facts_.CompareYoy(cell); };
    if (plan_.prev) TM_RETURN_IF_ERROR(AddGrowth("prev", prev));
    if (plan_.yoy) TM_RETURN_IF_ERROR(AddGrowth("yoy", yoy));
    if (plan_.ytd) TM_RETURN_IF_ERROR(AddYearToDate());
    if (plan_.ytd_yoy) {
      TM_RETURN_IF_ERROR(
          AddGrowth("ytd_yoy", [this](uint32_t cell) { return facts_.CompareYearToDate(cell); }));
    }
    for (size_t far = 0; far < plan_.far_bases.size(); ++far) TM_RETURN_IF_ERROR(AddFar(far));
    for (const PlannedContribution& contribution : plan_.contributions) {
      TM_RETURN_IF_ERROR(contribution.yoy ? AddContribution(contribution, yoy)
                                          : AddContribution(contribution, prev));
    }
    return absl::OkStatus();
  }

 private:
  // Calls take(piece) for all rows, compared in pieces, so that what they compare stays in the
  // processor's caches.
  template <typename Compare, typename Take>
  absl::Status ComparePieces(Compare compare, Take take) {
    Piece piece;
    piece.rows.reserve(std::min(kRowsPerLook, columns_.rows().size()));
    return columns_.Pieces([&](size_t begin, size_t end) -> absl::Status {
      piece.first = begin;
      piece.rows.clear();
      for (size_t row = begin; row < end; ++row)
        piece.rows.push_back(compare(columns_.rows()[row]));
      return take(piece);
    });
  }

  Column& ColumnAt(size_t at) { return columns_.table().columns[at]; }

  // Difference and growth of every measure; of ratios the difference alone.
  template <typename Compare>
  absl::Status AddGrowth(std::string_view name, Compare compare) {
    struct OfMeasure {
      size_t measure, at;
    };
    std::vector<OfMeasure> measures;
    for (size_t m = 0; m < facts_.measures(); ++m) {
      const PlannedMeasure& measure = plan_.measures[m];
      if (measure.added) continue;
      measures.push_back({m, columns_.table().columns.size()});
      AddGrowthColumns(name, measure, facts_.values(m).doubles);
    }
    return ComparePieces(compare, [&](const Piece& piece) -> absl::Status {
      for (const auto& [m, at] : measures) {
        if (facts_.values(m).doubles) {
          FillDoubles(piece, m, at);
        } else {
          TM_RETURN_IF_ERROR(FillIntegers(piece, m, at));
        }
      }
      return absl::OkStatus();
    });
  }

  void AddGrowthColumns(std::string_view name, const PlannedMeasure& measure, bool doubles) {
    const bool points = doubles && measure.word->unit == Unit::kRatio;
    std::string difference = absl::StrCat(name, "_diff(", measure.column, ")");
    if (points) {
      columns_.Add(std::move(difference), ColumnKind::kComparison, Column::Type::kDoubles,
                   "percentage_points");
      return;
    }
    columns_.AddLike(measure, std::move(difference), ColumnKind::kComparison,
                     doubles ? Column::Type::kDoubles : Column::Type::kIntegers);
    columns_.Add(absl::StrCat(name, "(", measure.column, ")"), ColumnKind::kComparison,
                 Column::Type::kDoubles, "ratio");
  }

  absl::Status FillIntegers(const Piece& piece, size_t m, size_t at) {
    Column& difference = ColumnAt(at);
    Column& ratio = ColumnAt(at + 1);
    for (size_t i = 0; i < piece.rows.size(); ++i) {
      const Compared& compared = piece.rows[i];
      const size_t row = piece.first + i;
      const NullReason null = compared.WhyNot(m);
      if (null != NullReason::kNone) {
        difference.SetNull(row, null);
        ratio.SetNull(row, null);
        continue;
      }
      const int64_t now = compared.value.of(m).integers[compared.value.cell];
      const int64_t then = compared.base.of(m).integers[compared.base.cell];
      if (__builtin_sub_overflow(now, then, &difference.integers[row])) {
        return status::WithReason(
            absl::OutOfRangeError(absl::StrCat("the difference of ", plan_.measures[m].column,
                                               " between two periods does not fit 64 bits")),
            "SUM_OVERFLOW");
      }
      SetNumber(&ratio, row, Growth(now, then));
    }
    return absl::OkStatus();
  }

  void FillDoubles(const Piece& piece, size_t m, size_t at) {
    const bool points = plan_.measures[m].word->unit == Unit::kRatio;
    Column& difference = ColumnAt(at);
    Column* const ratio = points ? nullptr : &ColumnAt(at + 1);
    for (size_t i = 0; i < piece.rows.size(); ++i) {
      const Compared& compared = piece.rows[i];
      const size_t row = piece.first + i;
      const NullReason null = compared.WhyNot(m);
      if (null != NullReason::kNone) {
        difference.SetNull(row, null);
        if (ratio != nullptr) ratio->SetNull(row, null);
        continue;
      }
      const double now = compared.value.of(m).reals[compared.value.cell];
      const double then = compared.base.of(m).reals[compared.base.cell];
      SetNumber(&difference, row,
                points ? Number{PercentagePoints(now, then)} : Number{now - then});
      if (ratio != nullptr) SetNumber(ratio, row, Growth(now, then));
    }
  }

  absl::Status AddYearToDate() {
    const size_t at = columns_.table().columns.size();
    for (size_t m = 0; m < facts_.measures(); ++m) {
      const PlannedMeasure& measure = plan_.measures[m];
      if (measure.added) continue;
      columns_.AddLike(measure, absl::StrCat("ytd(", measure.column, ")"), ColumnKind::kComparison,
                       facts_.values(m).doubles ? Column::Type::kDoubles : Column::Type::kIntegers);
    }
    const auto compare = [this](uint32_t cell) { return facts_.YearToDate(cell); };
    return ComparePieces(compare, [&](const Piece& piece) {
      size_t next = at;
      for (size_t m = 0; m < facts_.measures(); ++m) {
        if (!plan_.measures[m].added) FillYearToDate(piece, m, &ColumnAt(next++));
      }
      return absl::OkStatus();
    });
  }

  void FillYearToDate(const Piece& piece, size_t m, Column* column) const {
    for (size_t i = 0; i < piece.rows.size(); ++i) {
      const CellFacts::Side& value = piece.rows[i].value;
      const NullReason null =
          piece.rows[i].null != NullReason::kNone ? piece.rows[i].null : value.null(m);
      if (null != NullReason::kNone) {
        column->SetNull(piece.first + i, null);
      } else if (facts_.values(m).doubles) {
        column->doubles[piece.first + i] = value.of(m).reals[value.cell];
      } else {
        column->integers[piece.first + i] = value.of(m).integers[value.cell];
      }
    }
  }

  // Average annual growth, or index numbers.
  absl::Status AddFar(size_t far) {
    const PlannedFarBase& base = plan_.far_bases[far];
    const size_t at = columns_.table().columns.size();
    for (const PlannedMeasure& measure : plan_.measures) {
      if (measure.added) continue;
      columns_.Add(FarColumn(base, measure), ColumnKind::kComparison, Column::Type::kDoubles,
                   base.years == 0 ? "index" : "ratio");
    }
    const auto compare = [this, far](uint32_t cell) { return facts_.CompareFar(cell, far); };
    return ComparePieces(compare, [&](const Piece& piece) -> absl::Status {
      size_t next = at;
      for (size_t m = 0; m < facts_.measures(); ++m) {
        if (plan_.measures[m].added) continue;
        TM_RETURN_IF_ERROR(FillFar(base, piece, m, &ColumnAt(next++)));
      }
      return absl::OkStatus();
    });
  }

  // Roots take a microsecond each.
  absl::Status FillFar(const PlannedFarBase& base, const Piece& piece, size_t m,
                       Column* column) const {
    const auto fill = [&](size_t i) {
      const size_t row = piece.first + i;
      const NullReason null = piece.rows[i].WhyNot(m);
      if (null != NullReason::kNone) return column->SetNull(row, null);
      const auto& [value, than, none] = piece.rows[i];
      const auto number = [&](auto now, auto then) {
        return base.years == 0 ? IndexNumber(now, then) : AnnualGrowth(now, then, base.years);
      };
      SetNumber(column, row,
                value.of(m).doubles
                    ? number(value.of(m).reals[value.cell], than.of(m).reals[than.cell])
                    : number(value.of(m).integers[value.cell], than.of(m).integers[than.cell]));
    };
    return ForEachRow(piece.rows.size(), columns_.stop(), fill, kSlowRowsPerLook);
  }

  // A row's part in the growth of its whole: points and rate.
  template <typename Compare>
  absl::Status AddContribution(const PlannedContribution& contribution, Compare compare) {
    const auto m = static_cast<size_t>(contribution.measure);
    TM_ASSIGN_OR_RETURN(const std::vector<uint32_t> wholes,
                        WholesOf(plan_, engine_plan_, result_, facts_.index(), columns_.rows(),
                                 contribution.whole));
    struct Whole {
      __int128 base = 0;
      __int128 change = 0;
      NullReason null = NullReason::kNone;
    };
    std::vector<Whole> sums;
    struct Part {
      __int128 change = 0;
      NullReason null = NullReason::kNone;
    };
    std::vector<Part> parts;
    parts.reserve(wholes.size());
    TM_RETURN_IF_ERROR(ComparePieces(compare, [&](const Piece& piece) {
      for (const Compared& compared : piece.rows) {
        const uint32_t number = wholes[parts.size()];
        if (number >= sums.size()) sums.resize(number + 1);
        Whole& whole = sums[number];
        Part& part = parts.emplace_back();
        part.null = compared.WhyNot(m);
        // A part without a number would be missing in the whole; the first one's reason counts.
        if (part.null != NullReason::kNone) {
          if (whole.null == NullReason::kNone) whole.null = part.null;
          continue;
        }
        const __int128 base = compared.base.of(m).integers[compared.base.cell];
        part.change = compared.value.of(m).integers[compared.value.cell] - base;
        whole.base += base;
        whole.change += part.change;
      }
      return absl::OkStatus();
    }));
    const size_t at = columns_.table().columns.size();
    columns_.Add(contribution.column, ColumnKind::kComparison, Column::Type::kDoubles,
                 "percentage_points");
    columns_.Add(contribution.rate_column, ColumnKind::kComparison, Column::Type::kDoubles,
                 "ratio");
    return columns_.EachRow([&, points = &ColumnAt(at), rate = &ColumnAt(at + 1)](size_t row) {
      const Whole& whole = sums[wholes[row]];
      const Part& part = parts[row];
      const NullReason null = part.null != NullReason::kNone ? part.null : whole.null;
      SetNumber(points, row,
                null != NullReason::kNone ? Number{0, null} : Points(part.change, whole.base));
      SetNumber(rate, row,
                null != NullReason::kNone
                    ? Number{0, null}
                    : Quotient(part.change, whole.change, NullReason::kNoChange));
    });
  }

  const Plan& plan_;
  const EnginePlan& engine_plan_;
  const EngineResult& result_;
  CellFacts& facts_;
  RowColumns& columns_;
};

}  // namespace

absl::Status AddComparisonColumns(const EnginePlan& engine_plan, const EngineResult& result,
                                  RowColumns* columns) {
  return ComparisonColumns(engine_plan, result, columns).AddAll();
}

}  // namespace tidemark::analytics
