#ifndef TIDEMARK_CLIENTS_CLI_OBSERVATIONS_STATED_PERIOD_H_
#define TIDEMARK_CLIENTS_CLI_OBSERVATIONS_STATED_PERIOD_H_

#include <optional>
#include <string>
#include <string_view>

#include "tidemark/type/v1/period.pb.h"

namespace tidemark::observations {

// Reads a period as publishers write it, beside the names of queries (period_text.h): `2024年`,
// `2024 Q1`, `2024Q1`, `Q1 2024`, `2024年一季度`, `2024年前三季度`, `2024年上半年`, `2024-S1`,
// `2024 JAN`, `Jan 2024`, `2024M01`, `2024年1月`, `2024/1`, and what is stated together,
// `2024年1-2月`. Nothing for any other text; no form has two meanings.
std::optional<type::v1::Period> ParseStatedPeriod(std::string_view text);

// The period of a grain that a day, written in a form of strptime such as `%m/%d/%Y`, lies in.
// Nothing when the text is no such day.
std::optional<type::v1::Period> PeriodOfDay(std::string_view text, const std::string& form,
                                            type::v1::PeriodGrain grain);

}  // namespace tidemark::observations

#endif  // TIDEMARK_CLIENTS_CLI_OBSERVATIONS_STATED_PERIOD_H_
