#include "clients/cpp/ledger/column_builders.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace tidemark::ledger {
namespace {

TEST(HashTextTest, TextsThatCollideUnderOneKeyDoNotUnderAnother) {
  constexpr TextHashKey kKnown = {.first = 0x9e3779b97f4a7c15, .second = 0xd6e8feb86659fd93};
  constexpr TextHashKey kOther = {.first = 0x243f6a8885a308d3, .second = 0x13198a2e03707344};
  for (const std::string_view padding : {"", "padding", "padding of more than 16 bytes"}) {
    size_t chosen = 0, still = 0;
    for (int i = 0; i < 100000; ++i) {
      const std::string text = absl::StrCat(padding, i);
      if (HashText(text, kKnown) % 256 != 0) continue;
      ++chosen;
      still += HashText(text, kOther) % 256 == 0;
    }
    EXPECT_GT(chosen, 100u);
    EXPECT_LT(still, chosen / 10);
  }
}

TEST(DictionaryBuilderTest, EntriesStandInTheOrderOfTheirFirstRows) {
  DictionaryBuilder dictionary;
  const std::vector<std::string> texts = {"b", "a", "b", "", "a"};
  for (uint32_t row = 0; row < texts.size(); ++row) dictionary.Add(row, texts[row]);
  ASSERT_EQ(dictionary.entry_count(), 3u);
  EXPECT_EQ(dictionary.entry(0), "b");
  EXPECT_EQ(dictionary.entry(1), "a");
  EXPECT_EQ(dictionary.entry(2), "");
  const std::span<const uint32_t> index = dictionary.Index(6);
  EXPECT_EQ(std::vector<uint32_t>(index.begin(), index.end()),
            (std::vector<uint32_t>{1, 2, 1, 3, 2, 0}));
}

}  // namespace
}  // namespace tidemark::ledger
