#include "services/analytics/query/result.h"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/analytics/query/cell_facts.h"
#include "services/analytics/query/empty_cells.h"
#include "services/analytics/query/measures.h"
#include "services/analytics/query/per_head.h"
#include "services/analytics/query/ratios.h"
#include "services/analytics/query/standings.h"
#include "services/analytics/query/table_builder.h"

namespace tidemark::analytics {
namespace {

std::string UnitName(Unit unit, const std::string& currency) {
  switch (unit) {
    case Unit::kMoney:
      return currency;
    case Unit::kCount:
      return "count";
    case Unit::kItems:
      return "items";
    case Unit::kPseudonyms:
      return "pseudonyms";
    case Unit::kOrders:
      return "orders";
    default:
      return "ratio";
  }
}

class TableMaker {
 public:
  // The first `with_events` cells of `result` have events, the others none.
  TableMaker(const Plan& plan, const EnginePlan& engine_plan, const EngineResult& result,
             uint32_t with_events, const std::vector<PanelAnswer>& panels)
      : plan_(plan),
        engine_plan_(engine_plan),
        result_(result),
        panels_(panels),
        facts_(plan, engine_plan, result, with_events, panels),
        scale_(plan.view->observatory()->scale),
        currency_(plan.view->observatory()->currency) {
    for (const uint32_t cell : facts_.index().order()) {
      if (PeriodOf(cell).shown) rows_.push_back(cell);
    }
  }

  absl::StatusOr<Table> Make() {
    TM_RETURN_IF_ERROR(Stop());
    TM_RETURN_IF_ERROR(facts_.Compute());
    if (plan_.HasPeriods()) AddPeriods();
    for (size_t d = 0; d < plan_.dimensions.size(); ++d) {
      TM_RETURN_IF_ERROR(Stop());
      AddDimension(d);
    }
    for (size_t m = 0; m < facts_.measures(); ++m) {
      TM_RETURN_IF_ERROR(Stop());
      AddMeasure(m);
    }
    std::vector<Compared> prev, yoy;
    if (plan_.prev) {
      prev = CompareRows([this](uint32_t cell) { return facts_.ComparePrev(cell); });
      TM_RETURN_IF_ERROR(AddComparisons("prev", prev));
    }
    if (plan_.yoy) {
      yoy = CompareRows([this](uint32_t cell) { return facts_.CompareYoy(cell); });
      TM_RETURN_IF_ERROR(AddComparisons("yoy", yoy));
    }
    if (plan_.ytd) {
      AddYearToDate(CompareRows([this](uint32_t cell) { return facts_.YearToDate(cell); }));
    }
    if (plan_.ytd_yoy) {
      TM_RETURN_IF_ERROR(AddComparisons("ytd_yoy", CompareRows([this](uint32_t cell) {
                                          return facts_.CompareYearToDate(cell);
                                        })));
    }
    for (size_t far = 0; far < plan_.far_bases.size(); ++far) {
      TM_RETURN_IF_ERROR(AddFar(plan_.far_bases[far], CompareRows([this, far](uint32_t cell) {
                                  return facts_.CompareFar(cell, far);
                                })));
    }
    for (const PlannedContribution& contribution : plan_.contributions) {
      TM_RETURN_IF_ERROR(Stop());
      AddContribution(contribution, contribution.yoy ? yoy : prev);
    }
    TM_RETURN_IF_ERROR(Stop());
    for (const PlannedShare& share : plan_.shares) AddShare(share);
    for (const PlannedQuotient& quotient : plan_.quotients) AddQuotient(quotient);
    const PerHeadColumns per_head = DividePerHead(plan_, engine_plan_, result_, facts_, rows_);
    for (size_t p = 0; p < plan_.per_head.size(); ++p) AddPerHead(p, per_head.numbers[p]);
    for (const PlannedRank& rank : plan_.ranks) AddRank(rank);
    TM_RETURN_IF_ERROR(Stop());
    AddCoverage();
    TM_RETURN_IF_ERROR(Stop());
    AddTexts("status", ColumnKind::kStatus, {}, [](const PlannedPeriod&, bool partial, uint8_t) {
      return std::string(partial ? "P" : "A");
    });
    TM_RETURN_IF_ERROR(Stop());
    AddTexts("flags", ColumnKind::kFlags, per_head.flags, Flags);
    table_.row_count = rows_.size();
    table_.notes = plan_.notes;
    table_.notes.insert(table_.notes.end(), per_head.notes.begin(), per_head.notes.end());
    table_.region_role = plan_.region_role;
    table_.effects_scanned = result_.effects_scanned;
    for (const PanelAnswer& panel : panels_) table_.effects_scanned += panel.effects_scanned();
    TM_RETURN_IF_ERROR(Stop());
    OrderAndLimit(plan_.order_by, plan_.limit, &table_);
    return std::move(table_);
  }

