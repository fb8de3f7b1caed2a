#include "common/rpc/raw_exchange.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/mutex.h"
#include "common/rpc/echo_fixture_test.h"
#include "common/rpc/own_thread_gate.h"
#include "common/rpc/request_budget.h"
#include "common/status/grpc_status.h"
#include "common/testing/manual_executor.h"
#include "common/testing/status_matchers.h"

namespace tidemark::rpc {
namespace {

using ::testing::HasSubstr;
using tidemark::testing::InProcessServer;
using tidemark::testing::ManualExecutor;
using tidemark::testing::ReasonIs;
using tidemark::testing::StatusIs;
using namespace testing;  // NOLINT(google-build-using-namespace): the generated echo messages

// Keeps every message until the test answers it by its text. The answer's text is what the reply
// was given, or the error.
class HoldingHandler final : public ExchangeHandler {
 public:
  size_t Cost(std::string_view) const override { return kCost; }
  void Handle(const CallContext& call, std::string_view message, UnaryReply reply) override {
    const std::string text = Text(message);
    if (text == "throw") throw std::runtime_error("oops");
    if (text == "where") {
      EchoResponse answer;
      answer.set_text(call.on_grpc_thread ? "gRPC's" : "the executor's");
      return std::move(reply).Send(answer);
    }
    base::MutexLock lock(mutex_);
    replies_.emplace_back(text, std::move(reply));
    most_ = std::max(most_, replies_.size());
    changed_.NotifyAll();
  }
  grpc::ByteBuffer Wrap(std::string_view message, const absl::Status& status,
                        grpc::ByteBuffer response) const override {
    EchoResponse answer;
    if (status.ok()) {
      EXPECT_TRUE(ParseMessage(response, &answer).ok());
    } else {
      answer.set_text(absl::StrCat(Text(message), ": ", status.message()));
    }
    grpc::ByteBuffer bytes;
    EXPECT_TRUE(SerializeMessage(answer, &bytes).ok());
    return bytes;
  }

  void WaitFor(size_t held) {
    base::MutexLock lock(mutex_);
    while (replies_.size() < held) changed_.Wait(mutex_);
  }
  // The oldest message that is held; waits for it.
  std::pair<std::string, UnaryReply> Take() {
    return TakeAt([](const auto&) { return true; });
  }
  void AnswerText(const std::string& text, size_t padding = 0) {
    Send(TakeAt([&](const auto& held) { return held.first == text; }), padding);
  }
  void AnswerOldest(size_t padding = 0) { Send(Take(), padding); }
  size_t most() {
    base::MutexLock lock(mutex_);
    return most_;
  }
  size_t held() {
    base::MutexLock lock(mutex_);
    return replies_.size();
  }

  static constexpr size_t kCost = 1000;

 private:
  static std::string Text(std::string_view message) {
    EchoRequest request;
    return request.ParseFromArray(message.data(), static_cast<int>(message.size())) ? request.text()
                                                                                    : "unreadable";
  }
  template <typename Wanted>
  std::pair<std::string, UnaryReply> TakeAt(Wanted wanted) {
    base::MutexLock lock(mutex_);
    while (true) {
      const auto found = std::find_if(replies_.begin(), replies_.end(), wanted);
      if (found != replies_.end()) {
        std::pair<std::string, UnaryReply> taken = std::move(*found);
        replies_.erase(found);
        return taken;
      }
      changed_.Wait(mutex_);
    }
  }
  static void Send(std::pair<std::string, UnaryReply> held, size_t padding) {
    EchoResponse answer;
    answer.set_text(held.first + "!" + std::string(padding, 'x'));
    std::move(held.second).Send(answer);
  }

  base::Mutex mutex_;
  base::CondVar changed_;
  std::vector<std::pair<std::string, UnaryReply>> replies_ ABSL_GUARDED_BY(mutex_);
  size_t most_ ABSL_GUARDED_BY(mutex_) = 0;
};

// Knows "tm_good" until it is revoked.
class RevokingAuthorizer final : public Authorizer {
 public:
  absl::StatusOr<Caller> Authorize(std::string_view, std::string_view bearer) override {
    base::MutexLock lock(mutex_);
    if (bearer == "tm_good" && !revoked_) return Caller{.token_name = "tokens/ann"};
    return absl::UnauthenticatedError("token missing or unknown");
  }
  void Revoke() {
    base::MutexLock lock(mutex_);
    revoked_ = true;
  }

