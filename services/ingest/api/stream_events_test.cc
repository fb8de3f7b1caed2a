#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/grpc_status.h"
#include "common/testing/bidi_client.h"
#include "common/testing/status_matchers.h"
#include "google/rpc/status.pb.h"
#include "services/ingest/testing/ingest_service_fixture.h"
#include "tidemark/ingest/v1/ingest_service.grpc.pb.h"

namespace tidemark::ingest {
namespace {

using access::Role;
using tidemark::testing::ReasonIs;
using tidemark::testing::StatusIs;

constexpr char kStreamEventsMethod[] = "/tidemark.ingest.v1.IngestService/StreamEvents";

class StreamEventsTest : public IngestServiceTest {
 protected:
  // A client's end of one stream.
  class Stream
      : public tidemark::testing::BidiClient<v1::StreamEventsRequest, v1::StreamEventsResponse> {
   public:
    explicit Stream(v1::IngestService::Stub& stub)
        : BidiClient(stub, &v1::IngestService::Stub::StreamEvents) {}
    bool Send(uint64_t sequence, const std::vector<v1::Event>& events,
              const std::string& request_id = "", bool with_receipts = false) {
      v1::StreamEventsRequest request;
      request.set_sequence(sequence);
      for (const v1::Event& event : events) *request.mutable_batch()->add_events() = event;
      request.mutable_batch()->set_request_id(request_id);
      request.mutable_batch()->set_with_receipts(with_receipts);
      return Write(request);
    }
  };

  // Sends raw messages over one stream and half-closes; returns the answers.
  std::vector<v1::StreamEventsResponse> SendRaw(const std::vector<std::string>& messages) {
    class Exchange final : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
     public:
      explicit Exchange(const std::vector<std::string>& messages) : messages_(messages) {}
      void Begin() {
        WriteNext();
        StartRead(&read_);
        StartCall();
      }
      void OnWriteDone(bool ok) override {
        if (ok) WriteNext();
      }
      void OnReadDone(bool ok) override {
        if (!ok) return;
        grpc::Slice flat;
        EXPECT_TRUE(read_.DumpToSingleSlice(&flat).ok());
        v1::StreamEventsResponse response;
        EXPECT_TRUE(response.ParseFromArray(flat.begin(), static_cast<int>(flat.size())));
        answers.push_back(response);
        StartRead(&read_);
      }
      void OnDone(const grpc::Status& status) override {
        EXPECT_TRUE(status.ok()) << status.error_message();
        base::MutexLock lock(mutex_);
        done_ = true;
        changed_.NotifyAll();
      }
      void Wait() {
        base::MutexLock lock(mutex_);
        while (!done_) changed_.Wait(mutex_);
      }

      std::vector<v1::StreamEventsResponse> answers;
      grpc::ClientContext context;

     private:
      void WriteNext() {
        if (next_ == messages_.size()) return StartWritesDone();
        const grpc::Slice slice(messages_[next_++]);
        write_ = grpc::ByteBuffer(&slice, 1);
        StartWrite(&write_);
      }
      const std::vector<std::string>& messages_;
      size_t next_ = 0;
      grpc::ByteBuffer write_;
      grpc::ByteBuffer read_;
      base::Mutex mutex_;
      base::CondVar changed_;
      bool done_ = false;
    };
    grpc::GenericStub stub(server_.server->channel());
    Exchange exchange(messages);
    rpc::PrepareCall(&exchange.context, "", absl::Seconds(60));
    stub.PrepareBidiStreamingCall(&exchange.context, kStreamEventsMethod, grpc::StubOptions(),
                                  &exchange);
    exchange.Begin();
    exchange.Wait();
    return exchange.answers;
  }

