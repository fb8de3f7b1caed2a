#include "services/analytics/domain/precedence.h"

#include "clients/cpp/catalog/testing/catalog_builder.h"
#include "common/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/analytics/domain/precedence_history.h"

namespace tidemark::analytics {
namespace {

using ::testing::ElementsAre;
using ::tidemark::testing::StatusIs;
using enum ledger::ReportingRole;

TEST(RoleOrderTest, RolesLeftOutFollowInTheirOrder) {
  EXPECT_EQ(OrderOf({}), 0);
  EXPECT_THAT(RolesIn(0),
              ElementsAre(kSellerPlatform, kPayment, kLogistics, kDepartment, kUnspecified));
  const ledger::ReportingRole some[] = {kLogistics, kPayment};
  EXPECT_THAT(RolesIn(OrderOf(some)),
              ElementsAre(kLogistics, kPayment, kSellerPlatform, kDepartment, kUnspecified));
  const ledger::ReportingRole first[] = {kSellerPlatform};
  EXPECT_EQ(OrderOf(first), 0) << "the same order in other words";
  const ledger::ReportingRole all[] = {kDepartment, kLogistics, kPayment, kSellerPlatform};
  EXPECT_EQ(OrderOf(all), 23);
}

class PrecedenceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    catalog_.Observatory("UTC", {2020, 1, 1}).add_precedence(ingest::v1::REPORTING_ROLE_PAYMENT);
    catalog_.Category("food");
    catalog_.Category("fruit", "food").add_precedence(ingest::v1::REPORTING_ROLE_DEPARTMENT);
    catalog_.Category("apples", "fruit");
    catalog_.Category("pears", "fruit").add_precedence(ingest::v1::REPORTING_ROLE_LOGISTICS);
    catalog_.Commit();
  }
  static RoleOrder First(ledger::ReportingRole role) {
    return OrderOf(std::span<const ledger::ReportingRole>(&role, 1));
  }

  catalog_client::CatalogBuilder catalog_;
};

TEST_F(PrecedenceTest, IsThatOfTheNearestCategoryThatHasOne) {
  const Precedence precedence(*catalog_.View());
  EXPECT_EQ(precedence.of_observatory(), First(kPayment));
  EXPECT_EQ(precedence.Of("food"), First(kPayment));
  EXPECT_EQ(precedence.Of("fruit"), First(kDepartment));
  EXPECT_EQ(precedence.Of("apples"), First(kDepartment));
  EXPECT_EQ(precedence.Of("pears"), First(kLogistics));
  EXPECT_EQ(precedence.Of("nothing known"), First(kPayment));
}

TEST_F(PrecedenceTest, ACatalogWithoutAnyHasTheOrderOfTheEnum) {
  catalog_client::CatalogBuilder plain;
  plain.Category("food");
  EXPECT_EQ(Precedence(*plain.View()), Precedence());
}

TEST_F(PrecedenceTest, EveryVersionKeepsItsOwn) {
  catalog_.Region("cn", catalog_client::RegionLevel::kNation);
  catalog_.Commit();
  catalog_.Category("fruit", "food");
  catalog_.Commit();
  catalog_client::CatalogHistory history({});
  ASSERT_OK(catalog_.AppendTo(&history));
  PrecedenceHistory precedence(&history);
  ASSERT_OK_AND_ASSIGN(const auto none, precedence.At(0));
  ASSERT_OK_AND_ASSIGN(const auto first, precedence.At(1));
  ASSERT_OK_AND_ASSIGN(const auto second, precedence.At(2));
  ASSERT_OK_AND_ASSIGN(const auto third, precedence.At(3));
  EXPECT_EQ(*none, Precedence());
  EXPECT_EQ(first, second) << "a region says nothing of it";
  EXPECT_EQ(first->Of("apples"), First(kDepartment));
  EXPECT_EQ(third->Of("apples"), First(kPayment));
  EXPECT_THAT(precedence.At(4), StatusIs(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace tidemark::analytics
