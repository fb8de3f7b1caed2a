#include "services/analytics/query/result.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "services/analytics/query/cell_facts.h"
#include "services/analytics/query/comparison_columns.h"
#include "services/analytics/query/empty_cells.h"
#include "services/analytics/query/first_cells.h"
#include "services/analytics/query/measures.h"
#include "services/analytics/query/no_events.h"
#include "services/analytics/query/per_head.h"
#include "services/analytics/query/pieces.h"
#include "services/analytics/query/ratios.h"
#include "services/analytics/query/row_columns.h"
#include "services/analytics/query/standings.h"
#include "services/analytics/query/table_builder.h"

namespace tidemark::analytics {
namespace {

constexpr uint32_t kNotYet = 0xFFFFFFFF;

// Columns about the rows' sources, the last of a table.
constexpr const char* kCoverageComplete = "coverage_complete";
constexpr const char* kCoverageExpected = "coverage_expected";
constexpr const char* kStatus = "status";
constexpr const char* kFlags = "flags";

bool OrdersByCoverage(const Plan& plan) {
  for (const Query::OrderBy& order : plan.order_by) {
    for (const char* name : {kCoverageComplete, kCoverageExpected, kStatus, kFlags}) {
      if (order.column == name) return true;
    }
  }
  return false;
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
        with_events_(with_events),
        stop_(engine_plan.query.stop),
        facts_(plan, engine_plan, result, with_events, panels),
        columns_(plan, stop_, &facts_) {}

  absl::StatusOr<Table> Make() {
    TM_RETURN_IF_ERROR(facts_.Compute());
    TM_RETURN_IF_ERROR(FindRows());
    const bool no_events = NoRowHasEvents();
    if (plan_.HasPeriods()) TM_RETURN_IF_ERROR(AddPeriods());
    for (size_t d = 0; d < plan_.dimensions.size(); ++d) TM_RETURN_IF_ERROR(AddDimension(d));
    for (size_t m = 0; m < facts_.measures(); ++m) TM_RETURN_IF_ERROR(AddMeasure(m));
    TM_RETURN_IF_ERROR(AddComparisonColumns(engine_plan_, result_, &columns_));
    for (const PlannedShare& share : plan_.shares) TM_RETURN_IF_ERROR(AddShare(share));
    for (const PlannedQuotient& quotient : plan_.quotients)
      TM_RETURN_IF_ERROR(AddQuotient(quotient));
    TM_ASSIGN_OR_RETURN(PerHeadColumns per_head,
                        DividePerHead(plan_, engine_plan_, result_, facts_, columns_.rows()));
    for (size_t p = 0; p < plan_.per_head.size(); ++p)
      TM_RETURN_IF_ERROR(AddPerHead(p, per_head.numbers[p]));
    for (const PlannedRank& rank : plan_.ranks) TM_RETURN_IF_ERROR(AddRank(rank));
    // Of the rows that are shown alone, when they can be chosen without.
    const bool early = OrdersByCoverage(plan_);
    if (early) TM_RETURN_IF_ERROR(AddCoverage(per_head.flags));
    TM_RETURN_IF_ERROR(OrderAndCut(&per_head.flags));
    if (!early) TM_RETURN_IF_ERROR(AddCoverage(per_head.flags));
    Table& table = columns_.table();
    table.notes = plan_.notes;
    if (no_events) table.notes.push_back(NoEvents(plan_));
    table.notes.insert(table.notes.end(), per_head.notes.begin(), per_head.notes.end());
    table.region_role = plan_.region_role;
    table.effects_scanned = result_.effects_scanned;
    for (const PanelAnswer& panel : panels_) table.effects_scanned += panel.effects_scanned();
    return std::move(table);
  }

 private:
  const PlannedPeriod& PeriodOf(uint32_t cell) const { return facts_.PeriodOf(cell); }
  uint32_t CellOf(size_t row) { return columns_.rows()[row]; }

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

  // Cells that are shown, in the order of period and dimensions.
  absl::Status FindRows() {
    const std::vector<uint32_t>& order = facts_.index().order();
    std::vector<uint32_t>& rows = columns_.rows();
    rows.reserve(order.size());
    TM_RETURN_IF_ERROR(ForEachRow(order.size(), stop_, [&](size_t i) {
      if (PeriodOf(order[i]).shown) rows.push_back(order[i]);
    }));
    columns_.table().row_count = rows.size();
    return absl::OkStatus();
  }

  // Of those before the limit.
  bool NoRowHasEvents() {
    const std::vector<uint32_t>& rows = columns_.rows();
    return std::all_of(rows.begin(), rows.end(),
                       [this](uint32_t cell) { return cell >= with_events_; });
  }

  absl::Status OrderAndCut(std::vector<uint8_t>* flags) {
    TM_ASSIGN_OR_RETURN(const std::optional<std::vector<uint32_t>> chosen,
                        RowsInOrder(plan_.order_by, plan_.limit, columns_.table(), stop_));
    if (!chosen) return absl::OkStatus();
    TM_RETURN_IF_ERROR(columns_.table().Gather(*chosen, stop_));
    TM_RETURN_IF_ERROR(GatherRows(*chosen, stop_, &columns_.rows()));
    return GatherRows(*chosen, stop_, flags);
  }

  absl::Status AddPeriods() {
    Column& column = columns_.Add("period", ColumnKind::kPeriod, Column::Type::kTexts, "");
    std::vector<uint32_t> member_of(plan_.periods.size(), kNotYet);
    return columns_.EachRow([&](size_t row) {
      // Rows come by ascending period, so members do as well.
      uint32_t& member = member_of[result_.period[CellOf(row)]];
      if (member == kNotYet) {
        member = static_cast<uint32_t>(column.members.size());
        column.members.push_back({plan_.period_name.empty()
                                      ? plan_.calendar->Name(PeriodOf(CellOf(row)).period)
                                      : plan_.period_name});
      }
      column.texts[row] = member;
    });
  }

  absl::Status AddDimension(size_t d) {
    Column& column = columns_.Add(std::string(plan_.dimensions[d].word->name),
                                  ColumnKind::kDimension, Column::Type::kTexts, "");
    column.dimension = plan_.dimensions[d].word;
    const std::vector<uint32_t>& members = facts_.index().members(d);
    column.members.reserve(members.size());
    for (const uint32_t group : members) {
      const Group& member = engine_plan_.groups[d][group];
      column.members.push_back({std::string(member.code), member.kind});
    }
    return columns_.EachRow(
        [&](size_t row) { column.texts[row] = facts_.index().member(d, CellOf(row)); });
  }

  absl::Status AddMeasure(size_t m) {
    const PlannedMeasure& measure = plan_.measures[m];
    const CellValues& values = facts_.values(m);
    Column& column =
        columns_.AddLike(measure, measure.column, ColumnKind::kMeasure,
                         values.doubles ? Column::Type::kDoubles : Column::Type::kIntegers);
    return columns_.EachRow([&](size_t row) {
      const uint32_t cell = CellOf(row);
      if (values.doubles) {
        column.doubles[row] = values.reals[cell];
      } else {
        column.integers[row] = values.integers[cell];
      }
      if (values.null(cell) != NullReason::kNone) column.SetNull(row, values.null(cell));
    });
  }

  absl::Status AddShare(const PlannedShare& share) {
    Column& column =
        columns_.Add(share.column, ColumnKind::kShare, Column::Type::kDoubles, "ratio");
    TM_ASSIGN_OR_RETURN(
        const std::vector<uint32_t> wholes,
        WholesOf(plan_, engine_plan_, result_, facts_.index(), columns_.rows(), share.whole));
    const CellValues& values = facts_.values(static_cast<size_t>(share.measure));
    std::vector<__int128> sums;
    TM_RETURN_IF_ERROR(columns_.EachRow([&](size_t row) {
      if (wholes[row] >= sums.size()) sums.resize(wholes[row] + 1);
      sums[wholes[row]] += values.integers[CellOf(row)];
    }));
    return columns_.EachSlowRow([&](size_t row) {
      const NullReason own = values.null(CellOf(row));
      SetNumber(&column, row,
                own != NullReason::kNone ? Number{0, own}
                                         : Quotient(values.integers[CellOf(row)], sums[wholes[row]],
                                                    NullReason::kZeroDenominator));
    });
  }

  absl::Status AddQuotient(const PlannedQuotient& quotient) {
    Column& column =
        columns_.Add(quotient.column, ColumnKind::kShare, Column::Type::kDoubles, "number");
    const CellValues& values = facts_.values(static_cast<size_t>(quotient.measure));
    TM_ASSIGN_OR_RETURN(
        const std::vector<Number> numbers,
        LocationQuotients(engine_plan_, result_, columns_.rows(), values.integers, quotient));
    return columns_.EachRow([&](size_t row) {
      const NullReason own = values.null(CellOf(row));
      SetNumber(&column, row, own != NullReason::kNone ? Number{0, own} : numbers[row]);
    });
  }

  absl::Status AddPerHead(size_t p, const std::vector<Number>& numbers) {
    const PlannedPerHead& per_head = plan_.per_head[p];
    const PlannedMeasure& measure = plan_.measures[static_cast<size_t>(per_head.measure)];
    Column& column = columns_.Add(per_head.column, ColumnKind::kShare, Column::Type::kDoubles,
                                  per_head.by_population ? columns_.UnitOf(measure) : "ratio");
    return columns_.EachRow([&](size_t row) { SetNumber(&column, row, numbers[row]); });
  }

  absl::Status AddRank(const PlannedRank& rank) {
    const std::vector<Column>& known = columns_.table().columns;
    const auto ranked = std::find_if(known.begin(), known.end(), [&rank](const Column& column) {
      return column.name == rank.ranked;
    });
    TM_ASSIGN_OR_RETURN(
        std::vector<int64_t> ranks,
        RankRows(plan_, engine_plan_, result_, columns_.rows(), *ranked, rank.ascending));
    Column& column = columns_.Add(rank.column, ColumnKind::kRank, Column::Type::kIntegers, "");
    column.integers = std::move(ranks);
    return columns_.EachRow([&](size_t row) {
      if (column.integers[row] == 0) column.SetNull(row, NullReason::kNotRanked);
    });
  }

  // `flags`: of official figures by row; empty: none.
  absl::Status AddCoverage(const std::vector<uint8_t>& flags) {
    const size_t at = columns_.table().columns.size();
    for (const char* name : {kCoverageComplete, kCoverageExpected})
      columns_.Add(name, ColumnKind::kCoverage, Column::Type::kIntegers, "source_days");
    Column& complete = columns_.table().columns[at];
    Column& expected = columns_.table().columns[at + 1];
    // What decides the texts: whether the row is partial, its flags, its period.
    constexpr size_t kFlagSets = kPartYear + kCarried + kQualified + kWeighed + 1;
    const size_t per_period = flags.empty() ? 2 : 2 * kFlagSets;
    std::vector<uint32_t> kinds(columns_.rows().size());
    std::vector<uint8_t> used(plan_.periods.size() * per_period);
    TM_RETURN_IF_ERROR(columns_.EachRow([&](size_t row) {
      const uint32_t cell = CellOf(row);
      const PeriodCoverage coverage = facts_.CoverageOf(cell);
      complete.integers[row] = coverage.complete;
      expected.integers[row] = coverage.expected;
      const size_t kind = result_.period[cell] * per_period + (coverage.partial ? 1 : 0) +
                          (flags.empty() ? 0 : 2 * flags[row]);
      kinds[row] = static_cast<uint32_t>(kind);
      used[kind] = 1;
    }));
    TM_RETURN_IF_ERROR(AddTexts(kStatus, ColumnKind::kStatus, kinds, used, [](size_t kind) {
      return std::string(kind % 2 != 0 ? "P" : "A");
    }));
    return AddTexts(kFlags, ColumnKind::kFlags, kinds, used, [&](size_t kind) {
      return Flags(plan_.periods[kind / per_period], kind % 2 != 0,
                   static_cast<uint8_t>(kind % per_period / 2));
    });
  }

  // `used`: by kind, whether a row is of it.
  template <typename TextOf>
  absl::Status AddTexts(std::string name, ColumnKind kind, const std::vector<uint32_t>& kinds,
                        const std::vector<uint8_t>& used, TextOf text_of) {
    std::map<std::string, std::vector<size_t>> kinds_of;
    for (size_t k = 0; k < used.size(); ++k) {
      if (used[k] != 0) kinds_of[text_of(k)].push_back(k);
    }
    Column& column = columns_.Add(std::move(name), kind, Column::Type::kTexts, "");
    std::vector<uint32_t> member_of(used.size());
    for (const auto& [text, of_text] : kinds_of) {
      for (const size_t k : of_text) member_of[k] = static_cast<uint32_t>(column.members.size());
      column.members.push_back({text});
    }
    return columns_.EachRow([&](size_t row) { column.texts[row] = member_of[kinds[row]]; });
  }

  const Plan& plan_;
  const EnginePlan& engine_plan_;
  const EngineResult& result_;
  const std::vector<PanelAnswer>& panels_;
  const uint32_t with_events_;
  const Stop& stop_;
  CellFacts facts_;
  RowColumns columns_;
};

}  // namespace

absl::StatusOr<Table> MakeTable(const Plan& plan, const EnginePlan& engine_plan,
                                EngineResult result, const std::vector<PanelAnswer>& panels) {
  TM_RETURN_IF_ERROR(Look(engine_plan.query.stop));
  TM_RETURN_IF_ERROR(KeepFirstCells(plan, engine_plan, &result));
  const auto with_events = static_cast<uint32_t>(result.period.size());
  TM_RETURN_IF_ERROR(AddEmptyCells(plan, engine_plan, panels, &result));
  return TableMaker(plan, engine_plan, result, with_events, panels).Make();
}

}  // namespace tidemark::analytics
