#include "clients/cli/report/markup.h"

#include <gtest/gtest.h>

#include "clients/cli/report/placeholders.h"

namespace tidemark::cli::report {
namespace {

TEST(MarkupTest, NothingOfATextIsHtml) {
  EXPECT_EQ(Escaped("<a href=\"x\">&'中"), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;中");
  EXPECT_EQ(Escaped(std::string("a\0b\x1b\n\xff", 6)), "a b  \uFFFD");
}

TEST(MarkupTest, NothingOfATextIsMarkdown) {
  EXPECT_EQ(MarkdownText("a|b *c* _d_ [e](f) <g> `h` #i $j"),
            "a\\|b \\*c\\* \\_d\\_ \\[e\\](f) \\<g\\> \\`h\\` \\#i \\$j");
  EXPECT_EQ(MarkdownText("- NO_BASE"), "\\- NO\\_BASE");
  EXPECT_EQ(MarkdownText("---"), "\\---");
  EXPECT_EQ(MarkdownText("-1.5 %"), "-1.5 %");
  EXPECT_EQ(MarkdownText("2011. A"), "2011\\. A");
  EXPECT_EQ(MarkdownText("1,234.50"), "1,234.50");
  EXPECT_EQ(MarkdownText("a\nb"), "a b");
  EXPECT_EQ(MarkdownCode("a`b"), "`` a`b ``");
  EXPECT_EQ(MarkdownCode("net"), "`net`");
}

TEST(PlaceholdersTest, NamesAndBraces) {
  EXPECT_EQ(*SplitPlaceholders("a {b_1} {{c}}"),
            (std::vector<TextPart>{{"a "}, {"b_1", true}, {" {c}"}}));
  EXPECT_TRUE(SplitPlaceholders("")->empty());
  for (const char* bad : {"{", "}", "{a", "a}", "{}", "{a b}", "{a{b}"}) {
    EXPECT_FALSE(SplitPlaceholders(bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace tidemark::cli::report
