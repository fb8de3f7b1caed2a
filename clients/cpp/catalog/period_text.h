#ifndef TIDEMARK_CLIENTS_CPP_CATALOG_PERIOD_TEXT_H_
#define TIDEMARK_CLIENTS_CPP_CATALOG_PERIOD_TEXT_H_

#include <optional>
#include <string>
#include <string_view>

#include "tidemark/type/v1/period.pb.h"

namespace tidemark::catalog_client {

// Reads the names that tidemark.type.v1.Period tells of: `2024`, `2024-H1`, `2024-Q1`, `2024-03`,
// `2024-W09`, `2024-03-05`, and several in a row, `2024-01..02`, `2013-Q1..Q3`, `2013..2022`,
// `2024-11..2025-01`. Nothing for any other text, for what does not exist (`2023-W53`), and for
// more than 120 periods.
std::optional<type::v1::Period> ParsePeriod(std::string_view text);

// The name of a period, which ParsePeriod reads back as it is; nothing when it is none: no grain, a
// start that does not exist or is no first day.
std::optional<std::string> PeriodText(const type::v1::Period& period);

}  // namespace tidemark::catalog_client

#endif  // TIDEMARK_CLIENTS_CPP_CATALOG_PERIOD_TEXT_H_
