#ifndef TIDEMARK_SERVICES_CATALOG_API_TOKEN_LOOKUP_H_
#define TIDEMARK_SERVICES_CATALOG_API_TOKEN_LOOKUP_H_

#include "clients/cpp/access/token_authorizer.h"
#include "services/catalog/domain/catalog.h"

namespace tidemark::catalog {

// The catalog's own tokens, as they are this instant: a revocation counts from the next call on.
class CatalogTokenLookup final : public access::TokenLookup {
 public:
  // Not owned.
  explicit CatalogTokenLookup(const Catalog* catalog) : catalog_(catalog) {}
  absl::StatusOr<std::optional<access::TokenRecord>> FindBySecretHash(
      std::string_view secret_hash) const override;

 private:
  const Catalog* const catalog_;
};

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_API_TOKEN_LOOKUP_H_
