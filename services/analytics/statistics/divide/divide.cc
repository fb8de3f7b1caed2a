#include "services/analytics/statistics/divide/divide.h"

#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/analytics/query/per_head.h"
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
  bool carried = false;
  bool qualified = false;
  bool weighed = false;
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
    TM_ASSIGN_OR_RETURN(const Plan plan, PlanQuery(context_, query));
    TM_ASSIGN_OR_RETURN(periods_, AskTable(context_, query));
    query.measures.push_back({.name = "consumers", .column = "consumers"});
    query.dimensions = question_.query.dimensions;
    TM_ASSIGN_OR_RETURN(const Table cells, AskTable(context_, query));
    effects_scanned_ = periods_.effects_scanned + cells.effects_scanned;
    region_role_ = cells.region_role;
    notes_ = cells.notes;
    notes_.insert(notes_.end(), question_.notes.begin(), question_.notes.end());
    notes_.push_back(
        {"LOWER_BOUND", "Between groups only: what is unequal inside of them is not seen."});
    TM_RETURN_IF_ERROR(PlaceGroups(plan, cells.row_count));
    PlaceCells(cells);
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

  // Every group with a population in every period that somebody reports in.
  absl::Status PlaceGroups(const Plan& plan, uint64_t rows) {
    std::map<std::string, DaySpan> days_of;
    for (uint32_t i = 0; i < plan.periods.size(); ++i)
      days_of[NameOfPeriod(plan, i)] = LastDayOf(plan, plan.periods[i]);
    const Column* const period = FindColumn(periods_, "period");
    const Column& reported = *FindColumn(periods_, "gross");
    std::set<OfficialFigure> figures;
    bool any = false;
    for (uint32_t row = 0; row < periods_.row_count; ++row) {
      if (reported.IsNull(row)) continue;
      const std::string name(PeriodNameAt(period, row));
      of_name_[name] = of_.size();
      Of& of = of_.emplace_back();
      of.row = row;
      const GroupSizes at = question_.populations->At(days_of.at(name));
      for (const auto& [codes, size] : at.sizes)
        of.groups[MembersOf(codes)] = {0,           0, size.persons, size.carried, size.qualified,
                                       size.weighed};
      figures.insert(at.figures.begin(), at.figures.end());
      any = any || !at.sizes.empty();
      rows += at.sizes.size();
      if (rows <= kMaxRows) continue;
      return status::WithReason(
          absl::ResourceExhaustedError(absl::StrCat(
              "more than ", kMaxRows,
              " groups in all periods; take a wider level, fewer dimensions or a longer grain")),
          "TOO_MANY_ROWS");
    }
    if (!any && !of_.empty()) {
      return status::WithReason(
          absl::FailedPreconditionError(
              "the catalog states no population of any of the groups in these periods; apply "
              "observation series with `denominator` whose slices are the dimensions, or state "
              "populations in the request"),
          "NO_DENOMINATOR");
    }
    if (!question_.population_source.empty()) {
      notes_.push_back({"POPULATION", question_.population_source});
    } else {
      NoteFigures("POPULATION", figures, &notes_);
    }
    return absl::OkStatus();
  }

  void PlaceCells(const Table& cells) {
    const Column* const cell_period = FindColumn(cells, "period");
    const Column& gross = *FindColumn(cells, "gross");
    const Column& consumers = *FindColumn(cells, "consumers");
    for (uint64_t row = 0; row < cells.row_count; ++row) {
      const auto found = of_name_.find(std::string(PeriodNameAt(cell_period, row)));
      if (found == of_name_.end()) continue;
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
    FlagRows(values, &table);
    return table;
  }

  static void FlagRows(const std::vector<GroupValue>& values, Table* table) {
    std::vector<bool> carried, qualified, weighed;
    for (const GroupValue& value : values) {
      carried.push_back(value.carried);
      qualified.push_back(value.qualified);
      weighed.push_back(value.weighed);
    }
    AddFlag("CARRIED", carried, table);
    AddFlag("QUALIFIED", qualified, table);
    AddFlag("CROSSWALK", weighed, table);
  }

  // What is true of a figure made of several.
  static void Join(const GroupValue& one, GroupValue* flags) {
    flags->carried = flags->carried || one.carried;
    flags->qualified = flags->qualified || one.qualified;
    flags->weighed = flags->weighed || one.weighed;
  }

  absl::StatusOr<Table> OfIndices() const {
    std::vector<uint32_t> rows;
    std::vector<GroupValue> flags(of_.size());
    for (const Of& of : of_) rows.push_back(of.row);
    TableBuilder builder(rows.size());
    Column& population = builder.AddIntegers("population", ColumnKind::kStatistic, "count");
    Column& gross = AddMoney(context_, "gross", &builder);
    Column& left_out = AddMoney(context_, "gross_left_out", &builder);
    Column& per_head = builder.AddDoubles("per_head", ColumnKind::kStatistic, context_.currency());
    Column& gini = builder.AddDoubles("gini", ColumnKind::kStatistic, "number");
    Column& theil = builder.AddDoubles("theil", ColumnKind::kStatistic, "number");
    const bool apart = question_.decompose_by >= 0;
    const auto more = [&](const char* name) {
      return apart ? &builder.AddDoubles(name, ColumnKind::kStatistic, "number") : nullptr;
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
        Join(value, &flags[row]);
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
      SetNumber(&per_head, row,
                PerHead({.gross = gross.integers[row], .population = population.integers[row]}));
      const Inequality measured = MeasureInequality(std::move(groups));
      SetNumber(&gini, row, measured.gini);
      SetNumber(&theil, row, measured.theil);
      if (!apart) continue;
      SetNumber(between, row, measured.between);
      SetNumber(within, row, measured.within);
    }
    Table table = std::move(builder).Build();
    TakePeriods(periods_, rows, &table);
    FlagRows(flags, &table);
    return table;
  }

  Table OfPairs() const {
    std::vector<uint32_t> rows;
    std::vector<Member> names;
    std::vector<std::pair<GroupValue, GroupValue>> pairs;
    std::vector<GroupValue> flags;
    // In some periods a group may have no population.
    const auto group = [](const Of& of, const std::vector<std::string>& codes) {
      const auto found = of.groups.find(MembersOf(codes));
      return found == of.groups.end() ? GroupValue{} : found->second;
    };
    for (const Of& of : of_) {
      for (const DivideQuestion::Pair& pair : question_.pairs) {
        rows.push_back(of.row);
        names.push_back({pair.name});
        pairs.emplace_back(group(of, pair.of), group(of, pair.to));
        Join(pairs.back().first, &flags.emplace_back());
        Join(pairs.back().second, &flags.back());
      }
    }
    TableBuilder builder(rows.size());
    builder.AddTexts("pair", ColumnKind::kDimension, nullptr, names);
    const auto add = [&](const char* name, const std::string& unit) -> Column& {
      return builder.AddDoubles(name, ColumnKind::kStatistic, unit);
    };
    const std::string& money = context_.currency();
    Column &per_head_of = add("per_head_of", money), &per_head_to = add("per_head_to", money);
    Column &ratio = add("ratio", "number"), &gap = add("gap", money);
    Column& participation_of = add("participation_of", "ratio");
    Column& participation_to = add("participation_to", "ratio");
    Column& participation_gap = add("participation_gap", "percentage_points");
    for (size_t row = 0; row < pairs.size(); ++row) {
      const auto& [of, to] = pairs[row];
      SetNumber(&per_head_of, row, PerHead(of));
      SetNumber(&per_head_to, row, PerHead(to));
      if (of.population == 0 || to.population == 0) {
        for (Column* column : {&ratio, &gap, &participation_gap})
          column->SetNull(row, NullReason::kNoDenominator);
        SetNumber(&participation_of, row, Participation(of));
        SetNumber(&participation_to, row, Participation(to));
        continue;
      }
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
    FlagRows(flags, &table);
    return table;
  }

  const StatisticContext& context_;
  const DivideQuestion& question_;
  Table periods_;
  std::vector<Of> of_;
  // Positions in of_, by name of the period.
  std::map<std::string, size_t> of_name_;
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
