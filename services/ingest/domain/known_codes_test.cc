#include "services/ingest/domain/known_codes.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"

namespace tidemark::ingest {
namespace {

// With what KnownCodes may read behind a text, other from call to call.
uint32_t Find(const KnownCodes& codes, const std::string& text, char behind = 'x') {
  const std::string padded = text + std::string(KnownCodes::kReads, behind);
  return codes.Find(padded.data(), text.size());
}

TEST(KnownCodesTest, FindsWhatWasAddedAndNothingElse) {
  std::mt19937_64 random(1);
  KnownCodes codes;
  std::map<std::string, uint32_t> want;
  for (int i = 0; i < 20'000; ++i) {
    // Of every length, many of them alike.
    std::string text(1 + random() % KnownCodes::kMostBytes, 'a');
    for (int change = 0; change < 2; ++change) {
      text[random() % text.size()] = static_cast<char>('a' + random() % 6);
    }
    const auto known = want.find(text);
    const uint32_t found = Find(codes, text, static_cast<char>(random()));
    ASSERT_EQ(found, known == want.end() ? 0 : known->second) << text;
    if (found != 0) continue;
    const auto low = static_cast<int64_t>(want.size());
    want[text] = codes.Add(text, low, -low);
  }
  ASSERT_EQ(codes.size(), want.size());
  for (const auto& [text, number] : want) {
    EXPECT_EQ(codes.text(number), text);
    EXPECT_EQ(codes[number].low, -codes[number].high);
    EXPECT_EQ(codes[number].low + 1, number);
    EXPECT_EQ(Find(codes, text), number);
  }
}

TEST(KnownCodesTest, ATextIsNotItsBeginningNorItsEnd) {
  KnownCodes codes;
  const std::string text = "0123456789abcdef0123456789abcdef0123456789ab";
  ASSERT_EQ(text.size(), KnownCodes::kMostBytes);
  for (size_t size = 1; size <= text.size(); ++size) {
    ASSERT_EQ(Find(codes, text.substr(0, size), text[size % text.size()]), 0);
    ASSERT_EQ(codes.Add(text.substr(0, size), 0, 0), size);
  }
  for (size_t size = 1; size <= text.size(); ++size) {
    EXPECT_EQ(Find(codes, text.substr(0, size), '\0'), size);
  }
}

TEST(KnownCodesTest, NumberZeroIsInForceAtAnyTimeAndClearForgets) {
  KnownCodes codes;
  codes.Add("one", 5, 7);
  EXPECT_EQ(codes[0].low, INT64_MIN);
  EXPECT_EQ(codes[0].high, INT64_MAX);
  codes.Clear();
  EXPECT_EQ(codes.size(), 0);
  EXPECT_EQ(Find(codes, "one"), 0);
  EXPECT_EQ(codes.Add("two", 0, 0), 1);
}

}  // namespace
}  // namespace tidemark::ingest
