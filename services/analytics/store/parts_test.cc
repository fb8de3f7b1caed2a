// The small parts of the columnar store, each against an oracle of its own.
#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/hex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/analytics/store/code_dictionary.h"
#include "services/analytics/store/columns.h"
#include "services/analytics/store/id_dictionary.h"
#include "services/analytics/store/order_hash.h"
#include "services/analytics/store/quantile_sink.h"
#include "services/analytics/store/utc_month.h"

namespace tidemark::analytics {
namespace {

TEST(UtcMonthTest, AgreesWithTheCalendar) {
  std::mt19937_64 random(1);
  const absl::TimeZone utc = absl::UTCTimeZone();
  for (int i = 0; i < 20'000; ++i) {
    const int64_t second = static_cast<int64_t>(random() % 600'000'000'000) - 300'000'000'000;
    const absl::CivilMonth month = absl::ToCivilMonth(absl::FromUnixSeconds(second), utc);
    const int32_t found = UtcMonthOfSecond(second);
    ASSERT_EQ(found, month - absl::CivilMonth(1970, 1)) << second;
    ASSERT_EQ(UtcMonthStart(found), absl::ToUnixSeconds(absl::FromCivil(month, utc))) << second;
  }
  EXPECT_EQ(UtcMonthOf(-1), -1);
  EXPECT_EQ(UtcMonthOf(INT64_MIN), UtcMonthOfSecond(INT64_MIN / kMicrosPerSecond - 1));
}

// Vectors of the reference implementation (vectors_sip128): key 00 01 ... 0f, message 00 01 ... of
// each length.
TEST(OrderHashTest, IsSipHash) {
  const Key16 key{0x0706050403020100, 0x0f0e0d0c0b0a0908};
  const auto hex = [&](size_t length) {
    std::string message;
    for (size_t i = 0; i < length; ++i) message.push_back(static_cast<char>(i));
    const Key16 hash = SipHash128(key, message);
    std::string bytes(16, 0);
    std::memcpy(bytes.data(), &hash, 16);
    return base::HexEncode(bytes);
  };
  EXPECT_EQ(hex(0), "a3817f04ba25a8e66df67214c7550293");
  EXPECT_EQ(hex(1), "da87c1d86b99af44347659119b22fc45");
}

TEST(OrderHashTest, TellsSourceAndOrderApart) {
  const Key16 key = LogKey("0123");
  EXPECT_NE(OrderKey(key, 1, "a"), OrderKey(key, 2, "a"));
  EXPECT_NE(OrderKey(key, 1, "a"), OrderKey(key, 1, "b"));
  EXPECT_EQ(OrderKey(key, 1, std::string(500, 'x')), OrderKey(key, 1, std::string(500, 'x')));
  EXPECT_NE(OrderKey(key, 1, "a"), OrderKey(LogKey("0124"), 1, "a"));
}

TEST(IdDictionaryTest, NumbersKeysInOrderAndGivesThemBack) {
  IdDictionary dictionary;
  std::map<uint64_t, uint32_t> oracle;
  std::mt19937_64 random(2);
  for (int round = 0; round < 300; ++round) {
    std::vector<Key16> keys(random() % 700);
    for (Key16& key : keys) key = {random() % 60'000, 7};
    std::vector<uint32_t> ids(keys.size());
    dictionary.FindOrAdd(keys.data(), keys.size(), ids.data());
    for (size_t i = 0; i < keys.size(); ++i) {
      const auto [entry, added] =
          oracle.try_emplace(keys[i].low, static_cast<uint32_t>(oracle.size() + 1));
      ASSERT_EQ(ids[i], entry->second);
    }
  }
  ASSERT_EQ(dictionary.size(), oracle.size());
  EXPECT_EQ(dictionary.Find({1'000'000, 7}), 0u);
  std::vector<Key16> asked;
  for (uint64_t low = 0; low < 70'000; low += 3) asked.push_back({low, 7});
  std::vector<uint32_t> found(asked.size());
  dictionary.Find(asked.data(), asked.size(), found.data());
  for (size_t i = 0; i < asked.size(); ++i) {
    const auto entry = oracle.find(asked[i].low);
    ASSERT_EQ(found[i], entry == oracle.end() ? 0 : entry->second);
  }
  std::string bytes;
  dictionary.AppendKeys(0, 1000, &bytes);
  dictionary.AppendKeys(1000, dictionary.size(), &bytes);
  IdDictionary loaded;
  ASSERT_TRUE(loaded.Load(bytes));
  for (const auto& [low, id] : oracle) ASSERT_EQ(loaded.Find({low, 7}), id);
  EXPECT_FALSE(loaded.Load(std::string_view(bytes).substr(0, 16))) << "a key twice";
  EXPECT_FALSE(loaded.Load("short"));
}

TEST(CodeDictionaryTest, NumbersTextsInOrderOfRows) {
  CodeDictionary dictionary;
  const std::vector<std::string_view> entries = {{}, "c", "a", "unused", "b"};
  const std::vector<uint32_t> index = {2, 0, 4, 2, 1};
  std::vector<CodeId> codes;
  dictionary.Translate({entries, index}, index.size(), &codes);
  EXPECT_EQ(codes[2], 1u);
  EXPECT_EQ(codes[4], 2u);
  EXPECT_EQ(codes[1], 3u);
  EXPECT_THAT(*dictionary.List(), ::testing::ElementsAre("", "a", "b", "c"));
  for (int i = 0; i < 5000; ++i) dictionary.FindOrAdd(absl::StrCat("text ", i));
  EXPECT_EQ(dictionary.Find("text 4999"), 5003u);
  std::string bytes;
  AppendTexts(*dictionary.List(), 0, dictionary.size(), &bytes);
  CodeDictionary loaded;
  ASSERT_TRUE(loaded.Load(bytes));
  EXPECT_EQ(*loaded.List(), *dictionary.List());
  EXPECT_FALSE(CodeDictionary().Load(bytes.substr(0, bytes.size() - 1)));
}

TEST(CodeDictionaryTest, ListsStayAsTheyWere) {
  CodeDictionary dictionary;
  std::vector<std::shared_ptr<const CodeList>> lists = {dictionary.List()};
  for (int i = 1; i <= 5000; ++i) {
    dictionary.FindOrAdd(absl::StrCat("text ", i));
    if (i % 500 == 0) lists.push_back(dictionary.List());
  }
  for (size_t i = 0; i < lists.size(); ++i) {
    ASSERT_EQ(lists[i]->size(), 1 + 500 * i);
    for (size_t code = 1; code < lists[i]->size(); ++code)
      ASSERT_EQ((*lists[i])[code], absl::StrCat("text ", code));
  }
  // Nothing was copied: the texts of an early list are those of the last one.
  EXPECT_EQ(&(*lists[1])[500], &(*lists.back())[500]);
  EXPECT_EQ(dictionary.List(), lists.back());
}

TEST(ColumnsTest, DecodeAllWidths) {
  std::mt19937_64 random(3);
  for (uint64_t range : {0ull, 200ull, 60'000ull, 16'000'000ull, 4'000'000'000ull, ~0ull}) {
    const uint8_t width = WidthFor(range);
    const int64_t base = -5;
    std::vector<uint8_t> data(1001 * 8 + 8);
    std::vector<int64_t> want;
    for (size_t i = 0; i < 1000; ++i) {
      const uint64_t value = range == 0 ? 0 : random() % range;
      std::memcpy(data.data() + i * width, &value, width);
      want.push_back(static_cast<int64_t>(value + static_cast<uint64_t>(base)));
    }
    const ColumnView column{.data = data.data(), .width = width, .base = base};
    std::vector<int64_t> all(1000), some(3);
    Decode64(column, 0, 1000, all.data());
    EXPECT_EQ(all, want);
    const uint16_t rows[] = {0, 7, 400};
    Decode64(column, 500, rows, 3, some.data());
    EXPECT_THAT(some, ::testing::ElementsAre(want[500], want[507], want[900]));
    EXPECT_EQ(column.At(999), want[999]);
  }
}

TEST(LogBucketsTest, AscendWithoutGaps) {
  for (int bits : {1, 3, 6}) {
    const LogBuckets buckets(bits, ~uint64_t{0});
    uint64_t next = 0;
    for (size_t bucket = 0; bucket < buckets.count(); ++bucket) {
      ASSERT_EQ(buckets.First(bucket), next);
      ASSERT_GE(buckets.Last(bucket), next);
      ASSERT_EQ(buckets.BucketOf(next), bucket);
      ASSERT_EQ(buckets.BucketOf(buckets.Last(bucket)), bucket);
      next = buckets.Last(bucket) + 1;
    }
    EXPECT_EQ(next, 0u) << "the last bucket ends with the last number";
  }
}

}  // namespace
}  // namespace tidemark::analytics
