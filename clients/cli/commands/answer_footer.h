#ifndef TIDEMARK_CLIENTS_CLI_COMMANDS_ANSWER_FOOTER_H_
#define TIDEMARK_CLIENTS_CLI_COMMANDS_ANSWER_FOOTER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "clients/cli/app/command_host.h"
#include "clients/cli/app/terminal.h"
#include "clients/cli/commands/answer_table.h"
#include "clients/cli/table/text_table.h"
#include "tidemark/analytics/v1/analytics_service.pb.h"

namespace tidemark::cli {

inline constexpr char kLabelsHelp[] =
    "language of names in the table: en, zh, ..., none; default: by LANG";

// What to ask labels in for --labels: by LANG for `auto`, and only for people.
std::string LabelLanguage(const std::string& labels, const Terminal& terminal, OutputFormat format);

// Tells where an answer of so many rows came from: snapshot, time, what was away; and its notes.
// People read it behind the table, who reads csv or json in the messages (Terminal::err). `units`:
// see AnswerTable::units().
void PrintFooter(CommandHost& host, const analytics::v1::QueryMeta& meta, uint64_t rows,
                 const std::string& units, const std::vector<std::string>& notes);

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_COMMANDS_ANSWER_FOOTER_H_
