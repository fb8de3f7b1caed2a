#include "services/catalog/app/root_tokens.h"

#include <utility>

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
                                            std::string_view id, Token rights) {
  absl::StatusOr<std::string> secret = access::ReadTokenFile(path);
  if (!secret.ok() && !absl::IsNotFound(secret.status())) return secret.status();
  if (secret.ok() && catalog.FindToken(access::HashSecret(*secret)) != nullptr) return secret;
  TM_ASSIGN_OR_RETURN(const Ids ids,
                      SearchIds(catalog, id, secret.ok() ? access::HashSecret(*secret) : ""));
  if (!secret.ok() || ids.seen) {
    if (ids.seen) {
      log::Warn("the token in the file was revoked; the file gets a new one", {{"file", path}});
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
