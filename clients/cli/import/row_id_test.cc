#include "clients/cli/import/row_id.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>

namespace tidemark::importer {
namespace {

using Table = std::vector<std::vector<std::string>>;

std::vector<std::string> IdsOf(const Table& rows) {
  RowIds ids;
  std::vector<std::string> result;
  for (const auto& row : rows) {
    result.emplace_back(ids.Next(std::vector<std::string_view>(row.begin(), row.end())));
  }
  return result;
}

// Recorded once; ids of rows imported by earlier releases depend on them. From
// sha256(len8le || value || ...) with Python's hashlib.
TEST(RowIdsTest, IdsNeverChange) {
  EXPECT_THAT(IdsOf({{"a", "b"}, {"a", "b"}, {"ab", ""}, {""}}),
              ::testing::ElementsAre(
                  "cf6ab613e3942391f88ed698557e1680", "cf6ab613e3942391f88ed698557e1680-2",
                  "e38fddf799dfc9884ea023573aeb3548", "af5570f5a1810b7af78caf4bc70a660f"));
  RowIds ids;
  EXPECT_EQ(ids.Next({std::string_view()}), "12a3ae445661ce5dee78d0650d33362d");
}

TEST(RowIdsTest, BordersBetweenValuesCount) {
  const std::vector<std::string> ids = IdsOf({{"ab", "c"}, {"a", "bc"}, {"abc"}, {"abc", ""}});
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), 4u);
}

// Shuffling keeps the set of ids; taking rows away leaves a subset; equal rows are all there.
TEST(RowIdsTest, ShufflingAndRemovingKeepsTheIdsOfTheRest) {
  std::random_device device;
  const uint64_t seed = device();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 100; ++round) {
    Table rows;
    for (int i = 0; i < 200; ++i) {
      rows.push_back({std::to_string(random() % 20), std::to_string(random() % 3)});
    }
    const std::vector<std::string> ids = IdsOf(rows);
    const std::multiset<std::string> all(ids.begin(), ids.end());
    EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), rows.size());
    std::shuffle(rows.begin(), rows.end(), random);
    const std::vector<std::string> shuffled = IdsOf(rows);
    EXPECT_EQ(std::multiset<std::string>(shuffled.begin(), shuffled.end()), all);
    rows.resize(random() % rows.size());
    for (const std::string& id : IdsOf(rows)) EXPECT_TRUE(all.contains(id));
  }
}

}  // namespace
}  // namespace tidemark::importer
