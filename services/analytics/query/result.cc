#include "services/analytics/query/result.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/analytics/query/cell_index.h"
#include "services/analytics/query/empty_cells.h"
#include "services/analytics/query/measures.h"
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
        with_events_(with_events),
        panels_(panels),
        source_dimension_(plan.SourceDimension()),
        index_(engine_plan, result),
        scale_(plan.view->observatory()->scale),
        currency_(plan.view->observatory()->currency) {
    for (const uint32_t cell : index_.order()) {
      if (PeriodOf(cell).shown) rows_.push_back(cell);
    }
  }

  absl::StatusOr<Table> Make() {
    for (const PlannedMeasure& measure : plan_.measures) {
      TM_ASSIGN_OR_RETURN(CellValues values,
                          ComputeMeasure(measure, engine_plan_.query, result_, scale_));
      SetNotReported(&values);
      values_.push_back(std::move(values));
      TM_ASSIGN_OR_RETURN(CellValues nothing,
                          ComputeMeasure(measure, engine_plan_.query, NoEvents(), scale_));
      nothing_.push_back(std::move(nothing));
    }
    if (plan_.HasPeriods()) AddPeriods();
    for (size_t d = 0; d < plan_.dimensions.size(); ++d) AddDimension(d);
    for (size_t m = 0; m < values_.size(); ++m) AddMeasure(m);
    if (plan_.prev) TM_RETURN_IF_ERROR(AddComparisons("prev", false));
    if (plan_.yoy) TM_RETURN_IF_ERROR(AddComparisons("yoy", true));
    for (const PlannedShare& share : plan_.shares) AddShare(share);
    for (const PlannedRank& rank : plan_.ranks) AddRank(rank);
    AddCoverage();
    AddTexts("status", ColumnKind::kStatus,
             [](const PlannedPeriod&, bool partial) { return std::string(partial ? "P" : "A"); });
    AddTexts("flags", ColumnKind::kFlags, Flags);
    table_.row_count = rows_.size();
    table_.notes = plan_.notes;
    table_.region_role = plan_.region_role;
    table_.effects_scanned = result_.effects_scanned;
    for (const PanelAnswer& panel : panels_) table_.effects_scanned += panel.effects_scanned();
    OrderAndLimit(plan_.order_by, plan_.limit, &table_);
    return std::move(table_);
  }

 private:
  const PlannedPeriod& PeriodOf(uint32_t cell) const { return plan_.periods[result_.period[cell]]; }

  std::string_view SourceOf(uint32_t cell) const {
    const size_t d = static_cast<size_t>(source_dimension_);
    return engine_plan_.groups[d][result_.groups[d][cell]].code;
  }

  // Of the sources that a cell is about, for a part of time: all of the answer's, or its own.
  PeriodCoverage CoverageIn(const PlannedPeriod& part, uint32_t cell) const {
    if (source_dimension_ < 0) return part.coverage;
    const PlannedSource* const source = plan_.FindSource(SourceOf(cell));
    if (source == nullptr) return PeriodCoverage();
    return source->coverage->Judge(part.period, part.asked_start_us, part.asked_end_us);
  }
  PeriodCoverage CoverageOf(uint32_t period, uint32_t cell) {
    if (source_dimension_ < 0) return plan_.periods[period].coverage;
    const uint32_t group = result_.groups[static_cast<size_t>(source_dimension_)][cell];
    const auto [found, fresh] = coverages_.try_emplace({period, group});
    if (fresh) found->second = CoverageIn(plan_.periods[period], cell);
    return found->second;
  }
  PeriodCoverage CoverageOf(uint32_t cell) { return CoverageOf(result_.period[cell], cell); }

  // An answer of the engine with one cell that has no events.
  EngineResult NoEvents() const {
    EngineResult none;
    none.period = {0};
    none.aggregates.assign(result_.aggregates.size(), {0});
    none.quantiles.assign(result_.quantiles.size(), {0});
    none.purchases = {0};
    return none;
  }

  // Where nobody reports, no events are not 0.
  void SetNotReported(CellValues* values) {
    for (size_t cell = with_events_; cell < result_.period.size(); ++cell) {
      if (CoverageOf(static_cast<uint32_t>(cell)).reported) continue;
      values->nulls.resize(result_.period.size());
      values->nulls[cell] = NullReason::kNotReported;
    }
  }

  static std::string Flags(const PlannedPeriod& period, bool partial) {
    std::string flags;
    const auto add = [&flags](bool set, const char* name) {
      if (set) absl::StrAppend(&flags, flags.empty() ? "" : " ", name);
    };
    add(partial, "PARTIAL");
    add(period.week_53, "WEEK_53");
    add(period.left_censored, "LEFT_CENSORED");
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
    for (const uint32_t group : index_.members(d)) {
      const Group& member = engine_plan_.groups[d][group];
      column.members.push_back({std::string(member.code), member.kind});
    }
    for (size_t row = 0; row < rows_.size(); ++row) {
      column.texts[row] = index_.member(d, rows_[row]);
    }
  }

  void AddMeasure(size_t m) {
    const PlannedMeasure& measure = plan_.measures[m];
    const CellValues& values = values_[m];
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

  // A cell's values by measure: of the answer, of a panel, or of no events.
  struct Side {
    const std::vector<CellValues>* values;
    uint32_t cell;
    const CellValues& of(size_t m) const { return (*values)[m]; }
    NullReason null(size_t m) const { return of(m).null(cell); }
  };
  // What a row compares; or why it does not.
  struct Compared {
    Side value, base;
    NullReason null = NullReason::kNone;
  };

  Side NoSide() const { return {&nothing_, 0}; }
  Side PanelSide(const PanelAnswer& panel, int32_t period, uint32_t cell) const {
    std::vector<uint32_t> groups;
    for (const std::vector<uint32_t>& of_dimension : result_.groups)
      groups.push_back(of_dimension[cell]);
    const uint32_t found = panel.Find(static_cast<uint32_t>(period), groups);
    return found == PanelAnswer::kNoCell ? NoSide() : Side{&panel.values(), found};
  }

  NullReason WhyNotMatched(const PlannedPair& pair, uint32_t cell) const {
    if (pair.partial) return NullReason::kPartialPeriod;
    const std::vector<std::string>& sources = *pair.sources;
    const bool matched = source_dimension_ < 0
                             ? !sources.empty()
                             : std::binary_search(sources.begin(), sources.end(), SourceOf(cell));
    return matched ? NullReason::kNone : NullReason::kNoMatchedSource;
  }

  bool IsPartial(const PlannedPair& pair, int32_t base_period, uint32_t cell) {
    if (pair.panel == kNoPanel) {
      return CoverageOf(cell).partial ||
             CoverageOf(static_cast<uint32_t>(base_period), cell).partial;
    }
    const std::vector<PlannedPeriod>& parts = plan_.panels[pair.panel].periods;
    return CoverageIn(parts[pair.value], cell).partial ||
           CoverageIn(parts[pair.base], cell).partial;
  }

  Compared Compare(uint32_t cell, bool yoy) {
    const PlannedPeriod& period = PeriodOf(cell);
    const int32_t base_period = yoy ? period.yoy : period.prev;
    const PlannedPair& pair = yoy ? period.yoy_pair : period.prev_pair;
    Compared compared{{&values_, cell}, NoSide()};
    if (base_period != kNoBase) {
      const uint32_t found = index_.Find(static_cast<uint32_t>(base_period), cell);
      if (found < with_events_) compared.base = {&values_, found};
    }
    if (base_period == kNoBase ||
        (compared.base.values == &nothing_ &&
         !CoverageOf(static_cast<uint32_t>(base_period), cell).reported)) {
      compared.null = NullReason::kNoBase;
      return compared;
    }
    if (plan_.panel == Panel::kMatched) {
      compared.null = WhyNotMatched(pair, cell);
    } else if (IsPartial(pair, base_period, cell)) {
      compared.null = NullReason::kPartialPeriod;
    }
    if (pair.panel != kNoPanel) {
      compared.value = PanelSide(panels_[pair.panel], pair.value, cell);
      compared.base = PanelSide(panels_[pair.panel], pair.base, cell);
    }
    return compared;
  }

  absl::Status AddComparisons(std::string_view name, bool yoy) {
    std::vector<Compared> rows;
    rows.reserve(rows_.size());
    for (const uint32_t cell : rows_) rows.push_back(Compare(cell, yoy));
    for (size_t m = 0; m < values_.size(); ++m) {
      if (plan_.measures[m].added) continue;
      if (values_[m].doubles) {
        AddDoubleComparison(name, m, rows);
      } else {
        TM_RETURN_IF_ERROR(AddIntegerComparison(name, m, rows));
      }
    }
    return absl::OkStatus();
  }

  // Why the row has no comparison of the measure at all.
  static NullReason WhyNot(size_t m, const Compared& row) {
    if (row.null != NullReason::kNone) return row.null;
    const NullReason own = row.value.null(m);
    return own != NullReason::kNone ? own : row.base.null(m);
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
      const NullReason null = WhyNot(m, rows[row]);
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
      const NullReason null = WhyNot(m, rows[row]);
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

  void AddShare(const PlannedShare& share) {
    Column& column = Add(share.column, ColumnKind::kShare, Column::Type::kDoubles, "ratio");
    const std::vector<uint32_t> denominators =
        ShareDenominators(plan_, engine_plan_, result_, index_, rows_, share);
    const CellValues& values = values_[share.measure];
    const std::vector<int64_t>& integers = values.integers;
    std::vector<__int128> sums(rows_.size(), 0);
    for (size_t row = 0; row < rows_.size(); ++row) {
      sums[denominators[row]] += integers[rows_[row]];
    }
    for (size_t row = 0; row < rows_.size(); ++row) {
      if (const NullReason own = values.null(rows_[row]); own != NullReason::kNone) {
        column.SetNull(row, own);
        continue;
      }
      SetNumber(
          &column, row,
          Quotient(integers[rows_[row]], sums[denominators[row]], NullReason::kZeroDenominator));
    }
  }

  void AddRank(const PlannedRank& rank) {
    Column& column = Add(rank.column, ColumnKind::kRank, Column::Type::kIntegers, "");
    column.integers = RankRows(plan_, engine_plan_, result_, rows_, values_[rank.measure], rank);
    for (size_t row = 0; row < rows_.size(); ++row) {
      if (column.integers[row] == 0) column.SetNull(row, NullReason::kNotRanked);
    }
  }

  void AddCoverage() {
    for (const bool complete : {true, false}) {
      Column& column = Add(complete ? "coverage_complete" : "coverage_expected",
                           ColumnKind::kCoverage, Column::Type::kIntegers, "source_days");
      for (size_t row = 0; row < rows_.size(); ++row) {
        const PeriodCoverage coverage = CoverageOf(rows_[row]);
        column.integers[row] = complete ? coverage.complete : coverage.expected;
      }
    }
  }

  // A column made of a row's period, and of whether it is partial for the row.
  template <typename Text>
  void AddTexts(std::string name, ColumnKind kind, Text text) {
    // By period and partial.
    std::map<std::pair<uint32_t, bool>, std::string> texts;
    std::vector<const std::string*> of_row;
    std::map<std::string, uint32_t> members;
    for (const uint32_t cell : rows_) {
      const bool partial = CoverageOf(cell).partial;
      const auto [found, fresh] = texts.try_emplace({result_.period[cell], partial});
      if (fresh) {
        found->second = text(PeriodOf(cell), partial);
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
  const uint32_t with_events_;
  const std::vector<PanelAnswer>& panels_;
  const int source_dimension_;
  // By period and group of the dimension `source`.
  absl::flat_hash_map<std::pair<uint32_t, uint32_t>, PeriodCoverage> coverages_;
  const CellIndex index_;
  const uint32_t scale_;
  const std::string currency_;
  // Cells that are shown, in the order of period and dimensions.
  std::vector<uint32_t> rows_;
  // By measure.
  std::vector<CellValues> values_;
  // By measure: the values of a cell without events.
  std::vector<CellValues> nothing_;
  Table table_;
};

}  // namespace

absl::StatusOr<Table> MakeTable(const Plan& plan, const EnginePlan& engine_plan,
                                EngineResult result, const std::vector<PanelAnswer>& panels) {
  const auto with_events = static_cast<uint32_t>(result.period.size());
  TM_RETURN_IF_ERROR(AddEmptyCells(plan, engine_plan, &result));
  return TableMaker(plan, engine_plan, result, with_events, panels).Make();
}

}  // namespace tidemark::analytics
