#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "services/catalog/domain/checks.h"
#include "services/catalog/domain/text.h"

namespace tidemark::catalog {
namespace {

constexpr size_t kPrincipalBytes = 64;

void CheckRoles(const Token& token, Report& report) {
  if (token.roles.empty()) report.AddTyped("roles", "missing; want at least one role");
  absl::flat_hash_set<Role> seen;
  for (size_t i = 0; i < token.roles.size(); ++i) {
    const int role = static_cast<int>(token.roles[i]);
    const std::string field = absl::StrCat("roles[", i, "]");
    if (role < 1 || role > static_cast<int>(Role::kGrantee)) {
      report.AddTyped(field, absl::StrCat(role, " is no role; see tidemark.type.v1.Role"));
    } else if (!seen.insert(token.roles[i]).second) {
      report.AddTyped(field, "occurs twice; keep one", "DUPLICATE");
    }
  }
  if (seen.contains(Role::kProducer) && token.sources.empty()) {
    report.AddTyped("sources", "missing; role producer needs sources/... or a single `*`");
  }
  if (seen.contains(Role::kGrantee) && token.acts_for.empty()) {
    report.AddTyped("acts_for",
                    "missing; role grantee needs the organisations/... or providers/... whose "
                    "grants are used");
  }
}

}  // namespace

void CheckToken(const Token& token, Report& report) {
  const std::string& principal = token.principal;
  if (principal.empty() || principal.size() > kPrincipalBytes) {
    report.AddTyped("principal",
                    absl::StrCat(Bytes(principal.size()), ", want 1 to ", kPrincipalBytes));
  } else if (!IsUtf8(principal) || HasControlCharacter(principal)) {
    report.AddTyped("principal", "must be UTF-8 without control characters");
  }
  CheckRoles(token, report);
  CheckNoDuplicates(token.sources, "sources", report);
  if (token.expire_time_us < 0) {
    report.AddTyped("expire_time_us", absl::StrCat(token.expire_time_us, ", want >= 0"));
  }
}

}  // namespace tidemark::catalog
