#include "services/analytics/statistics/concentration/concentration.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/analytics/query/answer.h"
#include "services/analytics/query/table_builder.h"
#include "services/analytics/statistics/concentration/holdings.h"
#include "services/analytics/statistics/mapping_cuts.h"
#include "services/analytics/statistics/table_parts.h"

namespace tidemark::analytics {
namespace {

constexpr size_t kMaxDimensions = 5;
// Of cells and providers; each takes a hundred bytes or so while it is added up.
constexpr uint64_t kMaxCells = 1'000'000;

absl::Status CheckDimensions(const Query& query) {
  if (query.dimensions.size() > kMaxDimensions) {
    return status::InvalidArgument(
        "dimensions",
        absl::StrCat(query.dimensions.size(), " dimensions; want at most ", kMaxDimensions),
        "TOO_MANY");
  }
  for (size_t i = 0; i < query.dimensions.size(); ++i) {
    if (query.dimensions[i].name != "provider") continue;
    return status::InvalidArgument(
        absl::StrCat("dimensions[", i, "].name"),
        "`provider` is what concentration is about; want other dimensions", "PROVIDER_DIMENSION");
  }
  return absl::OkStatus();
}

std::shared_ptr<const GroupTable> CodeByCode(size_t codes) {
  auto table = std::make_shared<GroupTable>();
  for (uint32_t code = 0; code < std::max<size_t>(codes, 1); ++code) table->groups.push_back(code);
  return table;
}

// A row's place among the cells: period and members of the dimensions.
std::string KeyOf(std::string_view period, const std::vector<Member>& members) {
  std::string key = absl::StrCat(period.size(), ":", period);
  for (const Member& member : members) {
    absl::StrAppend(&key, static_cast<int>(member.kind), ",", member.code.size(), ":", member.code);
  }
  return key;
}

class Concentrator {
 public:
  Concentrator(const StatisticContext& context, const Query& query)
      : context_(context), query_(query), holdings_(*context.view) {}

  absl::Status Run() {
    TM_ASSIGN_OR_RETURN(plan_, PlanQuery(context_, query_));
    if (!plan_.has_effects) return absl::OkStatus();
    TM_ASSIGN_OR_RETURN(engine_plan_, MakeEnginePlan(plan_, *context_.store));
    engine_plan_.query.stop = context_.stop;
    engine_plan_.query.max_cells = std::min(engine_plan_.query.max_cells, kMaxCells);
    providers_ = context_.store->Codes(Field::kProvider);
    sources_ = context_.store->Codes(Field::kSource);
    codes_.insert(providers_->begin(), providers_->end());
    TM_RETURN_IF_ERROR(CutByHoldings());
    AddGroupings();
    TM_ASSIGN_OR_RETURN(result_, AskStore(plan_, engine_plan_, *context_.store));
    return Sum();
  }

  // Of a row of the query's table; null: no gross of a known provider.
  const std::vector<__int128>* PartsOf(const std::string& key) const {
    const auto found = parts_.find(key);
    return found == parts_.end() ? nullptr : &found->second;
  }
  uint64_t effects_scanned() const { return result_.effects_scanned; }

 private:
  // Whether an event of any time may name it.
  bool IsMet(const catalog_client::Provider& provider) const {
    return codes_.contains(provider.id) ||
           std::any_of(provider.codes.begin(), provider.codes.end(),
                       [this](const auto& code) { return codes_.contains(code.code); });
  }

  // Makes the pieces of time in which holdings stay the same periods of the engine's query.
  absl::Status CutByHoldings() {
    EngineQuery& asked = engine_plan_.query;
    const int64_t start_us = asked.slices.front().start_us, end_us = asked.slices.back().end_us;
    std::vector<int64_t> cuts;
    for (const catalog_client::Provider& provider : context_.view->providers().items()) {
      if (IsMet(provider)) holdings_.AddChanges(provider, start_us, end_us, &cuts);
    }
    std::sort(cuts.begin(), cuts.end());
    cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
    TM_ASSIGN_OR_RETURN(const std::vector<size_t> pieces, CutMappings(cuts, &asked));
    std::map<std::pair<uint32_t, size_t>, uint32_t> numbers;
    for (TimeSlice& slice : asked.slices) {
      const size_t piece = pieces[slice.mapping];
      const auto [number, fresh] =
          numbers.try_emplace({slice.period, piece}, static_cast<uint32_t>(pieces_.size()));
      if (fresh) pieces_.push_back({slice.period, piece == 0 ? start_us : cuts[piece - 1]});
      slice.period = number->second;
    }
    asked.period_count = static_cast<uint32_t>(pieces_.size());
    mappings_ = pieces.size();
    return absl::OkStatus();
  }

  void AddGroupings() {
    const auto add = [&](Field field, const CodeList& codes) {
      const auto table = CodeByCode(codes.size());
      const auto groups = static_cast<uint32_t>(table->groups.size());
      engine_plan_.query.groupings.push_back({field, {mappings_, table}, groups});
    };
    add(Field::kProvider, *providers_);
    if (holdings_.by_source()) add(Field::kSource, *sources_);
  }

