#include "services/analytics/statistics/flows/flows.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "services/analytics/query/table_builder.h"
#include "services/analytics/statistics/flows/integration.h"
#include "services/analytics/statistics/flows/nested_places.h"
#include "services/analytics/statistics/flows/place_sums.h"
#include "services/analytics/statistics/flows/visitors.h"
#include "services/analytics/statistics/table_parts.h"

namespace tidemark::analytics {
namespace {

// Builds the tables that follow from the flows.
class FlowTables {
 public:
  FlowTables(const StatisticContext& context, const Table& flows, const Visitors* visitors)
      : context_(context),
        flows_(flows),
        visitors_(visitors),
        period_(FindColumn(flows, "period")),
        places_(flows) {}

  absl::StatusOr<Table> OfPlaces() const {
    const auto& sums = places_.sums();
    std::vector<Member> regions;
    std::vector<uint32_t> rows;
    for (const auto& [key, place] : sums) {
      regions.push_back(places_.members()[key.second]);
      rows.push_back(place.row);
    }
    TableBuilder builder(sums.size());
    builder.AddTexts("region", ColumnKind::kDimension, FindDimension("consumer_region"), regions);
    const auto add = [&](const char* name, auto get) -> absl::Status {
      return AddSums(&builder, name, sums, get);
    };
    TM_RETURN_IF_ERROR(add("total", [](const PlaceSums& s) { return s.total; }));
    TM_RETURN_IF_ERROR(add("own", [](const PlaceSums& s) { return s.own; }));
    TM_RETURN_IF_ERROR(add("outflow", [](const PlaceSums& s) { return s.out; }));
    TM_RETURN_IF_ERROR(add("total_unplaced", [](const PlaceSums& s) { return s.total_unplaced; }));
    TM_RETURN_IF_ERROR(add("served", [](const PlaceSums& s) { return s.served; }));
    TM_RETURN_IF_ERROR(add("inflow", [](const PlaceSums& s) { return s.in; }));
    TM_RETURN_IF_ERROR(
        add("served_unplaced", [](const PlaceSums& s) { return s.served_unplaced; }));
    TM_RETURN_IF_ERROR(add("net", [](const PlaceSums& s) { return s.in - s.out; }));
    Column& sufficiency = builder.AddDoubles("self_sufficiency", ColumnKind::kStatistic, "ratio");
    size_t row = 0;
    for (const auto& [key, place] : sums) {
      // What is no place cannot serve itself.
      if (regions[row].kind == MemberKind::kCode) {
        SetNumber(&sufficiency, row,
                  Quotient(place.own, place.total, NullReason::kZeroDenominator));
      } else {
        sufficiency.SetNull(row, NullReason::kNoData);
      }
      ++row;
    }
    if (visitors_ != nullptr) AddVisitors(regions, rows, &builder);
    Table table = std::move(builder).Build();
    TakePeriods(flows_, rows, &table);
    return table;
  }

  absl::StatusOr<Table> OfTotals() const {
    const auto& totals = places_.totals();
    std::vector<uint32_t> rows;
    for (const auto& [period, sums] : totals) rows.push_back(sums.row);
    TableBuilder builder(totals.size());
    const auto add = [&](const char* name, auto get) -> absl::Status {
      return AddSums(&builder, name, totals, get);
    };
    TM_RETURN_IF_ERROR(add("total", [](const PlaceSums& s) { return s.total; }));
    TM_RETURN_IF_ERROR(add("own", [](const PlaceSums& s) { return s.own; }));
    TM_RETURN_IF_ERROR(add("between", [](const PlaceSums& s) { return s.out; }));
    TM_RETURN_IF_ERROR(add("unplaced", [](const PlaceSums& s) { return s.total_unplaced; }));
    if (visitors_ != nullptr) {
      Column& column = builder.AddIntegers("visitors", ColumnKind::kStatistic, "pseudonyms");
      for (size_t row = 0; row < rows.size(); ++row) {
        const auto found = visitors_->of_all.find(PeriodOf(rows[row]));
        if (found != visitors_->of_all.end()) column.integers[row] = found->second;
      }
    }
    Table table = std::move(builder).Build();
    TakePeriods(flows_, rows, &table);
    return table;
  }

