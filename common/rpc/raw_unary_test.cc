#include "common/rpc/raw_unary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <optional>
#include <stdexcept>
#include <thread>

#include "common/log/log.h"
#include "common/rpc/echo_fixture_test.h"
#include "common/rpc/own_thread_gate.h"
#include "common/rpc/request_budget.h"
#include "common/status/grpc_status.h"
#include "common/testing/manual_executor.h"
#include "common/testing/status_matchers.h"

namespace tidemark::rpc {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using tidemark::testing::CallRaw;
using tidemark::testing::InProcessServer;
using tidemark::testing::IsOkAndHolds;
using tidemark::testing::ManualExecutor;
using tidemark::testing::ReasonIs;
using tidemark::testing::StatusIs;
using namespace testing;  // NOLINT(google-build-using-namespace): the generated echo messages

class RawUnaryTest : public ::testing::Test {
 protected:
  using Handler =
      std::function<absl::Status(const CallContext&, const EchoRequest&, EchoResponse*)>;

  RawUnaryTest() {
    options_.name = kEcho;
    options_.max_request_bytes = size_t{3} << 20;
    options_.executor = &pool_;
    options_.authorizer = &authorizer_;
    options_.clock = &clock_;
    options_.retry_after = absl::Milliseconds(250);
    Handle([](const CallContext&, const EchoRequest& request, EchoResponse* response) {
      response->set_text(request.text() + "!");
      return absl::OkStatus();
    });
  }

  void Handle(Handler handler) {
    service_.echo = [this, handler = std::move(handler)](auto* context, auto* in, auto* out) {
      return HandleUnary<EchoRequest, EchoResponse>(context, in, out, options_, handler);
    };
  }
  void HandleRaw(std::function<void(const CallContext&, std::string_view, UnaryReply)> handler) {
    service_.echo = [this, handler = std::move(handler)](auto* context, auto* in, auto* out) {
      return HandleRawUnary(context, in, out, options_, handler);
    };
  }

  absl::StatusOr<std::string> Call(const std::string& text, const std::string& token = "tm_good") {
    EchoRequest request;
    request.set_text(text);
    const auto bytes = CallRaw(server_.channel(), kEcho, request.SerializeAsString(), token);
    if (!bytes.ok()) return bytes.status();
    EchoResponse response;
    EXPECT_TRUE(response.ParseFromString(*bytes));
    return response.text();
  }
  absl::StatusOr<std::string> CallBytes(const std::string& bytes,
                                        const std::string& token = "tm_good") {
    return CallRaw(server_.channel(), kEcho, bytes, token);
  }

