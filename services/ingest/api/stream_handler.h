#ifndef TIDEMARK_SERVICES_INGEST_API_STREAM_HANDLER_H_
#define TIDEMARK_SERVICES_INGEST_API_STREAM_HANDLER_H_

#include <string_view>

#include "common/rpc/raw_exchange.h"
#include "services/ingest/api/submit_handler.h"

namespace tidemark::ingest {

// StreamEvents: unpacks each message of a stream and hands its batch to the handler of
// SubmitEvents; the answers are wrapped without being read again.
class StreamHandler final : public rpc::ExchangeHandler {
 public:
  // Not owned; outlives the server.
  explicit StreamHandler(SubmitHandler* submits) : submits_(*submits) {}

  size_t Cost(std::string_view message) const override;
  void Handle(const rpc::CallContext& call, std::string_view message,
              rpc::UnaryReply reply) override;
  grpc::ByteBuffer Wrap(std::string_view message, const absl::Status& status,
                        grpc::ByteBuffer response) const override;

 private:
  SubmitHandler& submits_;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_API_STREAM_HANDLER_H_
