#ifndef TIDEMARK_SERVICES_ANALYTICS_API_RESULT_PAGE_H_
#define TIDEMARK_SERVICES_ANALYTICS_API_RESULT_PAGE_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "clients/cpp/catalog/catalog_view.h"
#include "services/analytics/query/table.h"

namespace tidemark::analytics::v1 {
class Result;
}  // namespace tidemark::analytics::v1

namespace tidemark::analytics {

// Size at which a page is cut.
inline constexpr size_t kMaxPageBytes = size_t{1} << 20;

// Writes rows [offset, ...) of the table, at most `max_rows` and as many as fit kMaxPageBytes, but
// one at least; returns how many. Equal arguments give equal bytes. `label_language`: BCP 47 tag;
// empty: no labels.
// `view`: where labels come from.
uint64_t WritePage(const Table& table, const catalog_client::CatalogView& view, uint64_t offset,
                   uint64_t max_rows, const std::string& label_language, v1::Result* page);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_API_RESULT_PAGE_H_
