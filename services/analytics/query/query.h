#ifndef TIDEMARK_SERVICES_ANALYTICS_QUERY_QUERY_H_
#define TIDEMARK_SERVICES_ANALYTICS_QUERY_QUERY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "services/analytics/query/calendar.h"

// A query as it was asked: tidemark.analytics.v1.Query as plain values. Nothing is checked yet;
// MakePlan (plan.h) does that.
namespace tidemark::analytics {

// By number of the proto.
enum class Comparison : uint8_t { kUnspecified = 0, kPrev = 1, kYoy = 2, kYtd = 3, kYtdYoy = 4 };
// By number of the proto; kUnknown: none of this version.
enum class Panel : uint8_t { kAsReported = 1, kMatched = 2, kUnknown = 255 };
// Which population; by numbers of the protos, kUnknown: none of this version.
enum class PopulationKind : uint8_t { kResident = 1, kRegistered = 2, kUnknown = 255 };
enum class PopulationTime : uint8_t { kMidYear = 1, kYearEnd = 2, kUnknown = 255 };

// By number of the proto; kUsual: kPeriodEnd where the query compares, else kAtEvent; kUnknown:
// none of this version.
enum class Geography : uint8_t {
  kUsual = 0,
  kAtEvent = 1,
  kFixed = 2,
  kPeriodEnd = 3,
  kUnknown = 255
};

struct Query {
  struct MeasureRef {
    std::string name;
    uint32_t quantile = 0;
    // Of the answer.
    std::string column;
  };
  struct DimensionRef {
    std::string name;
    std::string level;
  };
  struct Filter {
    std::string dimension;
    std::vector<std::string> codes;
    bool unknown = false;
    bool exclude = false;
    // Made by a statistic: may stand beside another of its dimension and sense.
    bool added = false;
  };
  struct Share {
    std::string measure;
    std::string dimension;
    std::string level;
    std::string column;
  };
  struct Contribution {
    std::string measure;
    std::string dimension;
    std::string level;
    Comparison comparison = Comparison::kYoy;
    std::string column;
    std::string rate_column;
  };
  struct LocationQuotient {
    std::string measure;
    std::string dimension;
    std::string column;
  };
  struct PerCapita {
    std::string measure;
    PopulationKind people = PopulationKind::kResident;
    PopulationTime time = PopulationTime::kMidYear;
    std::string column;
  };
  struct RatioToGdp {
    std::string measure;
    std::string column;
  };
  struct Rank {
    std::string ranked;
    bool ascending = false;
    std::string column;
  };
  struct OrderBy {
    std::string column;
    bool descending = false;
  };

  std::vector<MeasureRef> measures;
  std::vector<DimensionRef> dimensions;
  std::vector<Filter> filters;
  std::string first;
  std::string last;
  Grain grain = Grain::kAll;
  std::vector<Comparison> comparisons;
  std::vector<Share> shares;
  std::vector<Rank> ranks;
  std::vector<OrderBy> order_by;
  uint64_t limit = 0;
  Panel panel = Panel::kAsReported;
  bool to_date = false;
  std::vector<uint32_t> cagr_years;
  // Empty: none.
  std::string index_base;
  std::vector<Contribution> contributions;
  std::vector<LocationQuotient> location_quotients;
  Geography geography = Geography::kUsual;
  bool has_fixed_on = false;
  // The day, since 1970-01-01; no value: missing, or no day of the calendar.
  std::optional<int64_t> fixed_on;
  std::vector<PerCapita> per_capita;
  std::vector<RatioToGdp> ratios_to_gdp;
};

// It reads other periods than those of its rows.
inline bool Compares(const Query& query) {
  return !query.comparisons.empty() || !query.cagr_years.empty() || !query.index_base.empty();
}

// The range is one named period, whose name stands for it.
inline bool IsOnePeriod(const Query& query) {
  return query.grain == Grain::kAll && !query.first.empty() && query.first == query.last;
}

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_QUERY_QUERY_H_
