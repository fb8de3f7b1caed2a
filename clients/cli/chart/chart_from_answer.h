#ifndef TIDEMARK_CLIENTS_CLI_CHART_CHART_FROM_ANSWER_H_
#define TIDEMARK_CLIENTS_CLI_CHART_CHART_FROM_ANSWER_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "clients/cli/chart/chart_data.h"
#include "clients/cli/commands/answer_rows.h"

// Which values of an answer are drawn. The keys of a row are its period and codes; a period that
// is the same in all rows is no key beside others. `column` names the number to draw; empty: the
// first measure, else the first number. INVALID_ARGUMENT tells what the answer would have to be.
namespace tidemark::cli {

// One bar per row.
absl::StatusOr<BarData> BarsOf(const AnswerRows& answer, std::string_view column);

// One line per combination of the other keys over the periods in their order.
absl::StatusOr<LineData> LinesOf(const AnswerRows& answer, std::string_view column);

// Of two keys; a period goes from left to right, `to` of flows too.
absl::StatusOr<HeatData> HeatOf(const AnswerRows& answer, std::string_view column);

// Of the tables `history` and `forecast` of a forecast.
absl::StatusOr<BandData> BandOf(const AnswerRows& history, const AnswerRows& forecast);
// The same as one line, the points of the forecast after the history.
LineData LineOf(const BandData& band);
BarData BarsOf(const LineData& line);

// What the rows say of themselves that a chart cannot show, a line for each flag:
// `PARTIAL: 2011-12, 2012-01 and 3 more`; of all rows `PARTIAL: all`.
std::vector<std::string> FlagLines(const AnswerRows& answer);

enum class ChartForm { kBars, kSparkline, kHeatMap };
// What suits the keys of the answer. INVALID_ARGUMENT: nothing does.
absl::StatusOr<ChartForm> SuitingForm(const AnswerRows& answer);

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_CHART_CHART_FROM_ANSWER_H_
