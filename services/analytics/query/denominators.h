#ifndef TIDEMARK_SERVICES_ANALYTICS_QUERY_DENOMINATORS_H_
#define TIDEMARK_SERVICES_ANALYTICS_QUERY_DENOMINATORS_H_

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clients/cpp/catalog/catalog_view.h"
#include "common/base/rational.h"
#include "services/analytics/query/calendar.h"
#include "services/analytics/query/crosswalk.h"
#include "services/analytics/query/table.h"

// What measures are divided by: official figures of a place and period.
namespace tidemark::analytics {

// Days since 1970-01-01, from `first` up to, but not including, `end`.
struct DaySpan {
  int64_t first = 0;
  int64_t end = 0;

  bool empty() const { return first >= end; }
  friend auto operator<=>(const DaySpan&, const DaySpan&) = default;
};

// Where an official figure comes from.
struct OfficialFigure {
  // Names: `observationSeries/...`, `vintages/...`.
  std::string series;
  std::string vintage;
  // `2024`, `2024-Q1..Q3`.
  std::string period;
  // SDMX's letter of its status; `A`: normal.
  char status = 'A';
  // It was not stated exactly.
  bool qualified = false;
  // It cannot be compared with earlier periods.
  bool break_before = false;

  friend auto operator<=>(const OfficialFigure&, const OfficialFigure&) = default;
};

struct Denominator {
  // NO_DENOMINATOR, NO_WEIGHT, PERIOD_MISMATCH; kNone: there is one.
  NullReason null = NullReason::kNoDenominator;
  // Persons, or units of the currency.
  base::Rational value;
  // What it was made of.
  std::vector<OfficialFigure> figures;
  // It is of an earlier year than the one asked for.
  bool carried = false;
  // Figures of earlier boundaries were divided by weights, so it is an estimate.
  bool weighed = false;

  bool found() const { return null == NullReason::kNone; }
  // One of the figures was not stated exactly.
  bool qualified() const;
};

// Denominators: the official figures of one kind and slices, at one version of the catalog.
// Immutable, thread-safe, no I/O.
class Denominators {
 public:
  virtual ~Denominators() = default;

  // What is stated of `place`, `regions/...` or `regionGroups/...`, itself.
  virtual Denominator Stated(std::string_view place, const DaySpan& days) const = 0;
  // By which weights they are divided.
  virtual FigureKind kind() const = 0;
  // First day of the first period that something is stated of; of no figures any day.
  virtual int64_t first_day() const = 0;
  // Places that something is stated of, by name.
  virtual std::vector<std::string_view> Places() const = 0;
};

// A region or a region group of the view; kNone: no place.
struct OfficialPlace {
  catalog_client::Ordinal ordinal = catalog_client::kNone;
  bool is_group = false;

  friend auto operator<=>(const OfficialPlace&, const OfficialPlace&) = default;
};

// Who is in the place on the last of the days, or at `fixed_us`: the region, or the members of the
// group, each as it counts then, without those that lie within another member. Ascending.
std::vector<catalog_client::Ordinal> MembersOf(const catalog_client::CatalogView& view,
                                               const Calendar& calendar, const OfficialPlace& place,
                                               const DaySpan& days,
                                               std::optional<int64_t> fixed_us = std::nullopt);

// Of a region what is stated of it; where it is of earlier boundaries than those of `fixed_us`, or
// carried from before the boundaries of the last of the days, what the figures of then make up.
// Populations are of the boundaries of the end of their year. Of a group what is stated of the
// group itself, else the sum over all its members (MembersOf), which is null when one of them is;
// where the one is carried and the other is not, the other.
Denominator FindDenominator(Crosswalk* crosswalk, const Calendar& calendar,
                            const Denominators& denominators, const OfficialPlace& place,
                            const DaySpan& days, std::optional<int64_t> fixed_us = std::nullopt);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_QUERY_DENOMINATORS_H_
