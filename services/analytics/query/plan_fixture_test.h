#ifndef TIDEMARK_SERVICES_ANALYTICS_QUERY_PLAN_FIXTURE_TEST_H_
#define TIDEMARK_SERVICES_ANALYTICS_QUERY_PLAN_FIXTURE_TEST_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "clients/cpp/catalog/testing/catalog_builder.h"
#include "common/status/status_macros.h"
#include "common/testing/status_matchers.h"
#include "services/analytics/query/plan.h"

namespace tidemark::analytics {

// A query about a small catalog, to be changed and planned.
class PlanTest : public ::testing::Test {
 protected:
  PlanTest() {
    using catalog_client::RegionLevel;
    catalog_client::CatalogBuilder catalog;
    catalog.Observatory("Asia/Shanghai", {2020, 1, 1});
    catalog.Region("cn", RegionLevel::kNation);
    catalog.Region("cn-33", RegionLevel::kProvince, "cn");
    catalog.Category("goods");
    catalog.Source("shop");
    auto& group = catalog.Group("delta");
    group.add_members()->set_member("regions/cn-33");
    group.set_declared_count(4);
    catalog.Group("announced").set_declared_count(16);
    view_ = catalog.View();
    calendar_ = std::make_unique<Calendar>(view_->observatory()->time_zone);
    query_.measures = {{"net", 0, "net"}};
  }

  absl::StatusOr<Plan> Make(const std::string& scope = "") {
    const auto at = [this](const char* day) { return calendar_->Parse(day)->start_us; };
    return MakePlan(
        query_,
        {.view = view_,
         .calendar = calendar_.get(),
         .snapshot = {.log_size = 10, .catalog_version = 1, .accepted_time_us = at("2024-06-15")},
         .event_times = {at("2023-02-10"), at("2024-06-14")},
         .region_scope = scope});
  }
  // The message of the plan's note of that code; empty: it has none.
  std::string Note(std::string_view code) {
    const absl::StatusOr<Plan> plan = Make();
    EXPECT_OK(plan);
    for (const PlanNote& note : plan->notes) {
      if (note.code == code) return note.message;
    }
    return "";
  }
  // What is wrong with the query after a change.
  absl::Status Error(const std::function<void(Query*)>& change) {
    const Query before = query_;
    change(&query_);
    const absl::Status error = Make().status();
    query_ = before;
    return error;
  }

  std::shared_ptr<const catalog_client::CatalogView> view_;
  std::unique_ptr<Calendar> calendar_;
  Query query_;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_QUERY_PLAN_FIXTURE_TEST_H_
