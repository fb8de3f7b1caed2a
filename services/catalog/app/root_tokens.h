#ifndef TIDEMARK_SERVICES_CATALOG_APP_ROOT_TOKENS_H_
#define TIDEMARK_SERVICES_CATALOG_APP_ROOT_TOKENS_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/catalog/domain/catalog.h"

namespace tidemark::catalog {

// Rights of the token a newcomer starts with, and of that of the other services.
Token AdminRights();
Token ServiceRights();

// Makes sure that `path` holds the secret of a token that works, and returns the secret:
//
//   file     its secret           done
//   missing  -                    new secret in a new file (0600), new token
//   there    of a token           nothing
//   there    never seen           the token is made
//   there    of a deleted token   new secret in the file, new token: a revocation stays one
//
// The token is `tokens/ID`, or `tokens/ID-2` and so on when the ids before are used up. Errors
// name the file.
absl::StatusOr<std::string> EnsureRootToken(Catalog& catalog, const std::string& path,
                                            std::string_view id, Token rights);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_APP_ROOT_TOKENS_H_
