// AnalyticsService.ExchangeQueries: what Query answers, over one stream.
#include <string>
#include <thread>
#include <vector>

#include "common/rpc/raw_unary.h"
#include "common/testing/bidi_client.h"
#include "services/analytics/api/query_exchange.h"
#include "services/analytics/api/service_fixture_test.h"

namespace tidemark::analytics {
namespace {

class ExchangeQueriesTest : public AnalyticsServiceTest {
 protected:
  // A client's end of one stream.
  class Stream : public tidemark::testing::BidiClient<v1::ExchangeQueriesRequest,
                                                      v1::ExchangeQueriesResponse> {
   public:
    explicit Stream(v1::AnalyticsService::Stub& stub)
        : BidiClient(stub, &v1::AnalyticsService::Stub::ExchangeQueries) {}
    void Send(uint64_t sequence, const std::string& request) {
      v1::ExchangeQueriesRequest message;
      message.set_sequence(sequence);
      *message.mutable_request() = ParseText<v1::QueryRequest>(request);
      EXPECT_TRUE(Write(message));
    }
  };
};

TEST_F(ExchangeQueriesTest, EachIsAnsweredAsQueryDoesInOrder) {
  const std::vector<std::string> requests = {
      Query(kMonthly), Query(R"(measures { name: "gross" })"), Query(kMonthly, "page_size: 7"),
      Query(R"(measures { name: "events" } grain: GRAIN_DAY)", R"(label_language: "zh")")};
  Stream stream(*stub_);
  for (size_t i = 0; i < requests.size(); ++i) stream.Send(i + 10, requests[i]);
  for (size_t i = 0; i < requests.size(); ++i) {
    const v1::ExchangeQueriesResponse answer = stream.Read();
    EXPECT_EQ(answer.sequence(), i + 10);
    ASSERT_OK_AND_ASSIGN(const v1::QueryResponse alone, Ask(requests[i]));
    EXPECT_THAT(answer.response().result(), EqualsProto(alone.result()));
    EXPECT_THAT(answer.response().meta().snapshot(), EqualsProto(alone.meta().snapshot()));
    EXPECT_EQ(answer.response().meta().next_page_token(), alone.meta().next_page_token());
  }
  EXPECT_OK(stream.Finish());
}

TEST_F(ExchangeQueriesTest, ManyMoreThanMayBeUnderWay) {
  Stream stream(*stub_);
  constexpr uint64_t kQueries = 20 * kQueryExchangeLimits.messages;
  std::thread sender([&] {
    for (uint64_t i = 1; i <= kQueries; ++i) {
      stream.Send(i, Query(kMonthly, "bypass_cache: true page_size: 1"));
    }
  });
  for (uint64_t i = 1; i <= kQueries; ++i) {
    const v1::ExchangeQueriesResponse answer = stream.Read();
    EXPECT_EQ(answer.sequence(), i);
    EXPECT_EQ(answer.response().result().row_count(), 1);
  }
  sender.join();
  EXPECT_OK(stream.Finish());
}

TEST_F(ExchangeQueriesTest, AnErrorIsTheAnswerOfItsQuery) {
  Stream stream(*stub_);
  const std::string unknown = Query(R"(measures { name: "grosss" })");
  stream.Send(1, unknown);
  stream.Send(2, "");
  stream.Send(3, Query(R"(measures { name: "gross" })", "min_log_size: 1000000"));
  stream.Send(4, Query(R"(measures { name: "gross" })"));
  const v1::ExchangeQueriesResponse first = stream.Read();
  EXPECT_EQ(first.sequence(), 1u);
  // With the details of the call.
  const absl::Status told = status::FromRpcStatusProto(first.error());
  EXPECT_EQ(told, Ask(unknown).status());
  EXPECT_THAT(told, ReasonIs("UNKNOWN_MEASURE"));
  EXPECT_THAT(status::FromRpcStatusProto(stream.Read().error()),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(status::FromRpcStatusProto(stream.Read().error()), ReasonIs("BEHIND"));
  EXPECT_TRUE(stream.Read().has_response());
  EXPECT_OK(stream.Finish());
}

// The answer that says `error`.
v1::ExchangeQueriesResponse Wrapped(std::string_view message, const absl::Status& error) {
  const QueryExchange exchange([](const auto&, const auto&, rpc::UnaryReply) { FAIL(); });
  const grpc::ByteBuffer bytes = exchange.Wrap(message, error, grpc::ByteBuffer());
  v1::ExchangeQueriesResponse response;
  EXPECT_OK(rpc::ParseMessage(bytes, &response));
  return response;
}

TEST_F(ExchangeQueriesTest, TheNumberIsToldAlsoOfWhatCannotBeRead) {
  const absl::Status error = absl::InvalidArgumentError("bad");
  // The query is no message: it begins with an end of a group.
  EXPECT_EQ(Wrapped(std::string("\x08\x2a\x12\x01\x0c", 5), error).sequence(), 42u);
  EXPECT_EQ(Wrapped("", error).sequence(), 0u);
  EXPECT_EQ(Wrapped("\x08", error).sequence(), 0u);
  EXPECT_EQ(Wrapped("\x08\x2a\x12\x05", error).sequence(), 0u);
  EXPECT_EQ(Wrapped("\xff\xff", error).error().message(), "bad");
}

}  // namespace
}  // namespace tidemark::analytics
