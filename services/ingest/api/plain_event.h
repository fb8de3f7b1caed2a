#ifndef TIDEMARK_SERVICES_INGEST_API_PLAIN_EVENT_H_
#define TIDEMARK_SERVICES_INGEST_API_PLAIN_EVENT_H_

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "services/ingest/api/event_columns.h"

namespace tidemark::ingest {

// An event of the usual fields, each once, whose codes are known by number. What it does not have
// is 0, and absent.
struct PlainEvent {
  // By CodeField, as PlainJudge numbers them; the currency is not kept.
  std::array<uint32_t, ledger::kCodeTextCount> codes;
  // Codes of lists that may be long, which get their numbers later.
  std::string_view product;
  std::string_view provider;
  std::string_view id;
  std::string_view order;
  std::string_view consumer_id;
  std::string_view consumer_prehashed;
  std::span<const ledger::Attribute> attributes;  // ascending by key
  int64_t event_time_us;
  // In the order of ledger::EventRows.
  std::array<int64_t, EventColumns::kIntegerCount> integers;
  std::array<uint32_t, EventColumns::kSmallCount> smalls;
  uint32_t revision;
  // It has no open codes but those that its source is known to have used.
  bool admitted;
  // Bit n: it has field n of Event.
  uint32_t fields;

  // Field by field: gcc makes a slow loop of clearing all at once.
  void Clear() {
    codes = {};
    product = provider = id = order = consumer_id = consumer_prehashed = {};
    attributes = {};
    event_time_us = 0;
    integers = {};
    smalls = {};
    revision = 0;
    admitted = false;
    fields = 0;
  }
  bool has(uint32_t field) const { return (fields >> field & 1) != 0; }
};

// Numbers of Event's fields.
enum PlainField : uint32_t {
  kSourceField = 1,
  kIdField = 2,
  kRevisionField = 3,
  kKindField = 4,
  kEventTimeField = 5,
  kOrderField = 7,
  kReportingRoleField = 9,
  kConsumerField = 10,
  kSegmentField = 17,
  kChannelField = 18,
  kAreaTypeField = 21,
  kAmountField = 26,
  kVoucherAmountField = 27,
  kQuantityField = 28,
  kAttributesField = 29,
  kCurrencyField = 30,
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_API_PLAIN_EVENT_H_
