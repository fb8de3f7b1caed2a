#include "clients/cli/commands/vocabulary_hint.h"

#include <gtest/gtest.h>

namespace tidemark::cli {
namespace {

analytics::v1::GetVocabularyResponse Vocabulary() {
  analytics::v1::GetVocabularyResponse vocabulary;
  const auto add = [](auto* terms, const char* name, const char* title) {
    auto& term = *terms->Add();
    term.set_name(name);
    term.set_title(title);
  };
  add(vocabulary.mutable_measures(), "gross", "消费总额");
  add(vocabulary.mutable_measures(), "net", "净消费额");
  add(vocabulary.mutable_measures(), "consumers", "消费者数");
  add(vocabulary.mutable_measures(), "new_consumers", "新消费者数");
  add(vocabulary.mutable_dimensions(), "consumer_region", "消费者地区");
  add(vocabulary.mutable_grains(), "month", "月");
  add(vocabulary.mutable_figures(), "gdp", "GDP");
  return vocabulary;
}

TEST(VocabularyHintTest, SaysWhatWordsBeyondAsciiAreCalled) {
  EXPECT_EQ(HintOfWords("净消费额 by 月", Vocabulary()),
            "净消费额 is `net` (净消费额); 月 is `month` (月)");
}

TEST(VocabularyHintTest, WordsMayBeShortOrLong) {
  EXPECT_EQ(HintOfWords("净额 by month", Vocabulary()), "净额 is `net` (净消费额)");
  EXPECT_EQ(HintOfWords("net by 月份, 月份", Vocabulary()), "月份 is `month` (月)");
}

TEST(VocabularyHintTest, TheNearestComesFirst) {
  EXPECT_EQ(HintOfWords("消费者数", Vocabulary()),
            "消费者数 is `consumers` (消费者数) or `new_consumers` (新消费者数)");
}

TEST(VocabularyHintTest, WhatPeopleSayIsWrittenAsClauses) {
  EXPECT_EQ(HintOfWords("net by month 同比", Vocabulary()), "同比 is written `compare yoy`");
  EXPECT_EQ(HintOfWords("人均 by year", Vocabulary()), "人均 is written `per_capita net`");
  EXPECT_EQ(HintOfWords("净消费额占比 by month", Vocabulary()),
            "净消费额占比 is written `share net`");
  EXPECT_EQ(HintOfWords("中位数 by 城市", Vocabulary()),
            "中位数 is written `median`; 城市 is written `consumer_region@city`");
  // Also where the service cannot be asked.
  EXPECT_EQ(HintOfWords("net 环比", {}), "环比 is written `compare prev`");
}

TEST(VocabularyHintTest, PeriodsAreShownAsTheyAreWritten) {
  EXPECT_EQ(HintOfWords("net in 2011年3月", Vocabulary()),
            "periods are written 2024, 2024-H1, 2024-Q2, 2024-03 or 2024-03-05, and a range from "
            "2024-01 to 2024-06");
  EXPECT_EQ(HintOfWords("net 从2011-01到2011-06", Vocabulary()),
            "a range is written from 2024-01 to 2024-06");
  EXPECT_EQ(HintOfWords("net by 自营", Vocabulary()), "") << "it only begins as a range does";
  // Not behind a digit.
  EXPECT_EQ(HintOfWords("net by 月", Vocabulary()), "月 is `month` (月)");
}

TEST(VocabularyHintTest, CodesInQuotesAreNoWords) {
  EXPECT_EQ(HintOfWords(R"(net where product = "同比" and x)", Vocabulary()), "");
}

TEST(VocabularyHintTest, NothingIsSaidOfOtherWords) {
  EXPECT_EQ(HintOfWords("", Vocabulary()), "");
  EXPECT_EQ(HintOfWords("netto by month", Vocabulary()), "");
  EXPECT_EQ(HintOfWords("额净 by 邮编", Vocabulary()), "");
}

}  // namespace
}  // namespace tidemark::cli
