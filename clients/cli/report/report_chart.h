#ifndef TIDEMARK_CLIENTS_CLI_REPORT_REPORT_CHART_H_
#define TIDEMARK_CLIENTS_CLI_REPORT_REPORT_CHART_H_

#include <string>

#include "absl/status/statusor.h"
#include "clients/cli/commands/answer_rows.h"
#include "clients/cli/report/svg_charts.h"
#include "clients/cli/report/template.h"

namespace tidemark::cli::report {

// The chart of an exhibit as SVG, with a description of what is in it. INVALID_ARGUMENT: the
// answer cannot be drawn so.
absl::StatusOr<std::string> ChartOf(const Exhibit& exhibit, const AnswerRows& answer,
                                    const std::string& language, SvgText text);

// Of the tables `history` and `forecast`: a line with the intervals of what is to come.
absl::StatusOr<std::string> ForecastChart(const AnswerRows& history, const AnswerRows& forecast,
                                          const std::string& language, SvgText text);

}  // namespace tidemark::cli::report

#endif  // TIDEMARK_CLIENTS_CLI_REPORT_REPORT_CHART_H_
