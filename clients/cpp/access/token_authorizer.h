#ifndef TIDEMARK_CLIENTS_CPP_ACCESS_TOKEN_AUTHORIZER_H_
#define TIDEMARK_CLIENTS_CPP_ACCESS_TOKEN_AUTHORIZER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/cpp/access/rpc_access.h"
#include "common/base/clock.h"
#include "common/rpc/authorizer.h"

namespace tidemark::catalog_client {
class CatalogView;
}  // namespace tidemark::catalog_client

namespace tidemark::access {

// SHA-256; 32 bytes. What the catalog stores of a secret.
std::string HashSecret(std::string_view secret);

// A token as its holder's rights; the secret itself is never here.
struct TokenRecord {
  // Id without `tokens/`.
  std::string id;
  std::string principal;
  Roles roles = 0;
  // Ids; a single "*": any.
  std::vector<std::string> sources;
  std::string region_scope;
  // Name of the organisation or provider that the holder acts for; empty: none.
  std::string acts_for;
  // 0: never.
  int64_t expire_time_us = 0;
  std::string secret_hash;
};

// Finds tokens. Thread-safe; must not block. Catalog implements it over its store, the others
// use ViewTokenLookup.
class TokenLookup {
 public:
  virtual ~TokenLookup() = default;
  // Empty: no token has that hash. UNAVAILABLE: tokens are not known yet.
  virtual absl::StatusOr<std::optional<TokenRecord>> FindBySecretHash(
      std::string_view secret_hash) const = 0;
  // How long ago this was what the catalog holds: zero for the catalog itself.
  virtual absl::Duration Age() const { return absl::ZeroDuration(); }
};

// Over the newest view of a CatalogWatcher:
//   ViewTokenLookup lookup([&watcher] { return watcher.view(); },
//                          [&watcher] { return watcher.silence(); });
class ViewTokenLookup final : public TokenLookup {
 public:
  using ViewSource = std::function<std::shared_ptr<const catalog_client::CatalogView>()>;
  // Time since the catalog was last heard.
  using AgeSource = std::function<absl::Duration()>;
  ViewTokenLookup(ViewSource view, AgeSource age) : view_(std::move(view)), age_(std::move(age)) {}
  // UNAVAILABLE while the view is at version 0.
  absl::StatusOr<std::optional<TokenRecord>> FindBySecretHash(
      std::string_view secret_hash) const override;
  absl::Duration Age() const override { return age_(); }

 private:
  const ViewSource view_;
  const AgeSource age_;
};

// Decides by bearer token and RpcTable(). Messages say what to do and never show the secret.
// UNAUTHENTICATED (reasons TOKEN_MISSING, TOKEN_MALFORMED, TOKEN_UNKNOWN, TOKEN_EXPIRED),
// PERMISSION_DENIED (ROLE_MISSING, METHOD_UNKNOWN), UNAVAILABLE (TOKENS_NOT_LOADED; TOKENS_STALE:
// a revocation could not be seen, so only methods with RpcRule::while_stale go on). Thread-safe,
// does not block.
class TokenAuthorizer final : public rpc::Authorizer {
 public:
  struct Options {
    // Not owned.
    const TokenLookup* lookup = nullptr;
    const base::Clock* clock = nullptr;
    // Tokens known from longer ago are not trusted.
    absl::Duration max_age = absl::Seconds(60);
  };
  explicit TokenAuthorizer(Options options) : options_(options) {}

  absl::StatusOr<rpc::Caller> Authorize(std::string_view method, std::string_view bearer) override;

 private:
  absl::StatusOr<TokenRecord> Identify(std::string_view bearer) const;

  const Options options_;
};

}  // namespace tidemark::access

#endif  // TIDEMARK_CLIENTS_CPP_ACCESS_TOKEN_AUTHORIZER_H_
