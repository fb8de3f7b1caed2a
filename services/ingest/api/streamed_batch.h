#ifndef TIDEMARK_SERVICES_INGEST_API_STREAMED_BATCH_H_
#define TIDEMARK_SERVICES_INGEST_API_STREAMED_BATCH_H_

#include <cstdint>
#include <string_view>

namespace tidemark::ingest {

// The outside of a StreamEventsRequest.
struct StreamedBatch {
  uint64_t sequence = 0;
  // The bytes of its SubmitEventsRequest; empty where there is none.
  std::string_view batch;
};

// False: the bytes are no StreamEventsRequest, or have two batches, which protobuf would merge.
bool ReadStreamedBatch(std::string_view message, StreamedBatch* out);

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_API_STREAMED_BATCH_H_
