// Callers that want one page at the same time, and callers that go away.
#include <thread>

#include "services/analytics/api/service_fixture_test.h"

namespace tidemark::analytics {
namespace {

// The plain engine, but the first Run waits until it is let go or stopped.
class WaitingStore final : public StatStore {
 public:
  explicit WaitingStore(const MemoryStore* store) : store_(*store) {}

  void LetGo() { let_go_ = true; }
  int runs() const { return runs_; }
  int stopped() const { return stopped_; }

  absl::StatusOr<EngineResult> Run(const EngineQuery& query) const override {
    if (query.max_rows != UINT64_MAX) return absl::AbortedError("slow");
    if (runs_++ == 0) {
      while (!let_go_) {
        if (query.stop && !query.stop().ok()) {
          ++stopped_;
          return query.stop();
        }
        std::this_thread::yield();
      }
    }
    return store_.Run(query);
  }
  absl::Status Append(const EffectBatch&) override { return absl::UnimplementedError(""); }
  uint64_t folded_size() const override { return store_.folded_size(); }
  std::string log_id() const override { return store_.log_id(); }
  absl::StatusOr<SnapshotInfo> Snapshot(uint64_t log_size) const override {
    return store_.Snapshot(log_size);
  }
  uint64_t LogSizeAt(int64_t accepted_time_us) const override {
    return store_.LogSizeAt(accepted_time_us);
  }
  std::shared_ptr<const CodeList> Codes(Field field) const override { return store_.Codes(field); }
  bool HasCode(Field field, std::string_view code, uint64_t log_size) const override {
    return store_.HasCode(field, code, log_size);
  }
  bool HasOrder(std::string_view order, uint64_t log_size) const override {
    return store_.HasOrder(order, log_size);
  }
  TimeBounds EventTimes(uint64_t log_size) const override { return store_.EventTimes(log_size); }
  uint64_t DataVersion(int64_t start_us, int64_t end_us, uint64_t log_size) const override {
    return store_.DataVersion(start_us, end_us, log_size);
  }
  absl::StatusOr<uint64_t> EachConsumer(
      const EngineQuery& query,
      absl::FunctionRef<absl::Status(std::span<const Consumption>)> take) const override {
    return store_.EachConsumer(query, take);
  }
  StoreStats Stats() const override { return store_.Stats(); }
  absl::StatusOr<std::vector<EventFacts>> ReadEvents(
      std::span<const uint64_t> leaves) const override {
    return store_.ReadEvents(leaves);
  }
  absl::Status ReadNotes(
      absl::FunctionRef<absl::Status(std::string_view notes)> take) const override {
    return store_.ReadNotes(take);
  }

 private:
  const MemoryStore& store_;
  std::atomic<bool> let_go_ = false;
  mutable std::atomic<int> runs_ = 0;
  mutable std::atomic<int> stopped_ = 0;
};

class SingleAnswerTest : public AnalyticsServiceTest {
 protected:
  SingleAnswerTest() { Serve({.token_name = "t", .principal = "p"}, &waiting_); }
  ~SingleAnswerTest() override {
    waiting_.LetGo();
    for (std::thread& asker : askers_) asker.join();
  }

  // Asks on a thread of its own.
  void Start(size_t count) {
    answers_.resize(count);
    contexts_.resize(count);
    for (size_t i = 0; i < count; ++i) {
      contexts_[i] = std::make_unique<grpc::ClientContext>();
      askers_.emplace_back([this, i] {
        v1::QueryResponse response;
        const auto request = ParseText<v1::QueryRequest>(Query(kMonthly));
        const grpc::Status status = stub_->Query(contexts_[i].get(), request, &response);
        answers_[i] = status.ok() ? absl::StatusOr<v1::QueryResponse>(response)
                                  : status::FromGrpcStatus(status);
      });
      // The first leads.
      while (waiting_.runs() == 0) std::this_thread::yield();
    }
    while (handler_->waiting() < count - 1) std::this_thread::yield();
  }
  void Join() {
    for (std::thread& asker : askers_) asker.join();
    askers_.clear();
  }

  WaitingStore waiting_{&store_};
  std::vector<std::unique_ptr<grpc::ClientContext>> contexts_;
  std::vector<absl::StatusOr<v1::QueryResponse>> answers_;
  std::vector<std::thread> askers_;
};

TEST_F(SingleAnswerTest, WhoWaitsForAnotherCallHoldsNoThread) {
  // More than the pool has threads.
  constexpr size_t kCalls = 9;
  Start(kCalls);
  // All of them wait, and another question is answered.
  EXPECT_OK(Ask(Query("measures { name: 'events' }")));
  EXPECT_EQ(waiting_.runs(), 2);
  waiting_.LetGo();
  Join();
  EXPECT_EQ(waiting_.runs(), 2);
  std::map<v1::CacheState, int> states;
  for (const auto& answer : answers_) {
    ASSERT_OK(answer);
    EXPECT_EQ(answer->result().SerializeAsString(), answers_[0]->result().SerializeAsString());
    ++states[answer->meta().cache()];
  }
  EXPECT_EQ(states[v1::CACHE_STATE_MISS], 1);
  EXPECT_EQ(states[v1::CACHE_STATE_LOCAL], static_cast<int>(kCalls) - 1);
  EXPECT_EQ(handler_->cache_hits(), kCalls - 1);
  EXPECT_EQ(handler_->cache_misses(), 2u);
}

TEST_F(SingleAnswerTest, EngineStopsForWhoIsGoneAndAnotherTakesOver) {
  Start(3);
  contexts_[0]->TryCancel();
  Join();
  EXPECT_THAT(answers_[0], StatusIs(absl::StatusCode::kCancelled));
  EXPECT_OK(answers_[1]);
  EXPECT_OK(answers_[2]);
  EXPECT_EQ(waiting_.stopped(), 1);
  // One of the two computed.
  EXPECT_EQ(waiting_.runs(), 2);
}

TEST_F(SingleAnswerTest, EngineStopsAtTheDeadline) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(50));
  v1::QueryResponse response;
  const auto request = ParseText<v1::QueryRequest>(Query(kMonthly, "bypass_cache: true"));
  const grpc::Status status = stub_->Query(&context, request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  // Else the thread would be held until the fixture lets go.
  while (waiting_.runs() > 0 && waiting_.stopped() == 0) std::this_thread::yield();
}

}  // namespace
}  // namespace tidemark::analytics
