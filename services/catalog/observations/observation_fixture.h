#ifndef TIDEMARK_SERVICES_CATALOG_OBSERVATIONS_OBSERVATION_FIXTURE_H_
#define TIDEMARK_SERVICES_CATALOG_OBSERVATIONS_OBSERVATION_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/testing/fake_clock.h"
#include "common/testing/proto_matchers.h"
#include "common/testing/status_matchers.h"
#include "services/catalog/api/proto_convert.h"
#include "services/catalog/domain/catalog.h"
#include "services/catalog/observations/observation_index.h"
#include "services/catalog/store/memory_catalog_store.h"
#include "services/catalog/types/contract_rules.h"
#include "tidemark/catalog/v1/catalog_service.pb.h"

namespace tidemark::catalog::testing {

// What official figures stand on: publishers, regions, indicators of money, of persons and of a
// share, a series of each.
inline constexpr char kBasics[] = R"pb(
  resources {
    name: "observatories/main"
    observatory {
      time_zone: "Asia/Shanghai"
      currency: "CNY"
      scale: 2
      start { year: 2020 month: 1 day: 1 }
    }
  }
  resources {
    name: "organisations/nbs"
    display_names { key: "zh" value: "国家统计局" }
    organisation { kind: ORGANISATION_KIND_STATISTICS_OFFICE }
  }
  resources {
    name: "regions/cn"
    region { level: REGION_LEVEL_NATION }
  }
  resources {
    name: "regions/cn-11"
    region { level: REGION_LEVEL_PROVINCE parent: "regions/cn" }
  }
  resources {
    name: "regions/cn-33"
    region { level: REGION_LEVEL_PROVINCE parent: "regions/cn" }
  }
  resources {
    name: "indicators/gdp"
    indicator {
      unit { kind: UNIT_KIND_MONEY currency: "CNY" power_of_ten: 8 }
      frequency: PERIOD_GRAIN_QUARTER
      additivity: ADDITIVITY_FLOW
      method { texts { key: "zh" value: "地区生产总值" } }
    }
  }
  resources {
    name: "indicators/population"
    indicator {
      unit { kind: UNIT_KIND_PERSONS power_of_ten: 4 }
      frequency: PERIOD_GRAIN_YEAR
      additivity: ADDITIVITY_STOCK
      method { texts { key: "zh" value: "常住人口" } }
    }
  }
  resources {
    name: "indicators/online-share"
    indicator {
      unit { kind: UNIT_KIND_PERCENT }
      frequency: PERIOD_GRAIN_MONTH
      additivity: ADDITIVITY_NONE
      method { texts { key: "en" value: "Internet sales as a share of all retail sales" } }
    }
  }
  resources {
    name: "observationSeries/gdp"
    observation_series {
      indicator: "indicators/gdp"
      form: SERIES_FORM_LEVEL
      unit { kind: UNIT_KIND_MONEY currency: "CNY" power_of_ten: 8 }
      price_basis: PRICE_BASIS_CURRENT
      publisher: "organisations/nbs"
    }
  }
  resources {
    name: "observationSeries/online-share"
    observation_series {
      indicator: "indicators/online-share"
      form: SERIES_FORM_LEVEL
      unit { kind: UNIT_KIND_PERCENT }
      publisher: "organisations/nbs"
    }
  }
)pb";

// "period { grain: PERIOD_GRAIN_YEAR start { year: 2020 month: 1 day: 1 } }"
inline std::string Year(int year) {
  return absl::StrCat("period { grain: PERIOD_GRAIN_YEAR start { year: ", year,
                      " month: 1 day: 1 } }");
}
inline std::string Months(int year, int month, int count) {
  return absl::StrCat("period { grain: PERIOD_GRAIN_MONTH start { year: ", year, " month: ", month,
                      " day: 1 } count: ", count, " }");
}
// A cell with a value.
inline std::string Cell(const std::string& period, const std::string& value) {
  return absl::StrCat("cells { ", period, " value { value: \"", value, "\" } } ");
}
inline std::string RegionCells(const std::string& region, const std::string& cells) {
  return absl::StrCat("regions { region: \"regions/", region, "\" ", cells, "} ");
}
inline std::string SeriesCells(const std::string& series, const std::string& regions) {
  return absl::StrCat("series { series: \"observationSeries/", series, "\" ", regions, "} ");
}
// Published on a day of January.
inline std::string Source(int year, int day = 1) {
  return absl::StrCat("source { publisher: \"organisations/nbs\" published { year: ", year,
                      " month: 1 day: ", day, " } } ");
}
inline std::string VintageText(const std::string& id, const std::string& fields) {
  return absl::StrCat("resources { name: \"vintages/", id, "\" vintage { ", fields, "} } ");
}
inline std::string SeriesText(const std::string& id, const std::string& fields) {
  return absl::StrCat("resources { name: \"observationSeries/", id,
                      "\" observation_series { publisher: \"organisations/nbs\" ", fields, "} } ");
}

// A catalog with the basics and the index that follows it.
class ObservationTest : public ::testing::Test {
 protected:
  ObservationTest() {
    catalog_ = Catalog::Open({.store = &store_,
                              .clock = &clock_,
                              .rules = RulesOfContract(),
                              .followers = {&index_}})
                   .value();
    EXPECT_OK(Apply(kBasics));
  }

  absl::Status Apply(const std::string& text) {
    const auto request = tidemark::testing::ParseText<v1::ApplyResourcesRequest>(text);
    std::vector<WantedState> wanted;
    for (const v1::Resource& resource : request.resources()) wanted.push_back(FromProto(resource));
    return catalog_->Apply({.principal = "test"}, wanted, false).status();
  }

  tidemark::testing::FakeClock clock_;
  MemoryCatalogStore store_;
  ObservationIndex index_;
  std::unique_ptr<Catalog> catalog_;
};

}  // namespace tidemark::catalog::testing

#endif  // TIDEMARK_SERVICES_CATALOG_OBSERVATIONS_OBSERVATION_FIXTURE_H_
