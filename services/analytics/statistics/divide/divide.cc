#include "services/analytics/statistics/divide/divide.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/analytics/query/table_builder.h"
#include "services/analytics/statistics/divide/inequality.h"
#include "services/analytics/statistics/table_parts.h"

namespace tidemark::analytics {
namespace {

constexpr uint64_t kMaxRows = 100'000;

struct GroupValue {
  int64_t gross = 0;
  int64_t consumers = 0;
  int64_t population = 0;  // 0: not stated
};
using Groups = std::map<std::vector<Member>, GroupValue>;

class DivideTables {
 public:
  DivideTables(const StatisticContext& context, const DivideQuestion& question)
      : context_(context), question_(question) {}

  absl::Status Ask() {
    Query query = question_.query;
    query.measures = {{.name = "gross", .column = "gross"}};
    query.dimensions.clear();
    TM_ASSIGN_OR_RETURN(periods_, AskTable(context_, query));
    query.measures.push_back({.name = "consumers", .column = "consumers"});
    query.dimensions = question_.query.dimensions;
    TM_ASSIGN_OR_RETURN(const Table cells, AskTable(context_, query));
    effects_scanned_ = periods_.effects_scanned + cells.effects_scanned;
    if (cells.row_count + periods_.row_count * question_.populations.size() > kMaxRows) {
      return status::WithReason(
          absl::ResourceExhaustedError(absl::StrCat(
              "more than ", kMaxRows,
              " groups in all periods; take a wider level, fewer dimensions or a longer grain")),
          "TOO_MANY_ROWS");
    }
    region_role_ = cells.region_role;
    notes_ = cells.notes;
    notes_.push_back(
        {"LOWER_BOUND", "Between groups only: what is unequal inside of them is not seen."});
    notes_.push_back({"POPULATION", question_.population_source});
    Place(cells);
    return absl::OkStatus();
  }

  absl::StatusOr<Divide> Make() const {
    Divide divide;
    divide.groups = OfGroups();
    TM_ASSIGN_OR_RETURN(divide.indices, OfIndices());
    divide.pairs = OfPairs();
    for (Table* table : {&divide.groups, &divide.indices, &divide.pairs}) {
      table->notes = notes_;
      table->region_role = region_role_;
    }
    divide.effects_scanned = effects_scanned_;
    return divide;
  }

 private:
  struct Of {
    uint32_t row = 0;  // of periods_
    Groups groups;
  };

  static std::vector<Member> MembersOf(const std::vector<std::string>& codes) {
    std::vector<Member> members;
    for (const std::string& code : codes) members.push_back({code});
    return members;
  }

  // Every stated group in every period that somebody reports in, and what has events.
  void Place(const Table& cells) {
    const Column* const period = FindColumn(periods_, "period");
    const Column& reported = *FindColumn(periods_, "gross");
    std::map<std::string, size_t> of_name;
    for (uint32_t row = 0; row < periods_.row_count; ++row) {
      if (reported.IsNull(row)) continue;
      of_name[std::string(PeriodNameAt(period, row))] = of_.size();
      Of& of = of_.emplace_back();
      of.row = row;
      for (const auto& [codes, population] : question_.populations)
        of.groups[MembersOf(codes)].population = population;
    }
    const Column* const cell_period = FindColumn(cells, "period");
    const Column& gross = *FindColumn(cells, "gross");
    const Column& consumers = *FindColumn(cells, "consumers");
    for (uint64_t row = 0; row < cells.row_count; ++row) {
      const auto found = of_name.find(std::string(PeriodNameAt(cell_period, row)));
      if (found == of_name.end()) continue;
      std::vector<Member> members;
      for (const Column& column : cells.columns) {
        if (column.kind == ColumnKind::kDimension)
          members.push_back(column.members[column.texts[row]]);
      }
      GroupValue& value = of_[found->second].groups[members];
      value.gross = gross.integers[row];
      value.consumers = consumers.integers[row];
    }
  }

  Number PerHead(const GroupValue& value) const {
    if (value.population == 0) return {0, NullReason::kNoDenominator};
    return MoneyAverage(value.gross, value.population, context_.scale());
  }
  static Number Participation(const GroupValue& value) {
    return Quotient(value.consumers, value.population, NullReason::kNoDenominator);
  }

  Table OfGroups() const {
    std::vector<uint32_t> rows;
    std::vector<std::vector<Member>> members(question_.query.dimensions.size());
    std::vector<GroupValue> values;
    for (const Of& of : of_) {
      for (const auto& [group, value] : of.groups) {
        rows.push_back(of.row);
        values.push_back(value);
        for (size_t d = 0; d < members.size(); ++d) members[d].push_back(group[d]);
      }
    }
    TableBuilder builder(rows.size());
    for (size_t d = 0; d < members.size(); ++d) {
      const std::string& name = question_.query.dimensions[d].name;
      builder.AddTexts(name, ColumnKind::kDimension, FindDimension(name), members[d]);
    }
    Column& gross = AddMoney(context_, "gross", &builder);
    Column& consumers = builder.AddIntegers("consumers", ColumnKind::kMeasure, "pseudonyms");
    Column& population = builder.AddIntegers("population", ColumnKind::kStatistic, "count");
    Column& per_head = builder.AddDoubles("per_head", ColumnKind::kStatistic, context_.currency());
    Column& participation = builder.AddDoubles("participation", ColumnKind::kStatistic, "ratio");
    for (size_t row = 0; row < values.size(); ++row) {
      gross.integers[row] = values[row].gross;
      consumers.integers[row] = values[row].consumers;
      population.integers[row] = values[row].population;
      if (values[row].population == 0) population.SetNull(row, NullReason::kNoDenominator);
      SetNumber(&per_head, row, PerHead(values[row]));
      SetNumber(&participation, row, Participation(values[row]));
    }
    Table table = std::move(builder).Build();
    TakePeriods(periods_, rows, &table);
    return table;
  }

