#include "services/analytics/testing/made_up_store.h"

#include <utility>

namespace tidemark::analytics::testing {
namespace {

// Of splitmix64.
uint64_t Mix(uint64_t x) {
  x += 0x9E3779B97F4A7C15;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
  return x ^ (x >> 31);
}

uint64_t PossibleCells(const EngineQuery& query) {
  uint64_t cells = query.period_count;
  for (const Grouping& grouping : query.groupings) cells *= grouping.group_count;
  return cells;
}

}  // namespace

MadeUpStore::MadeUpStore(uint32_t percent, const std::map<Field, std::vector<std::string>>& codes)
    : percent_(percent) {
  for (const auto& [field, texts] : codes) {
    CodeListBuilder builder;
    for (const std::string& text : texts) builder.Append(text);
    codes_[field] = std::make_shared<const CodeList>(builder.list());
  }
}

std::shared_ptr<const CodeList> MadeUpStore::Codes(Field field) const {
  const auto found = codes_.find(field);
  if (found != codes_.end()) return found->second;
  static const CodeListBuilder* const none = new CodeListBuilder();
  return std::make_shared<const CodeList>(none->list());
}

bool MadeUpStore::Has(uint64_t cell) const { return Mix(cell) % 100 < percent_; }

absl::StatusOr<EngineResult> MadeUpStore::Run(const EngineQuery& query) const {
  EngineResult result;
  result.groups.resize(query.groupings.size());
  result.aggregates.resize(query.aggregates.size());
  result.quantiles.resize(query.quantiles.size());
  std::vector<uint32_t> groups(query.groupings.size());
  const uint64_t cells = PossibleCells(query);
  for (uint64_t cell = 0; cell < cells; ++cell) {
    if (!Has(cell)) continue;
    result.period.push_back(PeriodOfCell(query, cell, groups));
    for (size_t d = 0; d < groups.size(); ++d) result.groups[d].push_back(groups[d]);
    // Later aggregates are smaller, so that refunds do not exceed what was bought.
    const auto value = static_cast<int64_t>(Mix(~cell) % 1'000'000);
    for (size_t a = 0; a < query.aggregates.size(); ++a)
      result.aggregates[a].push_back(1'000 + value / static_cast<int64_t>(1 + a));
    for (std::vector<int64_t>& quantile : result.quantiles) quantile.push_back(value);
    result.purchases.push_back(1);
  }
  result.effects_scanned = result.period.size();
  return result;
}

}  // namespace tidemark::analytics::testing
