#include "clients/cpp/submit/event_writer.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "tidemark/ingest/v1/event.pb.h"

namespace tidemark::submit {
namespace {

using ingest::v1::Event;

TEST(EventWriterTest, BytesEqualProtobufsOwn) {
  Event event;
  event.set_source("shop");
  event.set_id("e-1");
  event.set_revision(3);
  event.set_kind(ingest::v1::EVENT_KIND_REFUND);
  event.set_event_time_us(1291191960000000);
  event.mutable_original()->set_id("e-0");
  event.mutable_transaction()->set_scheme("pay");
  event.mutable_transaction()->set_id(std::string(300, 't'));
  event.set_reporting_role(ingest::v1::REPORTING_ROLE_PAYMENT);
  event.mutable_consumer()->set_scheme("local");
  event.mutable_consumer()->set_prehashed(std::string(16, '\x01'));
  event.set_provider("");
  event.set_amount(std::numeric_limits<int64_t>::max());
  event.set_voucher_amount(-1);
  (*event.mutable_attributes())["k"] = "v";
  event.set_currency("GBP");

  EventWriter writer;
  writer.Text(EventField::kSource, "shop");
  writer.Text(EventField::kId, "e-1");
  writer.Number(EventField::kRevision, 3);
  writer.Number(EventField::kKind, 2);
  writer.Number(EventField::kEventTimeUs, 1291191960000000);
  writer.Pair(EventField::kOriginal, "", "e-0");
  writer.Pair(EventField::kTransaction, "pay", std::string(300, 't'));
  writer.Number(EventField::kReportingRole, 2);
  writer.Pair(EventField::kConsumer, "local", std::string(16, '\x01'), 3);
  writer.Text(EventField::kProvider, "");
  writer.Number(EventField::kAmount, std::numeric_limits<int64_t>::max());
  writer.Number(EventField::kVoucherAmount, -1);
  writer.Pair(EventField::kAttributes, "k", "v");
  writer.Text(EventField::kCurrency, "GBP");
  EXPECT_EQ(writer.bytes(), event.SerializeAsString());
}

TEST(EventWriterTest, GrowsAndStartsAnew) {
  EventWriter writer;
  const std::string large(100'000, 'x');
  writer.Text(EventField::kId, large);
  Event event;
  ASSERT_TRUE(event.ParseFromArray(writer.bytes().data(), static_cast<int>(writer.bytes().size())));
  EXPECT_EQ(event.id(), large);
  writer.Clear();
  EXPECT_TRUE(writer.bytes().empty());
}

}  // namespace
}  // namespace tidemark::submit
