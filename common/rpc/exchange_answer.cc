#include "common/rpc/exchange_answer.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>
#include <grpcpp/support/slice.h>

#include <cstddef>
#include <string>
#include <vector>

#include "common/status/grpc_status.h"

namespace tidemark::rpc {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedOutputStream;

// The bytes before those of field `number`, which has `size` of them and is the last.
std::string Header(uint64_t sequence, int number, size_t size) {
  uint8_t bytes[32];
  uint8_t* end = bytes;
  if (sequence != 0) {
    end = WireFormatLite::WriteUInt64ToArray(kExchangeSequenceField, sequence, end);
  }
  end = WireFormatLite::WriteTagToArray(number, WireFormatLite::WIRETYPE_LENGTH_DELIMITED, end);
  end = CodedOutputStream::WriteVarint64ToArray(size, end);
  return std::string(bytes, end);
}

}  // namespace

grpc::ByteBuffer WrapExchangeAnswer(uint64_t sequence, const absl::Status& status,
                                    const grpc::ByteBuffer& response) {
  std::vector<grpc::Slice> slices;
  if (status.ok() && response.Valid() && response.Dump(&slices).ok()) {
    const grpc::Slice header(Header(sequence, kExchangeResponseField, response.Length()));
    slices.insert(slices.begin(), header);
    return grpc::ByteBuffer(slices.data(), slices.size());
  }
  const std::string error = status::SerializeRpcStatus(status);
  const grpc::Slice slice(Header(sequence, kExchangeErrorField, error.size()) + error);
  return grpc::ByteBuffer(&slice, 1);
}

}  // namespace tidemark::rpc
