#include "common/rpc/raw_exchange.h"

#include <optional>
#include <string>
#include <thread>

#include "common/rpc/own_thread_gate.h"
#include "common/rpc/raw_exchange_fixture_test.h"

namespace tidemark::rpc {
namespace {

using tidemark::testing::ReasonIs;

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

TEST_F(RawExchangeTest, OneSmallMessageAtATimeBeginsWithoutTheExecutor) {
  OwnThreadGate gate;
  options_.own_thread = &gate;
  Client client(Server().channel());
  const auto where = [&] {
    EXPECT_TRUE(client.Write("where"));
    return client.Read();
  };
  // An answer may be here before the thread that made it has left.
  const auto enter = [&gate] {
    while (!gate.TryEnter()) std::this_thread::yield();
  };
  EXPECT_EQ(where(), "gRPC's");
  enter();
  gate.Leave();
  EXPECT_EQ(where(), "gRPC's");
  enter();
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

}  // namespace
}  // namespace tidemark::rpc
