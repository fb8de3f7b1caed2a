#ifndef TIDEMARK_CLIENTS_CLI_COMMANDS_ANSWER_FOOTER_H_
#define TIDEMARK_CLIENTS_CLI_COMMANDS_ANSWER_FOOTER_H_

#include <iosfwd>
#include <string>

#include "clients/cli/app/terminal.h"
#include "clients/cli/commands/answer_table.h"
#include "clients/cli/table/text_table.h"
#include "tidemark/analytics/v1/analytics_service.pb.h"

namespace tidemark::cli {

inline constexpr char kLabelsHelp[] =
    "language of names in the table: en, zh, ..., none; default: by LANG";

// What to ask labels in for --labels: by LANG for `auto`, and only for people.
std::string LabelLanguage(const std::string& labels, const Terminal& terminal, OutputFormat format);

// Where an answer for people came from: snapshot, time, what was away. `units`: see
// AnswerTable::units().
void PrintFooter(const analytics::v1::QueryMeta& meta, const std::string& units, std::ostream& out);

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_COMMANDS_ANSWER_FOOTER_H_
