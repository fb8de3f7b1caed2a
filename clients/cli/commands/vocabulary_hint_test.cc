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

TEST(VocabularyHintTest, NothingIsSaidOfOtherWords) {
  EXPECT_EQ(HintOfWords("", Vocabulary()), "");
  EXPECT_EQ(HintOfWords("netto by month", Vocabulary()), "");
  EXPECT_EQ(HintOfWords("额净 by 省", Vocabulary()), "");
}

}  // namespace
}  // namespace tidemark::cli