  RawEchoService service_;
  TwoTokenAuthorizer authorizer_;
  ShiftedClock clock_;
  base::ThreadPool pool_{{.name = "handlers", .threads = 2, .queue_limit = 64}};
  ManualExecutor manual_;
  // A call gives back its bytes after the caller has the answer: the budget outlives the server.
  RequestBudget budget_{1000};
  MethodOptions options_;
  InProcessServer server_{{&service_}};
};

TEST_F(RawUnaryTest, AnswersWithTheHandlersMessage) {
  EXPECT_THAT(Call("hi"), IsOkAndHolds("hi!"));
}

TEST_F(RawUnaryTest, HandlerKnowsTheCall) {
  EchoRequest request;
  request.set_text("hi");
  Handle([&](const CallContext& call, const EchoRequest&, EchoResponse* response) {
    EXPECT_EQ(call.caller.token_name, "tokens/ann");
    EXPECT_EQ(call.caller.principal, kEcho);
    EXPECT_EQ(call.method, kEcho);
    EXPECT_EQ(call.request_bytes, request.ByteSizeLong());
    EXPECT_EQ(call.traceparent, "00-trace");
    EXPECT_FALSE(call.cancelled());
    EXPECT_GT(call.deadline, absl::FromUnixMicros(clock_.NowMicros()) + absl::Seconds(30));
    EXPECT_LT(call.deadline, absl::FromUnixMicros(clock_.NowMicros()) + absl::Seconds(90));
    response->set_text("seen");
    return absl::OkStatus();
  });
  grpc::ClientContext context;
  PrepareCall(&context, "tm_good", absl::Seconds(60));
  context.AddMetadata("traceparent", "00-trace");
  EchoResponse response;
  EXPECT_TRUE(EchoService::NewStub(server_.channel())->Echo(&context, request, &response).ok());
  EXPECT_EQ(response.text(), "seen");
}

TEST_F(RawUnaryTest, HandlersErrorArrivesWithItsDetails) {
  Handle([](const CallContext&, const EchoRequest&, EchoResponse*) {
    return status::InvalidArgument("text", "empty", "EMPTY_TEXT");
  });
  const auto answer = Call("");
  EXPECT_THAT(answer, StatusIs(absl::StatusCode::kInvalidArgument, "text: empty"));
  EXPECT_THAT(answer, ReasonIs("EMPTY_TEXT"));
  EXPECT_EQ(status::FieldOf(answer.status()), "text");
}

TEST_F(RawUnaryTest, BytesThatDoNotParseNameTheMessage) {
  for (const std::string& bytes : {std::string("\xff\xff\xff"), std::string("\x0a\x05zz"),
                                   std::string("\x0a\x02\xff\xfe")}) {  // bad UTF-8
    const auto answer = CallBytes(bytes);
    EXPECT_THAT(answer, StatusIs(absl::StatusCode::kInvalidArgument,
                                 HasSubstr("tidemark.rpc.testing.EchoRequest")));
    EXPECT_THAT(answer, ReasonIs("MALFORMED_REQUEST"));
  }
}

TEST_F(RawUnaryTest, AuthorisesBeforeItParses) {
  EXPECT_THAT(CallBytes("\xff\xff", "tm_poor"), StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(CallBytes("\xff\xff", "tm_other"), StatusIs(absl::StatusCode::kUnauthenticated));
  EXPECT_THAT(CallBytes("\xff\xff", ""), StatusIs(absl::StatusCode::kUnauthenticated));
  EXPECT_THAT(CallBytes(std::string(options_.max_request_bytes + 1, 'x'), "tm_poor"),
              StatusIs(absl::StatusCode::kPermissionDenied));
}

TEST_F(RawUnaryTest, RefusesRequestsAboveTheMethodsLimit) {
  const auto answer = CallBytes(std::string(options_.max_request_bytes + 1, 'x'));
  EXPECT_THAT(answer, StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("3145729 bytes")));
  EXPECT_THAT(answer, ReasonIs("REQUEST_TOO_LARGE"));
}

TEST_F(RawUnaryTest, FullExecutorMeansComeBackLater) {
  ManualExecutor none(0);
  options_.executor = &none;
  const auto answer = Call("hi");
  EXPECT_THAT(answer, StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr(kEcho)));
  EXPECT_THAT(answer, ReasonIs("OVERLOADED"));
  EXPECT_EQ(status::RetryAfterOf(answer.status()), absl::Milliseconds(250));
}

TEST_F(RawUnaryTest, WorkWhoseDeadlinePassedInTheQueueIsNotDone) {
  bool ran = false;
  Handle([&](const CallContext&, const EchoRequest&, EchoResponse*) {
    ran = true;
    return absl::OkStatus();
  });
  clock_.shift = absl::Hours(1);
  EXPECT_THAT(Call("hi"), StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_FALSE(ran);
}

TEST_F(RawUnaryTest, OneSmallRequestAtATimeBeginsWithoutTheExecutor) {
  OwnThreadGate gate;
  options_.own_thread = &gate;
  std::vector<bool> on_grpc_thread;
  HandleRaw([&](const CallContext& call, std::string_view, UnaryReply reply) {
    on_grpc_thread.push_back(call.on_grpc_thread);
    std::move(reply).Send(EchoResponse());
  });
  const std::string small(kMaxOwnThreadBytes, 'x');
  const std::string larger = small + "x";
  // An answer may be here before the thread that made it has left.
  const auto enter = [&gate] {
    while (!gate.TryEnter()) std::this_thread::yield();
  };
  for (int i = 0; i < 3; ++i) {
    EXPECT_OK(CallBytes(small));
    enter();
    gate.Leave();
  }
  EXPECT_OK(CallBytes(larger));
  enter();
  EXPECT_OK(CallBytes(small));
  EXPECT_THAT(on_grpc_thread, ElementsAre(true, true, true, false, false));
  gate.Leave();
  ManualExecutor none(0);
  options_.executor = &none;
  EXPECT_OK(CallBytes(small));
  EXPECT_THAT(CallBytes(larger), ReasonIs("OVERLOADED"));
  // The gate must be there for as long as calls are.
  server_.runtime().Shutdown();
}

TEST_F(RawUnaryTest, HandlerSeesThatTheCallerHungUp) {
  std::promise<void> started;
  std::promise<void> noticed;
  Handle([&](const CallContext& call, const EchoRequest&, EchoResponse*) {
    started.set_value();
    while (!call.cancelled()) std::this_thread::yield();
    noticed.set_value();
    return absl::OkStatus();
  });
  grpc::ClientContext context;
  PrepareCall(&context, "tm_good", absl::Seconds(60));
  std::thread canceller([&] {
    started.get_future().wait();
    context.TryCancel();
  });
  EchoResponse response;
  const grpc::Status status =
      EchoService::NewStub(server_.channel())->Echo(&context, EchoRequest(), &response);
  canceller.join();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::CANCELLED);
  noticed.get_future().wait();
}

