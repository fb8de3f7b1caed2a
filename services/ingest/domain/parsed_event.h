#ifndef TIDEMARK_SERVICES_INGEST_DOMAIN_PARSED_EVENT_H_
#define TIDEMARK_SERVICES_INGEST_DOMAIN_PARSED_EVENT_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "clients/cpp/ledger/record.h"

namespace tidemark::ingest {

inline constexpr size_t kMaxAttributeEntries = 1024;

// What an event says beside the fields that EventRecord holds as they are. Enums are the numbers
// on the wire, known or not: shape validation narrows them into the record. Views point into the
// request.
struct EventExtras {
  int32_t kind = 0;
  int32_t reporting_role = 0;
  int32_t segment = 0;
  int32_t channel = 0;
  int32_t area_type = 0;
  bool has_original = false;
  bool has_transaction = false;
  bool has_consumer = false;
  // Bit 1 << Field of texts that hold a control character (U+0000-001F, U+007F-009F).
  uint64_t control_characters = 0;
  // At most one of the two is present, the one that came last; absent: data() == nullptr. The
  // identifier in clear never leaves the request's memory.
  std::string_view consumer_id;
  std::string_view consumer_prehashed;
  std::string_view currency;
  // In the order of the wire, a key possibly twice (the last one counts). Only the first
  // kMaxAttributeEntries of `attribute_entries` are kept: two bytes of wire must not cost 32 of
  // memory.
  std::vector<ledger::Attribute> attributes;
  size_t attribute_entries = 0;

  // Back to an event that says nothing, keeping memory.
  void Clear() {
    attributes.clear();
    attribute_entries = 0;
    kind = reporting_role = segment = channel = area_type = 0;
    control_characters = 0;
    has_original = has_transaction = has_consumer = false;
    consumer_id = consumer_prehashed = currency = {};
  }
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_DOMAIN_PARSED_EVENT_H_
