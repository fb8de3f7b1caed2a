#ifndef TIDEMARK_SERVICES_INGEST_DOMAIN_SHAPE_H_
#define TIDEMARK_SERVICES_INGEST_DOMAIN_SHAPE_H_

#include <cstddef>
#include <cstdint>
#include <optional>

#include "clients/cpp/ledger/record.h"
#include "services/ingest/domain/arena.h"
#include "services/ingest/domain/parsed_event.h"
#include "services/ingest/domain/rejection.h"

namespace tidemark::ingest {

inline constexpr size_t kMaxOpenCodeBytes = 64;
inline constexpr int64_t kMaxAmount = 1'000'000'000'000'000;

// Whether the numbers of an event fit its kind, as CheckShape has it; false also of kinds that are
// no purchase, refund or use of a service. Absent numbers are nullopt.
inline bool AmountsFit(ledger::EventKind kind, std::optional<int64_t> amount,
                       std::optional<int64_t> voucher_amount, std::optional<int64_t> quantity) {
  const auto in_range = [](int64_t value, int64_t low, int64_t high) {
    return low <= value && value <= high;
  };
  if (kind == ledger::EventKind::kServiceUse) {
    if (amount.has_value()) return false;
  } else if (kind == ledger::EventKind::kPurchase || kind == ledger::EventKind::kRefund) {
    if (!amount.has_value() || !in_range(*amount, 1, kMaxAmount)) return false;
  } else {
    return false;
  }
  if (voucher_amount.has_value() &&
      !(amount.has_value() && in_range(*voucher_amount, 0, *amount))) {
    return false;
  }
  return !quantity.has_value() || in_range(*quantity, 0, kMaxAmount);
}

// Everything about an event that can be judged without catalog, clock and log. Pure.
//
// On success `record` is complete but for the pseudonym and what the log adds: enums narrowed,
// attributes sorted into `arena`, a refund's original_source filled in. False with `rejection`
// set: the first fault found, in the order of the fields.
bool CheckShape(const EventExtras& extras, ledger::EventRecord* record, Arena* arena,
                Rejection* rejection);

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_DOMAIN_SHAPE_H_
