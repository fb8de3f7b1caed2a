#ifndef TIDEMARK_SERVICES_ANALYTICS_API_DATA_KEY_H_
#define TIDEMARK_SERVICES_ANALYTICS_API_DATA_KEY_H_

#include <functional>
#include <string>
#include <string_view>

#include "clients/cpp/catalog/entities.h"
#include "services/analytics/domain/stat_store.h"
#include "services/analytics/query/plan.h"

namespace tidemark::analytics {

// Raised whenever an answer may differ from what an earlier program computed.
inline constexpr int kAnswerVersion = 5;

// The catalog types that the answer depends on, labels included.
catalog_client::EntityTypes TypesRead(const Plan& plan);

// 1 + the last effective index in the months that the plan reads; 0: nothing is in them.
uint64_t DataVersionOf(const Plan& plan, const StatStore& store);

// All that the rows of the answer depend on, so that plans with equal keys have equal tables:
// canonical text, scope, log, the effects in the months read and when the last of them was accepted
// (another time in a log that lost its end and grew again), the catalog's last change of a type
// read, which periods are covered and how they are compared. Unlike the snapshot it stays when the
// log grows elsewhere. `last_change`: CatalogHistory::LastVersionThatChanged at the snapshot's
// version; `catalog_hash`: the history's hash there, so that another catalog with equal version
// numbers has other keys.
std::string DataKey(const Plan& plan, const StatStore& store, std::string_view canonical_text,
                    std::string_view region_scope, uint64_t last_change,
                    std::string_view catalog_hash);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_API_DATA_KEY_H_
