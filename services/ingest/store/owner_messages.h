#ifndef TIDEMARK_SERVICES_INGEST_STORE_OWNER_MESSAGES_H_
#define TIDEMARK_SERVICES_INGEST_STORE_OWNER_MESSAGES_H_

#include <functional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/ingest/domain/log_store.h"
#include "tidemark/internal/v1/log_store.pb.h"

// The front's side of tidemark.internal.v1; api/log_store_convert.h is the owner's.
namespace tidemark::ingest {

LogState FromProto(const internal::v1::LogState& state);
void ToProto(const CatalogStamp& stamp, internal::v1::CatalogStamp* out);
// `intern` gives a text that lives as long as the result. INTERNAL: no answer of an owner.
absl::StatusOr<AppendResult> FromProto(
    const internal::v1::AppendResponse& response,
    const std::function<std::string_view(std::string_view)>& intern);
void ToProto(const ledger::SourceDay& day, internal::v1::SourceDay* out);
Statement FromProto(const internal::v1::ReadStatementResponse& response);
// INTERNAL unless `bytes` are whole hashes.
absl::StatusOr<std::vector<ledger::Hash>> HashesOf(std::string_view bytes);
absl::StatusOr<ledger::Hash> HashOf(std::string_view bytes);

// What a failed call to the owner means for the front's caller: statuses of the log as they are;
// UNAVAILABLE (LOG_OWNER_AWAY) with RetryInfo when the owner did not answer, or not in time, or
// refuses the front's own token; FAILED_PRECONDITION (NO_LOG_OWNER) when there is none at the
// address.
absl::Status FromOwner(const absl::Status& status);
// FAILED_PRECONDITION (OWNER_TOO_OLD): the owner is of a release that cannot `what`.
absl::Status OwnerTooOld(std::string_view what);

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_STORE_OWNER_MESSAGES_H_
