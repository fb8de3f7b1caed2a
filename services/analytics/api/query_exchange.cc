#include "services/analytics/api/query_exchange.h"

#include <google/protobuf/arena.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <cstdint>

#include "common/rpc/exchange_answer.h"
#include "tidemark/analytics/v1/analytics_service.pb.h"

namespace tidemark::analytics {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;
using Request = v1::ExchangeQueriesRequest;
using Response = v1::ExchangeQueriesResponse;
static_assert(Response::kSequenceFieldNumber == rpc::kExchangeSequenceField);
static_assert(Response::kResponseFieldNumber == rpc::kExchangeResponseField);
static_assert(Response::kErrorFieldNumber == rpc::kExchangeErrorField);

// Of a query beside its bytes, which take several times their size once they are read.
constexpr size_t kBytesPerQuery = size_t{16} << 10;

// 0: it has none, or the bytes are no message. The query is not looked at.
uint64_t SequenceOf(std::string_view message) {
  CodedInputStream in(reinterpret_cast<const uint8_t*>(message.data()),
                      static_cast<int>(message.size()));
  uint64_t sequence = 0;
  while (const uint32_t tag = in.ReadTag()) {
    if (tag ==
        WireFormatLite::MakeTag(Request::kSequenceFieldNumber, WireFormatLite::WIRETYPE_VARINT)) {
      if (!in.ReadVarint64(&sequence)) return 0;
    } else if (!WireFormatLite::SkipField(&in, tag)) {
      return 0;
    }
  }
  return in.ConsumedEntireMessage() ? sequence : 0;
}

}  // namespace

size_t QueryExchange::Cost(std::string_view message) const {
  return kBytesPerQuery + 4 * message.size();
}

void QueryExchange::Handle(const rpc::CallContext& call, std::string_view message,
                           rpc::UnaryReply reply) {
  google::protobuf::Arena arena;
  auto* request = google::protobuf::Arena::CreateMessage<Request>(&arena);
  const absl::Status parsed = rpc::ParseMessage(message, request);
  if (!parsed.ok()) return std::move(reply).Fail(parsed);
  ask_(call, request->request(), std::move(reply));
}

grpc::ByteBuffer QueryExchange::Wrap(std::string_view message, const absl::Status& status,
                                     grpc::ByteBuffer response) const {
  return rpc::WrapExchangeAnswer(SequenceOf(message), status, response);
}

}  // namespace tidemark::analytics
