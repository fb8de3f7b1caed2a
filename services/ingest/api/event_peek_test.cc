#include "services/ingest/api/event_peek.h"

#include <gtest/gtest.h>

#include "tidemark/ingest/v1/event.pb.h"

namespace tidemark::ingest {
namespace {

v1::Event Whole() {
  v1::Event event;
  event.set_source("shop");
  event.set_id("编号");
  event.set_revision(7);
  event.set_kind(v1::EVENT_KIND_REFUND);
  event.set_event_time_us(1);
  event.mutable_original()->set_id("o");
  event.mutable_transaction()->set_scheme("s");
  event.mutable_transaction()->set_id("t");
  event.set_category("c");
  event.set_amount(5);
  event.set_quantity(1);
  event.set_currency("CNY");
  (*event.mutable_attributes())["k"] = "v";
  return event;
}

TEST(EventPeekTest, TellsIdentityAsAParserWould) {
  const std::string twice = Whole().SerializeAsString() + "\x0a\x05other";
  const EventPeek peek = PeekAt(twice);
  EXPECT_EQ(peek.source, "other");
  EXPECT_EQ(peek.id, "编号");
  EXPECT_EQ(peek.revision, 7u);
  EXPECT_EQ(PeekAt("").source, "");
}

TEST(EventPeekTest, WhatComesBeforeDamageIsTold) {
  const EventPeek peek = PeekAt(std::string_view("\x0a\x04shop\x12\x7f", 8));
  EXPECT_EQ(peek.source, "shop");
  EXPECT_EQ(peek.id, "");
  EXPECT_FALSE(peek.whole);
  EXPECT_FALSE(peek.harmless);
}

TEST(EventPeekTest, HarmlessIsWhatHasNoPlaceForAnIdentifier) {
  const std::string whole = Whole().SerializeAsString();
  EXPECT_TRUE(PeekAt(whole).harmless);
  // A text that is no UTF-8 does no harm.
  EXPECT_TRUE(PeekAt(whole + "\x72\x02\xff\xfe").harmless);
  v1::Event with_consumer = Whole();
  with_consumer.mutable_consumer()->set_scheme("account");
  EXPECT_FALSE(PeekAt(with_consumer.SerializeAsString()).harmless);
  EXPECT_TRUE(PeekAt(with_consumer.SerializeAsString()).whole);
  // Cut anywhere inside a field, an unknown field, a known one of another type, and something more
  // in a submessage.
  EXPECT_FALSE(PeekAt(whole.substr(0, whole.size() - 1)).harmless);
  EXPECT_FALSE(PeekAt(whole + "\xfa\x01\x01x").harmless);
  EXPECT_FALSE(PeekAt(whole + "\xfa\x07\x01x").harmless);
  EXPECT_FALSE(PeekAt(whole + "\x22\x01x").harmless);
  EXPECT_FALSE(PeekAt(whole + "\x08\x01").harmless);
  EXPECT_FALSE(PeekAt(whole + "\x42\x03\x1a\x01x").harmless);
  // The tag of a consumer in two bytes.
  EXPECT_FALSE(PeekAt(whole + std::string("\xd2\x00\x01x", 4)).harmless);
}

}  // namespace
}  // namespace tidemark::ingest
