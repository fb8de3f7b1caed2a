#include "services/ingest/api/stream_handler.h"

#include <utility>

#include "common/rpc/exchange_answer.h"
#include "common/status/error.h"
#include "services/ingest/api/event_splitter.h"
#include "services/ingest/api/streamed_batch.h"
#include "tidemark/ingest/v1/ingest_service.pb.h"

namespace tidemark::ingest {
namespace {

using Answer = v1::StreamEventsResponse;
static_assert(Answer::kSequenceFieldNumber == rpc::kExchangeSequenceField);
static_assert(Answer::kResponseFieldNumber == rpc::kExchangeResponseField);
static_assert(Answer::kErrorFieldNumber == rpc::kExchangeErrorField);

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
  return rpc::WrapExchangeAnswer(batch.sequence, status, response);
}

}  // namespace tidemark::ingest