 private:
  const PlannedPeriod& PeriodOf(uint32_t cell) const { return facts_.PeriodOf(cell); }

  // A column of millions of rows takes tens of milliseconds.
  absl::Status Stop() const {
    const auto& stop = engine_plan_.query.stop;
    return stop ? stop() : absl::OkStatus();
  }

  static std::string Flags(const PlannedPeriod& period, bool partial, uint8_t per_head) {
    std::string flags;
    const auto add = [&flags](bool set, const char* name) {
      if (set) absl::StrAppend(&flags, flags.empty() ? "" : " ", name);
    };
    add(partial, "PARTIAL");
    add(period.week_53, "WEEK_53");
    add(period.left_censored, "LEFT_CENSORED");
    add((per_head & kCarried) != 0, "CARRIED");
    add((per_head & kPartYear) != 0, "PART_YEAR");
    add((per_head & kQualified) != 0, "QUALIFIED");
    add((per_head & kWeighed) != 0, "CROSSWALK");
    return flags;
  }

  Column& Add(std::string name, ColumnKind kind, Column::Type type, std::string unit,
              uint32_t decimals = 0) {
    Column& column = table_.columns.emplace_back();
    column.name = std::move(name);
    column.kind = kind;
    column.type = type;
    column.unit = std::move(unit);
    column.decimals = decimals;
    if (type == Column::Type::kDoubles) column.doubles.resize(rows_.size());
    if (type == Column::Type::kIntegers) column.integers.resize(rows_.size());
    if (type == Column::Type::kTexts) column.texts.resize(rows_.size());
    return column;
  }

  void AddPeriods() {
    Column& column = Add("period", ColumnKind::kPeriod, Column::Type::kTexts, "");
    constexpr uint32_t kNotYet = 0xFFFFFFFF;
    std::vector<uint32_t> member_of(plan_.periods.size(), kNotYet);
    for (size_t row = 0; row < rows_.size(); ++row) {
      // Rows come by ascending period, so members do as well.
      uint32_t& member = member_of[result_.period[rows_[row]]];
      if (member == kNotYet) {
        member = static_cast<uint32_t>(column.members.size());
        column.members.push_back({plan_.period_name.empty()
                                      ? plan_.calendar->Name(PeriodOf(rows_[row]).period)
                                      : plan_.period_name});
      }
      column.texts[row] = member;
    }
  }

  void AddDimension(size_t d) {
    Column& column = Add(std::string(plan_.dimensions[d].word->name), ColumnKind::kDimension,
                         Column::Type::kTexts, "");
    column.dimension = plan_.dimensions[d].word;
    for (const uint32_t group : facts_.index().members(d)) {
      const Group& member = engine_plan_.groups[d][group];
      column.members.push_back({std::string(member.code), member.kind});
    }
    for (size_t row = 0; row < rows_.size(); ++row) {
      column.texts[row] = facts_.index().member(d, rows_[row]);
    }
  }

  void AddMeasure(size_t m) {
    const PlannedMeasure& measure = plan_.measures[m];
    const CellValues& values = facts_.values(m);
    const bool money = measure.word->unit == Unit::kMoney;
    Column& column =
        Add(measure.column, ColumnKind::kMeasure,
            values.doubles ? Column::Type::kDoubles : Column::Type::kIntegers,
            UnitName(measure.word->unit, currency_), money && !values.doubles ? scale_ : 0);
    for (size_t row = 0; row < rows_.size(); ++row) {
      const uint32_t cell = rows_[row];
      if (values.doubles) {
        column.doubles[row] = values.reals[cell];
      } else {
        column.integers[row] = values.integers[cell];
      }
      if (values.null(cell) != NullReason::kNone) column.SetNull(row, values.null(cell));
    }
  }

  using Compared = CellFacts::Compared;

