#ifndef TIDEMARK_COMMON_TESTING_BIDI_CLIENT_H_
#define TIDEMARK_COMMON_TESTING_BIDI_CLIENT_H_

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/rpc/channel_factory.h"
#include "common/status/grpc_status.h"

namespace tidemark::testing {

// A client's end of one bidirectional stream, for one thread that writes and one that reads.
//
//   BidiClient stream(stub, &v1::IngestService::Stub::StreamEvents);
template <typename Request, typename Response>
class BidiClient {
 public:
  using Reader = std::unique_ptr<grpc::ClientReaderWriter<Request, Response>>;

  template <typename Stub>
  BidiClient(Stub& stub, Reader (Stub::*method)(grpc::ClientContext*)) {
    rpc::PrepareCall(&context_, "", absl::Seconds(60));
    stream_ = (stub.*method)(&context_);
  }

  bool Write(const Request& request) { return stream_->Write(request); }
  Response Read() {
    Response response;
    EXPECT_TRUE(stream_->Read(&response)) << "the stream is over";
    return response;
  }
  // Half-closes. What was not read is dropped.
  absl::Status Finish() {
    stream_->WritesDone();
    return status::FromGrpcStatus(stream_->Finish());
  }

 private:
  grpc::ClientContext context_;
  Reader stream_;
};

}  // namespace tidemark::testing

#endif  // TIDEMARK_COMMON_TESTING_BIDI_CLIENT_H_
