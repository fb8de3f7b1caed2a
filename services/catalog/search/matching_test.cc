#include "services/catalog/search/matching.h"

#include <gtest/gtest.h>

namespace tidemark::catalog {
namespace {

TEST(OneEdit, IsOneLetterOrTwoSwapped) {
  EXPECT_TRUE(WithinOneEdit(U"ningbo", U"ningbo"));
  EXPECT_TRUE(WithinOneEdit(U"ningbo", U"nigbo"));
  EXPECT_TRUE(WithinOneEdit(U"ningbo", U"nningbo"));
  EXPECT_TRUE(WithinOneEdit(U"ningbo", U"ningba"));
  EXPECT_TRUE(WithinOneEdit(U"ningbo", U"nignbo"));
  EXPECT_TRUE(WithinOneEdit(U"连云港", U"联云港"));
  EXPECT_FALSE(WithinOneEdit(U"ningbo", U"nignba"));
  EXPECT_FALSE(WithinOneEdit(U"ningbo", U"ingob"));
  EXPECT_FALSE(WithinOneEdit(U"ab", U"cd"));
  EXPECT_FALSE(WithinOneEdit(U"abc", U"cba"));
}

TEST(QueryWord, SaysWhatItMayStandFor) {
  const QueryWord one_letter = MakeQueryWord("N");
  EXPECT_FALSE(one_letter.prefixes);
  const QueryWord three = MakeQueryWord("nin");
  EXPECT_TRUE(three.prefixes);
  EXPECT_FALSE(three.edits);
  EXPECT_TRUE(MakeQueryWord("ning").edits);
  // A code with another digit is another code.
  EXPECT_FALSE(MakeQueryWord("330200").edits);
  const QueryWord han = MakeQueryWord("宁");
  EXPECT_TRUE(han.prefixes);
  EXPECT_FALSE(han.parts);
  EXPECT_EQ(han.sound, "ning");
  EXPECT_TRUE(MakeQueryWord("宁波").parts);
  EXPECT_FALSE(MakeQueryWord("宁波").edits);
  EXPECT_TRUE(MakeQueryWord("宁波市").edits);
}

TEST(Query, WordsArePartedByBlanks) {
  const ParsedQuery query = ParseQuery("  宁波\u3000cn-3302 、 ");
  ASSERT_EQ(query.words.size(), 2U);
  EXPECT_EQ(query.words[0].key, "宁波");
  EXPECT_EQ(query.words[1].key, "cn3302");
  EXPECT_EQ(query.words[1].parts_of_it.size(), 2U);
  EXPECT_EQ(query.phrase.key, "宁波cn3302");
  EXPECT_TRUE(ParseQuery("宁波").phrase.key.empty());
  EXPECT_TRUE(ParseQuery(" !? ").words.empty());
}

TEST(MatchTerm, TheBestWayCounts) {
  const QueryWord word = MakeQueryWord("宁波");
  EXPECT_EQ(MatchTerm(word, "宁波", TermClass::kName), Match::kName);
  EXPECT_EQ(MatchTerm(word, "宁波市", TermClass::kName), Match::kPrefix);
  EXPECT_EQ(MatchTerm(word, "宁波", TermClass::kShort), Match::kShort);
  EXPECT_EQ(MatchTerm(word, "海宁波", TermClass::kName), Match::kPart);
  EXPECT_EQ(MatchTerm(word, "ningbo", TermClass::kPinyin), Match::kPinyin);
  EXPECT_EQ(MatchTerm(word, "在宁波举行", TermClass::kText), Match::kDescription);
  EXPECT_EQ(MatchTerm(word, "杭州", TermClass::kName), Match::kNone);
  EXPECT_EQ(MatchTerm(MakeQueryWord("nigbo"), "ningbo", TermClass::kPinyin), Match::kOneEdit);
  EXPECT_EQ(MatchTerm(MakeQueryWord("nb"), "nb", TermClass::kInitials), Match::kInitials);
  EXPECT_EQ(MatchTerm(MakeQueryWord("3302"), "330200", TermClass::kCode), Match::kPrefix);
}

}  // namespace
}  // namespace tidemark::catalog
