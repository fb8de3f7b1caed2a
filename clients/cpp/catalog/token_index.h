#ifndef TIDEMARK_CLIENTS_CPP_CATALOG_TOKEN_INDEX_H_
#define TIDEMARK_CLIENTS_CPP_CATALOG_TOKEN_INDEX_H_

#include <string>

#include "absl/container/flat_hash_map.h"
#include "clients/cpp/catalog/table.h"

namespace tidemark::catalog_client {

// Tokens by hash of their secret. Tokens without a hash (it is shown to services only) are left
// out.
struct TokenIndex {
  explicit TokenIndex(const Table<Token>& tokens) {
    for (const Token& token : tokens.items()) {
      if (!token.secret_hash.empty()) by_hash.emplace(token.secret_hash, token.ordinal);
    }
  }
  absl::flat_hash_map<std::string, Ordinal> by_hash;
};

}  // namespace tidemark::catalog_client

#endif  // TIDEMARK_CLIENTS_CPP_CATALOG_TOKEN_INDEX_H_
