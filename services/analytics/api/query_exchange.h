#ifndef TIDEMARK_SERVICES_ANALYTICS_API_QUERY_EXCHANGE_H_
#define TIDEMARK_SERVICES_ANALYTICS_API_QUERY_EXCHANGE_H_

#include <cstddef>
#include <functional>
#include <string_view>
#include <utility>

#include "common/rpc/raw_exchange.h"

namespace tidemark::analytics::v1 {
class QueryRequest;
}

namespace tidemark::analytics {

// What one stream, and all of them together, may hold of queries under way, each with room for a
// page, and of answers that are not taken.
inline constexpr rpc::ExchangeLimits kQueryExchangeLimits = {.messages = 16,
                                                             .bytes = size_t{8} << 20};
inline constexpr size_t kQueryExchangeBytes = size_t{128} << 20;

// AnalyticsService.ExchangeQueries: unpacks each message of a stream and has its query answered as
// one of Query is; the answers are wrapped without being read again.
class QueryExchange final : public rpc::ExchangeHandler {
 public:
  // The request lives only as long as the function runs.
  using Ask = std::function<void(const rpc::CallContext& call, const v1::QueryRequest& request,
                                 rpc::UnaryReply reply)>;
  explicit QueryExchange(Ask ask) : ask_(std::move(ask)) {}

  size_t Cost(std::string_view message) const override;
  void Handle(const rpc::CallContext& call, std::string_view message,
              rpc::UnaryReply reply) override;
  grpc::ByteBuffer Wrap(std::string_view message, const absl::Status& status,
                        grpc::ByteBuffer response) const override;

 private:
  const Ask ask_;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_API_QUERY_EXCHANGE_H_