  absl::StatusOr<Table> OfIndices() const {
    std::vector<uint32_t> rows;
    for (const Of& of : of_) rows.push_back(of.row);
    TableBuilder builder(rows.size());
    Column& population = builder.AddIntegers("population", ColumnKind::kStatistic, "count");
    Column& gross = AddMoney(context_, "gross", &builder);
    Column& left_out = AddMoney(context_, "gross_left_out", &builder);
    Column& per_head = builder.AddDoubles("per_head", ColumnKind::kStatistic, context_.currency());
    Column& gini = builder.AddDoubles("gini", ColumnKind::kStatistic, "ratio");
    Column& theil = builder.AddDoubles("theil", ColumnKind::kStatistic, "ratio");
    const bool apart = question_.decompose_by >= 0;
    const auto more = [&](const char* name) {
      return apart ? &builder.AddDoubles(name, ColumnKind::kStatistic, "ratio") : nullptr;
    };
    Column *const between = more("theil_between"), *const within = more("theil_within");
    for (size_t row = 0; row < of_.size(); ++row) {
      if (context_.stop) TM_RETURN_IF_ERROR(context_.stop());
      std::vector<PopulationGroup> groups;
      std::map<std::string, uint32_t> parts;
      __int128 people = 0, whole = 0, others = 0;
      for (const auto& [members, value] : of_[row].groups) {
        if (value.population == 0) {
          others += value.gross;
          continue;
        }
        people += value.population;
        whole += value.gross;
        const std::string part =
            apart ? members[static_cast<size_t>(question_.decompose_by)].code : "";
        const uint32_t number = static_cast<uint32_t>(parts.size());
        groups.push_back(
            {value.gross, value.population, parts.emplace(part, number).first->second});
      }
      TM_ASSIGN_OR_RETURN(population.integers[row], Narrow(people));
      TM_ASSIGN_OR_RETURN(gross.integers[row], Narrow(whole));
      TM_ASSIGN_OR_RETURN(left_out.integers[row], Narrow(others));
      SetNumber(&per_head, row, PerHead({gross.integers[row], 0, population.integers[row]}));
      const Inequality measured = MeasureInequality(std::move(groups));
      SetNumber(&gini, row, measured.gini);
      SetNumber(&theil, row, measured.theil);
      if (!apart) continue;
      SetNumber(between, row, measured.between);
      SetNumber(within, row, measured.within);
    }
    Table table = std::move(builder).Build();
    TakePeriods(periods_, rows, &table);
    return table;
  }

  Table OfPairs() const {
    std::vector<uint32_t> rows;
    std::vector<Member> names;
    std::vector<std::pair<GroupValue, GroupValue>> pairs;
    for (const Of& of : of_) {
      for (const DivideQuestion::Pair& pair : question_.pairs) {
        rows.push_back(of.row);
        names.push_back({pair.name});
        pairs.emplace_back(of.groups.at(MembersOf(pair.of)), of.groups.at(MembersOf(pair.to)));
      }
    }
    TableBuilder builder(rows.size());
    builder.AddTexts("pair", ColumnKind::kDimension, nullptr, names);
    const auto add = [&](const char* name, const std::string& unit) -> Column& {
      return builder.AddDoubles(name, ColumnKind::kStatistic, unit);
    };
    const std::string& money = context_.currency();
    Column &per_head_of = add("per_head_of", money), &per_head_to = add("per_head_to", money);
    Column &ratio = add("ratio", "ratio"), &gap = add("gap", money);
    Column& participation_of = add("participation_of", "ratio");
    Column& participation_to = add("participation_to", "ratio");
    Column& participation_gap = add("participation_gap", "percentage_points");
    for (size_t row = 0; row < pairs.size(); ++row) {
      const auto& [of, to] = pairs[row];
      SetNumber(&per_head_of, row, PerHead(of));
      SetNumber(&per_head_to, row, PerHead(to));
      SetNumber(&ratio, row,
                QuotientOfQuotients(of.gross, of.population, to.gross, to.population,
                                    NullReason::kZeroDenominator));
      gap.doubles[row] =
          GapPerHead({of.gross, of.population}, {to.gross, to.population}, context_.scale());
      const Number a = Participation(of), b = Participation(to);
      SetNumber(&participation_of, row, a);
      SetNumber(&participation_to, row, b);
      participation_gap.doubles[row] = PercentagePoints(a.value, b.value);
    }
    Table table = std::move(builder).Build();
    TakePeriods(periods_, rows, &table);
    return table;
  }

  const StatisticContext& context_;
  const DivideQuestion& question_;
  Table periods_;
  std::vector<Of> of_;
  std::vector<PlanNote> notes_;
  RegionRole region_role_ = RegionRole::kNone;
  uint64_t effects_scanned_ = 0;
};

}  // namespace

absl::StatusOr<Divide> ComputeDivide(const StatisticContext& context,
                                     const DivideQuestion& question) {
  DivideTables tables(context, question);
  TM_RETURN_IF_ERROR(tables.Ask());
  return tables.Make();
}

}  // namespace tidemark::analytics
