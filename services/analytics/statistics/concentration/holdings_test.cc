#include "services/analytics/statistics/concentration/holdings.h"

#include "clients/cpp/catalog/testing/catalog_builder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tidemark/catalog/v1/resource.pb.h"

namespace tidemark::analytics {
namespace {

using ::testing::UnorderedElementsAre;

constexpr int64_t kDay = 86'400'000'000;
constexpr int64_t kStart = 1'704'067'200'000'000;  // 2024-01-01T00:00Z

class HoldingsTest : public ::testing::Test {
 protected:
  HoldingsTest() {
    catalog_.Observatory("UTC", {2024, 1, 1});
    catalog_.Source("shop");
    catalog_.Source("bank");
    Provider("group");
    Provider("ministry").set_organisation("organisations/state");
    Hold(Provider("books"), "providers/group", 10, 20);
    Hold(Provider("games"), "providers/books");
    Hold(Provider("radio"), "organisations/state");
    auto& code = *Provider("music").add_codes();
    code.set_source("sources/shop");
    code.set_code("games");
    Provider("music2").add_codes()->set_code("m2");
    view_ = catalog_.View();
  }

  catalog::v1::Provider& Provider(const std::string& id) {
    return *catalog_.Put("providers/" + id).mutable_provider();
  }
  // From the day with the number `start` to the one before `end`, 0: always.
  static void Hold(catalog::v1::Provider& provider, const std::string& holding, int start = 0,
                   int end = 0) {
    auto& added = *provider.add_holdings();
    added.set_holding(holding);
    if (end == 0) return;
    const auto day = [](int number, auto* date) {
      date->set_year(2024);
      date->set_month(1);
      date->set_day(number + 1);
    };
    day(start, added.mutable_valid()->mutable_start());
    day(end, added.mutable_valid()->mutable_end());
  }
  std::string Top(const Holdings& holdings, const std::string& id, int day) const {
    return std::string(holdings.Top(*view_->providers().Find(id), kStart + day * kDay));
  }

  catalog_client::CatalogBuilder catalog_;
  std::shared_ptr<const catalog_client::CatalogView> view_;
};

TEST_F(HoldingsTest, TheHoldingAboveAllOthersCounts) {
  const Holdings holdings(*view_);
  EXPECT_EQ(Top(holdings, "games", 9), "providers/books");
  EXPECT_EQ(Top(holdings, "games", 10), "providers/group");
  EXPECT_EQ(Top(holdings, "books", 19), "providers/group");
  EXPECT_EQ(Top(holdings, "books", 20), "providers/books");
  EXPECT_EQ(Top(holdings, "group", 0), "providers/group");
}

TEST_F(HoldingsTest, WhoIsAnOrganisationIsOneWithWhoBelongsToIt) {
  const Holdings holdings(*view_);
  EXPECT_EQ(Top(holdings, "ministry", 0), "organisations/state");
  EXPECT_EQ(Top(holdings, "radio", 0), "organisations/state");
}

TEST_F(HoldingsTest, ASourceMayNameAProviderInItsOwnWay) {
  const Holdings holdings(*view_);
  EXPECT_TRUE(holdings.by_source());
  EXPECT_EQ(holdings.Find("shop", "games")->id, "music");
  EXPECT_EQ(holdings.Find("bank", "games")->id, "games");
  EXPECT_EQ(holdings.Find("bank", "m2")->id, "music2");
  EXPECT_EQ(holdings.Find("bank", "nobody"), nullptr);
}

TEST_F(HoldingsTest, TellsWhenHoldingsChange) {
  const Holdings holdings(*view_);
  std::vector<int64_t> times;
  holdings.AddChanges(*view_->providers().Find("games"), kStart, kStart + 30 * kDay, &times);
  EXPECT_THAT(times, UnorderedElementsAre(kStart + 10 * kDay, kStart + 20 * kDay));
  times.clear();
  holdings.AddChanges(*view_->providers().Find("games"), kStart, kStart + 15 * kDay, &times);
  EXPECT_THAT(times, UnorderedElementsAre(kStart + 10 * kDay));
}

}  // namespace
}  // namespace tidemark::analytics
