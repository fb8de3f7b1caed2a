#include "services/catalog/search/fold.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/catalog/search/pinyin.h"
#include "services/catalog/search/short_name.h"

namespace tidemark::catalog {
namespace {

using ::testing::ElementsAre;

std::string Folded(std::string_view text) {
  std::string folded;
  for (const Run& run : RunsOf(text)) folded += (folded.empty() ? "" : " ") + run.text;
  return folded;
}

TEST(Fold, CaseWidthAndAccentsDoNotMatter) {
  EXPECT_EQ(Folded("NingBo"), "ningbo");
  EXPECT_EQ(Folded("ＮＩＮＧＢＯ３３"), "ningbo33");
  EXPECT_EQ(Folded("São João d’Aliança"), "sao joao dalianca");
  EXPECT_EQ(Folded("Sa\u0303o"), "sao");
  EXPECT_EQ(Folded("Straße Łódź Øst"), "strasse lodz ost");
  EXPECT_EQ(Folded("ΑΘΉΝΑ Москва"), "αθηνα москва");
  EXPECT_EQ(Folded("ﬁ ㎏"), "fi kg");
  // Compatible with an apostrophe and n; the apostrophe goes as any other does.
  EXPECT_EQ(Folded("ŉ"), "n");
}

TEST(Fold, TraditionalCharactersBecomeSimplified) {
  EXPECT_EQ(Folded("臺灣"), "台湾");
  EXPECT_EQ(Folded("寧波市"), "宁波市");
  // ICU makes the second of the first, the third of the second, and the second of the third.
  EXPECT_EQ(Folded("薴"), Folded("苎"));
  EXPECT_EQ(Folded("苧"), Folded("苎"));
}

TEST(Fold, KanaAndHangulAreOneCharacterHoweverTheyAreWritten) {
  EXPECT_EQ(Folded("ﾊﾟｿｺﾝ ﾋﾞﾙ"), "パソコン ビル");
  EXPECT_EQ(Folded("\u30CF\u309A\u30D2\u3099"), "パビ");
  EXPECT_EQ(Folded("\u304B\u3099"), "が");
  EXPECT_EQ(Folded("\u1112\u1161\u11AB\u1100\u116E\u11A8"), "한국");
  EXPECT_EQ(Folded("ﾞ宁ﾟ"), Folded("\u3099宁\u309A"));
  const auto runs = RunsOf("aﾊﾟ!");
  ASSERT_EQ(runs.size(), 1U);
  EXPECT_EQ(runs[0].text, "aパ");
  EXPECT_EQ(runs[0].end, 7U);
}

TEST(Fold, RunsArePartedByWhatIsNoLetterAndByTheScript) {
  EXPECT_EQ(Folded("5G网络，一卡通 (2023)"), "5g 网络 一卡通 2023");
  EXPECT_EQ(Folded("xi'an"), "xian");
  EXPECT_EQ(Folded("、。!"), "");
  const auto runs = RunsOf("a 宁波");
  ASSERT_EQ(runs.size(), 2U);
  EXPECT_TRUE(runs[1].han);
  EXPECT_EQ(runs[1].begin, 2U);
  EXPECT_EQ(runs[1].end, 8U);
}

TEST(Fold, BytesThatAreNoUtf8PartRuns) {
  EXPECT_EQ(Folded("ab\xFF\xFE"
                   "cd\xE5\xAE"),
            "ab cd");
}

TEST(Fold, ScriptsWithoutCaseStayAsTheyAre) {
  EXPECT_EQ(Folded("हिन्दी"), "हिन्दी");
  EXPECT_EQ(Folded("서울"), "서울");
}

TEST(Pinyin, UsualReadingsHaveNoTonesAndVForU) {
  EXPECT_THAT(UsualSyllables("宁波市"), ElementsAre("ning", "bo", "shi"));
  EXPECT_THAT(UsualSyllables("吕梁"), ElementsAre("lv", "liang"));
  EXPECT_THAT(GivenSyllables("Lǚ liáng"), ElementsAre("lv", "liang"));
  EXPECT_THAT(Spellings({"lv", "liang"}), ElementsAre("luliang", "lvliang"));
  EXPECT_THAT(Spellings({"ning", "bo"}), ElementsAre("ningbo"));
  EXPECT_EQ(Initials({"ning", "bo", "shi"}), "nbs");
}

TEST(ShortName, LosesTheWordForTheKind) {
  EXPECT_EQ(ShortChineseName("宁波市"), "宁波");
  EXPECT_EQ(ShortChineseName("广西壮族自治区"), "广西");
  EXPECT_EQ(ShortChineseName("新疆维吾尔自治区"), "新疆");
  EXPECT_EQ(ShortChineseName("内蒙古自治区"), "内蒙古");
  EXPECT_EQ(ShortChineseName("湘西土家族苗族自治州"), "湘西");
  EXPECT_EQ(ShortChineseName("香港特别行政区"), "香港");
  EXPECT_EQ(ShortChineseName("浦东新区"), "浦东");
  EXPECT_EQ(ShortChineseName("单县"), "");
  EXPECT_EQ(ShortChineseName("上海"), "");
}

TEST(ShortName, OfOtherLanguages) {
  EXPECT_EQ(ShortForeignName(RunsOf("Ningbo City")), "ningbo");
  EXPECT_EQ(ShortForeignName(RunsOf("City of London")), "london");
  EXPECT_EQ(ShortForeignName(RunsOf("Tibet Autonomous Region")), "tibet");
  EXPECT_EQ(ShortForeignName(RunsOf("Velocity")), "");
  EXPECT_EQ(ShortForeignName(RunsOf("New Simplicity")), "");
}

}  // namespace
}  // namespace tidemark::catalog
