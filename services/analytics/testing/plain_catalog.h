#ifndef TIDEMARK_SERVICES_ANALYTICS_TESTING_PLAIN_CATALOG_H_
#define TIDEMARK_SERVICES_ANALYTICS_TESTING_PLAIN_CATALOG_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "services/analytics/statistics/catalog_reader.h"
#include "services/analytics/testing/exact.h"
#include "services/analytics/testing/naive_calendar.h"

// What a catalog says beside its view, as plain values that recounts read, and as a CatalogReader
// that statistics read.
namespace tidemark::analytics::testing {

// Days since 1970-01-01, half-open, and the name that the catalog has for them.
struct PlainPeriod {
  std::string name;
  int64_t first = 0;
  int64_t end = 0;

  std::pair<int64_t, int64_t> days() const { return {first, end}; }
};
// `month` counts from 0 and may be beyond its year; so many of them, by the longest grain that can
// name them.
PlainPeriod MonthsFrom(int year, int month, int months);
PlainPeriod OneDay(NaiveDate date);
// `12.05`, `-0.3`.
std::string DecimalText(int64_t digits, int decimals);

struct PlainFigure {
  // Names.
  std::string series;
  std::string place;
  PlainPeriod period;
  // The number is digits ÷ 10^decimals ÷ divisor, in the unit of the series; none: MISSING or
  // SUPPRESSED.
  std::optional<int64_t> digits;
  int decimals = 0;
  uint32_t divisor = 1;
  catalog::v1::ObservationStatus status = catalog::v1::OBSERVATION_STATUS_NORMAL;
  // Not stated exactly.
  bool qualified = false;
  bool break_before = false;
  std::string vintage = "vintages/v1";
  // The day; 0: not told.
  int64_t published = 0;

  // In the unit of the series.
  Exact Value() const { return ExactOf(*digits) * TenTo(-decimals) / ExactOf(divisor); }
  // Half a unit of the last published digit.
  Exact Half() const { return TenTo(-decimals) / ExactOf(2 * int64_t{divisor}); }
};

class PlainCatalog final : public CatalogReader {
 public:
  // By series, place and days.
  using Figures = std::map<std::tuple<std::string, std::string, int64_t, int64_t>, PlainFigure>;

  // To be filled.
  catalog::v1::Resource& Put(const std::string& name);
  // False: the cell is stated already.
  bool State(const PlainFigure& figure);
  const Figures& figures() const { return figures_; }
  const PlainFigure* Find(const std::string& series, const std::string& place, int64_t first,
                          int64_t end) const;
  const catalog::v1::Resource& At(const std::string& name) const { return *resources_.at(name); }

  absl::StatusOr<std::shared_ptr<const catalog::v1::Resource>> Get(std::string_view name,
                                                                   uint64_t version) override;
  absl::StatusOr<Resources> List(std::string_view collection, std::string_view filter,
                                 uint64_t version) override;
  absl::StatusOr<Observations> ListObservations(const catalog::v1::ObservationFilter& filter,
                                                uint64_t version) override;

 private:
  std::map<std::string, std::shared_ptr<catalog::v1::Resource>> resources_;
  Figures figures_;
};

}  // namespace tidemark::analytics::testing

#endif  // TIDEMARK_SERVICES_ANALYTICS_TESTING_PLAIN_CATALOG_H_
