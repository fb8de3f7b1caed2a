#include "common/rpc/raw_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

#include "common/base/mutex.h"
#include "common/log/log.h"
#include "common/rpc/echo_fixture_test.h"
#include "common/status/grpc_status.h"
#include "common/testing/manual_executor.h"
#include "common/testing/status_matchers.h"

namespace tidemark::rpc {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using tidemark::testing::InProcessServer;
using tidemark::testing::ManualExecutor;
using tidemark::testing::ReasonIs;
using tidemark::testing::StatusIs;
using namespace testing;  // NOLINT(google-build-using-namespace): the generated echo messages

// A log of numbers 0, 1, 2, ... up to a growing size, which streams follow.
class NumberLog {
 public:
  void Grow(int64_t by) {
    std::vector<std::shared_ptr<StreamWaker>> wakers;
    {
      base::MutexLock lock(mutex_);
      size_ += by;
      wakers = wakers_;
    }
    for (const auto& waker : wakers) waker->Wake();
  }
  void Fail(absl::Status error) {
    {
      base::MutexLock lock(mutex_);
      error_ = std::move(error);
    }
    Grow(0);
  }
  void Follow(std::shared_ptr<StreamWaker> waker) {
    base::MutexLock lock(mutex_);
    wakers_.push_back(std::move(waker));
    followed_.NotifyAll();
  }
  absl::StatusOr<Pulled> Read(int64_t* next, size_t padding, grpc::ByteBuffer* out) {
    {
      base::MutexLock lock(mutex_);
      ++reads_;
      if (!error_.ok()) return error_;
      if (*next >= size_) return Pulled::kIdle;
    }
    CountResponse response;
    response.set_number((*next)++);
    response.set_padding(std::string(padding, 'x'));
    const absl::Status status = SerializeMessage(response, out);
    if (!status.ok()) return status;
    return Pulled::kMessage;
  }
  void SourceGone() {
    base::MutexLock lock(mutex_);
    ++gone_;
    followed_.NotifyAll();
  }
  void WaitForGone(int count) {
    base::MutexLock lock(mutex_);
    while (gone_ < count) followed_.Wait(mutex_);
  }
  void WaitForFollowers(size_t count) {
    base::MutexLock lock(mutex_);
    while (wakers_.size() < count) followed_.Wait(mutex_);
  }
  int64_t reads() {
    base::MutexLock lock(mutex_);
    return reads_;
  }

 private:
  base::Mutex mutex_;
  base::CondVar followed_;
  int64_t size_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t reads_ ABSL_GUARDED_BY(mutex_) = 0;
  int gone_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status error_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::shared_ptr<StreamWaker>> wakers_ ABSL_GUARDED_BY(mutex_);
};

class NumberSource final : public StreamSource {
 public:
  NumberSource(NumberLog& log, int64_t from, size_t padding)
      : log_(log), next_(from), padding_(padding) {}
  ~NumberSource() override { log_.SourceGone(); }
  absl::StatusOr<Pulled> Next(grpc::ByteBuffer* out) override {
    return log_.Read(&next_, padding_, out);
  }

 private:
  NumberLog& log_;
  int64_t next_;
  const size_t padding_;
};

class RawStreamTest : public ::testing::Test {
 protected:
  // A client's end of one Count call.
  struct Client {
    Client(const std::shared_ptr<grpc::Channel>& channel, int64_t from,
           absl::Duration timeout = absl::Seconds(60), const std::string& token = "tm_good")
        : stub(EchoService::NewStub(channel)) {
      PrepareCall(&context, token, timeout);
      CountRequest request;
      request.set_from(from);
      reader = stub->Count(&context, request);
    }
    // -1 at the end of the stream.
    int64_t Read() {
      CountResponse response;
      return reader->Read(&response) ? response.number() : -1;
    }
    absl::Status Finish() { return status::FromGrpcStatus(reader->Finish()); }

    std::unique_ptr<EchoService::Stub> stub;
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientReader<CountResponse>> reader;
  };

