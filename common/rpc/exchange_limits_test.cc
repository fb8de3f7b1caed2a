// What an exchange holds back, refuses and lets wait.
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/rpc/own_thread_gate.h"
#include "common/rpc/raw_exchange_fixture_test.h"
#include "common/testing/manual_executor.h"

namespace tidemark::rpc {
namespace {

using tidemark::testing::ManualExecutor;
using tidemark::testing::ReasonIs;

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
  UseBudget(HoldingHandler::kCost);
  Client first(Server().channel());
  Client second(Server().channel());
  LetWait(first, second, "second");
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

TEST_F(RawExchangeTest, AStreamThatIsCancelledWhileItWaitsForRoomEnds) {
  RequestBudget& budget = UseBudget(HoldingHandler::kCost);
  Client first(Server().channel());
  {
    Client second(Server().channel());
    LetWait(first, second, "second");
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

TEST_F(RawExchangeTest, WhatWaitedForRoomDoesNotRunOnTheThreadThatMadeIt) {
  OwnThreadGate gate;
  options_.own_thread = &gate;
  UseBudget(HoldingHandler::kCost);
  Client first(Server().channel());
  Client second(Server().channel());
  LetWait(first, second, "where");
  handler_.AnswerText("first");
  EXPECT_EQ(first.Read(), "first!");
  EXPECT_EQ(second.Read(), "the executor's");
  server_.reset();
}

}  // namespace
}  // namespace tidemark::rpc
