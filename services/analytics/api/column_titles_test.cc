#include "services/analytics/api/column_titles.h"

#include <gtest/gtest.h>

namespace tidemark::analytics {
namespace {

std::string Zh(std::string_view name, ColumnKind kind = ColumnKind::kMeasure) {
  return TitleOf(name, kind, "zh-Hans");
}

TEST(ColumnTitlesTest, AreMadeOfTheWordsOfTheVocabulary) {
  EXPECT_EQ(Zh("net"), "净消费额");
  EXPECT_EQ(Zh("consumer_region", ColumnKind::kDimension), "消费者地区");
  EXPECT_EQ(Zh("yoy(net)"), "净消费额同比");
  EXPECT_EQ(Zh("ytd_yoy_diff(gross)"), "消费总额累计同比增减");
  EXPECT_EQ(Zh("share(net)"), "净消费额占比");
  EXPECT_EQ(Zh("prev_contribution(net of category)"), "净消费额环比贡献（按消费类别）");
  EXPECT_EQ(Zh("prev_contribution_rate(net)"), "净消费额环比贡献率");
  EXPECT_EQ(Zh("share(net of category@1)"), "净消费额占比（按消费类别@1）");
  EXPECT_EQ(Zh("rank(share(net of category))"), "净消费额占比（按消费类别）位次");
  EXPECT_EQ(Zh("rank(refund_rate asc)"), "退款率位次（升序）");
  EXPECT_EQ(Zh("per_capita(net,registered,year_end)"), "人均净消费额（registered,year_end）");
  EXPECT_EQ(Zh("yoy(per_capita(net))"), "人均净消费额同比");
  EXPECT_EQ(Zh("cagr(net,5)"), "净消费额年均增长率（5年）");
  EXPECT_EQ(Zh("quantile(9500)"), "分位数（9500‱）");
  EXPECT_EQ(Zh("flags", ColumnKind::kFlags), "标记");
}

TEST(ColumnTitlesTest, AWordOfAStatisticIsThatOfTheStatistic) {
  EXPECT_EQ(Zh("net", ColumnKind::kStatistic), "净流入");
  EXPECT_EQ(Zh("gini", ColumnKind::kStatistic), "基尼系数");
  EXPECT_EQ(Zh("region", ColumnKind::kDimension), "地区");
  EXPECT_EQ(Zh("first_period", ColumnKind::kPeriod), "最早时期");
  EXPECT_EQ(Zh("share", ColumnKind::kShare), "占比");
}

TEST(ColumnTitlesTest, WhatHasNoTitleHasNone) {
  EXPECT_EQ(Zh("a", ColumnKind::kDimension), "");
  EXPECT_EQ(Zh("yoy(nothing)"), "");
  EXPECT_EQ(Zh("nothing(net)"), "");
  EXPECT_EQ(Zh("yoy(net"), "");
  EXPECT_EQ(Zh("("), "");
  EXPECT_EQ(TitleOf("net", ColumnKind::kMeasure, "en"), "");
  EXPECT_EQ(TitleOf("net", ColumnKind::kMeasure, ""), "");
  EXPECT_EQ(TitleOf("net", ColumnKind::kMeasure, "zhx"), "");
}

}  // namespace
}  // namespace tidemark::analytics