  RawStreamTest() {
    options_.name = kCount;
    options_.executor = &pool_;
    options_.authorizer = &authorizer_;
    options_.clock = &clock_;
    options_.streams = &streams_;
    service_.count = [this](auto* context, auto* in) {
      return HandleStream<CountRequest>(
          context, in, options_,
          [this](
              const CallContext&, const CountRequest& request,
              std::shared_ptr<StreamWaker> waker) -> absl::StatusOr<std::unique_ptr<StreamSource>> {
            if (request.from() < 0) return status::InvalidArgument("from", "-1, want >= 0", "BAD");
            log_.Follow(std::move(waker));
            return std::make_unique<NumberSource>(log_, request.from(), padding_);
          });
    };
  }

  NumberLog log_;
  size_t padding_ = 0;
  RawEchoService service_;
  TwoTokenAuthorizer authorizer_;
  ShiftedClock clock_;
  StreamRegistry streams_;
  base::ThreadPool pool_{{.name = "streams", .threads = 2, .queue_limit = 64}};
  MethodOptions options_;
  InProcessServer server_{
      rpc::ServerRuntime::Options{.services = {&service_},
                                  .lifetimes = {.shutdown_grace = absl::Seconds(30)},
                                  .streams = &streams_}};
};

TEST_F(RawStreamTest, SendsHistoryThenWhatComes) {
  log_.Grow(3);
  Client client(server_.channel(), 1);
  EXPECT_EQ(client.Read(), 1);
  EXPECT_EQ(client.Read(), 2);
  log_.Grow(2);
  EXPECT_EQ(client.Read(), 3);
  EXPECT_EQ(client.Read(), 4);
  std::string logged;
  std::optional<log::ScopedSink> sink;
  sink.emplace([&](std::string_view line) { logged += line; });
  log_.Fail(absl::DataLossError("segment 7"));
  EXPECT_EQ(client.Read(), -1);
  EXPECT_THAT(client.Finish(), StatusIs(absl::StatusCode::kDataLoss, "segment 7"));
  sink.reset();
  EXPECT_THAT(logged, AllOf(HasSubstr("DATA_LOSS"), HasSubstr("segment 7"), HasSubstr(kCount)));
  log_.WaitForGone(1);
}

TEST_F(RawStreamTest, EndsWithOk) {
  class Empty final : public StreamSource {
    absl::StatusOr<Pulled> Next(grpc::ByteBuffer*) override { return Pulled::kEnd; }
  };
  service_.count = [this](auto* context, auto* in) {
    return HandleRawStream(context, in, options_, [](const auto&, const auto&, auto) {
      return std::make_unique<Empty>();
    });
  };
  Client client(server_.channel(), 0);
  EXPECT_EQ(client.Read(), -1);
  EXPECT_OK(client.Finish());
}

TEST_F(RawStreamTest, UntouchedBufferIsAnEmptyMessage) {
  class OneEmpty final : public StreamSource {
    absl::StatusOr<Pulled> Next(grpc::ByteBuffer*) override {
      return sent_++ == 0 ? Pulled::kMessage : Pulled::kEnd;
    }
    int sent_ = 0;
  };
  service_.count = [this](auto* context, auto* in) {
    return HandleRawStream(context, in, options_, [](const auto&, const auto&, auto) {
      return std::make_unique<OneEmpty>();
    });
  };
  Client client(server_.channel(), 0);
  EXPECT_EQ(client.Read(), 0);
  EXPECT_EQ(client.Read(), -1);
  EXPECT_OK(client.Finish());
}

TEST_F(RawStreamTest, RefusesBeforeItOpens) {
  Client poor(server_.channel(), 0, absl::Seconds(60), "tm_poor");
  EXPECT_THAT(poor.Finish(), StatusIs(absl::StatusCode::kPermissionDenied));
  Client bad(server_.channel(), -1);
  EXPECT_THAT(bad.Finish(), ReasonIs("BAD"));
  ManualExecutor none(0);
  options_.executor = &none;
  Client crowded(server_.channel(), 0);
  EXPECT_THAT(crowded.Finish(), ReasonIs("OVERLOADED"));
}

TEST_F(RawStreamTest, IdleStreamEndsWhenTheCallerHangsUp) {
  Client client(server_.channel(), 0);
  log_.WaitForFollowers(1);
  client.context.TryCancel();
  EXPECT_THAT(client.Finish(), StatusIs(absl::StatusCode::kCancelled));
  log_.WaitForGone(1);
  log_.Grow(1);  // Waking a stream that is gone does no harm.
}

TEST_F(RawStreamTest, IdleStreamEndsAtItsDeadline) {
  Client client(server_.channel(), 0, absl::Milliseconds(50));
  EXPECT_THAT(client.Finish(), StatusIs(absl::StatusCode::kDeadlineExceeded));
  log_.WaitForFollowers(1);
  log_.WaitForGone(1);
}

TEST_F(RawStreamTest, SlowReaderCostsNoUnboundedMemory) {
  padding_ = size_t{1} << 20;
  log_.Grow(1000);
  Client client(server_.channel(), 0);
  EXPECT_EQ(client.Read(), 0);
  for (int64_t n = 1; n < 50; ++n) ASSERT_EQ(client.Read(), n);
  client.context.TryCancel();
  log_.WaitForGone(1);
  // Of the other 950 MiB the transport took a few; the rest was never made.
  EXPECT_LT(log_.reads(), 150);
}

TEST_F(RawStreamTest, NoWakeIsLost) {
  constexpr int64_t kCount = 5000;
  Client one(server_.channel(), 0);
  Client two(server_.channel(), 0);
  log_.WaitForFollowers(2);
  std::thread writer([&] {
    for (int64_t i = 0; i < kCount; ++i) log_.Grow(1);
  });
  for (int64_t n = 0; n < kCount; ++n) {
    ASSERT_EQ(one.Read(), n);
    ASSERT_EQ(two.Read(), n);
  }
  writer.join();
  EXPECT_EQ(streams_.open(), 2u);
}

TEST_F(RawStreamTest, DrainEndsStreamsWithoutWaitingForTheGrace) {
  log_.Grow(1);
  Client client(server_.channel(), 0);
  EXPECT_EQ(client.Read(), 0);
  const int64_t before = clock_.MonotonicNanos();
  server_.runtime().Shutdown();
  // Far from the 30 s of grace that an open stream would take.
  EXPECT_LT(clock_.MonotonicNanos() - before, int64_t{15'000'000'000});
  EXPECT_EQ(client.Read(), -1);
  const absl::Status status = client.Finish();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable, HasSubstr("shutting down")));
  EXPECT_THAT(status, ReasonIs("SHUTTING_DOWN"));
  EXPECT_EQ(streams_.open(), 0u);
}

TEST_F(RawStreamTest, ClosedRegistryLetsNoStreamStart) {
  streams_.CloseAll(absl::UnavailableError("closing"));
  Client client(server_.channel(), 0);
  EXPECT_THAT(client.Finish(), StatusIs(absl::StatusCode::kUnavailable, "closing"));
}

TEST_F(RawStreamTest, ThrowingSourceEndsItsStreamOnly) {
  class Thrower final : public StreamSource {
    absl::StatusOr<Pulled> Next(grpc::ByteBuffer*) override { throw std::runtime_error("oops"); }
  };
  service_.count = [this](auto* context, auto* in) {
    return HandleRawStream(context, in, options_, [](const auto&, const auto&, auto) {
      return std::make_unique<Thrower>();
    });
  };
  for (int i = 0; i < 2; ++i) {
    Client client(server_.channel(), 0);
    EXPECT_THAT(client.Finish(), StatusIs(absl::StatusCode::kInternal));
  }
}

}  // namespace
}  // namespace tidemark::rpc