 private:
  base::Mutex mutex_;
  bool revoked_ ABSL_GUARDED_BY(mutex_) = false;
};

class RawExchangeTest : public ::testing::Test {
 protected:
  // A client's end of one stream.
  struct Client {
    explicit Client(const std::shared_ptr<grpc::Channel>& channel,
                    const std::string& token = "tm_good",
                    absl::Duration timeout = absl::Seconds(60))
        : stub(EchoService::NewStub(channel)) {
      PrepareCall(&context, token, timeout);
      stream = stub->Converse(&context);
    }
    bool Write(const std::string& text) {
      EchoRequest request;
      request.set_text(text);
      return stream->Write(request);
    }
    // "end" when the stream is over.
    std::string Read() {
      EchoResponse answer;
      return stream->Read(&answer) ? answer.text() : "end";
    }
    absl::Status Finish() { return status::FromGrpcStatus(stream->Finish()); }

    std::unique_ptr<EchoService::Stub> stub;
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientReaderWriter<EchoRequest, EchoResponse>> stream;
  };

  RawExchangeTest() {
    options_.name = kConverse;
    options_.executor = &pool_;
    options_.authorizer = &authorizer_;
    options_.clock = &clock_;
    options_.streams = &streams_;
    service_.converse = [this](auto* context) {
      return HandleExchange(context, options_, ExchangeLimits(limits_), &handler_);
    };
  }
  InProcessServer& Server() {
    if (!server_.has_value()) {
      ServerRuntime::Options options;
      options.name = "test";
      options.listen_address = "127.0.0.1:0";
      options.services = {&service_};
      options.streams = &streams_;
      server_.emplace(std::move(options));
    }
    return *server_;
  }
  RequestBudget& UseBudget(size_t bytes) {
    options_.budget = &budget_.emplace(bytes);
    return *budget_;
  }
  // Until the last stream is gone and has given back what it took.
  void WaitForTheEnd(const RequestBudget& budget) {
    while (streams_.open() != 0 || budget.bytes() != 0) std::this_thread::yield();
  }