  template <typename Compare>
  std::vector<Compared> CompareRows(Compare compare) {
    std::vector<Compared> compared;
    compared.reserve(rows_.size());
    for (const uint32_t cell : rows_) compared.push_back(compare(cell));
    return compared;
  }

  absl::Status AddComparisons(std::string_view name, const std::vector<Compared>& rows) {
    for (size_t m = 0; m < facts_.measures(); ++m) {
      if (plan_.measures[m].added) continue;
      if (facts_.values(m).doubles) {
        AddDoubleComparison(name, m, rows);
      } else {
        TM_RETURN_IF_ERROR(AddIntegerComparison(name, m, rows));
      }
    }
    return absl::OkStatus();
  }

  absl::Status AddIntegerComparison(std::string_view name, size_t m,
                                    const std::vector<Compared>& rows) {
    const PlannedMeasure& measure = plan_.measures[m];
    Add(absl::StrCat(name, "_diff(", measure.column, ")"), ColumnKind::kComparison,
        Column::Type::kIntegers, UnitName(measure.word->unit, currency_),
        measure.word->unit == Unit::kMoney ? scale_ : 0);
    Add(absl::StrCat(name, "(", measure.column, ")"), ColumnKind::kComparison,
        Column::Type::kDoubles, "ratio");
    Column& difference = table_.columns[table_.columns.size() - 2];
    Column& ratio = table_.columns.back();
    for (size_t row = 0; row < rows.size(); ++row) {
      const NullReason null = rows[row].WhyNot(m);
      if (null != NullReason::kNone) {
        difference.SetNull(row, null);
        ratio.SetNull(row, null);
        continue;
      }
      const int64_t now = rows[row].value.of(m).integers[rows[row].value.cell];
      const int64_t then = rows[row].base.of(m).integers[rows[row].base.cell];
      if (__builtin_sub_overflow(now, then, &difference.integers[row])) {
        return status::WithReason(
            absl::OutOfRangeError(absl::StrCat("the difference of ", measure.column,
                                               " between two periods does not fit 64 bits")),
            "SUM_OVERFLOW");
      }
      SetNumber(&ratio, row, Growth(now, then));
    }
    return absl::OkStatus();
  }

  void AddDoubleComparison(std::string_view name, size_t m, const std::vector<Compared>& rows) {
    const PlannedMeasure& measure = plan_.measures[m];
    const bool points = measure.word->unit == Unit::kRatio;
    const size_t at = table_.columns.size();
    Add(absl::StrCat(name, "_diff(", measure.column, ")"), ColumnKind::kComparison,
        Column::Type::kDoubles,
        points ? "percentage_points" : UnitName(measure.word->unit, currency_));
    if (!points) {
      Add(absl::StrCat(name, "(", measure.column, ")"), ColumnKind::kComparison,
          Column::Type::kDoubles, "ratio");
    }
    for (size_t row = 0; row < rows.size(); ++row) {
      const NullReason null = rows[row].WhyNot(m);
      for (size_t c = at; c < table_.columns.size(); ++c) {
        Column& column = table_.columns[c];
        if (null != NullReason::kNone) {
          column.SetNull(row, null);
          continue;
        }
        const double now = rows[row].value.of(m).reals[rows[row].value.cell];
        const double then = rows[row].base.of(m).reals[rows[row].base.cell];
        SetNumber(&column, row,
                  c > at   ? Growth(now, then)
                  : points ? Number{PercentagePoints(now, then)}
                           : Number{now - then});
      }
    }
  }

  void AddYearToDate(const std::vector<Compared>& rows) {
    for (size_t m = 0; m < facts_.measures(); ++m) {
      const PlannedMeasure& measure = plan_.measures[m];
      if (measure.added) continue;
      const bool doubles = facts_.values(m).doubles;
      const bool money = measure.word->unit == Unit::kMoney;
      Column& column = Add(absl::StrCat("ytd(", measure.column, ")"), ColumnKind::kComparison,
                           doubles ? Column::Type::kDoubles : Column::Type::kIntegers,
                           UnitName(measure.word->unit, currency_), money && !doubles ? scale_ : 0);
      for (size_t row = 0; row < rows.size(); ++row) {
        const CellFacts::Side& value = rows[row].value;
        const NullReason null =
            rows[row].null != NullReason::kNone ? rows[row].null : value.null(m);
        if (null != NullReason::kNone) {
          column.SetNull(row, null);
        } else if (doubles) {
          column.doubles[row] = value.of(m).reals[value.cell];
        } else {
          column.integers[row] = value.of(m).integers[value.cell];
        }
      }
    }
  }

