#include "clients/cpp/access/token_authorizer.h"

#include <openssl/crypto.h>

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "clients/cpp/access/token_file.h"
#include "clients/cpp/catalog/catalog_view.h"
#include "clients/cpp/ledger/sha256.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tidemark::access {
namespace {

absl::Status Unauthenticated(std::string_view message, std::string_view reason) {
  return status::WithReason(absl::UnauthenticatedError(message), reason);
}

absl::Status Stale() {
  return status::WithRetryAfter(
      status::WithReason(
          absl::UnavailableError(
              "the catalog has not been heard for too long, so the token may have been revoked "
              "meanwhile; check that the catalog service runs, then try again"),
          "TOKENS_STALE"),
      absl::Seconds(1));
}

std::string_view ShortName(std::string_view method) { return method.substr(method.rfind('/') + 1); }

}  // namespace

std::string HashSecret(std::string_view secret) {
  const ledger::Hash hash = ledger::Sha256(secret);
  return std::string(reinterpret_cast<const char*>(hash.data()), hash.size());
}

absl::StatusOr<std::optional<TokenRecord>> ViewTokenLookup::FindBySecretHash(
    std::string_view secret_hash) const {
  const std::shared_ptr<const catalog_client::CatalogView> view = view_();
  if (view == nullptr || view->version() == 0) {
    return status::WithRetryAfter(
        status::WithReason(
            absl::UnavailableError("tokens are not loaded from the catalog yet; try again"),
            "TOKENS_NOT_LOADED"),
        absl::Seconds(1));
  }
  const catalog_client::Token* token = view->FindTokenBySecretHash(secret_hash);
  if (token == nullptr) return std::nullopt;
  return TokenRecord{.id = token->id,
                     .principal = token->principal,
                     .roles = token->roles,
                     .sources = token->sources,
                     .region_scope = token->region_scope,
                     .acts_for = token->acts_for,
                     .expire_time_us = token->expire_time_us,
                     .secret_hash = token->secret_hash};
}

absl::StatusOr<TokenRecord> TokenAuthorizer::Identify(std::string_view bearer) const {
  if (bearer.empty()) {
    return Unauthenticated(
        "no token: send `authorization: Bearer tm_...` metadata (an admin makes tokens with "
        "`tidemark token issue`)",
        "TOKEN_MISSING");
  }
  if (!LooksLikeToken(bearer)) {
    return Unauthenticated(
        "the bearer is not a Tidemark token: want `tm_` and 43 characters of A-Z a-z 0-9 - _",
        "TOKEN_MALFORMED");
  }
  const std::string hash = HashSecret(bearer);
  TM_ASSIGN_OR_RETURN(std::optional<TokenRecord> token, options_.lookup->FindBySecretHash(hash));
  // A lookup finds by whatever index it has; only equal bytes let the caller in.
  if (!token || token->secret_hash.size() != hash.size() ||
      CRYPTO_memcmp(token->secret_hash.data(), hash.data(), hash.size()) != 0) {
    return Unauthenticated(
        "unknown token: it was revoked, or belongs to another observatory; ask an admin for a "
        "new one",
        "TOKEN_UNKNOWN");
  }
  if (token->expire_time_us != 0 && token->expire_time_us <= options_.clock->NowMicros()) {
    return Unauthenticated(
        absl::StrCat("token ", token->id, " has expired; ask an admin for a new one"),
        "TOKEN_EXPIRED");
  }
  return *std::move(token);
}

absl::StatusOr<rpc::Caller> TokenAuthorizer::Authorize(std::string_view method,
                                                       std::string_view bearer) {
  const RpcRule* rule = FindRule(method);
  if (rule != nullptr && rule->open) return rpc::Caller{};
  const absl::Duration age = options_.lookup->Age();
  // Infinite: never loaded, for which there is another reason.
  const bool stale = age > options_.max_age && age < absl::InfiniteDuration();
  if (stale && (rule == nullptr || !rule->while_stale) && LooksLikeToken(bearer)) return Stale();
  TM_ASSIGN_OR_RETURN(TokenRecord token, Identify(bearer));
  if (rule == nullptr) {
    return status::WithReason(
        absl::PermissionDeniedError(absl::StrCat("method ", method, " is open to nobody")),
        "METHOD_UNKNOWN");
  }
  if ((token.roles & rule->roles) == 0) {
    const std::string has = RoleNames(token.roles);
    return status::WithReason(
        absl::PermissionDeniedError(absl::StrCat(
            ShortName(method), " needs one of the roles ", RoleNames(rule->roles), "; token ",
            token.id, " has ", has.empty() ? "none" : has, "; ask an admin for a token with one")),
        "ROLE_MISSING");
  }
  return rpc::Caller{.token_name = absl::StrCat("tokens/", token.id),
                     .principal = std::move(token.principal),
                     .roles = token.roles,
                     .sources = std::move(token.sources),
                     .region_scope = std::move(token.region_scope),
                     .acts_for = std::move(token.acts_for)};
}

}  // namespace tidemark::access
