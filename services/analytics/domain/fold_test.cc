#include "services/analytics/domain/fold.h"

#include <string>
#include <vector>

#include "clients/cpp/ledger/block_builder.h"
#include "clients/cpp/ledger/control.h"
#include "clients/cpp/ledger/random_records.h"
#include "common/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/analytics/domain/catalog_hash.h"

namespace tidemark::analytics {
namespace {

using ledger::EventRecord;
using testing::StatusIs;

// A block from leaf 40 on. The hashes of its tree do not matter to the fold.
std::string Finish(ledger::BlockBuilder* builder) {
  constexpr uint64_t kFirst = 40;
  ledger::CompactRange range(kFirst);
  range.Append(std::vector<ledger::Hash>(builder->size()));
  std::string block;
  EXPECT_OK(builder->Finish(
      {.first_leaf = kFirst, .accepted_time_us = 99, .log_id = {0xAB, 1}, .nodes = range.nodes()},
      &block));
  return block;
}

EventRecord Event(ledger::EventKind kind, std::string_view id) {
  return {.source = "shop", .id = id, .kind = kind, .event_time_us = 7, .amount = 100};
}

// Has nothing: no event of these tests names one of another block.
class NoStore final : public StatStore {
 public:
  absl::Status Append(const EffectBatch&) override { return absl::UnimplementedError(""); }
  uint64_t folded_size() const override { return 40; }
  std::string log_id() const override { return ""; }
  absl::StatusOr<SnapshotInfo> Snapshot(uint64_t) const override { return SnapshotInfo(); }
  uint64_t LogSizeAt(int64_t) const override { return 0; }
  std::shared_ptr<const CodeList> Codes(Field) const override { return nullptr; }
  bool HasCode(Field, std::string_view, uint64_t) const override { return false; }
  bool HasOrder(std::string_view, uint64_t) const override { return false; }
  TimeBounds EventTimes(uint64_t) const override { return {}; }
  uint64_t DataVersion(int64_t, int64_t, uint64_t) const override { return 0; }
  absl::StatusOr<EngineResult> Run(const EngineQuery&) const override {
    return absl::UnimplementedError("");
  }
  absl::StatusOr<uint64_t> EachConsumer(
      const EngineQuery&,
      absl::FunctionRef<absl::Status(std::span<const Consumption>)>) const override {
    return absl::UnimplementedError("");
  }
  StoreStats Stats() const override { return {}; }
  absl::StatusOr<std::vector<EventFacts>> ReadEvents(
      std::span<const uint64_t> leaves) const override {
    if (leaves.empty()) return std::vector<EventFacts>();
    return NoEventAt(leaves[0]);
  }
  absl::Status ReadNotes(absl::FunctionRef<absl::Status(std::string_view)>) const override {
    return absl::OkStatus();
  }
};

std::string_view TextOf(const TextColumn& column, size_t row) {
  return column.entries.empty() || column.index[row] == 0 ? "(absent)"
                                                          : column.entries[column.index[row]];
}

TEST(FoldTest, EventsOfAllKindsBecomeTheirEffects) {
  ledger::BlockBuilder builder;
  ASSERT_OK(builder.Add(Event(ledger::EventKind::kPurchase, "1")));
  ASSERT_OK(builder.Add(Event(ledger::EventKind::kRefund, "2")));
  EventRecord linked = Event(ledger::EventKind::kRefund, "3");
  linked.original_source = "shop";
  linked.original_id = "1";
  linked.original_leaf = 40;
  ASSERT_OK(builder.Add(linked));
  EventRecord use = Event(ledger::EventKind::kServiceUse, "4");
  use.amount.reset();
  ASSERT_OK(builder.Add(use));
  const std::string block = Finish(&builder);
  ASSERT_OK_AND_ASSIGN(auto reader, ledger::BlockReader::Open(block));
  const NoStore store;
  Fold fold(&store);
  EffectBatch batch;
  ASSERT_OK(fold.Read(reader, &batch));
  ASSERT_OK(CheckBatch(batch, 40, ""));
  EXPECT_EQ(batch.log_id, "ab010000000000000000000000000000");
  EXPECT_EQ(batch.accepted_time_us, 99);
  EXPECT_THAT(std::vector<EffectKind>(batch.kind.begin(), batch.kind.end()),
              ::testing::ElementsAre(EffectKind::kPurchase, EffectKind::kUnlinkedRefund,
                                     EffectKind::kServiceUse));
  EXPECT_THAT(std::vector<int64_t>(batch.amount.begin(), batch.amount.end()),
              ::testing::ElementsAre(100, 100, 0));
  EXPECT_EQ(batch.effective(2), 43u);
  // With its original's fields, in its own period and in that of the original.
  ASSERT_EQ(batch.copies.size(), 2u);
  EXPECT_TRUE(batch.copies[0].own);
  EXPECT_EQ(batch.copies[0].kind, EffectKind::kRefund);
  EXPECT_EQ(batch.copies[0].effective, 42u);
  EXPECT_EQ(batch.copies[0].fields_leaf, 40u);
  EXPECT_EQ(batch.copies[0].facts.amount, 100);
  EXPECT_FALSE(batch.copies[1].own);
  EXPECT_EQ(batch.copies[1].kind, EffectKind::kCohortRefund);
  EXPECT_TRUE(batch.copies[1].time_of_fields);
  EXPECT_FALSE(batch.notes.empty());
}

TEST(FoldTest, OtherRecordsAndVoidsMakeNoEffects) {
  ledger::BlockBuilder builder;
  ASSERT_OK(builder.AddCatalogMark({.version = 7, .hash = {}}));
  ASSERT_OK(builder.AddSourceDay({.source = "shop", .day = 3, .events = 1, .principal = "p"}));
  ASSERT_OK(builder.Add(Event(ledger::EventKind::kPurchase, "1")));
  EventRecord withdrawn = Event(ledger::EventKind::kVoid, "2");
  withdrawn.amount.reset();
  withdrawn.revision = 1;
  ASSERT_OK(builder.Add(withdrawn));
  ASSERT_OK(builder.AddCatalogMark({.version = 8, .hash = {5, 6}}));
  ASSERT_OK(builder.Add(Event(ledger::EventKind::kRefund, "3")));
  const std::string block = Finish(&builder);
  ASSERT_OK_AND_ASSIGN(auto reader, ledger::BlockReader::Open(block));
  const NoStore store;
  Fold fold(&store);
  EffectBatch batch;
  ASSERT_OK(fold.Read(reader, &batch));
  ASSERT_OK(CheckBatch(batch, 40, ""));
  ASSERT_EQ(batch.size, 2u);
  EXPECT_EQ(batch.end_leaf(), 46u);
  EXPECT_EQ(batch.effective(0), 42u);
  EXPECT_EQ(batch.effective(1), 45u);
  EXPECT_EQ(TextOf(batch.fields[static_cast<int>(Field::kSource)], 1), "shop");
  ASSERT_EQ(batch.catalog_marks.size(), 2u);
  EXPECT_EQ(batch.catalog_marks[0].leaf, 40u);
  EXPECT_EQ(batch.catalog_marks[0].version, 7u);
  EXPECT_EQ(batch.catalog_marks[1].leaf, 44u);
  EXPECT_EQ(batch.catalog_marks[1].version, 8u);
  EXPECT_EQ(batch.catalog_marks[1].hash, (CatalogHash{5, 6}));
}

TEST(CatalogHashTest, OnlyTheLogsOwnCatalogAgrees) {
  const CatalogHash in_log = {0xAB, 0xCD};
  std::string in_catalog(32, '\0');
  EXPECT_THAT(CheckCatalogHash(7, in_log, in_catalog),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       ::testing::AllOf(::testing::HasSubstr("version 7"),
                                        ::testing::HasSubstr("abcd000000000000..."))));
  in_catalog[0] = '\xAB';
  in_catalog[1] = '\xCD';
  EXPECT_OK(CheckCatalogHash(7, in_log, in_catalog));
  EXPECT_FALSE(CheckCatalogHash(7, in_log, in_catalog.substr(0, 31)).ok());
  EXPECT_OK(CheckCatalogHash(0, {}, in_catalog)) << "no mark, nothing to compare";
}

// Rows by the record interface of the ledger are the oracle of the fold, which reads columns.
TEST(FoldTest, RandomRecordsKeepEveryField) {
  const NoStore store;
  Fold fold(&store);
  for (uint64_t seed = 0; seed < 30; ++seed) {
    ledger::RecordFactory factory(seed);
    ledger::BlockBuilder builder;
    for (uint64_t i = 0; i < 1 + seed * 7; ++i) {
      if (seed % 3 == 0 && i % 5 == 0) {
        ASSERT_OK(builder.AddCatalogMark({.version = i, .hash = {}}));
      }
      EventRecord record = factory.Random(40);
      if (record.kind == ledger::EventKind::kVoid) record.kind = ledger::EventKind::kPurchase;
      // Links are nonsense when they are random.
      record.revision = 0;
      record.original_source = record.original_id = std::string_view();
      record.original_leaf = record.previous_leaf = record.transaction_leaf = ledger::kNoLeaf;
      record.resolves = {};
      ASSERT_OK(builder.Add(record));
    }
    const std::string block = Finish(&builder);
    ASSERT_OK_AND_ASSIGN(auto reader, ledger::BlockReader::Open(block));
    EffectBatch batch;
    ASSERT_OK(fold.Read(reader, &batch));
    ASSERT_OK(CheckBatch(batch, 40, ""));
    for (size_t row = 0; row < batch.size; ++row) {
      ASSERT_OK_AND_ASSIGN(const EventRecord record, reader.Record(batch.effective(row) - 40));
      const auto expect = [&](Field field, std::string_view text) {
        EXPECT_EQ(TextOf(batch.fields[static_cast<int>(field)], row),
                  text.data() == nullptr ? "(absent)" : text);
      };
      expect(Field::kSource, record.source);
      expect(Field::kConsumerRegion, record.consumer_region);
      expect(Field::kProviderRegion, record.provider_region);
      expect(Field::kPlaceOfUse, record.place_of_use);
      expect(Field::kCategory, record.category);
      expect(Field::kProduct, record.product);
      expect(Field::kProvider, record.provider);
      expect(Field::kPaymentMethod, record.payment_method);
      expect(Field::kAgeBand, record.age_band);
      expect(Field::kIncomeBand, record.income_band);
      expect(Field::kScenario, record.scenario);
      expect(Field::kProject, record.project);
      expect(Field::kActivity, record.activity);
      expect(Field::kConsumerScheme, record.consumer_scheme);
      const char* const channels[] = {"(absent)", "online", "offline", "hybrid"};
      expect(Field::kChannel, channels[static_cast<int>(record.channel)]);
      const char* const areas[] = {"(absent)", "urban", "rural"};
      expect(Field::kAreaType, areas[static_cast<int>(record.area_type)]);
      EXPECT_EQ(TextOf(batch.order, row),
                record.order.data() == nullptr ? "(absent)" : record.order);
      EXPECT_EQ(batch.event_time_us[row], record.event_time_us);
      EXPECT_EQ(batch.amount.empty() ? 0 : batch.amount[row], record.amount.value_or(0));
      EXPECT_EQ(batch.voucher.empty() ? 0 : batch.voucher[row], record.voucher_amount.value_or(0));
      EXPECT_EQ(batch.quantity.empty() ? 0 : batch.quantity[row], record.quantity.value_or(0));
      const uint32_t pseudonym = batch.pseudonym_index.empty() ? 0 : batch.pseudonym_index[row];
      EXPECT_EQ(
          pseudonym == 0 ? std::string_view() : batch.pseudonyms.substr(16 * (pseudonym - 1), 16),
          record.pseudonym);
    }
  }
}

}  // namespace
}  // namespace tidemark::analytics