  // Average annual growth, or index numbers.
  absl::Status AddFar(const PlannedFarBase& base, const std::vector<Compared>& rows) {
    for (size_t m = 0; m < facts_.measures(); ++m) {
      if (plan_.measures[m].added) continue;
      Column& column = Add(FarColumn(base, plan_.measures[m]), ColumnKind::kComparison,
                           Column::Type::kDoubles, base.years == 0 ? "index" : "ratio");
      for (size_t row = 0; row < rows.size(); ++row) {
        const NullReason null = rows[row].WhyNot(m);
        if (null != NullReason::kNone) {
          column.SetNull(row, null);
          continue;
        }
        const auto& [value, than, none] = rows[row];
        const bool doubles = value.of(m).doubles;
        const auto number = [&](auto now, auto then) {
          return base.years == 0 ? IndexNumber(now, then) : AnnualGrowth(now, then, base.years);
        };
        SetNumber(&column, row,
                  doubles
                      ? number(value.of(m).reals[value.cell], than.of(m).reals[than.cell])
                      : number(value.of(m).integers[value.cell], than.of(m).integers[than.cell]));
      }
    }
    return absl::OkStatus();
  }

  // A row's part in the growth of its whole: points and rate.
  void AddContribution(const PlannedContribution& contribution, const std::vector<Compared>& rows) {
    const auto m = static_cast<size_t>(contribution.measure);
    const std::vector<uint32_t> wholes =
        WholesOf(plan_, engine_plan_, result_, facts_.index(), rows_, contribution.whole);
    struct Whole {
      __int128 base = 0;
      __int128 change = 0;
      NullReason null = NullReason::kNone;
    };
    std::vector<Whole> sums(rows.size());
    std::vector<__int128> changes(rows.size(), 0);
    for (size_t row = 0; row < rows.size(); ++row) {
      Whole& whole = sums[wholes[row]];
      const Compared& compared = rows[row];
      // A part without a number would be missing in the whole; the first one's reason counts.
      if (const NullReason null = compared.WhyNot(m); null != NullReason::kNone) {
        if (whole.null == NullReason::kNone) whole.null = null;
        continue;
      }
      const __int128 base = compared.base.of(m).integers[compared.base.cell];
      changes[row] = compared.value.of(m).integers[compared.value.cell] - base;
      whole.base += base;
      whole.change += changes[row];
    }
    Add(contribution.column, ColumnKind::kComparison, Column::Type::kDoubles, "percentage_points");
    Add(contribution.rate_column, ColumnKind::kComparison, Column::Type::kDoubles, "ratio");
    Column& points = table_.columns[table_.columns.size() - 2];
    Column& rate = table_.columns.back();
    for (size_t row = 0; row < rows.size(); ++row) {
      const Whole& whole = sums[wholes[row]];
      const NullReason own = rows[row].WhyNot(m);
      const NullReason null = own != NullReason::kNone ? own : whole.null;
      SetNumber(&points, row,
                null != NullReason::kNone ? Number{0, null} : Points(changes[row], whole.base));
      SetNumber(&rate, row,
                null != NullReason::kNone
                    ? Number{0, null}
                    : Quotient(changes[row], whole.change, NullReason::kNoChange));
    }
  }

  void AddQuotient(const PlannedQuotient& quotient) {
    Column& column = Add(quotient.column, ColumnKind::kShare, Column::Type::kDoubles, "ratio");
    const CellValues& values = facts_.values(static_cast<size_t>(quotient.measure));
    std::vector<int64_t> of_rows;
    for (const uint32_t cell : rows_) of_rows.push_back(values.integers[cell]);
    const std::vector<Number> numbers =
        LocationQuotients(engine_plan_, result_, rows_, of_rows, quotient);
    for (size_t row = 0; row < rows_.size(); ++row) {
      const NullReason own = values.null(rows_[row]);
      SetNumber(&column, row, own != NullReason::kNone ? Number{0, own} : numbers[row]);
    }
  }

