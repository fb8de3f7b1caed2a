#ifndef TIDEMARK_SERVICES_ANALYTICS_API_COLUMN_TITLES_H_
#define TIDEMARK_SERVICES_ANALYTICS_API_COLUMN_TITLES_H_

#include <string>
#include <string_view>

#include "services/analytics/query/table.h"

namespace tidemark::analytics {

// What people call a column in a language (BCP 47): `净消费额同比` for `yoy(net)` in `zh`. Empty:
// the name will do.
std::string TitleOf(std::string_view name, ColumnKind kind, std::string_view language);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_API_COLUMN_TITLES_H_