  std::string KeyOfCell(size_t cell) const {
    std::vector<Member> members;
    for (size_t d = 0; d < plan_.dimensions.size(); ++d) {
      const Group& group = engine_plan_.groups[d][result_.groups[d][cell]];
      members.push_back({std::string(group.code), group.kind});
    }
    return KeyOf(NameOfPeriod(plan_, pieces_[result_.period[cell]].period), members);
  }

  // Name of a holding, or for a code that the catalog does not have, the code behind a blank,
  // which no name begins with.
  std::string HoldingOf(size_t cell) const {
    const size_t d = plan_.dimensions.size();
    const std::string& code = (*providers_)[result_.groups[d][cell]];
    const std::string& source =
        (*sources_)[holdings_.by_source() ? result_.groups[d + 1][cell] : 0];
    const auto* const provider = holdings_.Find(source, code);
    if (provider == nullptr) return absl::StrCat(" ", code);
    return std::string(holdings_.Top(*provider, pieces_[result_.period[cell]].time_us));
  }

  absl::Status Sum() {
    constexpr size_t kCellsPerCheck = 8192;
    absl::flat_hash_map<std::string, absl::flat_hash_map<std::string, __int128>> sums;
    for (size_t cell = 0; cell < result_.period.size(); ++cell) {
      if (cell % kCellsPerCheck == 0 && context_.stop) TM_RETURN_IF_ERROR(context_.stop());
      const int64_t gross = result_.aggregates[0][cell];
      if (gross == 0 || result_.groups[plan_.dimensions.size()][cell] == 0) continue;
      sums[KeyOfCell(cell)][HoldingOf(cell)] += gross;
    }
    for (auto& [key, of_key] : sums) {
      std::vector<__int128>& parts = parts_[key];
      for (const auto& [holding, gross] : of_key) parts.push_back(gross);
    }
    return absl::OkStatus();
  }

  struct Piece {
    uint32_t period = 0;  // of the plan
    int64_t time_us = 0;  // in it
  };

  const StatisticContext& context_;
  const Query& query_;
  const Holdings holdings_;
  Plan plan_;
  EnginePlan engine_plan_;
  std::shared_ptr<const CodeList> providers_, sources_;
  absl::flat_hash_set<std::string_view> codes_;  // of providers
  size_t mappings_ = 0;
  std::vector<Piece> pieces_;  // by period of the engine's query
  EngineResult result_;
  absl::flat_hash_map<std::string, std::vector<__int128>> parts_;
};

// Keys of the rows of a query's table.
std::vector<std::string> KeysOf(const Table& table) {
  const Column* const period = FindColumn(table, "period");
  std::vector<std::string> keys;
  for (uint64_t row = 0; row < table.row_count; ++row) {
    std::vector<Member> members;
    for (const Column& column : table.columns) {
      if (column.kind == ColumnKind::kDimension)
        members.push_back(column.members[column.texts[row]]);
    }
    keys.push_back(KeyOf(PeriodNameAt(period, row), members));
  }
  return keys;
}

}  // namespace

absl::StatusOr<Table> ComputeConcentration(const StatisticContext& context, const Query& query) {
  TM_RETURN_IF_ERROR(CheckDimensions(query));
  Query asked = query;
  asked.order_by.clear();
  asked.limit = 0;
  asked.measures = {{.name = "gross", .column = "gross"}};
  TM_ASSIGN_OR_RETURN(Table table, AskTable(context, asked));
  Concentrator concentrator(context, asked);
  TM_RETURN_IF_ERROR(concentrator.Run());
  TableBuilder builder(table.row_count);
  Column& known = AddMoney(context, "with_provider", &builder);
  Column& holdings = builder.AddIntegers("holdings", ColumnKind::kStatistic, "count");
  Column& largest = builder.AddDoubles("largest_share", ColumnKind::kStatistic, "ratio");
  Column& index = builder.AddDoubles("hhi", ColumnKind::kStatistic, "number");
  const std::vector<std::string> keys = KeysOf(table);
  const std::vector<__int128> none;
  for (size_t row = 0; row < keys.size(); ++row) {
    const std::vector<__int128>* const found = concentrator.PartsOf(keys[row]);
    const std::vector<__int128>& parts = found == nullptr ? none : *found;
    __int128 whole = 0, most = 0;
    for (const __int128 part : parts) {
      whole += part;
      most = std::max(most, part);
    }
    TM_ASSIGN_OR_RETURN(known.integers[row], Narrow(whole));
    holdings.integers[row] = static_cast<int64_t>(parts.size());
    SetNumber(&largest, row, Quotient(most, whole, NullReason::kZeroDenominator));
    SetNumber(&index, row, Concentration(parts));
  }
  Table more = std::move(builder).Build();
  const auto behind = std::find_if(table.columns.begin(), table.columns.end(),
                                   [](const Column& c) { return c.kind == ColumnKind::kCoverage; });
  table.columns.insert(behind, std::make_move_iterator(more.columns.begin()),
                       std::make_move_iterator(more.columns.end()));
  table.effects_scanned += concentrator.effects_scanned();
  TM_RETURN_IF_ERROR(OrderRows(query.order_by, query.limit, &table));
  return table;
}

}  // namespace tidemark::analytics