  void AddShare(const PlannedShare& share) {
    Column& column = Add(share.column, ColumnKind::kShare, Column::Type::kDoubles, "ratio");
    const std::vector<uint32_t> wholes =
        WholesOf(plan_, engine_plan_, result_, facts_.index(), rows_, share.whole);
    const CellValues& values = facts_.values(static_cast<size_t>(share.measure));
    const std::vector<int64_t>& integers = values.integers;
    std::vector<__int128> sums(rows_.size(), 0);
    for (size_t row = 0; row < rows_.size(); ++row) {
      sums[wholes[row]] += integers[rows_[row]];
    }
    for (size_t row = 0; row < rows_.size(); ++row) {
      if (const NullReason own = values.null(rows_[row]); own != NullReason::kNone) {
        column.SetNull(row, own);
        continue;
      }
      SetNumber(&column, row,
                Quotient(integers[rows_[row]], sums[wholes[row]], NullReason::kZeroDenominator));
    }
  }

  void AddPerHead(size_t p, const std::vector<Number>& numbers) {
    const PlannedPerHead& per_head = plan_.per_head[p];
    const Unit unit = plan_.measures[static_cast<size_t>(per_head.measure)].word->unit;
    Column& column = Add(per_head.column, ColumnKind::kShare, Column::Type::kDoubles,
                         per_head.by_population ? UnitName(unit, currency_) : "ratio");
    for (size_t row = 0; row < rows_.size(); ++row) SetNumber(&column, row, numbers[row]);
  }

  void AddRank(const PlannedRank& rank) {
    Column& column = Add(rank.column, ColumnKind::kRank, Column::Type::kIntegers, "");
    column.integers = RankRows(plan_, engine_plan_, result_, rows_,
                               facts_.values(static_cast<size_t>(rank.measure)), rank);
    for (size_t row = 0; row < rows_.size(); ++row) {
      if (column.integers[row] == 0) column.SetNull(row, NullReason::kNotRanked);
    }
  }

  void AddCoverage() {
    for (const bool complete : {true, false}) {
      Column& column = Add(complete ? "coverage_complete" : "coverage_expected",
                           ColumnKind::kCoverage, Column::Type::kIntegers, "source_days");
      for (size_t row = 0; row < rows_.size(); ++row) {
        const PeriodCoverage coverage = facts_.CoverageOf(rows_[row]);
        column.integers[row] = complete ? coverage.complete : coverage.expected;
      }
    }
  }

  // A column made of a row's period, of whether it is partial for the row, and of the row's flags
  // in `flags` (empty: none).
  template <typename Text>
  void AddTexts(std::string name, ColumnKind kind, const std::vector<uint8_t>& flags, Text text) {
    std::map<std::tuple<uint32_t, bool, uint8_t>, std::string> texts;
    std::vector<const std::string*> of_row;
    std::map<std::string, uint32_t> members;
    for (size_t row = 0; row < rows_.size(); ++row) {
      const uint32_t cell = rows_[row];
      const bool partial = facts_.CoverageOf(cell).partial;
      const uint8_t more = flags.empty() ? uint8_t{0} : flags[row];
      const auto [found, fresh] = texts.try_emplace({result_.period[cell], partial, more});
      if (fresh) {
        found->second = text(PeriodOf(cell), partial, more);
        members.emplace(found->second, 0);
      }
      of_row.push_back(&found->second);
    }
    Column& column = Add(std::move(name), kind, Column::Type::kTexts, "");
    for (auto& [member, position] : members) {
      position = static_cast<uint32_t>(column.members.size());
      column.members.push_back({member});
    }
    for (size_t row = 0; row < rows_.size(); ++row) column.texts[row] = members.at(*of_row[row]);
  }

  const Plan& plan_;
  const EnginePlan& engine_plan_;
  const EngineResult& result_;
  const std::vector<PanelAnswer>& panels_;
  CellFacts facts_;
  const uint32_t scale_;
  const std::string currency_;
  // Cells that are shown, in the order of period and dimensions.
  std::vector<uint32_t> rows_;
  Table table_;
};

}  // namespace

absl::StatusOr<Table> MakeTable(const Plan& plan, const EnginePlan& engine_plan,
                                EngineResult result, const std::vector<PanelAnswer>& panels) {
  const auto with_events = static_cast<uint32_t>(result.period.size());
  TM_RETURN_IF_ERROR(AddEmptyCells(plan, engine_plan, panels, &result));
  return TableMaker(plan, engine_plan, result, with_events, panels).Make();
}

}  // namespace tidemark::analytics