  absl::StatusOr<Table> OfGroups(const FlowsQuestion& question, uint64_t* effects_scanned) const {
    std::vector<Integration> measured;
    for (const catalog_client::Ordinal group : question.groups) {
      TM_ASSIGN_OR_RETURN(measured.emplace_back(),
                          MeasureIntegration(context_, question.query, question.to, group));
      *effects_scanned += measured.back().effects_scanned;
    }
    std::vector<Member> groups;
    std::vector<uint32_t> rows;
    std::vector<GroupConsumption> sums;
    for (const auto& [period, total] : places_.totals()) {
      for (size_t g = 0; g < question.groups.size(); ++g) {
        groups.push_back(
            {absl::StrCat("regionGroups/", context_.view->region_groups()[question.groups[g]].id)});
        rows.push_back(total.row);
        const auto found = measured[g].of_period.find(PeriodOf(total.row));
        sums.push_back(found == measured[g].of_period.end() ? GroupConsumption() : found->second);
      }
    }
    TableBuilder builder(rows.size());
    builder.AddTexts("group", ColumnKind::kDimension, nullptr, groups);
    const auto add = [&](const char* name, auto get) -> absl::Status {
      Column& column = AddMoney(context_, name, &builder);
      for (size_t row = 0; row < sums.size(); ++row) {
        TM_ASSIGN_OR_RETURN(column.integers[row], Narrow(get(sums[row])));
      }
      return absl::OkStatus();
    };
    using Sums = GroupConsumption;
    TM_RETURN_IF_ERROR(add("total", [](const Sums& s) { return s.total; }));
    TM_RETURN_IF_ERROR(add("own", [](const Sums& s) { return s.own; }));
    TM_RETURN_IF_ERROR(add("within", [](const Sums& s) { return s.within; }));
    TM_RETURN_IF_ERROR(add("elsewhere", [](const Sums& s) { return s.total - s.own - s.within; }));
    Column& integration = builder.AddDoubles("integration", ColumnKind::kStatistic, "ratio");
    for (size_t row = 0; row < sums.size(); ++row) {
      SetNumber(&integration, row,
                Quotient(sums[row].within, sums[row].total, NullReason::kZeroDenominator));
    }
    Table table = std::move(builder).Build();
    TakePeriods(flows_, rows, &table);
    NoteIncomplete(question.groups, &table);
    return table;
  }

  std::optional<PlanNote> Nested() const { return NestedPlaces(*context_.view, places_.members()); }

 private:
  std::string PeriodOf(uint32_t row) const { return std::string(PeriodNameAt(period_, row)); }

  // A column of sums by ascending key.
  template <typename Sums, typename Get>
  absl::Status AddSums(TableBuilder* builder, const char* name, const Sums& sums, Get get) const {
    Column& column = AddMoney(context_, name, builder);
    size_t row = 0;
    for (const auto& [key, place] : sums) {
      TM_ASSIGN_OR_RETURN(column.integers[row], Narrow(get(place)));
      ++row;
    }
    return absl::OkStatus();
  }

  void AddVisitors(const std::vector<Member>& regions, const std::vector<uint32_t>& rows,
                   TableBuilder* builder) const {
    Column& column = builder->AddIntegers("visitors", ColumnKind::kStatistic, "pseudonyms");
    for (size_t row = 0; row < rows.size(); ++row) {
      if (regions[row].kind != MemberKind::kCode) {
        column.SetNull(row, NullReason::kNoData);
        continue;
      }
      const auto found = visitors_->of_place.find({PeriodOf(rows[row]), regions[row].code});
      if (found != visitors_->of_place.end()) column.integers[row] = found->second;
    }
  }

  void NoteIncomplete(const std::vector<catalog_client::Ordinal>& groups, Table* table) const {
    for (const catalog_client::Ordinal group : groups) {
      if (const auto note = IncompleteGroup(*context_.view, group)) table->notes.push_back(*note);
    }
  }

  const StatisticContext& context_;
  const Table& flows_;
  const Visitors* const visitors_;
  const Column* const period_;
  const Places places_;
};

}  // namespace

absl::StatusOr<Flows> ComputeFlows(const StatisticContext& context, const FlowsQuestion& question) {
  Query query = question.query;
  query.order_by.clear();
  query.limit = 0;
  query.dimensions = {{"consumer_region", question.level}, {question.to, question.level}};
  query.measures = {{.name = "gross", .column = "gross"}};
  query.shares = {{.measure = "gross", .dimension = question.to, .level = "", .column = "share"}};
  Flows flows;
  TM_ASSIGN_OR_RETURN(flows.flows, AskTable(context, query));
  flows.effects_scanned = flows.flows.effects_scanned;
  FindColumn(&flows.flows, "consumer_region")->name = "from";
  FindColumn(&flows.flows, question.to)->name = "to";
  Visitors visitors;
  const bool visits = question.to == "place_of_use";
  if (visits) {
    query.shares.clear();
    TM_ASSIGN_OR_RETURN(visitors, CountVisitors(context, query));
    flows.effects_scanned += visitors.effects_scanned;
  }
  const FlowTables tables(context, flows.flows, visits ? &visitors : nullptr);
  TM_ASSIGN_OR_RETURN(flows.places, tables.OfPlaces());
  TM_ASSIGN_OR_RETURN(flows.totals, tables.OfTotals());
  if (!question.groups.empty()) {
    FlowsQuestion of_groups = question;
    of_groups.query.order_by.clear();
    of_groups.query.limit = 0;
    TM_ASSIGN_OR_RETURN(flows.groups, tables.OfGroups(of_groups, &flows.effects_scanned));
  }
  // Groups know whose member a place is, so they count nothing between nested places as theirs.
  if (const std::optional<PlanNote> note = tables.Nested()) {
    for (Table* table : {&flows.flows, &flows.places, &flows.totals}) table->notes.push_back(*note);
  }
  TM_RETURN_IF_ERROR(OrderRows(question.query.order_by, question.query.limit, &flows.flows));
  return flows;
}

}  // namespace tidemark::analytics
