#include "clients/cli/commands/commands.h"

namespace tidemark::cli {

absl::Span<const AddCommand> AllCommands() {
  static constexpr AddCommand kCommands[] = {
      AddQueryCommand,     AddStatusCommand,  AddImportCommand, AddCloseDayCommand,
      AddStatementCommand, AddApplyCommand,   AddGetCommand,    AddListCommand,
      AddDeleteCommand,    AddHistoryCommand, AddTokenCommand,  AddSimulateCommand,
  };
  return kCommands;
}

}  // namespace tidemark::cli
