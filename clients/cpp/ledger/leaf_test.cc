#include "clients/cpp/ledger/leaf.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "clients/cpp/ledger/control.h"
#include "clients/cpp/ledger/random_records.h"
#include "common/testing/status_matchers.h"

namespace tidemark::ledger {
namespace {

using ::testing::HasSubstr;
using ::tidemark::testing::StatusIs;

EventRecord Minimal() {
  EventRecord record;
  record.source = "s";
  record.id = "i";
  record.kind = EventKind::kPurchase;
  return record;
}

std::string Encode(const EventRecord& record) {
  std::string leaf;
  EXPECT_OK(EncodeLeaf(record, HmacKey("salt"), &leaf));
  return leaf;
}

// What of a record a leaf can give back.
EventRecord PublicPart(EventRecord record, std::string_view commitment) {
  record.pseudonym = {};
  record.pseudonym_epoch = 0;
  record.attributes = {};
  record.commitment = commitment;
  return record;
}

TEST(LeafTest, SmallestLeafByteForByte) {
  EXPECT_EQ(Encode(Minimal()), std::string("\x01\x01\x00\x00\x01s\x01i\x01\x00", 10));
}

TEST(LeafTest, RandomRecordsComeBack) {
  RecordFactory factory(1);
  const HmacKey key("salt");
  for (uint64_t i = 0; i < 3000; ++i) {
    const EventRecord record = factory.Random(i * i);
    std::string leaf;
    ASSERT_OK(EncodeLeaf(record, key, &leaf));
    ASSERT_LE(leaf.size(), kMaxLeafBytes);
    ASSERT_OK_AND_ASSIGN(const DecodedLeaf decoded, DecodeLeaf(leaf));
    const EventRecord want = PublicPart(record, decoded.event.commitment);
    ASSERT_EQ(FirstFieldThatDiffers(decoded.event, want), "");
    const bool has_private = !Absent(record.pseudonym) || !record.attributes.empty();
    ASSERT_EQ(Absent(decoded.event.commitment), !has_private && Absent(record.commitment));
  }
}

TEST(LeafTest, CommitmentOpensWithSaltAndPrivatePart) {
  RecordFactory factory(2);
  const HmacKey key("salt");
  int opened = 0;
  for (uint64_t i = 0; i < 300; ++i) {
    const EventRecord record = factory.Random(i);
    std::string leaf, private_part;
    ASSERT_OK(EncodeLeaf(record, key, &leaf));
    ASSERT_OK(EncodePrivate(record, &private_part));
    ASSERT_OK_AND_ASSIGN(const DecodedLeaf decoded, DecodeLeaf(leaf));
    if (!Absent(record.commitment)) {
      EXPECT_EQ(decoded.event.commitment, record.commitment);
    } else if (!private_part.empty()) {
      const Hash commitment = Commit(Salt(record, key), private_part);
      EXPECT_EQ(decoded.event.commitment, std::string(commitment.begin(), commitment.end()));
      ++opened;
    } else {
      EXPECT_TRUE(Absent(decoded.event.commitment));
    }
  }
  EXPECT_GT(opened, 100);
}

TEST(LeafTest, BatchEqualsSingleLeaves) {
  RecordFactory factory(3);
  const HmacKey key("k");
  LeafBatch batch(&key);
  for (int round = 0; round < 3; ++round) {
    batch.Clear();
    std::vector<std::string> want;
    for (uint64_t i = 0; i < 200; ++i) {
      const EventRecord record = factory.Random(i);
      ASSERT_OK(batch.Add(record));
      ASSERT_OK(EncodeLeaf(record, key, &want.emplace_back()));
      if (i % 50 == 0) batch.Finish();
    }
    batch.Finish();
    std::vector<Hash> hashes;
    batch.HashLeaves(&hashes);
    for (size_t i = 0; i < want.size(); ++i) {
      ASSERT_EQ(batch.leaf(i), want[i]);
      ASSERT_EQ(hashes[i], LeafHash(want[i]));
    }
  }
}

TEST(LeafTest, AbsentAndEmptyAreDifferentLeaves) {
  EventRecord absent = Minimal(), empty = Minimal();
  empty.order = "";
  EXPECT_NE(Encode(absent), Encode(empty));
  const std::string leaf = Encode(empty);
  ASSERT_OK_AND_ASSIGN(const DecodedLeaf kept, DecodeLeaf(leaf));
  EXPECT_FALSE(Absent(kept.event.order));
  EXPECT_TRUE(kept.event.order.empty());
}

TEST(LeafTest, EveryTruncationAndExtensionIsRefused) {
  RecordFactory factory(4);
  for (uint64_t i = 0; i < 50; ++i) {
    const std::string leaf = Encode(factory.Random(i));
    for (size_t size = 0; size < leaf.size(); ++size) {
      ASSERT_THAT(DecodeLeaf(leaf.substr(0, size)), StatusIs(absl::StatusCode::kDataLoss)) << size;
    }
    ASSERT_THAT(DecodeLeaf(leaf + '\0'), StatusIs(absl::StatusCode::kDataLoss));
  }
}

// A changed leaf either is refused or is the one encoding of another record.
TEST(LeafTest, ChangedBytesNeverGiveASecondEncoding) {
  RecordFactory factory(5);
  const HmacKey key("salt");
  for (uint64_t i = 0; i < 300; ++i) {
    std::string leaf = Encode(factory.Random(i));
    for (int change = 0; change < 50; ++change) {
      std::string other = leaf;
      other[factory.random()() % other.size()] = static_cast<char>(factory.random()());
      const absl::StatusOr<DecodedLeaf> decoded = DecodeLeaf(other);
      if (!decoded.ok() || decoded->kind != 1) continue;
      std::string again;
      ASSERT_OK(EncodeLeaf(decoded->event, key, &again));
      ASSERT_EQ(again, other);
    }
  }
}

TEST(LeafTest, NonMinimalVarintIsRefused) {
  const std::string leaf("\x01\x01\x80\x00\x00\x01s\x01i\x01\x00", 11);
  EXPECT_THAT(DecodeLeaf(leaf), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("accepted time")));
}

TEST(LeafTest, RevisionZeroIsNeverWritten) {
  const std::string leaf("\x01\x01\x00\x01\x01s\x01i\x00\x01\x00", 11);
  EXPECT_THAT(DecodeLeaf(leaf), StatusIs(absl::StatusCode::kDataLoss));
}

TEST(LeafTest, LaterVersionIsUnimplemented) {
  std::string leaf = Encode(Minimal());
  leaf[0] = 2;
  EXPECT_THAT(DecodeLeaf(leaf), StatusIs(absl::StatusCode::kUnimplemented));
}

TEST(LeafTest, UnknownKindsAreCarried) {
  const HmacKey key("salt");
  LeafBatch batch(&key);
  ASSERT_OK(batch.AddControl({.kind = 99, .body = "later"}, 5));
  ASSERT_OK_AND_ASSIGN(const DecodedLeaf decoded, DecodeLeaf(batch.leaf(0)));
  EXPECT_EQ(decoded.kind, 99);
  EXPECT_EQ(decoded.accepted_time_us, 5);
  EXPECT_EQ(decoded.control.body, "later");
  EXPECT_THAT(batch.AddControl({.kind = 1, .body = ""}, 5),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(LeafTest, LargestRecordFits) {
  RecordFactory factory(6);
  EventRecord r = Minimal();
  const std::string text(kMaxTextBytes, 'x');
  const std::string identity(kMaxIdentityBytes, 'y');
  r.source = r.id = identity;
  r.original_source = r.original_id = r.order = r.transaction_scheme = r.transaction_id = text;
  r.consumer_scheme = r.consumer_region = r.provider_region = r.place_of_use = r.category = text;
  r.product = r.provider = r.payment_method = r.age_band = r.income_band = r.scenario = text;
  r.project = r.activity = r.principal = text;
  std::vector<uint64_t> leaves(kMaxResolves);
  for (size_t i = 0; i < leaves.size(); ++i) leaves[i] = (i + 1) * (kMaxLeaf / 1025);
  r.resolves = leaves;
  EXPECT_LE(Encode(r).size(), kMaxLeafBytes);
}

TEST(LeafTest, RecordsThatCannotBeStoredAreRefusedByField) {
  const HmacKey key("salt");
  LeafBatch batch(&key);
  const auto refused = [&batch](auto change, std::string_view field) {
    EventRecord record = Minimal();
    change(record);
    EXPECT_THAT(batch.Add(record),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(std::string(field))));
  };
  static const std::string long_text(256, 'x');
  static const std::vector<uint64_t> unsorted = {5, 4}, large = {kMaxLeaf};
  static const std::vector<Attribute> twice = {{"a", "1"}, {"a", "2"}};
  refused([](EventRecord& r) { r.source = {}; }, "source");
  refused([](EventRecord& r) { r.id = ""; }, "id");
  refused([](EventRecord& r) { r.id = std::string_view(long_text).substr(0, 129); }, "id");
  refused([](EventRecord& r) { r.kind = EventKind::kUnspecified; }, "kind");
  refused([](EventRecord& r) { r.category = long_text; }, "category");
  refused([](EventRecord& r) { r.original_id = "x"; }, "original");
  refused([](EventRecord& r) { r.transaction_scheme = "x"; }, "transaction");
  refused([](EventRecord& r) { r.pseudonym = "short"; }, "consumer.pseudonym");
  refused([](EventRecord& r) { r.pseudonym_epoch = 1; }, "consumer.pseudonym");
  refused([](EventRecord& r) { r.commitment = "short"; }, "commitment");
  refused([](EventRecord& r) { r.attributes = twice; }, "attributes");
  refused([](EventRecord& r) { r.original_leaf = kMaxLeaf; }, "original_leaf");
  refused([](EventRecord& r) { r.previous_leaf = kWaitingLeaf; }, "previous_leaf");
  refused([](EventRecord& r) { r.resolves = unsorted; }, "resolves");
  refused([](EventRecord& r) { r.resolves = large; }, "resolves");
  EXPECT_EQ(batch.size(), 0u);
}

TEST(FirstDifferenceTest, NamesTheFieldAndIgnoresWhatIngestAdds) {
  EventRecord a = Minimal();
  EventRecord b = a;
  b.accepted_time_us = 9;
  b.principal = "p";
  b.original_leaf = 3;
  b.previous_leaf = 2;
  EXPECT_EQ(FirstDifference(a, b), "");
  b.order = "";
  EXPECT_EQ(FirstDifference(a, b), "order");
  b = a;
  b.amount = 0;
  EXPECT_EQ(FirstDifference(a, b), "amount");
}

TEST(FirstDifferenceTest, PseudonymsOfDifferentKeysAreNotCompared) {
  EventRecord a = Minimal();
  a.pseudonym = "0123456789abcdef";
  EventRecord b = a;
  b.pseudonym = "fedcba9876543210";
  EXPECT_EQ(FirstDifference(a, b), "consumer");
  b.pseudonym_epoch = 1;
  EXPECT_EQ(FirstDifference(a, b), "");
  b.pseudonym = {};
  b.pseudonym_epoch = 0;
  EXPECT_EQ(FirstDifference(a, b), "consumer");
  b.commitment = "0123456789abcdef0123456789abcdef";
  EXPECT_EQ(FirstDifference(a, b), "");
}

TEST(ControlTest, BodiesComeBack) {
  std::string body;
  CatalogMark mark{.version = UINT64_MAX, .hash = {1, 2, 3}};
  ASSERT_OK(EncodeBody(mark, &body));
  EXPECT_EQ(*DecodeCatalogMark(body), mark);

  body.clear();
  const SourceDay day{
      .source = "淘宝", .day = -3, .events = 7, .gross = INT64_MAX, .refunds = INT64_MIN};
  ASSERT_OK(EncodeBody(day, &body));
  ASSERT_OK_AND_ASSIGN(const SourceDay day_back, DecodeSourceDay(body));
  EXPECT_EQ(day_back, day);
  EXPECT_TRUE(Absent(day_back.principal));

  body.clear();
  const std::vector<LeafRange> ranges = {{0, 1}, {5, 9}, {10, kMaxLeaf}};
  const Erasure erasure{.leaves = ranges, .group_id = {9}, .principal = ""};
  ASSERT_OK(EncodeBody(erasure, &body));
  std::vector<LeafRange> storage;
  ASSERT_OK_AND_ASSIGN(const Erasure back, DecodeErasure(body, &storage));
  EXPECT_EQ(storage, ranges);
  EXPECT_EQ(back.group_id, erasure.group_id);
  EXPECT_FALSE(Absent(back.principal));
  for (size_t size = 0; size < body.size(); ++size) {
    EXPECT_THAT(DecodeErasure(body.substr(0, size), &storage),
                StatusIs(absl::StatusCode::kDataLoss));
  }
}

TEST(ControlTest, RangesThatOverlapOrTouchAreRefused) {
  std::string body;
  for (const std::vector<LeafRange>& ranges : {std::vector<LeafRange>{},
                                               {{3, 3}},
                                               {{5, 9}, {9, 10}},
                                               {{5, 9}, {1, 2}},
                                               {{0, kMaxLeaf + 1}}}) {
    EXPECT_THAT(EncodeBody(Erasure{.leaves = ranges}, &body),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
  EXPECT_TRUE(body.empty());
}

}  // namespace
}  // namespace tidemark::ledger
