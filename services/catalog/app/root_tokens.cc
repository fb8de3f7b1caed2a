#include "services/catalog/app/root_tokens.h"

#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "clients/cpp/access/token_authorizer.h"
#include "clients/cpp/access/token_file.h"
#include "common/log/log.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/catalog/api/token_secret.h"

namespace tidemark::catalog {
namespace {

constexpr std::string_view kMaker = "catalog";

struct Ids {
  // The first that no token ever had.
  std::string free;
  // A token of one of the earlier ids had this secret.
  bool seen = false;
};

absl::StatusOr<Ids> SearchIds(const Catalog& catalog, std::string_view id,
                              std::string_view secret_hash) {
  Ids ids;
  for (int n = 1;; ++n) {
    ids.free = n == 1 ? std::string(id) : absl::StrCat(id, "-", n);
    const auto history = catalog.History(absl::StrCat("tokens/", ids.free), 0, 1000);
    if (absl::IsNotFound(history.status())) return ids;
    TM_RETURN_IF_ERROR(history.status());
    for (const Change& change : history->changes) {
      if (change.after == nullptr) continue;
      ids.seen = ids.seen || std::get<Token>(change.after->content).secret_hash == secret_hash;
    }
  }
}

bool IsExpired(const Resource& token, int64_t now_us) {
  const int64_t expires = std::get<Token>(token.content).expire_time_us;
  return expires != 0 && expires <= now_us;
}

absl::Status CheckHasRole(const Resource& token, Role role, const std::string& path) {
  if (absl::c_linear_search(std::get<Token>(token.content).roles, role)) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(path, ": holds the secret of ", token.name, ", which lacks the role ",
                   role == Role::kAdmin ? "admin" : "service",
                   "; name another file, or move this one away and a new token is made"));
}

}  // namespace

Token AdminRights() {
  Token token;
  token.principal = "admin";
  token.roles = {Role::kAdmin, Role::kSteward, Role::kAnalyst, Role::kAuditor, Role::kProducer};
  token.sources = {"*"};
  return token;
}

Token ServiceRights() {
  Token token;
  token.principal = "service";
  token.roles = {Role::kService};
  return token;
}

absl::StatusOr<std::string> EnsureRootToken(Catalog& catalog, const std::string& path,
                                            std::string_view id, Token rights, int64_t now_us) {
  absl::StatusOr<std::string> secret = access::ReadTokenFile(path);
  if (!secret.ok() && !absl::IsNotFound(secret.status())) return secret.status();
  const ResourcePtr found =
      secret.ok() ? catalog.FindToken(access::HashSecret(*secret)) : ResourcePtr();
  if (found != nullptr && !IsExpired(*found, now_us)) {
    TM_RETURN_IF_ERROR(CheckHasRole(*found, rights.roles.front(), path));
    return secret;
  }
  TM_ASSIGN_OR_RETURN(const Ids ids,
                      SearchIds(catalog, id, secret.ok() ? access::HashSecret(*secret) : ""));
  // A secret of a token, whatever its id, is never taken for a new one.
  const bool spent = found != nullptr || ids.seen;
  if (!secret.ok() || spent) {
    if (spent) {
      log::Warn("the token in the file was revoked or has expired; the file gets a new one",
                {{"file", path}});
    }
    secret = NewTokenSecret();
    // The file first: a secret without a token is mended by the next start, a token without its
    // secret never.
    TM_RETURN_IF_ERROR(access::WriteTokenFile(path, *secret));
  }
  rights.secret_hash = access::HashSecret(*secret);
  absl::Status status = catalog.IssueToken(kMaker, ids.free, std::move(rights)).status();
  if (!status.ok()) return status::Prefixed(path, status);
  log::Info("token made", {{"token", absl::StrCat("tokens/", ids.free)}, {"file", path}});
  return secret;
}

}  // namespace tidemark::catalog