TEST_F(RawUnaryTest, RawHandlerGetsTheBytesAsTheyWere) {
  HandleRaw([](const CallContext& call, std::string_view request, UnaryReply reply) {
    EXPECT_EQ(request.size(), call.request_bytes);
    EchoResponse response;
    response.set_text(std::string(request));
    std::move(reply).Send(response);
  });
  std::string large;
  for (int i = 0; large.size() < options_.max_request_bytes - 8; ++i) large += std::to_string(i);
  large.resize(options_.max_request_bytes);
  for (const std::string& bytes : {std::string(), std::string("no message"), large}) {
    const auto answer = CallBytes(bytes);
    ASSERT_OK(answer);
    EchoResponse response;
    ASSERT_TRUE(response.ParseFromString(*answer));
    EXPECT_TRUE(response.text() == bytes) << bytes.size();
  }
}

TEST_F(RawUnaryTest, AnswerMayComeLaterFromAnotherThread) {
  std::promise<UnaryReply> handed_over;
  HandleRaw([&](const CallContext&, std::string_view, UnaryReply reply) {
    handed_over.set_value(std::move(reply));
  });
  std::thread committer([&] {
    UnaryReply reply = handed_over.get_future().get();
    const grpc::Slice slice(std::string("\x0a\x02ok"));
    std::move(reply).Send(grpc::ByteBuffer(&slice, 1));
  });
  EXPECT_THAT(Call("x"), IsOkAndHolds("ok"));
  committer.join();
}

TEST_F(RawUnaryTest, AsyncHandlerMayFailLater) {
  service_.echo = [this](auto* context, auto* in, auto* out) {
    return HandleUnaryAsync<EchoRequest>(
        context, in, out, options_,
        [](const CallContext&, const EchoRequest& request, UnaryReply reply) {
          std::move(reply).Fail(absl::DataLossError(request.text()));
        });
  };
  EXPECT_THAT(Call("disk"), StatusIs(absl::StatusCode::kDataLoss, "disk"));
  EXPECT_THAT(CallBytes("\xff"), ReasonIs("MALFORMED_REQUEST"));
}

TEST_F(RawUnaryTest, UntouchedBufferIsAnEmptyMessage) {
  HandleRaw([](const CallContext&, std::string_view, UnaryReply reply) {
    std::move(reply).Send(grpc::ByteBuffer());
  });
  EXPECT_THAT(CallBytes("x"), IsOkAndHolds(""));
}

