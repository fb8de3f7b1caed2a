#ifndef TIDEMARK_SERVICES_INGEST_API_LOG_STORE_CONVERT_H_
#define TIDEMARK_SERVICES_INGEST_API_LOG_STORE_CONVERT_H_

#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "services/ingest/domain/log_store.h"
#include "tidemark/internal/v1/log_store.pb.h"

// The owner's side of tidemark.internal.v1; store/grpc_log_store_convert.h is the front's.
namespace tidemark::ingest {

void ToProto(const LogState& state, internal::v1::LogState* out);
void ToProto(const AppendResult& result, internal::v1::AppendResponse* out);
// OUT_OF_RANGE (AMOUNT_OVERFLOW): a sum is above 2^63 - 1.
absl::Status ToProto(const Statement& statement, internal::v1::ReadStatementResponse* out);
// Its texts are those of `day`.
ledger::SourceDay FromProto(const internal::v1::SourceDay& day);
CatalogStamp FromProto(const internal::v1::CatalogStamp& stamp);
// FAILED_PRECONDITION (LOG_ID_MISMATCH) unless `log_id`, of a front's request, is the log's.
absl::Status CheckLogId(const LogStore& log, std::string_view log_id);
// 32 bytes each.
void AppendHashes(std::span<const ledger::Hash> hashes, std::string* out);

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_API_LOG_STORE_CONVERT_H_