  ShiftedClock clock_;
  RevokingAuthorizer authorizer_;
  HoldingHandler handler_;
  StreamRegistry streams_;
  std::optional<RequestBudget> budget_;
  MethodOptions options_;
  ExchangeLimits limits_;
  RawEchoService service_;
  base::ThreadPool pool_{{.name = "test", .threads = 2, .queue_limit = 64}};
  std::optional<InProcessServer> server_;
};

TEST_F(RawExchangeTest, AnswersLeaveInTheOrderInWhichTheMessagesCame) {
  Client client(Server().channel());
  for (const char* text : {"a", "b", "c"}) ASSERT_TRUE(client.Write(text));
  handler_.WaitFor(3);
  handler_.AnswerText("c");
  handler_.AnswerText("b");
  handler_.AnswerText("a");
  EXPECT_EQ(client.Read(), "a!");
  EXPECT_EQ(client.Read(), "b!");
  EXPECT_EQ(client.Read(), "c!");
  client.stream->WritesDone();
  EXPECT_EQ(client.Read(), "end");
  EXPECT_OK(client.Finish());
}

TEST_F(RawExchangeTest, HalfCloseDrains) {
  Client client(Server().channel());
  for (const char* text : {"a", "b"}) ASSERT_TRUE(client.Write(text));
  ASSERT_TRUE(client.stream->WritesDone());
  handler_.WaitFor(2);
  handler_.AnswerText("b");
  handler_.AnswerText("a");
  EXPECT_EQ(client.Read(), "a!");
  EXPECT_EQ(client.Read(), "b!");
  EXPECT_OK(client.Finish());
  Client silent(Server().channel());
  ASSERT_TRUE(silent.stream->WritesDone());
  EXPECT_OK(silent.Finish());
}

TEST_F(RawExchangeTest, AnErrorAnswersItsMessageAndTheStreamGoesOn) {
  Client client(Server().channel());
  ASSERT_TRUE(client.Write("a"));
  std::move(handler_.Take().second).Fail(absl::InvalidArgumentError("bad"));
  EXPECT_EQ(client.Read(), "a: bad");
  ASSERT_TRUE(client.Write("throw"));
  EXPECT_THAT(client.Read(), HasSubstr("throw: the request was dropped"));
  ASSERT_TRUE(client.Write("b"));
  handler_.AnswerOldest();
  EXPECT_EQ(client.Read(), "b!");
  client.stream->WritesDone();
  EXPECT_OK(client.Finish());
}

TEST_F(RawExchangeTest, ABadTokenEndsTheStreamAtOnce) {
  Client client(Server().channel(), "tm_unknown");
  EXPECT_THAT(client.Finish(), StatusIs(absl::StatusCode::kUnauthenticated));
  EXPECT_EQ(streams_.open(), 0u);
}

TEST_F(RawExchangeTest, ATokenThatIsRevokedEndsTheStreamAfterTheAnswersBefore) {
  Client client(Server().channel());
  ASSERT_TRUE(client.Write("a"));
  handler_.WaitFor(1);
  authorizer_.Revoke();
  ASSERT_TRUE(client.Write("b"));
  handler_.AnswerText("a");
  EXPECT_EQ(client.Read(), "a!");
  EXPECT_EQ(client.Read(), "end");
  EXPECT_THAT(client.Finish(), StatusIs(absl::StatusCode::kUnauthenticated));
  EXPECT_EQ(handler_.held(), 0u);
}

TEST_F(RawExchangeTest, NoMoreMessagesAreUnderWayThanTheLimit) {
  limits_.messages = 3;
  Client client(Server().channel());
  std::thread writer([&] {
    for (int i = 0; i < 50; ++i) client.Write(absl::StrCat(i));
    client.stream->WritesDone();
  });
  handler_.WaitFor(3);
  for (int i = 0; i < 50; ++i) {
    handler_.AnswerText(absl::StrCat(i));
    EXPECT_EQ(client.Read(), absl::StrCat(i, "!"));
  }
  writer.join();
  EXPECT_EQ(client.Read(), "end");
  EXPECT_OK(client.Finish());
  EXPECT_EQ(handler_.most(), 3u);
}

TEST_F(RawExchangeTest, NoMoreBytesAreUnderWayThanTheLimit) {
  RequestBudget& budget = UseBudget(size_t{1} << 20);
  limits_.bytes = 2 * HoldingHandler::kCost;
  {
    Client client(Server().channel());
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(client.Write(absl::StrCat(i)));
    client.stream->WritesDone();
    for (int i = 0; i < 10; ++i) {
      handler_.WaitFor(i < 9 ? 2 : 1);
      EXPECT_LE(budget.bytes(), 2 * HoldingHandler::kCost + 100);
      handler_.AnswerText(absl::StrCat(i));
      EXPECT_EQ(client.Read(), absl::StrCat(i, "!"));
    }
    EXPECT_OK(client.Finish());
  }
  EXPECT_EQ(handler_.most(), 2u);
  WaitForTheEnd(budget);
}

TEST_F(RawExchangeTest, AFullBudgetStopsTheReadingOfEveryStream) {
  RequestBudget& budget = UseBudget(4 * HoldingHandler::kCost);
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 5; ++i) {
    clients.push_back(std::make_unique<Client>(Server().channel()));
    ASSERT_TRUE(clients.back()->Write(absl::StrCat(i)));
    if (i < 4) handler_.WaitFor(i + 1);
  }
  while (budget.waiters() != 1) std::this_thread::yield();
  // It has read one message, and reads no other before that one is let in.
  ASSERT_TRUE(clients[4]->Write("later"));
  EXPECT_EQ(handler_.held(), 4u);
  handler_.AnswerText("0");
  handler_.AnswerText("1");
  handler_.AnswerText("4");
  handler_.AnswerText("later");
  EXPECT_EQ(clients[4]->Read(), "4!");
  EXPECT_EQ(clients[4]->Read(), "later!");
  EXPECT_LE(handler_.most(), 4u);
  handler_.AnswerText("2");
  handler_.AnswerText("3");
  for (auto& client : clients) {
    client->stream->WritesDone();
    while (client->Read() != "end") {
    }
    EXPECT_OK(client->Finish());
  }
  WaitForTheEnd(budget);
}

TEST_F(RawExchangeTest, MoreThanMayWaitIsRefusedAndTheStreamGoesOn) {
  RequestBudget& budget = UseBudget(HoldingHandler::kCost);
  Client first(Server().channel());
  ASSERT_TRUE(first.Write("first"));
  handler_.WaitFor(1);
  Client second(Server().channel());
  ASSERT_TRUE(second.Write("second"));
  while (budget.waiters() != 1) std::this_thread::yield();
  Client third(Server().channel());
  ASSERT_TRUE(third.Write("third"));
  EXPECT_THAT(third.Read(), HasSubstr("third: "));
  handler_.AnswerText("first");
  EXPECT_EQ(first.Read(), "first!");
  handler_.AnswerText("second");
  EXPECT_EQ(second.Read(), "second!");
  ASSERT_TRUE(third.Write("again"));
  handler_.AnswerText("again");
  EXPECT_EQ(third.Read(), "again!");
}

TEST_F(RawExchangeTest, AnswersThatAreNotTakenStopTheReading) {
  constexpr size_t kAnswer = size_t{1} << 20;
  limits_.messages = 4;
  RequestBudget& budget = UseBudget(64 * kAnswer);
  Client client(Server().channel());
  std::thread answering([&] {
    for (int i = 0; i < 40; ++i) {
      handler_.AnswerOldest(kAnswer);
      // The answers that are ready count among the four.
      EXPECT_LE(budget.bytes(), 4 * (kAnswer + 100));
    }
  });
  std::thread writer([&] {
    for (int i = 0; i < 40; ++i) client.Write(absl::StrCat(i));
    client.stream->WritesDone();
  });
  for (int i = 0; i < 40; ++i) EXPECT_THAT(client.Read(), HasSubstr(absl::StrCat(i, "!")));
  answering.join();
  writer.join();
  EXPECT_OK(client.Finish());
  EXPECT_LE(handler_.most(), 4u);
  WaitForTheEnd(budget);
}

TEST_F(RawExchangeTest, CancelFreesEverythingOnceNothingWorksForTheStream) {
  RequestBudget& budget = UseBudget(4 * HoldingHandler::kCost);
  {
    Client client(Server().channel());
    for (const char* text : {"a", "b"}) ASSERT_TRUE(client.Write(text));
    handler_.WaitFor(2);
    client.context.TryCancel();
    EXPECT_THAT(client.Finish(), StatusIs(absl::StatusCode::kCancelled));
  }
  // Still at work on them.
  EXPECT_EQ(streams_.open(), 1u);
  EXPECT_EQ(budget.bytes(), 2 * HoldingHandler::kCost);
  handler_.AnswerText("b");
  handler_.AnswerText("a");
  WaitForTheEnd(budget);
}

TEST_F(RawExchangeTest, ADeadlineIsACancel) {
  RequestBudget& budget = UseBudget(4 * HoldingHandler::kCost);
  Client client(Server().channel(), "tm_good", absl::Milliseconds(200));
  client.Write("a");
  EXPECT_THAT(client.Finish(), StatusIs(absl::StatusCode::kDeadlineExceeded));
  // Whether or not the message was begun in time.
  while (streams_.open() != 0) {
    if (handler_.held() != 0) handler_.AnswerOldest();
    std::this_thread::yield();
  }
  WaitForTheEnd(budget);
}

TEST_F(RawExchangeTest, AStreamThatIsCancelledWhileItWaitsForRoomEnds) {
  RequestBudget& budget = UseBudget(HoldingHandler::kCost);
  Client first(Server().channel());
  ASSERT_TRUE(first.Write("first"));
  handler_.WaitFor(1);
  {
    Client second(Server().channel());
    ASSERT_TRUE(second.Write("second"));
    while (budget.waiters() != 1) std::this_thread::yield();
    second.context.TryCancel();
    EXPECT_THAT(second.Finish(), StatusIs(absl::StatusCode::kCancelled));
  }
  while (streams_.open() != 1) std::this_thread::yield();
  handler_.AnswerText("first");
  EXPECT_EQ(first.Read(), "first!");
  first.stream->WritesDone();
  EXPECT_OK(first.Finish());
  WaitForTheEnd(budget);
  EXPECT_EQ(handler_.held(), 0u);
}

TEST_F(RawExchangeTest, ADrainAnswersWhatIsUnderWayThenEndsWithUnavailable) {
  Client client(Server().channel());
  for (const char* text : {"a", "b"}) ASSERT_TRUE(client.Write(text));
  handler_.WaitFor(2);
  Client idle(Server().channel());
  while (streams_.open() != 2) std::this_thread::yield();
  streams_.CloseAll(status::WithReason(absl::UnavailableError("closing"), "SHUTTING_DOWN"));
  EXPECT_THAT(idle.Finish(), ReasonIs("SHUTTING_DOWN"));
  // Not begun any more, not answered.
  client.Write("late");
  handler_.AnswerText("b");
  handler_.AnswerText("a");
  EXPECT_EQ(client.Read(), "a!");
  EXPECT_EQ(client.Read(), "b!");
  EXPECT_EQ(client.Read(), "end");
  const absl::Status status = client.Finish();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(status, ReasonIs("SHUTTING_DOWN"));
  server_->runtime().Shutdown();
  EXPECT_EQ(streams_.open(), 0u);
  EXPECT_EQ(handler_.held(), 0u);
}

TEST_F(RawExchangeTest, AFullExecutorRefusesTheMessageOnly) {
  ManualExecutor executor(1);
  options_.executor = &executor;
  Client first(Server().channel());
  ASSERT_TRUE(first.Write("first"));
  executor.WaitForTask();
  Client second(Server().channel());
  ASSERT_TRUE(second.Write("second"));
  EXPECT_THAT(second.Read(), HasSubstr("too many requests are waiting"));
  executor.RunAll();
  handler_.AnswerText("first");
  EXPECT_EQ(first.Read(), "first!");
  ASSERT_TRUE(second.Write("again"));
  executor.WaitForTask();
  executor.RunAll();
  handler_.AnswerText("again");
  EXPECT_EQ(second.Read(), "again!");
}

TEST_F(RawExchangeTest, AMessageAboveTheLimitIsRefusedAndTheStreamGoesOn) {
  options_.max_request_bytes = 100;
  Client client(Server().channel());
  ASSERT_TRUE(client.Write(std::string(100, 'x')));
  EXPECT_THAT(client.Read(), HasSubstr(": request of 102 bytes, want <= 100"));
  ASSERT_TRUE(client.Write("a"));
  handler_.AnswerOldest();
  EXPECT_EQ(client.Read(), "a!");
  client.stream->WritesDone();
  EXPECT_OK(client.Finish());
}

TEST_F(RawExchangeTest, OneSmallMessageAtATimeBeginsWithoutTheExecutor) {
  OwnThreadGate gate;
  options_.own_thread = &gate;
  Client client(Server().channel());
  const auto where = [&] {
    EXPECT_TRUE(client.Write("where"));
    return client.Read();
  };
  EXPECT_EQ(where(), "gRPC's");
  EXPECT_EQ(where(), "gRPC's");
  while (!gate.TryEnter()) std::this_thread::yield();
  EXPECT_EQ(where(), "the executor's");
  gate.Leave();
  // One that is kept lets the thread go, and the stream reads on.
  ASSERT_TRUE(client.Write("a"));
  handler_.WaitFor(1);
  ASSERT_TRUE(client.Write(std::string(kMaxOwnThreadBytes + 1, 'x')));
  handler_.WaitFor(2);
  handler_.AnswerText("a");
  handler_.AnswerOldest();
  EXPECT_EQ(client.Read(), "a!");
  EXPECT_EQ(client.Read(), std::string(kMaxOwnThreadBytes + 1, 'x') + "!");
  client.stream->WritesDone();
  EXPECT_EQ(client.Read(), "end");
  EXPECT_OK(client.Finish());
  // The gate must be there for as long as streams are.
  server_.reset();
}

TEST_F(RawExchangeTest, WhatWaitedForRoomDoesNotRunOnTheThreadThatMadeIt) {
  OwnThreadGate gate;
  options_.own_thread = &gate;
  RequestBudget& budget = UseBudget(HoldingHandler::kCost * 3 / 2);
  Client first(Server().channel());
  Client second(Server().channel());
  ASSERT_TRUE(first.Write("a"));
  handler_.WaitFor(1);
  ASSERT_TRUE(second.Write("where"));
  while (budget.waiters() == 0) std::this_thread::yield();
  handler_.AnswerText("a");
  EXPECT_EQ(first.Read(), "a!");
  EXPECT_EQ(second.Read(), "the executor's");
  server_.reset();
}

}  // namespace
}  // namespace tidemark::rpc
