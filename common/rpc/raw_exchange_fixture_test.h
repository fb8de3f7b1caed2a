#ifndef TIDEMARK_COMMON_RPC_RAW_EXCHANGE_FIXTURE_TEST_H_
#define TIDEMARK_COMMON_RPC_RAW_EXCHANGE_FIXTURE_TEST_H_

// For tests of exchanges: a server whose handler keeps messages until the test answers them.

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
#include "common/rpc/raw_exchange.h"
#include "common/rpc/request_budget.h"
#include "common/status/grpc_status.h"
#include "common/testing/status_matchers.h"

namespace tidemark::rpc {

using ::testing::HasSubstr;
using tidemark::testing::InProcessServer;
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
  // `first` fills the budget of one message, and `text` of `second` waits for room.
  void LetWait(Client& first, Client& second, const std::string& text) {
    ASSERT_TRUE(first.Write("first"));
    handler_.WaitFor(1);
    ASSERT_TRUE(second.Write(text));
    while (budget_->waiters() != 1) std::this_thread::yield();
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

}  // namespace tidemark::rpc

#endif  // TIDEMARK_COMMON_RPC_RAW_EXCHANGE_FIXTURE_TEST_H_
