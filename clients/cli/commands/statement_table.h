#ifndef TIDEMARK_CLIENTS_CLI_COMMANDS_STATEMENT_TABLE_H_
#define TIDEMARK_CLIENTS_CLI_COMMANDS_STATEMENT_TABLE_H_

#include <string>

#include "clients/cli/table/text_table.h"
#include "tidemark/ingest/v1/statement.pb.h"

namespace tidemark::cli {

// A statement as a table: a row per count, sums at `scale` decimals.
TextTable StatementTable(const ingest::v1::Statement& statement, int scale);

// One line for people: "shop 2024-03-05: closed by leaf 17, nothing is missing".
std::string StatementVerdict(const ingest::v1::Statement& statement, int scale);

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_COMMANDS_STATEMENT_TABLE_H_
