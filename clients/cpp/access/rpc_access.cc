#include "clients/cpp/access/rpc_access.h"

#include <algorithm>
#include <array>

#include "common/rpc/authorizer.h"

namespace tidemark::access {
namespace {

using enum Role;

constexpr Roles kLedgerReaders = Bit(kAuditor) | Bit(kAdmin) | Bit(kService);
constexpr Roles kStewards = Bit(kSteward) | Bit(kAdmin);
constexpr Roles kStatisticReaders = Bit(kAnalyst) | Bit(kSteward) | kLedgerReaders;
// Of what was rejected: who sent it, and who can mend the catalog.
constexpr Roles kKeepers = Bit(kProducer) | kStewards;

constexpr RpcRule kTable[] = {
    {.method = "/tidemark.ingest.v1.IngestService/SubmitEvents",
     .roles = Bit(kProducer) | Bit(kService),
     .scope = Scope::kSources,
     .while_stale = true},
    {.method = "/tidemark.ingest.v1.IngestService/StreamEvents",
     .roles = Bit(kProducer) | Bit(kService),
     .scope = Scope::kSources,
     .while_stale = true},
    {.method = "/tidemark.ingest.v1.IngestService/SubmitControlTotals",
     .roles = Bit(kProducer) | Bit(kService),
     .scope = Scope::kSources,
     .while_stale = true},
    {"/tidemark.ingest.v1.IngestService/GetStatement",
     Bit(kProducer) | Bit(kSteward) | kLedgerReaders, Scope::kSources},
    {"/tidemark.ingest.v1.IngestService/BatchGetEvents", Bit(kProducer) | kLedgerReaders,
     Scope::kSources},
    {"/tidemark.ingest.v1.IngestService/Tail", kLedgerReaders},
    {"/tidemark.ingest.v1.IngestService/GetCheckpoint", kAnyRole},
    {"/tidemark.ingest.v1.IngestService/GetInclusionProof", Bit(kProducer) | kLedgerReaders,
     Scope::kSources},
    {"/tidemark.ingest.v1.IngestService/GetConsistencyProof", kAnyRole},
    {"/tidemark.ingest.v1.IngestService/GetLogStatus", kAnyRole},
    {"/tidemark.ingest.v1.IngestService/ListQuarantine", kKeepers, Scope::kSources},
    {"/tidemark.ingest.v1.IngestService/GetQuarantineStats", kKeepers, Scope::kSources},
    {"/tidemark.ingest.v1.IngestService/ResubmitQuarantine", kKeepers, Scope::kSources},
    {"/tidemark.ingest.v1.IngestService/DeleteQuarantine", kKeepers, Scope::kSources},

    {"/tidemark.catalog.v1.CatalogService/GetResource", kAnyRole, Scope::kTokens},
    {"/tidemark.catalog.v1.CatalogService/ListResources", kAnyRole, Scope::kTokens},
    {"/tidemark.catalog.v1.CatalogService/BatchGetResources", kAnyRole, Scope::kTokens},
    {"/tidemark.catalog.v1.CatalogService/ApplyResources", kStewards},
    {"/tidemark.catalog.v1.CatalogService/DeleteResource", kStewards, Scope::kTokenDeletion},
    {"/tidemark.catalog.v1.CatalogService/ListResourceHistory", Bit(kSteward) | kLedgerReaders,
     Scope::kTokens},
    {"/tidemark.catalog.v1.CatalogService/WatchResources", kLedgerReaders, Scope::kTokenHashes},
    {"/tidemark.catalog.v1.CatalogService/IssueToken", Bit(kAdmin)},
    {"/tidemark.catalog.v1.CatalogService/BindLog", Bit(kService)},
    {"/tidemark.catalog.v1.CatalogService/RankCandidacies", Bit(kSteward) | kLedgerReaders},
    {"/tidemark.catalog.v1.CatalogService/AdvanceProgramme", kStewards},
    {"/tidemark.catalog.v1.CatalogService/ListObservations", kAnyRole},
    {"/tidemark.catalog.v1.CatalogService/CompareObservations", kAnyRole},
    {"/tidemark.catalog.v1.CatalogService/SearchResources", kAnyRole, Scope::kAssessments},
    {"/tidemark.catalog.v1.CatalogService/ResolveRegions", kAnyRole},
    {"/tidemark.catalog.v1.CatalogService/CheckGrant", kAnyRole, Scope::kOwnGrants},
    {"/tidemark.catalog.v1.CatalogService/ReportUse", Bit(kService)},
    {"/tidemark.catalog.v1.CatalogService/ListUse", kAnyRole, Scope::kOwnGrants},

    {"/tidemark.analytics.v1.AnalyticsService/Query",
     Bit(kAnalyst) | Bit(kSteward) | kLedgerReaders | Bit(kGrantee), Scope::kAsset},
    {"/tidemark.analytics.v1.AnalyticsService/StreamQuery",
     Bit(kAnalyst) | Bit(kSteward) | kLedgerReaders | Bit(kGrantee), Scope::kAsset},
    {"/tidemark.analytics.v1.AnalyticsService/ExchangeQueries",
     Bit(kAnalyst) | Bit(kSteward) | kLedgerReaders | Bit(kGrantee), Scope::kAsset},
    {"/tidemark.analytics.v1.AnalyticsService/ListExceptions", kStatisticReaders},
    {"/tidemark.analytics.v1.AnalyticsService/ListOverlaps", kStatisticReaders},
    {"/tidemark.analytics.v1.AnalyticsService/ListSourceDays", kStatisticReaders},
    {"/tidemark.analytics.v1.AnalyticsService/GetVocabulary", kAnyRole},
    {"/tidemark.analytics.v1.AnalyticsService/GetFoldStatus", kAnyRole},
    {"/tidemark.analytics.v1.StatisticsService/GetAvailability", kStatisticReaders, Scope::kRegion},
    {"/tidemark.analytics.v1.StatisticsService/Flows", kStatisticReaders, Scope::kRegion},
    {"/tidemark.analytics.v1.StatisticsService/CoConsumption", kStatisticReaders, Scope::kRegion},
    {"/tidemark.analytics.v1.StatisticsService/Concentration", kStatisticReaders, Scope::kRegion},
    {"/tidemark.analytics.v1.StatisticsService/Explain", kStatisticReaders, Scope::kRegion},
    {"/tidemark.analytics.v1.StatisticsService/Forecast", kStatisticReaders, Scope::kRegion},
    {"/tidemark.analytics.v1.StatisticsService/Uplift", kStatisticReaders, Scope::kRegion},
    {"/tidemark.analytics.v1.StatisticsService/Divide", kStatisticReaders, Scope::kRegion},
    {"/tidemark.analytics.v1.StatisticsService/EvaluateIndicator", kStatisticReaders,
     Scope::kRegion},
    {"/tidemark.analytics.v1.StatisticsService/Reconcile", kStatisticReaders, Scope::kRegion},
    {"/tidemark.analytics.v1.StatisticsService/TargetProgress", kStatisticReaders, Scope::kRegion},
    {"/tidemark.analytics.v1.StatisticsService/Settle", kStatisticReaders, Scope::kRegion},
    {"/tidemark.analytics.v1.StatisticsService/Watch", kStatisticReaders, Scope::kRegion},
    {"/tidemark.analytics.v1.StatisticsService/StreamStatistic", kStatisticReaders, Scope::kRegion},

    // For fronts of the ingest service. A front goes on taking events while tokens are stale, so
    // its owner does.
    {.method = "/tidemark.internal.v1.LogStoreService/DescribeLog",
     .roles = Bit(kService),
     .while_stale = true},
    {.method = "/tidemark.internal.v1.LogStoreService/ListOpenCodes",
     .roles = Bit(kService),
     .while_stale = true},
    {.method = "/tidemark.internal.v1.LogStoreService/WatchLog",
     .roles = Bit(kService),
     .while_stale = true},
    {.method = "/tidemark.internal.v1.LogStoreService/Append",
     .roles = Bit(kService),
     .while_stale = true},
    {.method = "/tidemark.internal.v1.LogStoreService/CountRefused",
     .roles = Bit(kService),
     .while_stale = true},
    {"/tidemark.internal.v1.LogStoreService/ReadStatement", Bit(kService)},
    {"/tidemark.internal.v1.LogStoreService/MarkCatalog", Bit(kService)},
    {"/tidemark.internal.v1.LogStoreService/FindEvents", Bit(kService)},
    {"/tidemark.internal.v1.LogStoreService/ReadEvents", Bit(kService)},
    {"/tidemark.internal.v1.LogStoreService/ReadBlock", Bit(kService)},
    {"/tidemark.internal.v1.LogStoreService/GetNewestCheckpoint", Bit(kService)},
    {"/tidemark.internal.v1.LogStoreService/GetLeaf", Bit(kService)},
    {"/tidemark.internal.v1.LogStoreService/GetTreeConsistency", Bit(kService)},
    {.method = "/tidemark.internal.v1.LogStoreService/AddRejected",
     .roles = Bit(kService),
     .while_stale = true},
    {"/tidemark.internal.v1.LogStoreService/AskQuarantine", Bit(kService)},

    // Load balancers ask for health and have no token. Reflection tells the contract, which is
    // no secret, and tools ask for it before they have one.
    {.method = "/grpc.health.v1.Health/Check", .open = true},
    {.method = "/grpc.health.v1.Health/Watch", .open = true},
    {.method = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", .open = true},
};

constexpr bool EveryRuleIsWhole() {
  for (const RpcRule& rule : kTable) {
    if (rule.open != (rule.roles == 0) || (rule.roles & ~kAnyRole) != 0) return false;
  }
  return true;
}
static_assert(EveryRuleIsWhole(), "a rule has roles of the proto, or is open");

constexpr std::array<std::string_view, 10> kRoleNames = {
    "",        "producer", "viewer", "researcher", "analyst",
    "steward", "auditor",  "admin",  "service",    "grantee"};

bool Contains(const std::vector<std::string>& sources, std::string_view source) {
  return std::any_of(sources.begin(), sources.end(), [&](const std::string& allowed) {
    return allowed == "*" || allowed == source;
  });
}

}  // namespace

std::string_view RoleName(Role role) { return kRoleNames[static_cast<size_t>(role)]; }

std::string RoleNames(Roles roles) {
  std::string names;
  for (size_t role = 1; role < kRoleNames.size(); ++role) {
    if ((roles & (Roles{1} << role)) == 0) continue;
    if (!names.empty()) names += ", ";
    names += kRoleNames[role];
  }
  return names;
}

absl::Span<const RpcRule> RpcTable() { return kTable; }

const RpcRule* FindRule(std::string_view method) {
  const auto it = std::find_if(std::begin(kTable), std::end(kTable),
                               [&](const RpcRule& rule) { return rule.method == method; });
  return it == std::end(kTable) ? nullptr : it;
}

bool HasRole(const rpc::Caller& caller, Role role) { return (caller.roles & Bit(role)) != 0; }

bool MayUseSource(const rpc::Caller& caller, std::string_view method, std::string_view source) {
  const RpcRule* rule = FindRule(method);
  if (rule == nullptr) return false;
  const Roles through = caller.roles & rule->roles;
  if ((through & ~Bit(kProducer)) != 0) return true;
  return through != 0 && Contains(caller.sources, source);
}

bool MaySeeTokens(const rpc::Caller& caller) {
  return HasRole(caller, kAdmin) || HasRole(caller, kService);
}

bool MayAskWithoutAsset(const rpc::Caller& caller, std::string_view method) {
  const RpcRule* rule = FindRule(method);
  return rule != nullptr && (caller.roles & rule->roles) != Bit(kGrantee);
}

bool MaySeeGrants(const rpc::Caller& caller) {
  return (caller.roles & (Bit(kSteward) | kLedgerReaders)) != 0;
}

}  // namespace tidemark::access
