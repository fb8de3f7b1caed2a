// A small market with a catalog of formulas and figures that tests write as they need.
#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_INDICATOR_FIXTURE_TEST_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_INDICATOR_FIXTURE_TEST_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cpp/catalog/period_text.h"
#include "clients/cpp/catalog/testing/catalog_builder.h"
#include "common/status/error.h"
#include "common/testing/proto_matchers.h"
#include "common/testing/status_matchers.h"
#include "services/analytics/statistics/indicator/indicator_value.h"
#include "services/analytics/store/memory_store.h"
#include "services/analytics/testing/world.h"

namespace tidemark::analytics {

using ::tidemark::testing::ParseText;
using ::tidemark::testing::ReasonIs;
using ::tidemark::testing::StatusIs;

// A catalog of one version.
class FakeCatalog final : public CatalogReader {
 public:
  absl::StatusOr<std::shared_ptr<const catalog::v1::Resource>> Get(std::string_view name,
                                                                   uint64_t) override {
    const auto found = resources_.find(std::string(name));
    if (found == resources_.end()) return absl::NotFoundError(absl::StrCat("no ", name));
    return found->second;
  }
  absl::StatusOr<Resources> List(std::string_view collection, std::string_view, uint64_t) override {
    auto listed = std::make_shared<std::vector<catalog::v1::Resource>>();
    for (const auto& [name, resource] : resources_) {
      if (name.starts_with(absl::StrCat(collection, "/"))) listed->push_back(*resource);
    }
    return listed;
  }
  absl::StatusOr<Observations> ListObservations(const catalog::v1::ObservationFilter& filter,
                                                uint64_t) override {
    ++calls_;
    const auto has = [](const auto& names, const std::string& name) {
      return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
    };
    auto listed = std::make_shared<std::vector<catalog::v1::Observation>>();
    for (const auto& [key, one] : figures_) {
      if (!has(filter.series(), one.series()) || !has(filter.regions(), one.region())) continue;
      if (!filter.indicator().empty() &&
          resources_.at(one.series())->observation_series().indicator() != filter.indicator())
        continue;
      listed->push_back(one);
    }
    return listed;
  }

  catalog::v1::Resource& Put(const std::string& name) {
    auto made = std::make_shared<catalog::v1::Resource>();
    made->set_name(name);
    made->set_version(3);
    resources_[name] = made;
    return *made;
  }
  // `value`: `65.52`; empty: MISSING.
  catalog::v1::Observation& Figure(const std::string& series, const std::string& region,
                                   const std::string& period, const std::string& value) {
    catalog::v1::Observation one;
    one.set_series("observationSeries/" + series);
    one.set_region("regions/" + region);
    *one.mutable_period() = *catalog_client::ParsePeriod(period);
    *one.mutable_unit() = resources_.at(one.series())->observation_series().unit();
    one.set_divisor(1);
    one.set_status(catalog::v1::OBSERVATION_STATUS_NORMAL);
    if (value.empty()) {
      one.set_status(catalog::v1::OBSERVATION_STATUS_MISSING);
    } else {
      one.mutable_value()->set_value(value);
    }
    one.set_vintage("vintages/v1");
    return figures_[{one.series(), one.region(), period}] = one;
  }
  int calls() const { return calls_; }

 private:
  std::map<std::string, std::shared_ptr<catalog::v1::Resource>> resources_;
  std::map<std::tuple<std::string, std::string, std::string>, catalog::v1::Observation> figures_;
  int calls_ = 0;
};

// Shanghai time, CNY with two decimals; the shop reports from 2020 on, and the log ends on 1 July
// 2024. Nation cn, provinces cn-31 and cn-33, cities cn-3301 and cn-3302.
class IndicatorTest : public ::testing::Test {
 protected:
  IndicatorTest() {
    world_.zone = "Asia/Shanghai";
    world_.observatory_start = {2020, 1, 1};
    world_.currency = "CNY";
    world_.log_id = std::string(32, 'a');
    world_.regions = {{"cn", 3, ""},
                      {"cn-31", 4, "cn"},
                      {"cn-33", 4, "cn"},
                      {"cn-3301", 5, "cn-33"},
                      {"cn-3302", 5, "cn-33"}};
    world_.groups = {{"pair", {{"regions/cn-31", {}, {}}, {"regions/cn-3301", {}, {}}}, 0}};
    world_.categories = {{"game", ""}, {"phone", ""}, {"bread", ""}};
    world_.sources = {{"shop", true, {2020, 1, 1}, {}}};
    absl::TimeZone zone;
    EXPECT_TRUE(absl::LoadTimeZone(world_.zone, &zone));
    calendar_ = std::make_shared<const Calendar>(zone);
  }

