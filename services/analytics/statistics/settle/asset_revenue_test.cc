#include "services/analytics/statistics/settle/asset_revenue.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tidemark::analytics {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::tidemark::testing::ReasonIs;
using ::tidemark::testing::StatusIs;

// Says what it was filled with, two rows a page, and counts pages.
class MadeUpUse final : public GrantUseReader {
 public:
  void Add(int day, const std::string& amount, const std::string& currency = "CNY") {
    catalog::v1::UseRow& row = rows_.emplace_back();
    row.set_grant("grants/g");
    row.set_amount(amount);
    row.set_currency(amount.empty() ? "" : currency);
    row.mutable_day()->set_year(2024);
    row.mutable_day()->set_month(3);
    row.mutable_day()->set_day(day);
  }
  absl::Status ReadUse(const catalog::v1::ListUseRequest& request, TakePage take) override {
    request_ = request;
    for (size_t i = 0; i < rows_.size(); i += 2) {
      ++pages_;
      catalog::v1::ListUseResponse page;
      for (size_t row = i; row < i + 2 && row < rows_.size(); ++row) *page.add_rows() = rows_[row];
      if (const absl::Status taken = take(page); !taken.ok()) return taken;
    }
    return end_;
  }

  std::vector<catalog::v1::UseRow> rows_;
  catalog::v1::ListUseRequest request_;
  int pages_ = 0;
  absl::Status end_;
};

class AssetRevenueTest : public ::testing::Test {
 protected:
  AssetRevenueTest() {
    absl::TimeZone zone;
    absl::LoadTimeZone("Asia/Shanghai", &zone);
    context_.calendar = std::make_shared<const Calendar>(zone);
    catalog::v1::RightsShare& share = *asset_.add_rights();
    share.set_holder("organisations/a");
    share.set_weight(1);
    share.mutable_valid()->mutable_start()->set_year(2024);
    share.mutable_valid()->mutable_start()->set_month(3);
    share.mutable_valid()->mutable_start()->set_day(10);
  }

  absl::StatusOr<AssetRevenue> Read(const std::string& first = "2024-03",
                                    const std::string& last = "2024-03") {
    AssetQuestion question{.currency = "CNY", .decimals = 2};
    Query query;
    query.first = first;
    query.last = last;
    absl::StatusOr<TimeRange> range = ParseDayRange(*context_.calendar, query);
    if (!range.ok()) return range.status();
    question.range = *range;
    const SettledSubject asset{"dataAssets/map", -1, {asset_.rights(), *context_.calendar}};
    others_.clear();
    return ReadAssetRevenue(context_, &use_, question, asset, &others_);
  }
  // `piece gross` of each, then the decimals.
  static std::string Text(const AssetRevenue& revenue) {
    std::string text;
    for (const auto& [number, piece] : revenue.pieces) {
      EXPECT_TRUE(piece.refunds == 0);
      absl::StrAppend(&text, number, ": ", static_cast<int64_t>(piece.gross), "; ");
    }
    return absl::StrCat(text, "decimals ", revenue.decimals);
  }

  StatisticContext context_;
  MadeUpUse use_;
  catalog::v1::DataAsset asset_;
  std::set<std::string> others_;
};

TEST_F(AssetRevenueTest, AddsUpByTheSharesOfTheDayOfUse) {
  use_.Add(9, "1.25");
  use_.Add(10, "0.50");
  use_.Add(9, "3");
  use_.Add(11, "0.05");
  use_.Add(12, "");  // free
  use_.Add(12, "0.000");
  ASSERT_OK_AND_ASSIGN(const AssetRevenue revenue, Read());
  EXPECT_EQ(Text(revenue), "0: 425; 1: 55; decimals 2");
  EXPECT_EQ(revenue.pieces.at(1).time_us % 86'400'000'000, 57'600'000'000);  // midnight in the zone
  EXPECT_THAT(others_, IsEmpty());
  EXPECT_EQ(use_.pages_, 3);
  EXPECT_EQ(use_.request_.asset(), "dataAssets/map");
  EXPECT_EQ(use_.request_.detail(), catalog::v1::USE_DETAIL_DAY);
}

