#include "clients/cpp/submit/column_batch.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tidemark/ingest/v1/columns.pb.h"
#include "tidemark/ingest/v1/event.pb.h"

namespace tidemark::submit {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

ingest::v1::EventColumns Parsed(const std::string& bytes) {
  ingest::v1::EventColumns columns;
  EXPECT_TRUE(columns.ParseFromString(bytes));
  return columns;
}

TEST(ColumnBatchTest, HoldsWhatTheEventsSay) {
  ColumnBatch batch;
  batch.BeginEvent();
  batch.Text(EventField::kSource, "商店");
  batch.Text(EventField::kId, "a");
  batch.Number(EventField::kKind, 1);
  batch.Number(EventField::kEventTimeUs, 1'700'000'000'000'000);
  batch.Text(EventField::kCategory, "books");
  batch.Number(EventField::kAmount, 1234);
  batch.BeginEvent();
  batch.Text(EventField::kSource, "商店");
  batch.Text(EventField::kId, "bcd");
  batch.Number(EventField::kKind, 3);
  batch.Pair(EventField::kConsumer, "account", "0123456789abcdef", 3);
  EXPECT_TRUE(batch.good());
  EXPECT_EQ(batch.events(), 2);

  const ingest::v1::EventColumns columns = Parsed(batch.Finish());
  EXPECT_EQ(columns.count(), 2);
  EXPECT_THAT(columns.source().values(), ElementsAre("商店"));
  EXPECT_THAT(columns.source().indexes(), IsEmpty());
  EXPECT_EQ(columns.id().texts(), "abcd");
  EXPECT_THAT(columns.id().lengths(), ElementsAre(1, 3));
  EXPECT_THAT(columns.kind(), ElementsAre(1, 3));
  EXPECT_THAT(columns.event_time_us(), ElementsAre(1'700'000'000'000'000, 0));
  EXPECT_THAT(columns.category().values(), ElementsAre("books"));
  EXPECT_THAT(columns.category().indexes(), ElementsAre(1, 0));
  EXPECT_THAT(columns.amount().values(), ElementsAre(1234, 0));
  EXPECT_EQ(columns.amount().present(), std::string(1, '\x01'));
  EXPECT_THAT(columns.consumer_scheme().indexes(), ElementsAre(0, 1));
  EXPECT_THAT(columns.consumer_prehashed().lengths(), ElementsAre(0, 16));
  EXPECT_FALSE(columns.has_consumer_id());
  EXPECT_FALSE(columns.has_quantity());
}

TEST(ColumnBatchTest, TextsOfOneLengthNameItOnce) {
  ColumnBatch batch;
  for (const char* id : {"aa", "bb", "cc"}) {
    batch.BeginEvent();
    batch.Text(EventField::kId, id);
  }
  const ingest::v1::EventColumns columns = Parsed(batch.Finish());
  EXPECT_EQ(columns.id().texts(), "aabbcc");
  EXPECT_THAT(columns.id().lengths(), ElementsAre(2));
}

// Nothing of a batch shows in the next one.
TEST(ColumnBatchTest, BeginsAnew) {
  ColumnBatch batch;
  batch.BeginEvent();
  batch.Text(EventField::kCategory, "books");
  batch.Pair(EventField::kAttributes, "k", "v");
  EXPECT_FALSE(batch.good());
  batch.Finish();
  batch.BeginEvent();
  batch.Text(EventField::kCategory, "music");
  EXPECT_TRUE(batch.good());
  const ingest::v1::EventColumns columns = Parsed(batch.Finish());
  EXPECT_EQ(columns.count(), 1);
  EXPECT_THAT(columns.category().values(), ElementsAre("music"));
}

TEST(ColumnBatchTest, SaysWhatColumnsCannotHold) {
  ColumnBatch batch;
  ingest::v1::Event event;
  event.set_source("shop");
  event.set_id("1");
  batch.Add(event);
  EXPECT_TRUE(batch.good());
  (*event.mutable_attributes())["till"] = "4";
  batch.Add(event);
  EXPECT_FALSE(batch.good());
  batch.Finish();
  batch.BeginEvent();
  batch.Text(EventField::kOrder, "");
  EXPECT_FALSE(batch.good());
}

}  // namespace
}  // namespace tidemark::submit
