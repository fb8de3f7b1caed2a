#include "services/ingest/domain/shape.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "common/status/error.h"

namespace tidemark::ingest {
namespace {

const std::string& Long(size_t size) {
  static auto* texts = new std::vector<std::string>(1024);
  (*texts)[size] = std::string(size, 'x');
  return (*texts)[size];
}

struct Sample {
  ledger::EventRecord record;
  EventExtras extras;
};

Sample Purchase() {
  Sample sample;
  sample.record.source = "shop";
  sample.record.id = "1";
  sample.record.event_time_us = 1;
  sample.record.amount = 100;
  sample.extras.kind = 1;
  return sample;
}

struct Case {
  const char* name;
  std::function<void(Sample&)> change;
  Reason reason;
  Field field;
};

uint64_t Bit(Field field) { return uint64_t{1} << static_cast<int>(field); }

std::vector<Case> Refusals() {
  using R = Reason;
  using F = Field;
  const auto refund = [](Sample& s) {
    s.extras.kind = 2;
    s.extras.has_original = true;
    s.record.original_id = "0";
  };
  const auto transaction = [](Sample& s) {
    s.extras.has_transaction = true;
    s.record.transaction_scheme = "txn";
    s.record.transaction_id = "7";
    s.extras.reporting_role = 1;
  };
  const auto consumer = [](Sample& s) {
    s.extras.has_consumer = true;
    s.record.consumer_scheme = "account";
    s.extras.consumer_id = "c";
  };
  return {
      {"no source", [](Sample& s) { s.record.source = {}; }, R::kFieldRequired, F::kSource},
      {"empty source", [](Sample& s) { s.record.source = ""; }, R::kFieldRequired, F::kSource},
      {"long source", [](Sample& s) { s.record.source = Long(129); }, R::kTooLong, F::kSource},
      {"no id", [](Sample& s) { s.record.id = ""; }, R::kFieldRequired, F::kId},
      {"long id", [](Sample& s) { s.record.id = Long(129); }, R::kTooLong, F::kId},
      {"control in id", [](Sample& s) { s.extras.control_characters = Bit(F::kId); },
       R::kControlCharacter, F::kId},
      {"no kind", [](Sample& s) { s.extras.kind = 0; }, R::kFieldRequired, F::kKind},
      {"unknown kind", [](Sample& s) { s.extras.kind = 5; }, R::kEnumUnknown, F::kKind},
      {"negative kind", [](Sample& s) { s.extras.kind = -1; }, R::kEnumUnknown, F::kKind},
      {"kind past a byte", [](Sample& s) { s.extras.kind = 257; }, R::kEnumUnknown, F::kKind},
      {"void of nothing", [](Sample& s) { s.extras.kind = 4; }, R::kOutOfRange, F::kRevision},
      {"void with an amount",
       [](Sample& s) {
         s.extras.kind = 4;
         s.record.revision = 1;
       },
       R::kFieldNotAllowed, F::kAmount},
      {"void with a transaction",
       [](Sample& s) {
         s.extras.kind = 4;
         s.record.revision = 1;
         s.record.amount.reset();
         s.extras.has_transaction = true;
       },
       R::kFieldNotAllowed, F::kTransaction},
      {"original of a purchase",
       [=](Sample& s) {
         refund(s);
         s.extras.kind = 1;
       },
       R::kFieldNotAllowed, F::kOriginal},
      {"original without id",
       [=](Sample& s) {
         refund(s);
         s.record.original_id = "";
       },
       R::kFieldRequired, F::kOriginalId},
      {"long original source",
       [=](Sample& s) {
         refund(s);
         s.record.original_source = Long(129);
       },
       R::kTooLong, F::kOriginalSource},
      {"refund of itself",
       [=](Sample& s) {
         refund(s);
         s.record.original_id = "1";
       },
       R::kOriginalIsSelf, F::kOriginal},
      {"empty order", [](Sample& s) { s.record.order = ""; }, R::kCodeEmpty, F::kOrder},
      {"long order", [](Sample& s) { s.record.order = Long(129); }, R::kTooLong, F::kOrder},
      {"empty category", [](Sample& s) { s.record.category = ""; }, R::kCodeEmpty, F::kCategory},
      {"long product", [](Sample& s) { s.record.product = Long(65); }, R::kTooLong, F::kProduct},
      {"long provider", [](Sample& s) { s.record.provider = Long(65); }, R::kTooLong, F::kProvider},
      {"long payment method", [](Sample& s) { s.record.payment_method = Long(65); }, R::kTooLong,
       F::kPaymentMethod},
      {"long age band", [](Sample& s) { s.record.age_band = Long(65); }, R::kTooLong, F::kAgeBand},
      {"empty income band", [](Sample& s) { s.record.income_band = ""; }, R::kCodeEmpty,
       F::kIncomeBand},
      {"control in product",
       [](Sample& s) {
         s.record.product = "p";
         s.extras.control_characters = Bit(F::kProduct);
       },
       R::kControlCharacter, F::kProduct},
      {"long currency", [](Sample& s) { s.extras.currency = "EURO"; }, R::kTooLong, F::kCurrency},
      {"transaction without scheme",
       [=](Sample& s) {
         transaction(s);
         s.record.transaction_scheme = {};
       },
       R::kFieldRequired, F::kTransactionScheme},
      {"transaction without id",
       [=](Sample& s) {
         transaction(s);
         s.record.transaction_id = "";
       },
       R::kFieldRequired, F::kTransactionId},
      {"transaction without role",
       [=](Sample& s) {
         transaction(s);
         s.extras.reporting_role = 0;
       },
       R::kFieldRequired, F::kReportingRole},
      {"unknown role", [](Sample& s) { s.extras.reporting_role = 5; }, R::kEnumUnknown,
       F::kReportingRole},
      {"consumer without scheme",
       [=](Sample& s) {
         consumer(s);
         s.record.consumer_scheme = {};
       },
       R::kFieldRequired, F::kConsumerScheme},
      {"consumer without identity",
       [=](Sample& s) {
         consumer(s);
         s.extras.consumer_id = {};
       },
       R::kFieldRequired, F::kConsumer},
      {"empty consumer id",
       [=](Sample& s) {
         consumer(s);
         s.extras.consumer_id = "";
       },
       R::kFieldRequired, F::kConsumerId},
      {"long consumer id",
       [=](Sample& s) {
         consumer(s);
         s.extras.consumer_id = Long(129);
       },
       R::kTooLong, F::kConsumerId},
      {"short pseudonym",
       [=](Sample& s) {
         consumer(s);
         s.extras.consumer_id = {};
         s.extras.consumer_prehashed = Long(15);
       },
       R::kPrehashedSize, F::kConsumerPrehashed},
      {"unknown segment", [](Sample& s) { s.extras.segment = 4; }, R::kEnumUnknown, F::kSegment},
      {"unknown channel", [](Sample& s) { s.extras.channel = -7; }, R::kEnumUnknown, F::kChannel},
      {"unknown area", [](Sample& s) { s.extras.area_type = 3; }, R::kEnumUnknown, F::kAreaType},
      {"no amount", [](Sample& s) { s.record.amount.reset(); }, R::kFieldRequired, F::kAmount},
      {"amount 0", [](Sample& s) { s.record.amount = 0; }, R::kOutOfRange, F::kAmount},
      {"negative amount", [](Sample& s) { s.record.amount = -5; }, R::kOutOfRange, F::kAmount},
      {"amount over the limit", [](Sample& s) { s.record.amount = kMaxAmount + 1; }, R::kOutOfRange,
       F::kAmount},
      {"greatest amount", [](Sample& s) { s.record.amount = INT64_MAX; }, R::kOutOfRange,
       F::kAmount},
      {"amount of a service use", [](Sample& s) { s.extras.kind = 3; }, R::kFieldNotAllowed,
       F::kAmount},
      {"voucher above amount", [](Sample& s) { s.record.voucher_amount = 101; }, R::kOutOfRange,
       F::kVoucherAmount},
      {"negative voucher", [](Sample& s) { s.record.voucher_amount = -1; }, R::kOutOfRange,
       F::kVoucherAmount},
      {"voucher without amount",
       [](Sample& s) {
         s.extras.kind = 3;
         s.record.amount.reset();
         s.record.voucher_amount = 0;
       },
       R::kFieldNotAllowed, F::kVoucherAmount},
      {"negative quantity", [](Sample& s) { s.record.quantity = -1; }, R::kOutOfRange,
       F::kQuantity},
      {"quantity over the limit", [](Sample& s) { s.record.quantity = kMaxAmount + 1; },
       R::kOutOfRange, F::kQuantity},
      {"17 attributes",
       [](Sample& s) {
         for (size_t i = 1; i <= 17; ++i) s.extras.attributes.push_back({Long(i), ""});
         s.extras.attribute_entries = 17;
       },
       R::kAttributesTooLarge, F::kAttributes},
      {"1,025 bytes of attributes",
       [](Sample& s) {
         s.extras.attributes.push_back({Long(3), Long(1022)});
         s.extras.attribute_entries = 1;
       },
       R::kAttributesTooLarge, F::kAttributes},
      {"a flood of attributes",
       [](Sample& s) {
         s.extras.attributes.push_back({"a", ""});
         s.extras.attribute_entries = kMaxAttributeEntries + 1;
       },
       R::kAttributesTooLarge, F::kAttributes},
  };
}

TEST(ShapeTest, EveryFaultIsRefusedWithItsFieldAndReason) {
  for (const Case& c : Refusals()) {
    Sample sample = Purchase();
    c.change(sample);
    Arena arena;
    Rejection rejection;
    EXPECT_FALSE(CheckShape(sample.extras, &sample.record, &arena, &rejection)) << c.name;
    EXPECT_EQ(NameOf(rejection.reason), NameOf(c.reason)) << c.name;
    EXPECT_EQ(NameOf(rejection.field), NameOf(c.field)) << c.name;
    EXPECT_FALSE(rejection.message.empty()) << c.name;
  }
}

TEST(ShapeTest, LimitsThemselvesAreAllowed) {
  Sample sample = Purchase();
  sample.record.source = Long(128);
  sample.record.id = Long(127);
  sample.record.product = Long(64);
  sample.record.amount = kMaxAmount;
  sample.record.voucher_amount = kMaxAmount;
  sample.record.quantity = 0;
  sample.extras.area_type = 2;
  sample.extras.channel = 3;
  sample.extras.attributes.push_back({Long(2), Long(1022)});
  sample.extras.attribute_entries = 1;
  Arena arena;
  Rejection rejection;
  ASSERT_TRUE(CheckShape(sample.extras, &sample.record, &arena, &rejection)) << rejection.message;
  EXPECT_EQ(sample.record.kind, ledger::EventKind::kPurchase);
  EXPECT_EQ(sample.record.channel, ledger::Channel::kHybrid);
  EXPECT_EQ(sample.record.area_type, ledger::AreaType::kRural);
  EXPECT_EQ(sample.record.attributes.size(), 1u);
}

TEST(ShapeTest, AttributesAreSortedAndTheLastValueOfAKeyCounts) {
  Sample sample = Purchase();
  sample.extras.attributes = {{"b", "1"}, {"a", "2"}, {"b", "3"}, {"", "4"}};
  sample.extras.attribute_entries = 4;
  Arena arena;
  Rejection rejection;
  ASSERT_TRUE(CheckShape(sample.extras, &sample.record, &arena, &rejection));
  const std::vector<ledger::Attribute> want = {{"", "4"}, {"a", "2"}, {"b", "3"}};
  EXPECT_EQ(std::vector<ledger::Attribute>(sample.record.attributes.begin(),
                                           sample.record.attributes.end()),
            want);
}

TEST(ShapeTest, OriginalWithoutSourceIsOfTheEventsOwn) {
  Sample sample = Purchase();
  sample.extras.kind = 2;
  sample.extras.has_original = true;
  sample.record.original_id = "0";
  Arena arena;
  Rejection rejection;
  ASSERT_TRUE(CheckShape(sample.extras, &sample.record, &arena, &rejection));
  EXPECT_EQ(sample.record.original_source, "shop");
}

TEST(ShapeTest, ServiceUseNeedsNoAmount) {
  Sample sample = Purchase();
  sample.extras.kind = 3;
  sample.record.amount.reset();
  Arena arena;
  Rejection rejection;
  EXPECT_TRUE(CheckShape(sample.extras, &sample.record, &arena, &rejection));
}

TEST(RejectionTest, EveryReasonHasAStableNameAndACode) {
  std::vector<std::string_view> names;
  for (int i = 0; i < kReasonCount; ++i) {
    const auto reason = static_cast<Reason>(i);
    for (const char c : NameOf(reason)) EXPECT_TRUE(('A' <= c && c <= 'Z') || c == '_' || c == '8');
    EXPECT_NE(CodeOf(reason), absl::StatusCode::kOk);
    EXPECT_NE(CodeOf(reason), absl::StatusCode::kInternal);
    const absl::Status status = ToStatus({reason, Field::kAmount, "0; want 1"});
    EXPECT_EQ(status::ReasonOf(status), NameOf(reason));
    EXPECT_EQ(status::FieldOf(status), "amount");
    EXPECT_EQ(status.message(), "amount: 0; want 1");
    EXPECT_EQ(std::count(names.begin(), names.end(), NameOf(reason)), 0);
    names.push_back(NameOf(reason));
  }
}

TEST(RejectionTest, QuotedCutsBetweenCharacters) {
  EXPECT_EQ(Quoted("a"), "\"a\"");
  EXPECT_EQ(Quoted(std::string(63, 'x') + "中"), "\"" + std::string(63, 'x') + "…\"");
}

}  // namespace
}  // namespace tidemark::ingest
