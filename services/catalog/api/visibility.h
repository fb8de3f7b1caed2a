#ifndef TIDEMARK_SERVICES_CATALOG_API_VISIBILITY_H_
#define TIDEMARK_SERVICES_CATALOG_API_VISIBILITY_H_

#include <string_view>

#include "absl/status/status.h"
#include "common/rpc/authorizer.h"

// Rules of access that the table of methods cannot hold, as they depend on what is asked for.
namespace tidemark::catalog {

// `name_or_collection` is of tokens; well-formed or not.
bool IsOfTokens(std::string_view name_or_collection);

// PERMISSION_DENIED when it is of tokens and the caller is neither admin nor service
// (TOKENS_HIDDEN), or of assessments or grants and they are no steward or auditor either
// (ASSESSMENTS_HIDDEN, GRANTS_HIDDEN).
absl::Status CheckMaySee(const rpc::Caller& caller, std::string_view name_or_collection);

// Whether messages may name tokens.
bool MaySeeTokens(const rpc::Caller& caller);

// PERMISSION_DENIED (ROLE_MISSING) when it is a token's name and the caller is no admin.
absl::Status CheckMayDelete(const rpc::Caller& caller, std::string_view name);

// Hashes of secrets are for services, which check tokens by them.
bool SeesSecretHashes(const rpc::Caller& caller);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_API_VISIBILITY_H_
