#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_MEASURES_ASKED_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_MEASURES_ASKED_H_

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "services/analytics/query/coverage.h"
#include "services/analytics/query/query.h"
#include "services/analytics/statistics/indicator/catalog_filter.h"
#include "services/analytics/statistics/indicator/places.h"
#include "services/analytics/statistics/indicator/value.h"
#include "services/analytics/statistics/statistic_context.h"
#include "tidemark/catalog/v1/formula.pb.h"

namespace tidemark::analytics {

// MeasuresAsked: measures of events for many places and periods, by few queries: regions of one
// level by one query, everything else by one each, and neighbouring periods together. Ask for all
// that is wanted, then ask the store once, then find.
class MeasuresAsked {
 public:
  // `filters`: of the request. `places` and `periods` are not owned.
  MeasuresAsked(const StatisticContext& context, std::span<const Query::Filter> filters,
                EvaluatedPlaces* places, Periods* periods)
      : context_(context),
        filters_(filters),
        places_(*places),
        periods_(*periods),
        catalog_filters_(context) {}

  // Number of a measure with its filters, but for those on the dimensions `over`.
  uint32_t NumberOf(const catalog::v1::MeasureNode& node, const std::set<std::string>& over);
  void Want(uint32_t measure, const Spot& spot) { wanted_[measure].insert(spot); }
  // FAILED_PRECONDITION (FORMULA_NOT_ANSWERABLE): the filters of the formula do not fit the catalog
  // at the snapshot. RESOURCE_EXHAUSTED (TOO_MANY_QUERIES). Errors of PlanQuery and AskStore.
  absl::Status Ask();

  // In the plain unit.
  const NodeValue& Find(uint32_t measure, const Spot& spot) const {
    return values_.at({measure, spot});
  }
  // The query that one value alone would be asked by.
  Query QueryOf(uint32_t measure, const Spot& spot) const;

  // By period, whatever the formula's own filters.
  absl::StatusOr<std::map<uint32_t, PeriodCoverage>> CoverageOf(
      const std::set<uint32_t>& periods) const;

  uint64_t effects_scanned() const { return effects_scanned_; }
  const std::vector<PlanNote>& notes() const { return notes_; }
  RegionRole region_role() const { return region_role_; }

 private:
  struct Asked {
    Query::MeasureRef measure;
    std::string place;
    // Of queries, and of what the catalog says.
    std::vector<Query::Filter> filters, catalog_filters;
    // A filter keeps what no event has.
    bool nothing = false;
  };
  // A run of periods as the range of a query.
  struct Run {
    std::vector<uint32_t> periods;
    Grain grain = Grain::kAll;
    std::string first, last;
  };

  void AddFilter(const catalog::v1::FormulaFilter& filter, Asked* asked) const;
  Query BaseQuery(const Asked& asked, const Run& run, int64_t moment_us) const;
  std::vector<Run> RunsOf(const std::set<uint32_t>& periods) const;
  // Places of one level, where it is not 0, and by the regions and groups of one moment.
  struct Together {
    int64_t moment_us = kAtEvent;
    int level = 0;
    friend auto operator<=>(const Together&, const Together&) = default;
  };
  // Level 0: each by itself.
  Together TogetherOf(const Spot& spot) const;
  absl::Status AskPlaces(uint32_t measure, const Together& together,
                         const std::vector<uint32_t>& places, const std::set<uint32_t>& periods);
  absl::Status AskRun(uint32_t measure, const Together& together,
                      const std::vector<uint32_t>& places, const Run& run);
  absl::StatusOr<AskedCells> AskEngine(const Asked& asked, const Query& query);
  absl::Status CheckRequest() const;
  // Notes and region role.
  void Remember(const Plan& plan);

  const StatisticContext& context_;
  const std::span<const Query::Filter> filters_;
  EvaluatedPlaces& places_;
  Periods& periods_;
  CatalogFilters catalog_filters_;
  std::vector<Asked> measures_;
  absl::flat_hash_map<std::string, uint32_t> numbers_;
  std::map<uint32_t, std::set<Spot>> wanted_;
  absl::flat_hash_map<std::pair<uint32_t, Spot>, NodeValue> values_;
  uint64_t effects_scanned_ = 0;
  size_t queries_ = 0;
  std::vector<PlanNote> notes_;
  RegionRole region_role_ = RegionRole::kNone;
};

// Adds what is not among the notes yet.
void AddNewNotes(const std::vector<PlanNote>& more, std::vector<PlanNote>* notes);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_MEASURES_ASKED_H_