TEST_F(AssetRevenueTest, AsksForTheDaysOfTheRange) {
  ASSERT_OK_AND_ASSIGN(const AssetRevenue revenue, Read("2024-02-28", "2024-Q1"));
  EXPECT_EQ(Text(revenue), "decimals 2");
  EXPECT_EQ(use_.request_.first().month(), 2);
  EXPECT_EQ(use_.request_.first().day(), 28);
  EXPECT_EQ(use_.request_.last().month(), 3);
  EXPECT_EQ(use_.request_.last().day(), 31);
  const absl::Status hour = Read("2024-03-01T01+08:00", "2024-03").status();
  EXPECT_THAT(hour, ReasonIs("PERIOD_INVALID"));
  EXPECT_EQ(status::FieldOf(hour), "range.first");
  EXPECT_EQ(status::FieldOf(Read("2024-03", "2024-03-31T22+08:00").status()), "range.last");
  ASSERT_OK(Read("2024-03-01T00+08:00", "2024-03-31T23+08:00").status());
}

TEST_F(AssetRevenueTest, TheFinestPriceSetsTheDecimals) {
  use_.Add(9, "1.2");
  use_.Add(10, "0.0005");
  use_.Add(10, "7.25");
  ASSERT_OK_AND_ASSIGN(const AssetRevenue revenue, Read());
  EXPECT_EQ(Text(revenue), "0: 12000; 1: 72505; decimals 4");
}

TEST_F(AssetRevenueTest, OtherCurrenciesAreToldAndNotAdded) {
  use_.Add(9, "1.2", "USD");
  use_.Add(9, "1.2");
  use_.Add(10, "0.0005", "EUR");
  use_.Add(10, "0.00", "JPY");
  ASSERT_OK_AND_ASSIGN(const AssetRevenue revenue, Read());
  EXPECT_EQ(Text(revenue), "0: 120; decimals 2");
  EXPECT_THAT(others_, ElementsAre("EUR", "USD"));
}

TEST_F(AssetRevenueTest, WhatDoesNotFitIsRefused) {
  use_.Add(9, "92233720368547758.07");
  ASSERT_OK_AND_ASSIGN(const AssetRevenue most, Read());
  EXPECT_EQ(Text(most), "0: 9223372036854775807; decimals 2");
  use_.Add(9, "0.01");
  EXPECT_THAT(Read().status(), ReasonIs("SUM_OVERFLOW"));
  use_.rows_.back().set_amount("0.001");
  EXPECT_THAT(Read().status(), ReasonIs("SUM_OVERFLOW"));
  use_.rows_.assign(1, use_.rows_.front());
  use_.rows_[0].set_amount("1000000000000000000000000000000000000");
  EXPECT_THAT(Read().status(), ReasonIs("SUM_OVERFLOW"));
  for (const char* text : {"1,5", "-1", "0.0000000000000000001"}) {
    use_.rows_[0].set_amount(text);
    EXPECT_THAT(Read().status(), StatusIs(absl::StatusCode::kInternal, HasSubstr("grants/g")))
        << text;
  }
}

TEST_F(AssetRevenueTest, EndsWithTheCallerAndWithTheCatalog) {
  for (int i = 0; i < 6; ++i) use_.Add(9, "1");
  int left = 2;
  context_.stop = [&left] { return left-- > 0 ? absl::OkStatus() : absl::CancelledError("gone"); };
  EXPECT_THAT(Read().status(), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_EQ(use_.pages_, 3);
  context_.stop = nullptr;
  use_.end_ = absl::UnavailableError("away");
  EXPECT_THAT(Read().status(), StatusIs(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace tidemark::analytics
