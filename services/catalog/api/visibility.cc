#include "services/catalog/api/visibility.h"

#include "clients/cpp/access/rpc_access.h"
#include "common/status/error.h"

namespace tidemark::catalog {

bool IsOfTokens(std::string_view name_or_collection) {
  return name_or_collection.substr(0, name_or_collection.find('/')) == "tokens";
}

absl::Status CheckMaySee(const rpc::Caller& caller, std::string_view name_or_collection) {
  const std::string_view collection = name_or_collection.substr(0, name_or_collection.find('/'));
  if (collection == "assessments" && !access::MaySeeGrants(caller)) {
    return status::WithReason(
        absl::PermissionDeniedError(
            "assessments are shown to the roles steward, auditor, admin and service only"),
        "ASSESSMENTS_HIDDEN");
  }
  if (collection == "grants" && !access::MaySeeGrants(caller)) {
    return status::WithReason(
        absl::PermissionDeniedError("grants are shown to the roles steward, auditor, admin and "
                                    "service only; CheckGrant tells of your own"),
        "GRANTS_HIDDEN");
  }
  if (!IsOfTokens(name_or_collection) || access::MaySeeTokens(caller)) return absl::OkStatus();
  return status::WithReason(
      absl::PermissionDeniedError("tokens are shown to the roles admin and service only"),
      "TOKENS_HIDDEN");
}

bool MaySeeTokens(const rpc::Caller& caller) { return access::MaySeeTokens(caller); }

absl::Status CheckMayDelete(const rpc::Caller& caller, std::string_view name) {
  if (!IsOfTokens(name) || access::HasRole(caller, access::Role::kAdmin)) return absl::OkStatus();
  return status::WithReason(
      absl::PermissionDeniedError("deleting a token needs the role admin; ask an admin"),
      "ROLE_MISSING");
}

bool SeesSecretHashes(const rpc::Caller& caller) {
  return access::HasRole(caller, access::Role::kService);
}

}  // namespace tidemark::catalog
