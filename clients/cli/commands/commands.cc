#include "clients/cli/commands/commands.h"

namespace tidemark::cli {

absl::Span<const AddCommand> AllCommands() {
  static constexpr AddCommand kCommands[] = {
      AddQueryCommand,    AddExplainCommand,       AddWatchCommand,         AddAvailabilityCommand,
      AddFlowsCommand,    AddCoConsumptionCommand, AddConcentrationCommand, AddDivideCommand,
      AddForecastCommand, AddUpliftCommand,        AddIndicatorCommand,     AddReconcileCommand,
      AddTargetsCommand,  AddSettleCommand,        AddReportCommand,        AddExceptionsCommand,
      AddOverlapCommand,  AddCoverageCommand,      AddStatusCommand,        AddImportCommand,
      AddCloseDayCommand, AddStatementCommand,     AddApplyCommand,         AddGetCommand,
      AddListCommand,     AddDeleteCommand,        AddSearchCommand,        AddResolveCommand,
      AddDescribeCommand, AddHistoryCommand,       AddProgrammeCommand,     AddObservationsCommand,
      AddGrantsCommand,   AddTokenCommand,         AddQuarantineCommand,    AddLedgerCommand,
      AddSimulateCommand,
  };
  return kCommands;
}

}  // namespace tidemark::cli