  static absl::Status ErrorOf(const v1::StreamEventsResponse& response) {
    if (!response.has_error()) return absl::OkStatus();
    return status::FromRpcStatusProto(response.error());
  }
};

TEST_F(StreamEventsTest, EachBatchGetsTheVerdictThatAUnaryOneWouldGet) {
  std::vector<v1::Event> events = {Event("a"), Event("b"), Event("a"), Event("c")};
  events[1].set_category("categry-7");
  Stream stream(*stub_);
  ASSERT_TRUE(stream.Send(7, events));
  const v1::StreamEventsResponse first = stream.Read();
  EXPECT_EQ(first.sequence(), 7u);
  EXPECT_EQ(first.response().verdict().accepted(), 2u);
  ASSERT_EQ(first.response().verdict().exceptions_size(), 2);
  EXPECT_THAT(status::FromRpcStatusProto(first.response().verdict().exceptions(0).status()),
              ReasonIs("UNKNOWN_CATEGORY"));
  EXPECT_EQ(server_.log->state().size, first.response().verdict().first_leaf() + 2);
  // The same again, both ways.
  ASSERT_TRUE(stream.Send(8, events));
  v1::StreamEventsResponse again = stream.Read();
  ASSERT_OK_AND_ASSIGN(auto unary, Submit(events));
  EXPECT_EQ(again.sequence(), 8u);
  // Two, in any order.
  for (auto* response : {again.mutable_response(), &unary}) {
    for (auto& exception : *response->mutable_verdict()->mutable_exceptions()) {
      exception.mutable_status()->clear_details();
    }
  }
  EXPECT_EQ(again.response().SerializeAsString(), unary.SerializeAsString());
  EXPECT_OK(stream.Finish());
}

TEST_F(StreamEventsTest, ManyBatchesUnderWayAreAnsweredInTheOrderInWhichTheyCame) {
  constexpr int kBatches = 200;
  Stream stream(*stub_);
  std::thread writer([&] {
    for (int i = 0; i < kBatches; ++i) stream.Send(i, {Event(absl::StrCat("e", i))});
  });
  for (int i = 0; i < kBatches; ++i) {
    const v1::StreamEventsResponse answer = stream.Read();
    EXPECT_EQ(answer.sequence(), static_cast<uint64_t>(i));
    EXPECT_EQ(answer.response().verdict().accepted(), 1u);
    // Durable by then.
    EXPECT_GT(server_.log->state().size, answer.response().verdict().first_leaf());
  }
  writer.join();
  EXPECT_OK(stream.Finish());
}

TEST_F(StreamEventsTest, ReceiptsComeWhenTheyAreAskedFor) {
  Stream stream(*stub_);
  ASSERT_TRUE(stream.Send(1, {Event("a"), Event("b")}, "", /*with_receipts=*/true));
  EXPECT_EQ(stream.Read().response().receipts_size(), 2);
  EXPECT_OK(stream.Finish());
}

TEST_F(StreamEventsTest, ABatchThatFailsAsAWholeIsAnsweredAndTheStreamGoesOn) {
  Stream stream(*stub_);
  ASSERT_TRUE(stream.Send(1, {Event("a")}, std::string(65, 'x')));
  ASSERT_TRUE(stream.Send(2, {Event("a")}));
  const v1::StreamEventsResponse failed = stream.Read();
  EXPECT_EQ(failed.sequence(), 1u);
  EXPECT_THAT(ErrorOf(failed), ReasonIs("REQUEST_ID_INVALID"));
  EXPECT_EQ(stream.Read().response().verdict().accepted(), 1u);
  server_.views.SetOnce(status::WithReason(absl::UnavailableError("none"), "CATALOG_NOT_LOADED"));
  ASSERT_TRUE(stream.Send(3, {Event("b")}));
  EXPECT_THAT(ErrorOf(stream.Read()), ReasonIs("CATALOG_NOT_LOADED"));
  ASSERT_TRUE(stream.Send(4, {Event("b")}));
  EXPECT_EQ(stream.Read().response().verdict().accepted(), 1u);
  EXPECT_OK(stream.Finish());
}

TEST_F(StreamEventsTest, OneEventWithInvalidUtf8CostsItself) {
  v1::SubmitEventsRequest good;
  *good.add_events() = Event("a");
  const std::string batch = good.SerializeAsString() + std::string("\x0A\x05\x12\x03x\xFFy", 7);
  const std::string message =
      absl::StrCat("\x08\x05\x12", std::string(1, static_cast<char>(batch.size())), batch);
  ASSERT_LT(batch.size(), 128u);
  const auto answers = SendRaw({message});
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0].sequence(), 5u);
  EXPECT_EQ(answers[0].response().verdict().accepted(), 1u);
  ASSERT_EQ(answers[0].response().verdict().exceptions_size(), 1);
  EXPECT_THAT(status::FromRpcStatusProto(answers[0].response().verdict().exceptions(0).status()),
              ReasonIs("INVALID_UTF8"));
}

