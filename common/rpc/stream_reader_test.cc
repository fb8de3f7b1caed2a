#include "common/rpc/stream_reader.h"

#include <gmock/gmock.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/sync_stream.h>
#include <gtest/gtest.h>

#include <functional>
#include <thread>

#include "common/rpc/echo_test.grpc.pb.h"
#include "common/testing/in_process_server.h"
#include "common/testing/status_matchers.h"

namespace tidemark::rpc {
namespace {

using ::testing::HasSubstr;
using tidemark::testing::InProcessServer;
using tidemark::testing::StatusIs;
using namespace testing;  // NOLINT(google-build-using-namespace): the generated echo messages

class CountingService final : public EchoService::Service {
 public:
  using Writer = grpc::ServerWriter<CountResponse>;
  std::function<grpc::Status(grpc::ServerContext*, Writer*)> count;

  grpc::Status Count(grpc::ServerContext* context, const CountRequest*, Writer* writer) override {
    return count(context, writer);
  }
};

class StreamReaderTest : public ::testing::Test {
 protected:
  void Start() {
    stub_->async()->Count(&context_, &request_, reader_.reactor());
    reader_.Start();
  }

  CountingService service_;
  InProcessServer server_{{&service_}};
  std::unique_ptr<EchoService::Stub> stub_ = EchoService::NewStub(server_.channel());
  grpc::ClientContext context_;
  CountRequest request_;
  StreamReader<CountResponse> reader_;
  CountResponse answer_;
};

TEST_F(StreamReaderTest, ReadsAllInOrderAndThenTheEnd) {
  service_.count = [](grpc::ServerContext*, CountingService::Writer* writer) {
    CountResponse answer;
    for (int i = 0; i < 1000; ++i) {
      answer.set_number(i);
      writer->Write(answer);
    }
    return grpc::Status::OK;
  };
  Start();
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(reader_.Read(&answer_));
    ASSERT_EQ(answer_.number(), i);
  }
  EXPECT_FALSE(reader_.Read(&answer_));
  EXPECT_TRUE(reader_.Finish().ok());
}

TEST_F(StreamReaderTest, TellsTheErrorBehindTheAnswers) {
  service_.count = [](grpc::ServerContext*, CountingService::Writer* writer) {
    writer->Write({});
    return grpc::Status(grpc::StatusCode::DATA_LOSS, "block 7 is damaged");
  };
  Start();
  EXPECT_TRUE(reader_.Read(&answer_));
  EXPECT_FALSE(reader_.Read(&answer_));
  EXPECT_THAT(reader_.Finish(), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("block 7")));
}

TEST_F(StreamReaderTest, AWaitEndsWhenTheCallIsCancelled) {
  service_.count = [](grpc::ServerContext* context, CountingService::Writer* writer) {
    writer->Write({});
    while (!context->IsCancelled()) std::this_thread::yield();
    return grpc::Status::CANCELLED;
  };
  Start();
  EXPECT_TRUE(reader_.Read(&answer_));
  std::thread canceller([this] { context_.TryCancel(); });
  EXPECT_FALSE(reader_.Read(&answer_));
  canceller.join();
  EXPECT_THAT(reader_.Finish(), StatusIs(absl::StatusCode::kCancelled));
}

TEST_F(StreamReaderTest, MayStopAmongTheAnswers) {
  service_.count = [](grpc::ServerContext* context, CountingService::Writer* writer) {
    while (!context->IsCancelled() && writer->Write({})) {
    }
    return grpc::Status::CANCELLED;
  };
  Start();
  EXPECT_TRUE(reader_.Read(&answer_));
  context_.TryCancel();
  EXPECT_THAT(reader_.Finish(), StatusIs(absl::StatusCode::kCancelled));
}

}  // namespace
}  // namespace tidemark::rpc