TEST_F(RawUnaryTest, DroppedReplyIsAnswered) {
  HandleRaw([](const CallContext&, std::string_view, UnaryReply) {});
  const auto answer = Call("x");
  EXPECT_THAT(answer, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(answer, ReasonIs("REQUEST_DROPPED"));
}

TEST_F(RawUnaryTest, ThrowingHandlerCostsItsCallOnly) {
  std::string logged;
  const log::ScopedSink sink([&](std::string_view line) { logged += line; });
  Handle([](const CallContext&, const EchoRequest& request, EchoResponse* response) {
    if (request.text() == "bad") throw std::runtime_error("unexpected");
    response->set_text("good");
    return absl::OkStatus();
  });
  EXPECT_THAT(Call("bad"), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(Call("fine"), IsOkAndHolds("good"));
  pool_.Shutdown();
  EXPECT_THAT(logged, HasSubstr("unexpected"));
}

TEST_F(RawUnaryTest, ServersFaultIsLoggedWithItsCaller) {
  std::string logged;
  std::optional<log::ScopedSink> sink;
  sink.emplace([&](std::string_view line) { logged += line; });
  Handle([](const CallContext&, const EchoRequest& request, EchoResponse*) {
    return request.text() == "bad" ? absl::InternalError("the index is gone")
                                   : absl::InvalidArgumentError("not this");
  });
  EXPECT_THAT(Call("own fault"), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Call("bad"), StatusIs(absl::StatusCode::kInternal));
  sink.reset();
  EXPECT_THAT(logged, Not(HasSubstr("not this")));
  // The authorizer of the fixture names the method as principal.
  EXPECT_THAT(logged, HasSubstr("\"call failed\",\"method\":\"" + std::string(kEcho) +
                                "\",\"principal\":\"" + kEcho));
  EXPECT_THAT(logged, HasSubstr("the index is gone"));
  EXPECT_THAT(logged, Not(HasSubstr("tm_good")));
}

// A queue that counts requests would let the second in.
TEST_F(RawUnaryTest, WaitingRequestsAreBoundedByTheirBytes) {
  options_.budget = &budget_;
  std::promise<UnaryReply> handed_over;
  HandleRaw([&](const CallContext&, std::string_view request, UnaryReply reply) {
    if (request.size() > 10) return handed_over.set_value(std::move(reply));
    std::move(reply).Send(EchoResponse());
  });
  std::optional<absl::StatusOr<std::string>> first;
  // Larger than the whole budget: one request always gets in.
  std::thread caller([&] { first = CallBytes(std::string(5000, 'x')); });
  UnaryReply reply = handed_over.get_future().get();
  EXPECT_EQ(budget_.bytes(), 5000u);
  EXPECT_THAT(CallBytes("y"), ReasonIs("OVERLOADED"));
  std::move(reply).Send(EchoResponse());
  caller.join();
  EXPECT_THAT(*first, IsOkAndHolds(""));
  // gRPC ends a call on its side a moment after the client has the answer.
  while (budget_.bytes() != 0) std::this_thread::yield();
  EXPECT_THAT(CallBytes("y"), IsOkAndHolds(""));
}

TEST_F(RawUnaryTest, WhoIsNotLetInTakesNothingOfTheBudget) {
  options_.budget = &budget_;
  ASSERT_TRUE(budget_.TryTake(1000));
  EXPECT_THAT(CallBytes("x", "tm_other"), StatusIs(absl::StatusCode::kUnauthenticated));
  EXPECT_THAT(CallBytes("x"), ReasonIs("OVERLOADED"));
  EXPECT_EQ(budget_.bytes(), 1000u);
}

TEST_F(RawUnaryTest, TheMoreAreTurnedAwayTheLaterTheyComeBack) {
  options_.budget = &budget_;
  ASSERT_TRUE(budget_.TryTake(1000));
  const auto delay = [&] { return status::RetryAfterOf(CallBytes("x").status()); };
  const absl::Duration first = delay();
  EXPECT_EQ(first, options_.retry_after);
  absl::Duration last = first;
  for (int i = 0; i < 200; ++i) {
    const absl::Duration next = delay();
    EXPECT_GE(next, last);
    last = next;
  }
  EXPECT_EQ(last, absl::Seconds(10)) << "bounded";
  // Nothing is under way any more: whoever was turned away has had the time to come back.
  budget_.Give(1000);
  ASSERT_TRUE(budget_.TryTake(1000));
  EXPECT_EQ(delay(), first);
}

TEST_F(RawUnaryTest, ACopyInOnePieceIsTakenFromTheBudget) {
  options_.budget = &budget_;
  options_.max_request_bytes = size_t{8} << 20;
  const std::string large(size_t{3} << 20, 'x');
  HandleRaw([&](const CallContext&, std::string_view request, UnaryReply reply) {
    // It came in many pieces.
    EXPECT_EQ(budget_.bytes(), 2 * request.size());
    EXPECT_TRUE(reply.Recharge(100));
    EXPECT_EQ(budget_.bytes(), 100 + request.size());
    std::move(reply).Send(EchoResponse());
  });
  EXPECT_THAT(CallBytes(large), IsOkAndHolds(""));
  while (budget_.bytes() != 0) std::this_thread::yield();
}

TEST_F(RawUnaryTest, AHandlerSaysWhatTheCallCosts) {
  options_.budget = &budget_;
  HandleRaw([&](const CallContext&, std::string_view request, UnaryReply reply) {
    EXPECT_EQ(budget_.bytes(), request.size());
    EXPECT_TRUE(reply.Recharge(300));
    EXPECT_EQ(budget_.bytes(), 300u);
    ASSERT_TRUE(budget_.TryTake(500));
    EXPECT_FALSE(reply.Recharge(501)) << "others have the rest";
    EXPECT_EQ(budget_.bytes(), 800u);
    EXPECT_TRUE(reply.Recharge(500));
    budget_.Give(500);
    EXPECT_TRUE(reply.Recharge(5000)) << "one request always gets what it needs";
    std::move(reply).Send(EchoResponse());
  });
  EXPECT_THAT(CallBytes("x"), IsOkAndHolds(""));
  while (budget_.bytes() != 0) std::this_thread::yield();
}

TEST_F(RawUnaryTest, ShutdownWaitsForAnswersThatComeLate) {
  std::promise<UnaryReply> handed_over;
  HandleRaw([&](const CallContext&, std::string_view, UnaryReply reply) {
    handed_over.set_value(std::move(reply));
  });
  std::optional<absl::StatusOr<std::string>> answer;
  std::thread caller([&] { answer = Call("x"); });
  UnaryReply reply = handed_over.get_future().get();
  std::thread stopper([&] { server_.runtime().Shutdown(); });
  EchoResponse response;
  response.set_text("late");
  std::move(reply).Send(response);
  stopper.join();
  caller.join();
  EXPECT_THAT(*answer, IsOkAndHolds("late"));
}

}  // namespace
}  // namespace tidemark::rpc
