#ifndef TIDEMARK_CLIENTS_CLI_REPORT_FIGURES_H_
#define TIDEMARK_CLIENTS_CLI_REPORT_FIGURES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "clients/cli/commands/answer_rows.h"
#include "clients/cli/report/document.h"
#include "clients/cli/report/template.h"

namespace tidemark::cli::report {

struct ShownFigure {
  // The number with its unit: `9.75 million GBP`, `12.30 %`, `n/a (NO_BASE)`.
  std::string text;
  // What is to be known of it: notes of the answer, and flags of the row (`PARTIAL`).
  std::vector<std::string> notes;
};

// INVALID_ARGUMENT at the figure's place: no such column, or not exactly one row.
absl::StatusOr<ShownFigure> ShowFigure(const Figure& figure, const AnswerRows& answer,
                                       const std::string& language);

// The table of an exhibit. INVALID_ARGUMENT at its place: no such column.
absl::StatusOr<Table> TableOf(const Exhibit& exhibit, const AnswerRows& answer,
                              const std::string& language);

}  // namespace tidemark::cli::report

#endif  // TIDEMARK_CLIENTS_CLI_REPORT_FIGURES_H_
