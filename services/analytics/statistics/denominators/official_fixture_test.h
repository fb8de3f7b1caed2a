#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_DENOMINATORS_OFFICIAL_FIXTURE_TEST_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_DENOMINATORS_OFFICIAL_FIXTURE_TEST_H_

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "clients/cpp/catalog/period_text.h"
#include "services/analytics/statistics/catalog_reader.h"
#include "tidemark/catalog/v1/observations.pb.h"
#include "tidemark/catalog/v1/resource.pb.h"

namespace tidemark::analytics {

// Official figures for tests, the same at every version.
//
//   FakeOfficialFigures figures;
//   figures.Population("people", 1, /*power=*/4);
//   figures.State("people", "regions/cn", "2024", "140828");
class FakeOfficialFigures final : public CatalogReader {
 public:
  using Slices = std::vector<std::pair<std::string, std::string>>;

  // To be changed until the next call.
  catalog::v1::ObservationSeries& Population(const std::string& id, uint32_t preference = 0,
                                             int power = 0, const Slices& slices = {}) {
    catalog::v1::ObservationSeries& series =
        Add(id, catalog::v1::DENOMINATOR_ROLE_POPULATION, preference, power);
    series.mutable_unit()->set_kind(catalog::v1::UNIT_KIND_PERSONS);
    for (const auto& [dimension, code] : slices) {
      series.add_slices()->set_dimension(dimension);
      series.mutable_slices()->rbegin()->set_code(code);
    }
    return series;
  }
  catalog::v1::ObservationSeries& Product(const std::string& id, uint32_t preference = 0,
                                          int power = 8) {
    catalog::v1::ObservationSeries& series =
        Add(id, catalog::v1::DENOMINATOR_ROLE_GDP, preference, power);
    series.mutable_unit()->set_kind(catalog::v1::UNIT_KIND_MONEY);
    series.mutable_unit()->set_currency("CNY");
    return series;
  }

  // `value` empty: the cell is MISSING. To be changed until the next call.
  catalog::v1::Observation& State(const std::string& series, const std::string& region,
                                  std::string_view period, const std::string& value) {
    catalog::v1::Observation& cell = observations_.emplace_back();
    cell.set_series("observationSeries/" + series);
    cell.set_region(region);
    *cell.mutable_period() = catalog_client::ParsePeriod(period).value();
    if (value.empty()) {
      cell.set_status(catalog::v1::OBSERVATION_STATUS_MISSING);
    } else {
      cell.mutable_value()->set_value(value);
      cell.set_status(catalog::v1::OBSERVATION_STATUS_NORMAL);
    }
    cell.set_divisor(1);
    cell.set_qualifier(catalog::v1::QUALIFIER_EXACT);
    cell.set_vintage("vintages/v1");
    for (const catalog::v1::Resource& resource : series_) {
      if (resource.name() == cell.series())
        *cell.mutable_unit() = resource.observation_series().unit();
    }
    return cell;
  }

  absl::StatusOr<std::shared_ptr<const catalog::v1::Resource>> Get(std::string_view,
                                                                   uint64_t) override {
    return absl::NotFoundError("no resource");
  }
  absl::StatusOr<Resources> List(std::string_view collection, std::string_view,
                                 uint64_t version) override {
    asked_version_ = version;
    if (away_) return absl::UnavailableError("away");
    if (collection != "observationSeries") return absl::InvalidArgumentError("another collection");
    return std::make_shared<const std::vector<catalog::v1::Resource>>(series_);
  }
  absl::StatusOr<Observations> ListObservations(const catalog::v1::ObservationFilter& filter,
                                                uint64_t) override {
    auto found = std::make_shared<std::vector<catalog::v1::Observation>>();
    for (const catalog::v1::Observation& cell : observations_) {
      const auto& series = filter.series();
      if (std::find(series.begin(), series.end(), cell.series()) != series.end())
        found->push_back(cell);
    }
    return found;
  }

  // From now on the catalog cannot be reached.
  void GoAway() { away_ = true; }
  uint64_t asked_version() const { return asked_version_; }

 private:
  catalog::v1::ObservationSeries& Add(const std::string& id, catalog::v1::DenominatorRole role,
                                      uint32_t preference, int power) {
    catalog::v1::Resource& resource = series_.emplace_back();
    resource.set_name("observationSeries/" + id);
    catalog::v1::ObservationSeries& series = *resource.mutable_observation_series();
    series.set_form(catalog::v1::SERIES_FORM_LEVEL);
    series.mutable_denominator()->set_role(role);
    series.mutable_denominator()->set_preference(preference);
    series.mutable_unit()->set_power_of_ten(power);
    return series;
  }

  std::vector<catalog::v1::Resource> series_;
  std::vector<catalog::v1::Observation> observations_;
  bool away_ = false;
  uint64_t asked_version_ = 0;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_DENOMINATORS_OFFICIAL_FIXTURE_TEST_H_
