#ifndef TIDEMARK_CLIENTS_CPP_ACCESS_RPC_ACCESS_H_
#define TIDEMARK_CLIENTS_CPP_ACCESS_RPC_ACCESS_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/types/span.h"

namespace tidemark::rpc {
struct Caller;
}  // namespace tidemark::rpc

// The one table of who may call what (docs/access.md shows it to people; a test compares them).
namespace tidemark::access {

// Bits 1 << number of tidemark.type.v1.Role; rpc::Caller::roles holds the same.
enum class Role : uint8_t {
  kProducer = 1,
  kViewer = 2,
  kResearcher = 3,
  kAnalyst = 4,
  kSteward = 5,
  kAuditor = 6,
  kAdmin = 7,
  kService = 8,
  kGrantee = 9,
};
using Roles = uint32_t;
constexpr Roles Bit(Role role) { return Roles{1} << static_cast<int>(role); }
// "producer" for kProducer.
std::string_view RoleName(Role role);
// "admin, service" in order of the roles.
std::string RoleNames(Roles roles);

inline constexpr Roles kAnyRole = 0x3FE;

// What the handler still has to check, as only it knows what the request touches.
enum class Scope : uint8_t {
  kNone,
  // Let in as producer only: the sources must be the token's own (MayUseSource).
  kSources,
  // `tokens/...` is for admin and service only (MaySeeTokens), `assessments/...` and `grants/...`
  // for those, stewards and auditors.
  kTokens,
  // `assessments/...` and `grants/...` as above; tokens are never shown.
  kAssessments,
  // `tokens/...` is for admin only.
  kTokenDeletion,
  // `tokens/...` is for service only, as their hashes are shown.
  kTokenHashes,
  // A token with a region scope may only read inside it (Caller::region_scope). Let in as grantee
  // only: by an asset that a grant to whom the caller acts for permits (MayAskWithoutAsset).
  kAsset,
  // Of other organisations than the caller's own: steward, auditor, admin and service only.
  kOwnGrants,
  // A token with a region scope may only read inside it (Caller::region_scope).
  kRegion,
};

struct RpcRule {
  // "/tidemark.ingest.v1.IngestService/SubmitEvents"
  std::string_view method;
  // Roles one of which is enough. 0 only where `open`.
  Roles roles = 0;
  Scope scope = Scope::kNone;
  // Needs no token at all.
  bool open = false;
  // Goes on when tokens cannot be checked against the catalog any more (TOKENS_STALE for all
  // others): a producer must not lose events because the catalog is away.
  bool while_stale = false;
};

// By service, in the order of the protos.
absl::Span<const RpcRule> RpcTable();
// Null: not in the table, so denied.
const RpcRule* FindRule(std::string_view method);

bool HasRole(const rpc::Caller& caller, Role role);
// Whether `caller` may act for `source` (an id) in `method`, whose scope is kSources: through an
// allowed role other than producer any source, else only those of the token.
bool MayUseSource(const rpc::Caller& caller, std::string_view method, std::string_view source);
bool MaySeeTokens(const rpc::Caller& caller);
// False when `caller` was let in to a method of scope kAsset by the role grantee alone.
bool MayAskWithoutAsset(const rpc::Caller& caller, std::string_view method);
// Whether `grants/...` and `assessments/...` are shown.
bool MaySeeGrants(const rpc::Caller& caller);

}  // namespace tidemark::access

#endif  // TIDEMARK_CLIENTS_CPP_ACCESS_RPC_ACCESS_H_
