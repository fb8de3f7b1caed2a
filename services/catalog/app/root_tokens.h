#ifndef TIDEMARK_SERVICES_CATALOG_APP_ROOT_TOKENS_H_
#define TIDEMARK_SERVICES_CATALOG_APP_ROOT_TOKENS_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/catalog/domain/catalog.h"

namespace tidemark::catalog {

// Rights of the token a newcomer starts with, and of that of the other services.
Token AdminRights();
Token ServiceRights();

// Makes sure, at `now_us` (microseconds since 1970-01-01T00:00:00Z), that `path` holds the secret
// of a token that works, and returns the secret:
//
//   file     its secret           done
//   missing  -                    new secret in a new file (0600), new token
//   there    of a token in force  nothing
//   there    never seen           the token is made
//   there    of a token that was  new secret in the file, new token: a revocation stays one
//            deleted or expired
//   there    of a token without   FAILED_PRECONDITION: somebody meant another file
//            the first of the roles
//
// The token is `tokens/ID`, or `tokens/ID-2` and so on when the ids before are used up. Errors
// name the file.
absl::StatusOr<std::string> EnsureRootToken(Catalog& catalog, const std::string& path,
                                            std::string_view id, Token rights, int64_t now_us);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_APP_ROOT_TOKENS_H_