  int64_t At(const std::string& day) const {
    return calendar_->Parse(day)->start_us + 3'600'000'000;
  }
  Period Named(const std::string& name) const { return *calendar_->Parse(name); }

  testing::WorldEvent& Buy(const std::string& day, int64_t amount, const std::string& region,
                           const std::string& category = "game") {
    testing::WorldEvent event;
    event.time_us = At(day);
    event.amount = amount;
    event.quantity = 1;
    event.fields = {{"source", "shop"}, {"consumer_region", region}, {"category", category}};
    event.leaf = world_.events.size() + 1;
    world_.events.push_back(event);
    return world_.events.back();
  }
  testing::WorldEvent& GiveBack(const std::string& day, int64_t amount, const std::string& region) {
    testing::WorldEvent& event = Buy(day, amount, region);
    event.kind = testing::WorldKind::kUnlinkedRefund;
    return event;
  }

  // `unit` and `formula` as text of protos.
  void Formula(const std::string& name, const std::string& unit, const std::string& formula,
               type::v1::PeriodGrain frequency = type::v1::PERIOD_GRAIN_MONTH) {
    catalog::v1::Indicator& made = *reader_.Put("indicators/" + name).mutable_indicator();
    *made.mutable_unit() = ParseText<catalog::v1::Unit>(unit);
    made.set_frequency(frequency);
    made.set_additivity(catalog::v1::ADDITIVITY_FLOW);
    if (!formula.empty()) *made.mutable_formula() = ParseText<catalog::v1::Formula>(formula);
  }
  void Series(const std::string& name, const std::string& text) {
    *reader_.Put("observationSeries/" + name).mutable_observation_series() =
        ParseText<catalog::v1::ObservationSeries>(text);
  }

  const StatisticContext& Context() {
    if (context_.store != nullptr) return context_;
    world_.accepted_us.assign(world_.events.size() + 1, At("2024-07-01"));
    world_.block_ends = {world_.accepted_us.size()};
    testing::WriteCatalog(world_, &catalog_);
    const auto content = [&](const char* id, catalog::v1::InformationContent what) {
      catalog_.Category(id).set_information_content(what);
    };
    content("game", catalog::v1::INFORMATION_CONTENT_DIRECT);
    content("phone", catalog::v1::INFORMATION_CONTENT_INDIRECT);
    catalog_.Category("game").set_nature(catalog::v1::CATEGORY_NATURE_SERVICES);
    more_catalog_(&catalog_);
    EXPECT_OK(testing::FoldInto(world_, world_.log_size(), &store_));
    context_.view = catalog_.View();
    context_.snapshot = *store_.Snapshot(world_.log_size());
    context_.calendar = calendar_;
    context_.catalog = &reader_;
    context_.store = &store_;
    return context_;
  }

  absl::StatusOr<std::vector<IndicatorValue>> All(const std::string& name,
                                                  const std::vector<std::string>& regions,
                                                  const std::vector<std::string>& periods,
                                                  const std::vector<Query::Filter>& filters = {}) {
    std::vector<Period> named;
    for (const std::string& period : periods) named.push_back(Named(period));
    auto evaluated = EvaluateIndicator(Context(), "indicators/" + name, regions, named, filters);
    if (!evaluated.ok()) return evaluated.status();
    return std::move(evaluated->values);
  }
  IndicatorValue One(const std::string& name, const std::string& region,
                     const std::string& period) {
    const auto all =
        All(name, {region.find('/') == std::string::npos ? "regions/" + region : region}, {period});
    EXPECT_OK(all);
    return all.ok() ? all->front() : IndicatorValue();
  }

  testing::World world_;
  std::shared_ptr<const Calendar> calendar_;
  FakeCatalog reader_;
  catalog_client::CatalogBuilder catalog_;
  std::function<void(catalog_client::CatalogBuilder*)> more_catalog_ =
      [](catalog_client::CatalogBuilder*) {};
  MemoryStore store_;
  StatisticContext context_;
};

inline constexpr char kYuan[] = R"pb(kind: UNIT_KIND_MONEY currency: "CNY")pb";
inline constexpr char kNet[] = R"pb(measure { name: "net" })pb";

// A comparison of net, or of what is named.
inline std::string Compared(const std::string& kind, const std::string& more = "",
                            const std::string& of = kNet) {
  return absl::StrCat("comparison { kind: COMPARISON_KIND_", kind, " of { ", of, " } ", more, " }");
}

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_INDICATOR_FIXTURE_TEST_H_
