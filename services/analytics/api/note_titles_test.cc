#include "services/analytics/api/note_titles.h"

#include <gtest/gtest.h>

namespace tidemark::analytics {
namespace {

TEST(NoteTitlesTest, NotesHaveTitlesInChineseOnly) {
  EXPECT_EQ(NoteTitleOf("SYNTHETIC", "zh"), "合成数据，不反映真实消费");
  EXPECT_EQ(NoteTitleOf("PANEL_MATCHED", "zh-Hans"), "按可比口径比较");
  EXPECT_EQ(NoteTitleOf("SYNTHETIC", "en"), "");
  EXPECT_EQ(NoteTitleOf("SYNTHETIC", ""), "");
}

TEST(NoteTitlesTest, ACodeThatIsNotThereHasNone) {
  EXPECT_EQ(NoteTitleOf("", "zh"), "");
  EXPECT_EQ(NoteTitleOf("AAA", "zh"), "");
  EXPECT_EQ(NoteTitleOf("ZZZ", "zh"), "");
}

}  // namespace
}  // namespace tidemark::analytics