TEST_F(StreamEventsTest, BytesThatAreNoMessageAreAnsweredToo) {
  v1::StreamEventsRequest good;
  good.set_sequence(3);
  *good.mutable_batch()->add_events() = Event("a");
  const std::string bytes = good.SerializeAsString();
  // Garbage; a batch cut off; two batches; none.
  const auto answers = SendRaw(
      {"\xFF\xFF", bytes.substr(0, bytes.size() - 1), bytes + bytes.substr(2), "\x08\x09", bytes});
  ASSERT_EQ(answers.size(), 5u);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(answers[i].sequence(), 0u);
    EXPECT_THAT(ErrorOf(answers[i]), ReasonIs("MALFORMED_REQUEST"));
  }
  EXPECT_EQ(answers[3].sequence(), 9u);
  EXPECT_EQ(answers[3].response().verdict().accepted(), 0u);
  EXPECT_EQ(answers[4].response().verdict().accepted(), 1u);
}

TEST_F(StreamEventsTest, AProducerIsHeldToItsSourcesBatchByBatch) {
  server_.authorizer.Become(access::Bit(Role::kProducer), {"platform-1"});
  Stream stream(*stub_);
  ASSERT_TRUE(stream.Send(1, {Event("a"), Event("b", "platform-2")}));
  const v1::StreamEventsResponse held = stream.Read();
  EXPECT_EQ(held.response().verdict().accepted(), 1u);
  EXPECT_THAT(status::FromRpcStatusProto(held.response().verdict().exceptions(0).status()),
              ReasonIs("SOURCE_NOT_ALLOWED"));
  server_.authorizer.Become(access::Bit(Role::kProducer), {"platform-2"});
  ASSERT_TRUE(stream.Send(2, {Event("b", "platform-2")}));
  EXPECT_EQ(stream.Read().response().verdict().accepted(), 1u);
  EXPECT_OK(stream.Finish());
}

TEST_F(StreamEventsTest, ABatchSentAgainGetsTheFirstVerdictWhicheverWayItCame) {
  v1::SubmitEventsRequest batch;
  *batch.add_events() = Event("a");
  batch.set_request_id("request-1");
  ASSERT_OK_AND_ASSIGN(const auto first, Submit(batch));
  Stream stream(*stub_);
  ASSERT_TRUE(stream.Send(1, {Event("a")}, "request-1"));
  EXPECT_EQ(stream.Read().response().SerializeAsString(), first.SerializeAsString());
  ASSERT_TRUE(stream.Send(2, {Event("a")}));
  EXPECT_EQ(stream.Read().response().verdict().exceptions_size(), 1);
  EXPECT_OK(stream.Finish());
}

TEST_F(StreamEventsTest, ADrainEndsTheStreamSoThatTheClientResumes) {
  Stream stream(*stub_);
  ASSERT_TRUE(stream.Send(1, {Event("a")}));
  EXPECT_EQ(stream.Read().response().verdict().accepted(), 1u);
  server_.server->runtime().Shutdown();
  const absl::Status status = stream.Finish();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(status, ReasonIs("SHUTTING_DOWN"));
}

}  // namespace
}  // namespace tidemark::ingest
