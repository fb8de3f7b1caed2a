#include "services/analytics/api/query_convert.h"

#include "clients/cpp/catalog/local_days.h"
#include "clients/cpp/query/canonical.h"
#include "tidemark/analytics/v1/query.pb.h"
#include "tidemark/type/v1/date.pb.h"

namespace tidemark::analytics {

namespace {

Comparison ComparisonOf(int comparison) {
  return v1::Comparison_IsValid(comparison) ? static_cast<Comparison>(comparison)
                                            : Comparison::kUnspecified;
}

}  // namespace

PopulationKind PeopleOf(const catalog::v1::PopulationBasis& basis) {
  if (basis.kind() == catalog::v1::POPULATION_KIND_UNSPECIFIED) return PopulationKind::kResident;
  return catalog::v1::PopulationKind_IsValid(basis.kind())
             ? static_cast<PopulationKind>(basis.kind())
             : PopulationKind::kUnknown;
}

PopulationTime TimeOf(const catalog::v1::PopulationBasis& basis) {
  if (basis.time() == catalog::v1::POPULATION_TIME_UNSPECIFIED) return PopulationTime::kMidYear;
  return catalog::v1::PopulationTime_IsValid(basis.time())
             ? static_cast<PopulationTime>(basis.time())
             : PopulationTime::kUnknown;
}

bool IsKnownGrain(const v1::Query& proto) { return v1::Grain_IsValid(proto.grain()); }

Query FromProto(const v1::Query& proto) {
  Query query;
  for (const v1::Measure& measure : proto.measures()) {
    query.measures.push_back(
        {measure.name(), measure.quantile(), tidemark::query::MeasureColumn(measure)});
  }
  for (const v1::Dimension& dimension : proto.dimensions()) {
    query.dimensions.push_back({dimension.name(), dimension.level()});
  }
  for (const v1::Filter& filter : proto.filters()) {
    query.filters.push_back({filter.dimension(),
                             {filter.codes().begin(), filter.codes().end()},
                             filter.unknown(),
                             filter.exclude()});
  }
  query.first = proto.range().first();
  query.last = proto.range().last();
  query.grain = proto.grain() == v1::GRAIN_UNSPECIFIED || !IsKnownGrain(proto)
                    ? Grain::kAll
                    : static_cast<Grain>(proto.grain());
  for (const int comparison : proto.comparisons()) {
    query.comparisons.push_back(ComparisonOf(comparison));
  }
  for (const v1::Share& share : proto.shares()) {
    query.shares.push_back(
        {share.measure(), share.dimension(), share.level(), tidemark::query::ShareColumn(share)});
  }
  for (const v1::Rank& rank : proto.ranks()) {
    query.ranks.push_back({rank.column(), rank.ascending(), tidemark::query::RankColumn(rank)});
  }
  for (const v1::OrderBy& order : proto.order_by()) {
    query.order_by.push_back({order.column(), order.descending()});
  }
  query.limit = proto.limit();
  query.panel = proto.panel() == v1::PANEL_UNSPECIFIED ? Panel::kAsReported
                : v1::Panel_IsValid(proto.panel())     ? static_cast<Panel>(proto.panel())
                                                       : Panel::kUnknown;
  query.to_date = proto.to_date();
  query.cagr_years.assign(proto.cagr_years().begin(), proto.cagr_years().end());
  query.index_base = proto.index_base();
  for (const v1::Contribution& contribution : proto.contributions()) {
    query.contributions.push_back(
        {contribution.measure(), contribution.dimension(), contribution.level(),
         contribution.comparison() == v1::COMPARISON_UNSPECIFIED
             ? Comparison::kYoy
             : ComparisonOf(contribution.comparison()),
         tidemark::query::ContributionColumn(contribution, /*rate=*/false),
         tidemark::query::ContributionColumn(contribution, /*rate=*/true)});
  }
  query.geography = v1::Geography_IsValid(proto.geography())
                        ? static_cast<Geography>(proto.geography())
                        : Geography::kUnknown;
  query.has_fixed_on = proto.has_fixed_on();
  const type::v1::Date& day = proto.fixed_on();
  if (proto.has_fixed_on())
    query.fixed_on = catalog_client::DayNumber(day.year(), day.month(), day.day());
  for (const v1::LocationQuotient& quotient : proto.location_quotients()) {
    query.location_quotients.push_back({quotient.measure(), quotient.dimension(),
                                        tidemark::query::LocationQuotientColumn(quotient)});
  }
  for (const v1::PerCapita& per_capita : proto.per_capita()) {
    query.per_capita.push_back({per_capita.measure(), PeopleOf(per_capita.population()),
                                TimeOf(per_capita.population()),
                                tidemark::query::PerCapitaColumn(per_capita)});
  }
  for (const std::string& measure : proto.ratio_to_gdp())
    query.ratios_to_gdp.push_back({measure, tidemark::query::RatioToGdpColumn(measure)});
  return query;
}

}  // namespace tidemark::analytics
