#ifndef TIDEMARK_CLIENTS_CLI_COMMANDS_CHART_FLAGS_H_
#define TIDEMARK_CLIENTS_CLI_COMMANDS_CHART_FLAGS_H_

#include <CLI/CLI.hpp>
#include <string>

#include "absl/status/status.h"
#include "clients/cli/app/command_host.h"
#include "clients/cli/chart/terminal_charts.h"
#include "clients/cli/commands/answer_rows.h"

namespace tidemark::cli {

struct ChartFlags {
  // `bars`, `sparkline`, `heatmap`, `auto`; empty: a table.
  std::string form;
  // Of the numbers, the one to draw.
  std::string column;
};

// Adds --chart and --chart-column.
void AddChartFlags(CLI::App* command, ChartFlags* flags);

// Before anything is asked. UsageError: charts are for people, and csv or json was asked for.
absl::Status CheckChart(CommandHost& host, const ChartFlags& flags);

// As wide as the terminal ($COLUMNS or 80 when it does not tell); colours only on a terminal
// where neither NO_COLOR nor TERM=dumb forbids them.
ChartStyle StyleOf(const Terminal& terminal);

// Draws the answer. UsageError: it cannot be drawn so.
absl::Status PrintChart(CommandHost& host, const ChartFlags& flags, const AnswerRows& answer);

// The same of a forecast; `auto` is the history and the forecast with its intervals.
absl::Status PrintForecastChart(CommandHost& host, const ChartFlags& flags,
                                const AnswerRows& history, const AnswerRows& forecast);

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_COMMANDS_CHART_FLAGS_H_
