#ifndef TIDEMARK_CLIENTS_CLI_COMMANDS_COMMANDS_H_
#define TIDEMARK_CLIENTS_CLI_COMMANDS_COMMANDS_H_

#include "absl/types/span.h"
#include "clients/cli/app/app.h"

namespace tidemark::cli {

// One function per file NAME_command.cc; a new command is declared here and listed in
// commands.cc, which fixes the order of `tidemark --help`.
void AddQueryCommand(CLI::App& app, CommandHost& host);
void AddExplainCommand(CLI::App& app, CommandHost& host);
void AddWatchCommand(CLI::App& app, CommandHost& host);
void AddAvailabilityCommand(CLI::App& app, CommandHost& host);
void AddFlowsCommand(CLI::App& app, CommandHost& host);
void AddCoConsumptionCommand(CLI::App& app, CommandHost& host);
void AddConcentrationCommand(CLI::App& app, CommandHost& host);
void AddForecastCommand(CLI::App& app, CommandHost& host);
void AddUpliftCommand(CLI::App& app, CommandHost& host);
void AddDivideCommand(CLI::App& app, CommandHost& host);
void AddIndicatorCommand(CLI::App& app, CommandHost& host);
void AddReconcileCommand(CLI::App& app, CommandHost& host);
void AddTargetsCommand(CLI::App& app, CommandHost& host);
void AddSettleCommand(CLI::App& app, CommandHost& host);
void AddReportCommand(CLI::App& app, CommandHost& host);
void AddApplyCommand(CLI::App& app, CommandHost& host);
void AddGetCommand(CLI::App& app, CommandHost& host);
void AddListCommand(CLI::App& app, CommandHost& host);
void AddDeleteCommand(CLI::App& app, CommandHost& host);
void AddHistoryCommand(CLI::App& app, CommandHost& host);
void AddProgrammeCommand(CLI::App& app, CommandHost& host);
void AddGrantsCommand(CLI::App& app, CommandHost& host);
void AddTokenCommand(CLI::App& app, CommandHost& host);
void AddImportCommand(CLI::App& app, CommandHost& host);
void AddQuarantineCommand(CLI::App& app, CommandHost& host);
void AddCloseDayCommand(CLI::App& app, CommandHost& host);
void AddStatementCommand(CLI::App& app, CommandHost& host);
void AddSimulateCommand(CLI::App& app, CommandHost& host);
void AddExceptionsCommand(CLI::App& app, CommandHost& host);
void AddOverlapCommand(CLI::App& app, CommandHost& host);
void AddCoverageCommand(CLI::App& app, CommandHost& host);
void AddObservationsCommand(CLI::App& app, CommandHost& host);
void AddSearchCommand(CLI::App& app, CommandHost& host);
void AddResolveCommand(CLI::App& app, CommandHost& host);
void AddDescribeCommand(CLI::App& app, CommandHost& host);
void AddLedgerCommand(CLI::App& app, CommandHost& host);
void AddStatusCommand(CLI::App& app, CommandHost& host);

absl::Span<const AddCommand> AllCommands();

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_COMMANDS_COMMANDS_H_
