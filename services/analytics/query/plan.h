#ifndef TIDEMARK_SERVICES_ANALYTICS_QUERY_PLAN_H_
#define TIDEMARK_SERVICES_ANALYTICS_QUERY_PLAN_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "clients/cpp/catalog/catalog_view.h"
#include "services/analytics/domain/source_day.h"
#include "services/analytics/domain/stat_store.h"
#include "services/analytics/query/asset_scope.h"
#include "services/analytics/query/calendar.h"
#include "services/analytics/query/coverage.h"
#include "services/analytics/query/period_range.h"
#include "services/analytics/query/query.h"
#include "services/analytics/query/vocabulary.h"

namespace tidemark::analytics {

class Denominators;

// What a query is judged by.
struct PlanInputs {
  // The catalog at the snapshot's version; has an observatory.
  std::shared_ptr<const catalog_client::CatalogView> view;
  // Of the observatory's time zone; outlives the plan.
  const Calendar* calendar = nullptr;
  SnapshotInfo snapshot;
  // Of all effects below the snapshot.
  StatStore::TimeBounds event_times;
  // Region or group that the caller may see, by name; empty: everything.
  std::string region_scope;
  // What is shared of the asset that the caller uses; null: none is used.
  const AssetScope* asset = nullptr;
  // How sources closed their days; null: none was closed.
  const SourceDays* source_days = nullptr;
};

struct PlannedMeasure {
  const MeasureWord* word = nullptr;
  uint32_t quantile = 0;
  std::string column;
  // Stands beside another measure without having been asked for; not compared.
  bool added = false;
};

struct PlannedDimension {
  const DimensionWord* word = nullptr;
  // Number of the level, 0: codes as recorded.
  int level = 0;
};

// Ordinals of the regions or categories that a filter names, or its codes.
struct PlannedFilter {
  // Null: the filter is on `order`.
  const DimensionWord* word = nullptr;
  std::vector<std::string> codes;
  // Instead of codes, for regions and categories: what is kept with all below it.
  std::vector<catalog_client::Ordinal> roots;
  // Region groups; what they hold depends on the time.
  std::vector<catalog_client::Ordinal> groups;
  bool unknown = false;
  bool exclude = false;
  // Groups are judged by the time of events even where the answer's places are fixed.
  bool at_event = false;
};

inline constexpr int32_t kNoBase = -1;

// A source of the answer: LIVE, and let through by the filters.
struct PlannedSource {
  std::string id;
  std::shared_ptr<const Coverage> coverage;
};

// What a shown period is compared with.
struct PlannedPair {
  // Of Plan::panels, that has the numbers; kNoPanel: they are those of Plan::periods.
  int32_t panel = -1;
  // Positions in the panel's periods, or the plan's.
  int32_t value = 0;
  int32_t base = kNoBase;
  // With the MATCHED panel: nothing may be compared, one of the periods is not over or is cut.
  bool partial = false;
  // With the MATCHED panel: the ids of the sources compared, ascending. Null: all.
  std::shared_ptr<const std::vector<std::string>> sources;
};
inline constexpr int32_t kNoPanel = -1;

// A period that a shown one is compared with, as reported.
struct PlannedBase {
  // Position in Plan::periods; kNoBase: no such period, or nothing can be known of it.
  int32_t period = kNoBase;
  // Of Plan::panels, that has its numbers by the geography of the period shown, and its position
  // there; kNoPanel: Plan::periods has them so.
  int32_t panel = kNoPanel;
  int32_t at = 0;
};

// A period of the engine's query.
struct PlannedPeriod {
  Period period;
  // The part that was asked for.
  int64_t asked_start_us = 0;
  int64_t asked_end_us = 0;
  // Of that, the part that is read: there are no effects in the rest.
  int64_t start_us = 0;
  int64_t end_us = 0;
  // False: there only to be compared with.
  bool shown = true;
  // Where places are fixed: of Plan::geographies the one that it is judged by, and of a period
  // shown the very moment.
  uint32_t geography = 0;
  std::optional<int64_t> fixed_us;
  PlannedBase prev;
  PlannedBase yoy;
  // How it is compared with them.
  PlannedPair prev_pair;
  PlannedPair yoy_pair;
  // Of Plan::far_bases.
  std::vector<PlannedBase> far;
  // From the start of the fiscal year to the end of the period: where its numbers are, and how they
  // are compared with those of the year before.
  PlannedPair ytd;
  PlannedPair ytd_yoy_pair;
  PeriodCoverage coverage;
  bool week_53 = false;
  bool left_censored = false;
};

// Numbers that only comparisons need: of other pieces of time, of some sources only, or by another
// geography.
struct PlannedPanel {
  // Ascending, disjoint, all of one geography.
  std::vector<PlannedPeriod> periods;
  // As in PlannedPair.
  std::shared_ptr<const std::vector<std::string>> sources;
};

// The rows that make up a whole: those that differ in the dimension that is rolled up only.
struct PlannedWhole {
  // Position of the dimension rolled up, -1: all of them.
  int dimension = -1;
  // Level rolled up to, 0: the total.
  int level = 0;
};

struct PlannedShare {
  // Position in measures.
  int measure = 0;
  PlannedWhole whole;
  std::string column;
};

struct PlannedContribution {
  // Position in measures.
  int measure = 0;
  PlannedWhole whole;
  // Else prev.
  bool yoy = true;
  std::string column;
  std::string rate_column;
};

struct PlannedQuotient {
  // Position in measures, and of the dimension that is the place.
  int measure = 0;
  int place = 0;
  std::string column;
};

// A measure divided by an official figure of the row's place and period.
struct PlannedPerHead {
  // Position in measures.
  int measure = 0;
  // Else by gross domestic product.
  bool by_population = true;
  PopulationKind people = PopulationKind::kResident;
  PopulationTime time = PopulationTime::kMidYear;
  std::string column;
  // Set by LoadDenominators; null before.
  std::shared_ptr<const Denominators> denominators;
};

// The place of a row that is divided by an official figure.
struct PlannedPlace {
  // Position of the dimension that is the place, or of the filter that keeps it; -1: none.
  int dimension = -1;
  int filter = -1;
};

// A base that is far away: so many years before, or one period for all.
struct PlannedFarBase {
  // 0: the index base.
  uint32_t years = 0;
};

struct PlannedRank {
  // Name of a column of numbers.
  std::string ranked;
  bool ascending = false;
  std::string column;
};

struct PlanNote {
  std::string code;
  std::string message;
};

// By number of the proto's RegionRole.
enum class RegionRole : uint8_t {
  kNone = 0,
  kBuyerResidence = 1,
  kSeller = 2,
  kPlaceOfUse = 3,
  kMixed = 4,
};

// A query with every word resolved at one snapshot.
struct Plan {
  std::shared_ptr<const catalog_client::CatalogView> view;
  const Calendar* calendar = nullptr;
  SnapshotInfo snapshot;
  Grain grain = Grain::kAll;
  // Of kAll: the name of the range when it is one named period; else empty.
  std::string period_name;
  std::vector<PlannedMeasure> measures;
  std::vector<PlannedDimension> dimensions;
  std::vector<PlannedFilter> filters;
  // How many of them the query has; the others are what the caller is confined to.
  size_t own_filters = 0;
  // Ascending, disjoint; none when there can be no row.
  std::vector<PlannedPeriod> periods;
  // Effects can be in one of the periods. False: the engine need not be asked.
  bool has_effects = false;
  // The range that was asked for, and when LIVE sources that the filters let through report, from
  // the first of them to the last; empty: there is none.
  TimeRange asked;
  TimeRange reports = {kEndOfTime, kBeginningOfTime};
  bool prev = false;
  bool yoy = false;
  bool ytd = false;
  bool ytd_yoy = false;
  std::vector<PlannedFarBase> far_bases;
  // Of the far base that is the same for all; meaningless without one.
  Period index_base;
  Panel panel = Panel::kAsReported;
  bool to_date = false;
  Geography geography = Geography::kAtEvent;
  // It was not asked for.
  bool geography_is_usual = true;
  // With kFixed: the last moment of the day.
  std::optional<int64_t> fixed_us;
  // Moments by whose groups and regions places are judged; of those at which these are alike for
  // the query, one. Empty: by the time of each event.
  std::vector<int64_t> geographies;
  std::vector<PlannedPanel> panels;
  // Where the dimension `source` or the MATCHED panel asks for each by itself; by id.
  std::vector<PlannedSource> sources;
  // Events of sources that are not among `sources` may be in the answer: of a kind that this
  // release does not know.
  bool has_other_sources = false;
  std::vector<PlannedContribution> contributions;
  std::vector<PlannedShare> shares;
  std::vector<PlannedQuotient> quotients;
  // Per capita first, in the order of the query.
  std::vector<PlannedPerHead> per_head;
  PlannedPlace place;
  std::vector<PlannedRank> ranks;
  std::vector<Query::OrderBy> order_by;
  uint64_t limit = 0;
  std::vector<PlanNote> notes;
  RegionRole region_role = RegionRole::kNone;
  // The answer reads effects of the whole log, whatever the periods.
  bool reads_all_time = false;

