#include "services/ingest/api/stream_handler.h"

#include <google/protobuf/io/coded_stream.h>
#include <grpcpp/support/slice.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "common/status/error.h"
#include "common/status/grpc_status.h"
#include "google/rpc/status.pb.h"
#include "services/ingest/api/event_splitter.h"
#include "services/ingest/api/streamed_batch.h"
#include "services/ingest/api/wire_reader.h"
#include "tidemark/ingest/v1/ingest_service.pb.h"

namespace tidemark::ingest {
namespace {

using google::protobuf::io::CodedOutputStream;

// The bytes before those of field `number`, which has `size` of them and is the last.
std::string Header(uint64_t sequence, uint32_t number, size_t size) {
  uint8_t bytes[32];
  uint8_t* end = bytes;
  if (sequence != 0) {
    *end++ = Tag(v1::StreamEventsResponse::kSequenceFieldNumber, kVarint);
    end = CodedOutputStream::WriteVarint64ToArray(sequence, end);
  }
  *end++ = Tag(number, kBytes);
  end = CodedOutputStream::WriteVarint64ToArray(size, end);
  return std::string(bytes, end);
}

}  // namespace

size_t StreamHandler::Cost(std::string_view message) const {
  StreamedBatch batch;
  if (!ReadStreamedBatch(message, &batch)) return message.size();
  const absl::StatusOr<BatchEnvelope> envelope = ReadEnvelope(batch.batch);
  return SubmitHandler::Cost(message.size(), envelope.ok() ? *envelope : BatchEnvelope());
}

void StreamHandler::Handle(const rpc::CallContext& call, std::string_view message,
                           rpc::UnaryReply reply) {
  StreamedBatch batch;
  if (ReadStreamedBatch(message, &batch))
    return submits_.Handle(call, batch.batch, std::move(reply));
  std::move(reply).Fail(status::InvalidArgument(
      "request",
      "bytes are not a valid tidemark.ingest.v1.StreamEventsRequest with one batch in protobuf "
      "wire format",
      "MALFORMED_REQUEST"));
}

grpc::ByteBuffer StreamHandler::Wrap(std::string_view message, const absl::Status& status,
                                     grpc::ByteBuffer response) const {
  StreamedBatch batch;
  if (!ReadStreamedBatch(message, &batch)) batch.sequence = 0;
  std::vector<grpc::Slice> slices;
  if (status.ok() && response.Valid() && response.Dump(&slices).ok()) {
    slices.insert(slices.begin(),
                  grpc::Slice(Header(batch.sequence, v1::StreamEventsResponse::kResponseFieldNumber,
                                     response.Length())));
    return grpc::ByteBuffer(slices.data(), slices.size());
  }
  const std::string error = status::ToRpcStatusProto(status).SerializeAsString();
  const grpc::Slice slice(
      Header(batch.sequence, v1::StreamEventsResponse::kErrorFieldNumber, error.size()) + error);
  return grpc::ByteBuffer(&slice, 1);
}

}  // namespace tidemark::ingest
