#include "services/ingest/api/streamed_batch.h"

#include <utility>

#include "services/ingest/api/wire_reader.h"

namespace tidemark::ingest {
namespace {

// Fields of StreamEventsRequest.
constexpr uint32_t kSequence = 1;
constexpr uint32_t kBatch = 2;

}  // namespace

bool ReadStreamedBatch(std::string_view message, StreamedBatch* out) {
  WireReader wire(message);
  bool has_batch = false;
  while (!wire.done()) {
    uint32_t tag;
    if (!wire.ReadTag(&tag)) return false;
    if (tag == Tag(kSequence, kVarint)) {
      if (!wire.ReadVarint(&out->sequence)) return false;
    } else if (tag == Tag(kBatch, kBytes)) {
      if (std::exchange(has_batch, true) || !wire.ReadBytes(&out->batch)) return false;
    } else if (!wire.Skip(tag)) {
      return false;
    }
  }
  return true;
}

}  // namespace tidemark::ingest
