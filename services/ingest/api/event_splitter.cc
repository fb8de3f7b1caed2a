#include "services/ingest/api/event_splitter.h"

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/ingest/api/event_columns.h"
#include "services/ingest/api/utf8.h"

namespace tidemark::ingest {
namespace {

absl::Status Malformed() {
  return status::InvalidArgument(
      "request",
      "bytes are not a valid tidemark.ingest.v1.SubmitEventsRequest in protobuf wire "
      "format",
      "MALFORMED_REQUEST");
}

bool ReadFlag(WireReader& wire, bool* out) {
  uint64_t value;
  if (!wire.ReadVarint(&value)) return false;
  *out = value != 0;
  return true;
}

bool ReadField(uint32_t tag, WireReader& wire, BatchEnvelope* envelope, bool* twice) {
  std::string_view skipped;
  switch (tag) {
    case Tag(1, kBytes):
      ++envelope->events;
      return wire.ReadBytes(&skipped);
    case Tag(2, kBytes):
      return wire.ReadBytes(&envelope->request_id);
    case Tag(3, kVarint):
      return ReadFlag(wire, &envelope->validate_only);
    case Tag(4, kVarint):
      return ReadFlag(wire, &envelope->with_receipts);
    case Tag(5, kBytes):
      *twice = envelope->columns.data() != nullptr;
      return wire.ReadBytes(&envelope->columns);
    default:
      return wire.Skip(tag);
  }
}

// Counts the events of a batch by columns.
absl::Status CountColumns(bool twice, BatchEnvelope* envelope) {
  if (envelope->columns.data() == nullptr) return absl::OkStatus();
  if (envelope->events > 0) {
    return status::InvalidArgument("columns",
                                   "events came by columns and one by one; send one of the two",
                                   "EVENTS_AND_COLUMNS");
  }
  if (twice) {
    return status::InvalidArgument("columns", "came twice; want one EventColumns per batch",
                                   "MALFORMED_COLUMNS");
  }
  uint32_t count = 0;
  if (!ReadColumnCount(envelope->columns, &count)) return Malformed();
  envelope->events = count;
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<BatchEnvelope> ReadEnvelope(std::string_view request) {
  if (request.size() > kMaxBatchBytes) {
    return status::InvalidArgument(
        "events",
        absl::StrCat("the request has ", request.size(), " bytes; want at most ", kMaxBatchBytes,
                     ", send smaller batches"),
        "BATCH_TOO_LARGE");
  }
  BatchEnvelope envelope;
  bool twice = false;
  WireReader wire(request);
  while (!wire.done()) {
    uint32_t tag;
    if (!wire.ReadTag(&tag) || !ReadField(tag, wire, &envelope, &twice)) return Malformed();
  }
  TM_RETURN_IF_ERROR(CountColumns(twice, &envelope));
  const size_t most = envelope.with_receipts ? kMaxReceiptEvents : kMaxBatchEvents;
  if (envelope.events > most) {
    return status::InvalidArgument(
        "events",
        absl::StrCat(envelope.events, " events; want at most ", most, " per batch",
                     envelope.with_receipts ? " with with_receipts" : ""),
        "BATCH_TOO_LARGE");
  }
  if (envelope.request_id.size() > kMaxRequestIdBytes || !IsUtf8(envelope.request_id)) {
    return status::InvalidArgument(
        "request_id", absl::StrCat("want at most ", kMaxRequestIdBytes, " bytes of UTF-8"),
        "REQUEST_ID_INVALID");
  }
  return envelope;
}

}  // namespace tidemark::ingest
