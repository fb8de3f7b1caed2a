// A SubmitEventsRequest as it comes from the network, by itself and inside a StreamEventsRequest:
// the envelope is read as protobuf's own parser reads it, with differences that are meant: an event
// that is broken costs itself only, and what is too large or no UTF-8 in request_id is refused with
// a reason.
#include <google/protobuf/stubs/logging.h>

#include <cstring>
#include <vector>

#include "services/ingest/api/event_splitter.h"
#include "services/ingest/api/streamed_batch.h"
#include "services/ingest/api/utf8.h"
#include "tests/fuzz/fuzz.h"
#include "tidemark/ingest/v1/ingest_service.pb.h"

namespace tidemark::ingest {
namespace {

std::vector<std::string_view> EventsOf(std::string_view request) {
  std::vector<std::string_view> events;
  EventCursor cursor(request);
  std::string_view event;
  while (cursor.Next(&event)) events.push_back(event);
  return events;
}

// What of a request the envelope does not look into: its events, and those by columns.
std::vector<std::string_view> UnreadOf(std::string_view request) {
  std::vector<std::string_view> parts;
  WireReader wire(request);
  uint32_t tag;
  std::string_view part;
  while (!wire.done() && wire.ReadTag(&tag)) {
    if (tag != Tag(1, kBytes) && tag != Tag(5, kBytes)) {
      if (!wire.Skip(tag)) break;
    } else if (wire.ReadBytes(&part)) {
      parts.push_back(part);
    } else {
      break;
    }
  }
  return parts;
}

// What protobuf reads of `request` with harmless parts of the same size in it, for their bytes are
// not the envelope's: varint field 3 as often as there is room, which Event (`revision`) and
// SubmitEventsRequest (`validate_only`) have both.
template <typename Message>
bool ProtobufReads(std::string_view request, const std::vector<std::string_view>& parts,
                   Message* message) {
  std::string harmless(request);
  for (const std::string_view event : parts) {
    char* at = harmless.data() + (event.data() - request.data());
    for (size_t left = event.size(); left > 0;) {
      const size_t size = left == 3 ? 3 : 2;  // the value 0 in two bytes where one is over
      std::memcpy(at, size == 3 ? "\x18\x80\x00" : "\x18\x00", size);
      at += size;
      left -= size;
    }
  }
  return message->ParseFromString(harmless);
}

// A request_id that another one follows counts for nothing, so we do not look at it; protobuf does.
bool HasLostBadRequestId(std::string_view request) {
  WireReader wire(request);
  uint32_t tag;
  std::string_view id;
  while (!wire.done() && wire.ReadTag(&tag)) {
    if (tag != Tag(2, kBytes)) {
      if (!wire.Skip(tag)) return false;
    } else if (!wire.ReadBytes(&id)) {
      return false;
    } else if (!IsUtf8(id)) {
      return true;
    }
  }
  return false;
}

void CheckRequest(std::string_view request) {
  const auto envelope = ReadEnvelope(request);
  const std::vector<std::string_view> events = EventsOf(request);
  for (const std::string_view event : events) {
    FUZZ_CHECK(event.data() >= request.data() &&
                   event.data() + event.size() <= request.data() + request.size(),
               "an event lies in its request");
  }
  if (!envelope.ok()) {
    FUZZ_CHECK(fuzz::BlamesInput(envelope.status()), envelope.status().ToString());
    v1::SubmitEventsRequest message;
    if (!message.ParseFromArray(request.data(), static_cast<int>(request.size()))) return;
    const bool large = static_cast<size_t>(message.events_size()) >
                       (message.with_receipts() ? kMaxReceiptEvents : kMaxBatchEvents);
    // Columns twice, beside events or too many of them: refused, though protobuf would read them.
    FUZZ_CHECK(message.request_id().size() > kMaxRequestIdBytes || large || message.has_columns(),
               "refused what protobuf accepts: " + envelope.status().ToString());
    return;
  }
  FUZZ_CHECK(IsUtf8(envelope->request_id), "a request id is UTF-8");
  if (envelope->columns.data() != nullptr) {
    FUZZ_CHECK(events.empty(), "columns and events");
    FUZZ_CHECK(
        envelope->columns.data() >= request.data() &&
            envelope->columns.data() + envelope->columns.size() <= request.data() + request.size(),
        "columns lie in their request");
  } else {
    FUZZ_CHECK(events.size() == envelope->events,
               "the cursor gives as many events as were counted");
  }
  v1::SubmitEventsRequest message;
  const std::vector<std::string_view> unread = UnreadOf(request);
  for (const std::string_view part : unread) {
    if (part.size() == 1) return;  // no message has one byte
  }
  if (HasLostBadRequestId(request)) return;
  FUZZ_CHECK(ProtobufReads(request, unread, &message), "protobuf refuses the envelope");
  FUZZ_CHECK(message.has_columns() == (envelope->columns.data() != nullptr), "columns");
  FUZZ_CHECK(
      message.has_columns() || static_cast<size_t>(message.events_size()) == envelope->events,
      "number of events");
  FUZZ_CHECK(message.request_id() == envelope->request_id, "request_id");
  FUZZ_CHECK(message.validate_only() == envelope->validate_only, "validate_only");
  FUZZ_CHECK(message.with_receipts() == envelope->with_receipts, "with_receipts");
}

void CheckStreamed(std::string_view message) {
  StreamedBatch streamed;
  v1::StreamEventsRequest expected;
  if (!ReadStreamedBatch(message, &streamed)) {
    // Protobuf takes two batches for their sum.
    const bool parsed = expected.ParseFromArray(message.data(), static_cast<int>(message.size()));
    FUZZ_CHECK(!parsed || expected.has_batch(), "refused what protobuf accepts");
    return;
  }
  const std::string_view batch = streamed.batch;
  FUZZ_CHECK(batch.empty() || (batch.data() >= message.data() &&
                               batch.data() + batch.size() <= message.data() + message.size()),
             "a batch lies in its message");
  if (batch.size() == 1) return;  // no message has one byte
  std::vector<std::string_view> parts;
  if (!batch.empty()) parts.push_back(batch);
  FUZZ_CHECK(ProtobufReads(message, parts, &expected), "protobuf refuses the message");
  FUZZ_CHECK(expected.sequence() == streamed.sequence, "sequence");
  FUZZ_CHECK(expected.has_batch() || batch.empty(), "batch");
  if (!batch.empty()) CheckRequest(batch);
}

}  // namespace

TIDEMARK_FUZZER(std::string_view bytes) {
  static const google::protobuf::LogSilencer quiet;
  CheckRequest(bytes);
  CheckStreamed(bytes);
}

}  // namespace tidemark::ingest
