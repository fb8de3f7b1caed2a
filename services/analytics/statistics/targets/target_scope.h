#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_TARGETS_TARGET_SCOPE_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_TARGETS_TARGET_SCOPE_H_

#include <cstdint>
#include <string_view>

#include "clients/cpp/catalog/catalog_view.h"

namespace tidemark::analytics {

// Whether the view has the place, `regions/...` or `regionGroups/...`.
bool HasPlace(const catalog_client::CatalogView& view, std::string_view place);

// Whether all of `place` lies in `scope`: in that region or one below it, or in what are members of
// that group at `time_us`. Of a group every region that ever was a member has to; one that lists
// nobody lies nowhere but in itself.
bool LiesIn(const catalog_client::CatalogView& view, std::string_view place, std::string_view scope,
            int64_t time_us);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_TARGETS_TARGET_SCOPE_H_
