// A conflict names the field by its path in tidemark.ingest.v1.Event.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "clients/cpp/ledger/record.h"
#include "tidemark/ingest/v1/event.pb.h"

namespace tidemark::ingest {
namespace {

using ledger::EventRecord;

// False when there is no such field.
bool IsPathOfEvent(std::string_view path) {
  const google::protobuf::Descriptor* message = v1::Event::descriptor();
  for (const std::string& name : std::vector<std::string>(absl::StrSplit(path, '.'))) {
    if (message == nullptr) return false;
    const google::protobuf::FieldDescriptor* field = message->FindFieldByName(name);
    if (field == nullptr) return false;
    message = field->message_type();
  }
  return true;
}

TEST(ConflictFieldTest, EveryDifferenceIsNamedByAPathOfTheContract) {
  static constexpr ledger::Attribute kAttribute{"k", "v"};
  std::vector<std::function<void(EventRecord&)>> changes = {
      [](EventRecord& r) { r.revision = 1; },
      [](EventRecord& r) { r.kind = ledger::EventKind::kRefund; },
      [](EventRecord& r) { r.event_time_us = 1; },
      [](EventRecord& r) { r.reporting_role = ledger::ReportingRole::kPayment; },
      [](EventRecord& r) { r.pseudonym = "0123456789abcdef"; },
      [](EventRecord& r) { r.segment = ledger::Segment::kPublic; },
      [](EventRecord& r) { r.channel = ledger::Channel::kOnline; },
      [](EventRecord& r) { r.area_type = ledger::AreaType::kRural; },
      [](EventRecord& r) { r.amount = 1; },
      [](EventRecord& r) { r.voucher_amount = 1; },
      [](EventRecord& r) { r.quantity = 1; },
      [](EventRecord& r) {
        r.attributes = {&kAttribute, 1};
      },
  };
  for (auto text : {&EventRecord::source,          &EventRecord::id,
                    &EventRecord::original_source, &EventRecord::original_id,
                    &EventRecord::order,           &EventRecord::transaction_scheme,
                    &EventRecord::transaction_id,  &EventRecord::consumer_scheme,
                    &EventRecord::consumer_region, &EventRecord::provider_region,
                    &EventRecord::place_of_use,    &EventRecord::category,
                    &EventRecord::product,         &EventRecord::provider,
                    &EventRecord::payment_method,  &EventRecord::age_band,
                    &EventRecord::income_band,     &EventRecord::scenario,
                    &EventRecord::project,         &EventRecord::activity}) {
    changes.push_back([text](EventRecord& r) { r.*text = "other"; });
  }
  for (size_t i = 0; i < changes.size(); ++i) {
    const EventRecord stored;
    EventRecord sent;
    changes[i](sent);
    const std::string_view field = ledger::FirstDifference(stored, sent);
    EXPECT_NE(field, "") << "change " << i;
    EXPECT_TRUE(IsPathOfEvent(field)) << field;
  }
  EXPECT_EQ(ledger::FirstDifference({.event_time_us = 1}, {}), "event_time_us");
}

}  // namespace
}  // namespace tidemark::ingest
