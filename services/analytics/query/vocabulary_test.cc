#include "services/analytics/query/vocabulary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "clients/cpp/query/words.h"

namespace tidemark::analytics {
namespace {

TEST(VocabularyTest, WordsAreUniqueAndFoundByName) {
  std::set<std::string_view> names;
  for (const MeasureWord& word : MeasureWords()) {
    EXPECT_TRUE(names.insert(word.name).second) << word.name;
    EXPECT_EQ(FindMeasure(word.name), &word);
    EXPECT_EQ(&WordOf(word.measure), &word) << word.name;
    EXPECT_EQ(word.aggregates.empty(), word.measure == Measure::kQuantile);
  }
  std::set<Field> fields;
  for (const DimensionWord& word : DimensionWords()) {
    EXPECT_TRUE(names.insert(word.name).second) << word.name;
    EXPECT_TRUE(fields.insert(word.field).second) << word.name;
    EXPECT_EQ(FindDimension(word.name), &word);
  }
  EXPECT_EQ(FindMeasure("Net"), nullptr);
}

TEST(VocabularyTest, OtherServicesKnowTheSameWords) {
  const auto shared_unit = [](Unit unit) {
    switch (unit) {
      case Unit::kMoney:
        return query::MeasureUnit::kMoney;
      case Unit::kPseudonyms:
        return query::MeasureUnit::kPseudonyms;
      case Unit::kRatio:
        return query::MeasureUnit::kRatio;
      default:
        return query::MeasureUnit::kCount;
    }
  };
  ASSERT_EQ(MeasureWords().size(), std::size(query::kMeasureNames));
  for (size_t i = 0; i < MeasureWords().size(); ++i) {
    EXPECT_EQ(MeasureWords()[i].name, query::kMeasureNames[i].name);
    EXPECT_EQ(shared_unit(MeasureWords()[i].unit), query::kMeasureNames[i].unit)
        << MeasureWords()[i].name;
  }
  std::vector<std::string_view> dimensions;
  for (const DimensionWord& word : DimensionWords()) dimensions.push_back(word.name);
  EXPECT_THAT(dimensions, ::testing::ElementsAreArray(query::kDimensionNames));
}

TEST(VocabularyTest, LevelsBelongToTheirDimension) {
  EXPECT_EQ(FindLevel(*FindDimension("consumer_region"), "nation"), 3);
  EXPECT_EQ(FindLevel(*FindDimension("consumer_region"), "2"), 0);
  EXPECT_EQ(FindLevel(*FindDimension("category"), "2"), 2);
  EXPECT_EQ(FindLevel(*FindDimension("category"), "02"), 0);
  EXPECT_EQ(FindLevel(*FindDimension("category"), "0"), 0);
  EXPECT_EQ(FindLevel(*FindDimension("channel"), "1"), 0);
}

TEST(VocabularyTest, NearestWordsAreFewAndClose) {
  EXPECT_EQ(NearestWords("gros", {"gross", "net", "orders"}), "; nearest: gross");
  EXPECT_EQ(NearestWords("GROSS", {"gross", "net"}), "; nearest: gross");
  EXPECT_EQ(NearestWords("region", {"consumer_region", "provider_region", "kind"}),
            "; nearest: consumer_region, provider_region");
  EXPECT_EQ(NearestWords("zzzzzz", {"a", "b"}), "; want one of a, b");
  EXPECT_EQ(NearestWords(std::string(100000, 'x'), std::vector<std::string_view>(9, "net")), "");
}

}  // namespace
}  // namespace tidemark::analytics
