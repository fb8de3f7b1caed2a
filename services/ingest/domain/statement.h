#ifndef TIDEMARK_SERVICES_INGEST_DOMAIN_STATEMENT_H_
#define TIDEMARK_SERVICES_INGEST_DOMAIN_STATEMENT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/numeric/int128.h"
#include "absl/status/statusor.h"
#include "clients/cpp/ledger/record.h"

namespace tidemark::ingest {

// RefusedCount::reason of an event that was in the log already.
inline constexpr std::string_view kDuplicateReason = "DUPLICATE";

// Events of one source and day that were not accepted, for one reason.
struct RefusedCount {
  std::string source;  // empty: unknown
  // Civil day of the observatory's zone, as days since 1970-01-01: of arrival, else of the events.
  int32_t day = 0;
  bool by_arrival = false;
  // NameOf(Reason), or kDuplicateReason.
  std::string reason;
  std::string field;  // empty for duplicates
  uint64_t count = 0;
};

// To and from the message with these fields, tidemark.internal.v1.RefusedCount: both sides of that
// protocol need both ways.
template <typename Message>
void ToMessage(const RefusedCount& count, Message* out) {
  out->set_source(count.source);
  out->set_day(count.day);
  out->set_by_arrival(count.by_arrival);
  out->set_reason(count.reason);
  out->set_field(count.field);
  out->set_count(count.count);
}
template <typename Message>
RefusedCount FromMessage(const Message& message) {
  return {.source = message.source(),
          .day = message.day(),
          .by_arrival = message.by_arrival(),
          .reason = message.reason(),
          .field = message.field(),
          .count = message.count()};
}

// Records of the log; sums at the observatory's scale.
struct AcceptedCounts {
  uint64_t events = 0;
  absl::int128 gross = 0;    // PURCHASE
  absl::int128 refunds = 0;  // REFUND

  // `kind` is a number of ledger::EventKind, `amount` 0 where there is none. Removing before adding
  // is right in the end.
  void Add(uint8_t kind, int64_t amount) { Add(kind, amount, 1); }
  void Remove(uint8_t kind, int64_t amount) { Add(kind, amount, -1); }

 private:
  void Add(uint8_t kind, int64_t amount, int sign) {
    events += static_cast<uint64_t>(sign);
    if (kind == static_cast<uint8_t>(ledger::EventKind::kPurchase)) gross += sign * amount;
    if (kind == static_cast<uint8_t>(ledger::EventKind::kRefund)) refunds += sign * amount;
  }
};

// The last SOURCE_DAY record of a source and day.
struct DayClose {
  uint64_t leaf = 0;
  int64_t accepted_time_us = 0;
  uint64_t events = 0;
  int64_t gross = 0;
  int64_t refunds = 0;
};

// What is known of one source and day.
struct Statement {
  uint64_t log_size = 0;  // leaves counted
  AcceptedCounts by_event_day;
  AcceptedCounts by_arrival_day;
  AcceptedCounts standing;            // each event once, by its highest revision; no VOID
  std::vector<RefusedCount> refused;  // of both kinds
  std::optional<DayClose> close;
};

// OUT_OF_RANGE (AMOUNT_OVERFLOW) naming `field`: above 2^63 - 1, or below -2^63.
absl::StatusOr<int64_t> SumOf(absl::int128 sum, std::string_view field);

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_DOMAIN_STATEMENT_H_