  // It compares with other periods, so cells without events may have rows.
  bool Compares() const { return prev || yoy || ytd || ytd_yoy || !far_bases.empty(); }
  // Official figures have to be loaded before it can be answered, which takes a call to the
  // catalog.
  bool NeedsDenominators() const { return !per_head.empty(); }
  // Its periods have names, which are a column.
  bool HasPeriods() const { return grain != Grain::kAll || !period_name.empty(); }
  // The moment of one of `geographies`; none where there is none.
  std::optional<int64_t> MomentOf(uint32_t geography_number) const {
    return geographies.empty() ? std::nullopt : std::optional(geographies[geography_number]);
  }
  // Position of the dimension `source`; -1: there is none.
  int SourceDimension() const;
  // Null: none of `sources`.
  const PlannedSource* FindSource(std::string_view id) const;
  // Names of the columns of the answer, in order.
  std::vector<std::string> Columns() const;
  // Of those the measures and what is made of them, which can be ranked.
  std::vector<std::string> NumberColumns() const;
};

// `cagr(net,5)` or `index(net)`.
std::string FarColumn(const PlannedFarBase& base, const PlannedMeasure& measure);

// Checks and resolves. INVALID_ARGUMENT names the field (`query.filters[0].codes[2]`), its value,
// and the nearest valid ones; PERMISSION_DENIED (REGION_SCOPE): the caller's region is not in the
// catalog; FAILED_PRECONDITION (NO_OBSERVATORY); RESOURCE_EXHAUSTED: too many periods, saying what
// to narrow.
absl::StatusOr<Plan> MakePlan(const Query& query, const PlanInputs& inputs);

// That a region group announces more members than are known; null: it does not.
std::optional<PlanNote> IncompleteGroup(const catalog_client::CatalogView& view,
                                        catalog_client::Ordinal group);

// FAILED_PRECONDITION (NO_OBSERVATORY).
absl::Status NoObservatory();

// The part of MakePlan's checks that needs no snapshot, so that a query that no snapshot can answer
// need not wait for one. `calendar`: of the observatory's time zone; null when it is not known yet:
// names of periods are not checked then. Errors as MakePlan's.
absl::Status CheckWords(const Query& query, const Calendar* calendar);

inline constexpr size_t kMaxPeriods = 100'000;

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_QUERY_PLAN_H_
