#ifndef TIDEMARK_CLIENTS_CLI_REPORT_FIGURES_H_
#define TIDEMARK_CLIENTS_CLI_REPORT_FIGURES_H_

#include <string>

#include "absl/status/statusor.h"
#include "clients/cli/commands/answer_rows.h"
#include "clients/cli/report/document.h"
#include "clients/cli/report/template.h"

namespace tidemark::cli::report {

// The number of a figure with its unit: `9.75 million GBP`, `12.30 %`, `n/a (NO_BASE)`.
// INVALID_ARGUMENT at its place: no such column, or not exactly one row.
absl::StatusOr<std::string> FigureText(const Figure& figure, const AnswerRows& answer,
                                       const std::string& language);

// The table of an exhibit. INVALID_ARGUMENT at its place: no such column.
absl::StatusOr<Table> TableOf(const Exhibit& exhibit, const AnswerRows& answer,
                              const std::string& language);

}  // namespace tidemark::cli::report

#endif  // TIDEMARK_CLIENTS_CLI_REPORT_FIGURES_H_
