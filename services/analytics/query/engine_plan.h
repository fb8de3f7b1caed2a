#ifndef TIDEMARK_SERVICES_ANALYTICS_QUERY_ENGINE_PLAN_H_
#define TIDEMARK_SERVICES_ANALYTICS_QUERY_ENGINE_PLAN_H_

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/analytics/domain/stat_store.h"
#include "services/analytics/query/plan.h"

namespace tidemark::analytics {

// What a group of a dimension stands for. The numbers order the members of a dimension and are
// those of the proto's MemberKind.
enum class MemberKind : uint8_t { kCode = 0, kUnallocated = 1, kUnknown = 2 };

struct Group {
  MemberKind kind = MemberKind::kCode;
  // Points into EnginePlan::codes or the view.
  std::string_view code;
  // Of the region or category; kNone where there is none.
  catalog_client::Ordinal ordinal = catalog_client::kNone;
};

// A plan as the tables that engines understand, and what the groups in their answers mean.
struct EnginePlan {
  EngineQuery query;
  // By dimension of the plan: the group per number.
  std::vector<std::vector<Group>> groups;
  // Keeps alive what `groups` points into.
  std::vector<std::shared_ptr<const CodeList>> codes;
};

// The store's codes must be read after the plan's snapshot was chosen. Without periods the query
// has no slices, so no engine may be asked. RESOURCE_EXHAUSTED: too many slices, saying what to
// narrow.
absl::StatusOr<EnginePlan> MakeEnginePlan(const Plan& plan, const StatStore& store);

// Group of the wider level that a group of `dimension` lies in, by one of the plan's geographies:
// an ordinal. kNone: it stands alone (unknown, or recorded above that level).
catalog_client::Ordinal WiderGroup(const Plan& plan, uint32_t geography,
                                   const PlannedDimension& dimension, const Group& group,
                                   int level);

// Times inside (start, end) at which one of the region groups gains or loses a member, ascending.
std::vector<int64_t> MembershipChanges(const catalog_client::CatalogView& view,
                                       const std::vector<catalog_client::Ordinal>& groups,
                                       int64_t start_us, int64_t end_us);

inline constexpr size_t kMaxSlices = 400'000;
inline constexpr size_t kMaxMappings = 1'000;

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_QUERY_ENGINE_PLAN_H_
