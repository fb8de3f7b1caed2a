#ifndef TIDEMARK_SERVICES_INGEST_DOMAIN_REJECTION_H_
#define TIDEMARK_SERVICES_INGEST_DOMAIN_REJECTION_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "services/ingest/domain/field.h"

namespace tidemark::ingest {

// Why an event is not accepted. The names (NameOf) are part of the contract: stable for ever.
enum class Reason : uint8_t {
  kMalformedEvent,
  kInvalidUtf8,
  kFieldRequired,
  kCodeEmpty,
  kTooLong,
  kControlCharacter,
  kEnumUnknown,
  kFieldNotAllowed,
  kOutOfRange,
  kPrehashedSize,
  kAttributesTooLarge,
  kOriginalIsSelf,
  kUnknownSource,
  kUnknownRegion,
  kUnknownCategory,
  kUnknownScheme,
  kUnknownCode,
  kCodeNotValidAtTime,
  kOutsideReportingWindow,
  kSourceNotAllowed,
  kSchemeNotAllowed,
  kSchemeWrongClass,
  kIdentifierInvalid,
  kCurrencyMismatch,
  kBeforeObservatoryStart,
  kTimeInFuture,
  kTooManyNewCodes,
  kTooManyWaitingRefunds,
  kContentConflict,
};
inline constexpr int kReasonCount = static_cast<int>(Reason::kContentConflict) + 1;

// "UNKNOWN_REGION" for kUnknownRegion.
std::string_view NameOf(Reason reason);
absl::StatusCode CodeOf(Reason reason);
// True for faults of the event in itself: it is rejected again however often it is sent, whatever
// the catalog and the clock say by then, and whichever release judges it.
bool IsFinal(Reason reason);

// The refusal of one event. `message` says what is wrong with the field and what is wanted; it
// never holds consumer identifiers or attribute values.
struct Rejection {
  Reason reason = Reason::kMalformedEvent;
  Field field = Field::kEvent;
  std::string message;
};

// "`field`: `message`" with BadRequest and ErrorInfo.
absl::Status ToStatus(const Rejection& rejection);

// Fills in `out` and returns false, so that a check can `return Reject(...)`.
inline bool Reject(Rejection* out, Reason reason, Field field, std::string message) {
  out->reason = reason;
  out->field = field;
  out->message = std::move(message);
  return false;
}

// A code for a message: quoted, at most 64 bytes of it, cut between characters.
std::string Quoted(std::string_view code);

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_DOMAIN_REJECTION_H_
