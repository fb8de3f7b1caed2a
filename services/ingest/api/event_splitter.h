#ifndef TIDEMARK_SERVICES_INGEST_API_EVENT_SPLITTER_H_
#define TIDEMARK_SERVICES_INGEST_API_EVENT_SPLITTER_H_

#include <cstddef>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/ingest/api/wire_reader.h"

namespace tidemark::ingest {

inline constexpr size_t kMaxBatchEvents = 100'000;
// With a receipt each; what they take in the answer counts.
inline constexpr size_t kMaxReceiptEvents = 25'000;
inline constexpr size_t kMaxBatchBytes = size_t{32} << 20;
inline constexpr size_t kMaxRequestIdBytes = 64;

// The outside of a SubmitEventsRequest: its options and how many events it has. The events
// themselves stay unread, so that a broken one costs itself only.
struct BatchEnvelope {
  size_t events = 0;
  // Bytes of the EventColumns that hold the events; absent (data() == nullptr): they come one by
  // one.
  std::string_view columns;
  std::string_view request_id;
  bool validate_only = false;
  bool with_receipts = false;
};

// Walks the request once, allocating nothing. INVALID_ARGUMENT: the bytes are no
// SubmitEventsRequest (MALFORMED_REQUEST), events both by columns and one by one
// (EVENTS_AND_COLUMNS), columns twice (MALFORMED_COLUMNS), more than kMaxBatchEvents,
// kMaxReceiptEvents or kMaxBatchBytes (BATCH_TOO_LARGE), or a request_id that is too long or no
// UTF-8 (REQUEST_ID_INVALID).
absl::StatusOr<BatchEnvelope> ReadEnvelope(std::string_view request);

// The bytes of each event of a request that ReadEnvelope took, of those that come one by one.
class EventCursor {
 public:
  explicit EventCursor(std::string_view request) : wire_(request) {}

  // False at the end.
  bool Next(std::string_view* event) {
    while (!wire_.done()) {
      uint32_t tag;
      if (!wire_.ReadTag(&tag)) return false;
      if (tag == Tag(1, kBytes)) return wire_.ReadBytes(event);
      if (!wire_.Skip(tag)) return false;
    }
    return false;
  }

 private:
  WireReader wire_;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_API_EVENT_SPLITTER_H_
