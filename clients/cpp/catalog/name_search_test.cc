#include "clients/cpp/catalog/name_search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tidemark::catalog_client {
namespace {

using ::testing::ElementsAre;

TEST(CodePointsTest, CountCharactersNotBytes) {
  EXPECT_EQ(ToCodePoints("宁波A"), (std::u32string{0x5B81, 0x6CE2, U'a'}));
  EXPECT_EQ(ToCodePoints("😀"), (std::u32string{0x1F600}));
}

TEST(CodePointsTest, BytesThatAreNoUtf8DoNoHarm) {
  EXPECT_EQ(ToCodePoints("\xff").size(), 1u);
  EXPECT_EQ(ToCodePoints("a\xe5").size(), 2u);
  EXPECT_EQ(ToCodePoints("\x80\x80").size(), 2u);
}

TEST(NearestNamesTest, OrdersByDistanceThenId) {
  NearestNames nearest("abcdef");
  nearest.Offer("abcdeg", "two");
  nearest.Offer("abcdef", "exact");
  nearest.Offer("abcdxx", "far");
  nearest.Offer("abcdeh", "one");
  nearest.Offer("xxabcdefxx", "contains");
  nearest.Offer("abxxxx", "other");
  nearest.Offer("abcdey", "exact");
  EXPECT_THAT(nearest.Best(10), ElementsAre("exact", "one", "two", "contains", "far"));
}

TEST(FoldNameTest, DropsBlanksAndCase) { EXPECT_EQ(FoldName("\t Ab C\n"), "ab c"); }

}  // namespace
}  // namespace tidemark::catalog_client
